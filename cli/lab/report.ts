// An exhibit's report for people, at any width: claim, formula, findings, checks, verdict.

import { duration } from "../../src/base/amounts.ts";
import type { Cell, Check, ExhibitReport, Part } from "../../src/doors/lab.ts";
import type { Context } from "../context.ts";
import { visibleLength, wrap } from "../lines.ts";
import { type Column, table } from "../table.ts";
import { cell } from "./cells.ts";
import { drawPictures } from "./pictures.ts";
import { drawBars, drawCurve } from "./plots.ts";

type Look = Pick<Context, "paint" | "width">;

export function reportLines(report: ExhibitReport, { paint, width }: Look): string[] {
  const { exhibit, values, parts, checks, verdict, seconds, engine } = report;
  const parameters = Object.entries(exhibit.parameters).map(([name, card]) => {
    const range = card.kind === "choice" ? card.words.join(", ") : `${cell(card.least)} to ${cell(card.most)}`;
    return [`--${name} ${values[name]}`, `${card.about} (${range})`] as const;
  });
  return [
    paint.title(exhibit.title),
    ...wrap(exhibit.claim, width),
    "",
    ...formulaLines(exhibit.formula, width).map((line) => `  ${paint.key(line)}`),
    ...parts.flatMap((part) => ["", ...drawPart(part, width, paint)]),
    "",
    ...checkLines(checks, width, paint),
    "",
    verdictLine(verdict, checks, paint),
    "",
    ...(parameters.length > 0 ? [paint.title("Parameters"), ...pairs(parameters, width, paint), ""] : []),
    paint.title("Try"),
    ...exhibit.tryThis.flatMap((line) => bullet("·", line, width)),
    "",
    ...wrap(`Source: ${exhibit.source}. Computed in ${duration(seconds)} on ${engine}.`, width).map(paint.faint),
  ];
}

/** One line where it fits; else a line for each part that stands apart. */
const formulaLines = (formula: string, width: number): string[] =>
  formula.length + 2 <= width ? [formula] : formula.split(/ {4,}/).flatMap((part) => wrap(part, width - 2));

const verdictLine = (verdict: boolean, checks: readonly Check[], paint: Look["paint"]): string => {
  const held = checks.filter((check) => check.holds).length;
  return verdict
    ? `${paint.good("The claim holds")}: ${held} of ${checks.length} checks.`
    : `${paint.bad("The claim fails")}: ${checks.length - held} of ${checks.length} checks do not hold.`;
};

function pairs(rows: readonly (readonly [string, string])[], width: number, paint: Look["paint"]): string[] {
  const left = Math.max(...rows.map(([name]) => name.length)) + 2;
  return rows.flatMap(([name, about]) =>
    wrap(about, Math.max(20, width - left)).map((line, i) => paint.key((i === 0 ? name : "").padEnd(left)) + line),
  );
}

const bullet = (mark: string, text: string, width: number): string[] =>
  wrap(text, width - 2).map((line, i) => `${i === 0 ? mark : " "} ${line}`);

/** Every check that fails, and the first of those that hold. */
function checkLines(checks: readonly Check[], width: number, paint: Look["paint"]): string[] {
  const failing = checks.filter((check) => !check.holds);
  const holding = checks.filter((check) => check.holds);
  const shown = holding.slice(0, 8);
  const more = holding.length - shown.length;
  const line = (check: Check, mark: string): string[] => bullet(mark, `${check.says}: ${foundWords(check)}`, width);
  return [
    ...failing.flatMap((check) => line(check, paint.bad("✗"))),
    ...shown.flatMap((check) => line(check, paint.good("✓"))),
    ...(more > 0 ? [paint.faint(`  and ${more} more that hold (--json tells them all)`)] : []),
  ];
}

function foundWords({ found, wanted, holds }: Check): string {
  if (wanted === "yes") return cell(found);
  if (cell(found) === cell(wanted)) return cell(found);
  if (typeof wanted === "string" && /^(below|above) /.test(wanted)) return `${cell(found)}, ${bound(wanted)}`;
  return holds ? `${cell(found)}, as ${cell(wanted)}` : `${cell(found)}, but it must be ${cell(wanted)}`;
}

/** `below 1e-12` with the number for people. */
const bound = (words: string): string => {
  const [word, number] = words.split(" ");
  return `${word} ${cell(Number(number))}`;
};

export function drawPart(part: Part, width: number, paint: Look["paint"]): string[] {
  const title = "title" in part && part.title ? [paint.title(part.title)] : [];
  switch (part.kind) {
    case "text":
      return wrap(part.text, width);
    case "numbers": {
      const left = Math.max(...part.rows.map(({ name }) => name.length)) + 2;
      return [...title, ...part.rows.map(({ name, value }) => `${name.padEnd(left)}${paint.title(cell(value))}`)];
    }
    case "table":
      return [...title, ...fitTable(part.columns, part.rows, width, paint)];
    case "pictures":
      return [...title, ...drawPictures(part, width, paint)];
    case "curve":
      return [...title, ...drawCurve(part, width, paint)];
    case "bars":
      return [...title, ...drawBars(part, width, paint)];
  }
}

/** Numbers to the right; where the table is too wide, heads and long words are broken. */
function fitTable(
  heads: readonly string[],
  rows: readonly (readonly Cell[])[],
  width: number,
  paint: Look["paint"],
): string[] {
  const right = heads.map((_, i) =>
    rows.some((row) => typeof row[i] === "number" || /^[\d.,]+ %$/.test(String(row[i]))),
  );
  const texts = [[...heads], ...rows.map((row) => row.map(cell))];
  const widths = heads.map((_, i) => Math.max(...texts.map((row) => visibleLength(row[i] ?? ""))));
  const total = (): number => widths.reduce((sum, one) => sum + one + 2, -2);
  // The widest column gives way until all fit.
  while (total() > width) {
    const widest = widths.indexOf(Math.max(...widths));
    if (widths[widest] <= 6) break;
    widths[widest]--;
  }
  // A row of several lines is several rows of the table; so is the head, with its rule below its last line.
  const lines = (row: readonly string[]): string[][] => {
    const cells = row.map((text, i) => wrap(text, widths[i]));
    const height = Math.max(...cells.map(({ length }) => length));
    return Array.from({ length: height }, (_, y) => cells.map((cellLines) => cellLines[y] ?? ""));
  };
  const [head, ...below] = lines(texts[0]);
  const columns = head.map((text, i): Column => ({ head: text, align: right[i] ? "right" : "left" }));
  const [first, rule, ...rest] = table(columns, [...below, ...texts.slice(1).flatMap(lines)], paint);
  return [first, ...rest.slice(0, below.length).map(paint.title), rule, ...rest.slice(below.length)];
}
