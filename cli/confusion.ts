// A confusion matrix for people: rows are what a picture shows, columns what the network took it for. Right answers stand
// on the diagonal. Where the matrix is wider than the screen, only the pairs that are confused most are told.

import { count, percent } from "../src/base/amounts.ts";
import type { Evaluation } from "../src/doors/neocog.ts";
import { visible } from "./door.ts";
import { visibleLength, wrap } from "./lines.ts";
import type { Paint } from "./paint.ts";

export function confusionTable(found: Evaluation, width: number, paint: Paint): string[] {
  const perClass = found.perClass.map((one) => ({ ...one, name: visible(one.name) }));
  const evaluation = { ...found, classes: found.classes.map(visible), perClass };
  const matrix = drawMatrix(evaluation, width, paint);
  return [...(matrix ?? drawClasses(evaluation, paint)), ...confusedMost(evaluation, width)];
}

/** a, b, … z, aa, ab, … */
function letters(place: number): string {
  const last = String.fromCharCode(97 + (place % 26));
  return place < 26 ? last : letters(Math.floor(place / 26) - 1) + last;
}

function drawMatrix({ classes, confusion, perClass }: Evaluation, width: number, paint: Paint): string[] | undefined {
  const digits = Math.max(...confusion.flat().map((n) => String(n).length));
  const brief = classes.every((name) => name.length <= Math.max(3, digits));
  const heads = brief ? classes : classes.map((_, c) => letters(c));
  const cell = Math.max(digits, ...heads.map((head) => head.length));
  const longest = 16;
  const names = classes.map((name, c) => {
    const cut = name.length > longest ? `${name.slice(0, longest - 1)}…` : name;
    return brief ? cut : `${cut} ${heads[c]}`;
  });
  const first = Math.max("shows".length, ...names.map((name) => name.length));
  const total = first + 2 + classes.length * (cell + 1) + 2 + "100.0 %".length;
  if (total > width) return undefined;
  const head = `${" ".repeat(first)}  ${heads.map((name) => name.padStart(cell)).join(" ")}   recall`;
  const rows = confusion.map((row, label) => {
    const cells = row.map((n, predicted) => {
      const text = (n === 0 ? "·" : String(n)).padStart(cell);
      if (label === predicted) return paint.good(text);
      return n === 0 ? paint.faint(text) : paint.bad(text);
    });
    const right = perClass[label].images === 0 ? "–" : percent(perClass[label].recall, 1);
    return `${names[label].padStart(first)}  ${cells.join(" ")}  ${right.padStart(7)}`;
  });
  const precise = perClass.map(({ precision }) => Math.round(100 * precision));
  const feet =
    cell >= 3
      ? [
          `${paint.faint("precision".padStart(first))}  ${precise.map((n) => paint.faint(String(n).padStart(cell))).join(" ")}  ${paint.faint("%")}`,
        ]
      : [];
  const caption = `${"shows".padStart(first)}  ${paint.faint("taken for")}`;
  return [caption, paint.title(head), ...rows, ...(first >= "precision".length ? feet : [])];
}

/** Too many classes for a matrix: the ten that are recognised worst. */
function drawClasses({ perClass }: Evaluation, paint: Paint): string[] {
  const worst = perClass.filter(({ images }) => images > 0).sort((a, b) => a.recall - b.recall || b.images - a.images);
  const shown = worst.slice(0, 10);
  const first = Math.max(...shown.map(({ name }) => visibleLength(name)));
  return [
    paint.title(`The ${shown.length} of ${perClass.length} classes that are recognised worst`),
    ...shown.map(
      ({ name, recall, images }) => `  ${name.padEnd(first)}  ${percent(recall, 1).padStart(7)} of ${images}`,
    ),
  ];
}

function confusedMost({ classes, confusion }: Evaluation, width: number): string[] {
  const pairs = confusion
    .flatMap((row, label) => row.map((times, predicted) => ({ label, predicted, times })))
    .filter(({ label, predicted, times }) => label !== predicted && times > 0)
    .sort((a, b) => b.times - a.times);
  if (pairs.length === 0) return ["", "No picture was mistaken."];
  const told = pairs
    .slice(0, 3)
    .map(
      ({ label, predicted, times }) => `${classes[label]} taken for ${classes[predicted]} (${count(times, "time")})`,
    );
  return ["", ...wrap(`Confused most: ${told.join(", ")}.`, width)];
}
