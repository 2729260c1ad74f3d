// Small pictures in plain text: shades of blocks, or the numbers themselves; side by side as far as the width allows.

import type { Part } from "../../src/doors/lab.ts";
import type { NdArray } from "../../src/doors/neocog.ts";
import { visibleLength } from "../lines.ts";
import type { Paint } from "../paint.ts";
import { matrixCell } from "./cells.ts";

type Pictures = Extract<Part, { kind: "pictures" }>;

const shades = [" ", "░", "▒", "▓", "█"];
const strokes = [" ", "·", "-", "=", "≡"];
const gap = 3;

/** Red, green and blue as the lightness that the eye sees: letters have no colours. */
function lightness(array: NdArray): NdArray {
  if (array.shape.length === 2) return array;
  const [, height, width] = array.shape;
  const size = height * width;
  const data = Float64Array.from(
    { length: size },
    (_, i) => 0.299 * array.data[i] + 0.587 * array.data[size + i] + 0.114 * array.data[2 * size + i],
  );
  return { shape: [height, width], dtype: "float32", data };
}

export function drawPictures({ items: given, numbers, separate }: Pictures, width: number, paint: Paint): string[] {
  const items = given.map(({ title, array }) => ({ title, array: lightness(array) }));
  const scale = (arrays: readonly NdArray[]): readonly [number, number] => {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const { data } of arrays) {
      for (const value of data) {
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
    }
    return [low, high];
  };
  const common = scale(items.map(({ array }) => array));
  const blocks = items.map(({ title, array }) => {
    const grid = numbers ? matrix(array, width) : undefined;
    const range = separate ? scale([array]) : common;
    const lines = grid ?? shaded(array, range, width);
    return { title, lines, width: Math.max(visibleLength(title), ...lines.map(visibleLength)) };
  });
  const rows: (typeof blocks)[] = [];
  let used = 0;
  for (const block of blocks) {
    const row = rows.at(-1);
    if (row && used + gap + block.width <= width) {
      row.push(block);
      used += gap + block.width;
    } else {
      rows.push([block]);
      used = block.width;
    }
  }
  return rows.flatMap((row, i) => {
    const height = Math.max(...row.map(({ lines }) => lines.length));
    const line = (pick: (block: (typeof blocks)[number]) => string): string =>
      row
        .map((block) => {
          const text = pick(block);
          return text + " ".repeat(Math.max(0, block.width - visibleLength(text)));
        })
        .join(" ".repeat(gap))
        .trimEnd();
    return [
      ...(i > 0 ? [""] : []),
      line(({ title }) => paint.faint(title)),
      ...Array.from({ length: height }, (_, y) => line(({ lines }) => lines[y] ?? "")),
    ];
  });
}

/** The numbers in columns; undefined where they do not fit. */
function matrix({ shape: [height, columns], data }: NdArray, width: number): string[] | undefined {
  const cells = Array.from(data, matrixCell);
  const size = Math.max(...cells.map(({ length }) => length));
  if (columns * (size + 1) > width || height > 24) return undefined;
  return Array.from({ length: height }, (_, y) =>
    cells
      .slice(y * columns, (y + 1) * columns)
      .map((value) => value.padStart(size))
      .join(" "),
  );
}

/**
 * Two columns a pixel; larger pictures one column for two pixels, one above the other, and still larger ones averaged down.
 * Pictures with negative numbers leave 0 blank: blocks are above it, strokes below.
 */
function shaded(array: NdArray, range: readonly [number, number], room: number): string[] {
  const [height, width] = array.shape;
  const large = width > 12;
  const most = large ? Math.min(48, room - 4) : 12;
  const step = Math.max(1, Math.ceil(width / most));
  const tall = large ? 2 * step : step;
  const [rows, columns] = [Math.ceil(height / tall), Math.ceil(width / step)];
  const line = (y: number): string =>
    Array.from({ length: columns }, (_, x) => {
      const sign = shade(meanOf(array, y * tall, x * step, tall, step), range);
      return large ? sign : sign.repeat(2);
    }).join("");
  const edge = "─".repeat(large ? columns : 2 * columns);
  return [`┌${edge}┐`, ...Array.from({ length: rows }, (_, y) => `│${line(y)}│`), `└${edge}┘`];
}

function meanOf(
  { shape: [height, width], data }: NdArray,
  top: number,
  left: number,
  tall: number,
  wide: number,
): number {
  let [sum, count] = [0, 0];
  for (let y = top; y < Math.min(height, top + tall); y++) {
    for (let x = left; x < Math.min(width, left + wide); x++) {
      sum += data[y * width + x];
      count++;
    }
  }
  return sum / count;
}

function shade(value: number, [low, high]: readonly [number, number]): string {
  if (low < 0) {
    const level = Math.round((4 * Math.abs(value)) / Math.max(-low, high));
    return level === 0 ? " " : (value > 0 ? shades : strokes)[level];
  }
  const share = high > low ? (value - low) / (high - low) : high > 0 ? 1 : 0;
  return shades[Math.min(4, Math.max(0, Math.round(share * 4)))];
}
