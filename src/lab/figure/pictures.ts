// Pictures side by side: maps in shades with their scale, numbers in cells, colours as they are.
import { type NdArray, ndarray } from "../../base/array.ts";
import type { PicturesPart } from "../parts.ts";
import { numberWords } from "../words.ts";
import { type Drawing, rectangle, room, titled, widthOf, write } from "./svg.ts";

type Range = readonly [low: number, high: number];
interface Cells {
  readonly rows: number;
  readonly columns: number;
  ink(row: number, column: number): string;
  readonly map: NdArray;
}

const largest = 48;
const gap = 20;

export function drawPictures({ title, items, numbers = false, separate = false }: PicturesPart): Drawing {
  const head = titled(title);
  const coloured = items.some(({ array }) => array.shape.length === 3);
  const all = rangeOf(items.map(({ array }) => array));
  const maps = items.map(({ array }) => cellsOf(array, separate ? rangeOf([array]) : all));
  const widest = Math.ceil(Math.max(22, ...maps.map(widestNumber)));
  const sides = maps.map((map) => (numbers ? widest : sideFor(map, maps.length)));
  const scaled = separate && !numbers ? 170 : 0;
  const wide = maps.map((map, i) => Math.ceil(Math.max(map.columns * sides[i], widthOf(items[i].title), scaled)));
  let [left, top, tallest, shapes] = [0, head.height, 0, head.shapes];
  maps.forEach((map, i) => {
    if (left > 0 && left + wide[i] > room) [left, top, tallest] = [0, top + tallest + 12, 0];
    const tall = map.rows * (numbers ? 22 : sides[i]);
    shapes += write(left, top + 12, items[i].title, ' fill="#666"');
    shapes += drawCells(map, left, top + 18, sides[i], numbers);
    if (separate && !numbers) shapes += drawScale(rangeOf([items[i].array]), left, top + 22 + tall);
    tallest = Math.max(tallest, 18 + tall + (separate && !numbers ? 22 : 0));
    left += wide[i] + gap;
  });
  const end = top + tallest;
  if (numbers || separate || coloured) return { shapes, height: end };
  return { shapes: shapes + drawScale(all, 0, end + 6), height: end + 24 };
}

/** The side of a cell, a whole number, such that pictures fill their rows evenly: three or four to a row, or all of them. */
function sideFor({ columns }: Cells, count: number): number {
  const inRow = count <= 4 ? count : count % 4 === 0 ? 4 : 3;
  const fitting = (room - gap * (inRow - 1)) / inRow;
  return Math.max(3, Math.min(18, Math.floor(Math.min(228, fitting) / columns)));
}

const shownNumber = (value: number): string => numberWords(Math.round(value * 1e4) / 1e4 + 0);

const widestNumber = ({ map }: Cells): number =>
  Math.min(72, Math.max(...Array.from(map.data, (value) => 6.4 * shownNumber(value).length + 10)));

function cellsOf(array: NdArray, range: Range): Cells {
  const map = array.shape.length === 3 ? array : averaged(array);
  const [rows, columns] = map.shape.slice(-2);
  if (array.shape.length === 2) {
    return { rows, columns, map, ink: (row, column) => colour(map.data[row * columns + column], range) };
  }
  const level = (row: number, column: number, channel: number): string =>
    byte(255 * map.data[(channel * rows + row) * columns + column]);
  return { rows, columns, map, ink: (row, column) => `#${[0, 1, 2].map((c) => level(row, column, c)).join("")}` };
}

function drawCells(
  { rows, columns, ink, map }: Cells,
  left: number,
  top: number,
  size: number,
  numbers: boolean,
): string {
  const height = numbers ? 22 : size;
  let shapes = '<g shape-rendering="crispEdges">';
  for (let y = 0; y < rows; y++) {
    // Equal neighbours are one rectangle.
    for (let x = 0; x < columns; ) {
      let end = x + 1;
      while (end < columns && ink(y, end) === ink(y, x)) end++;
      shapes += rectangle(left + x * size, top + y * height, (end - x) * size, height, ink(y, x));
      x = end;
    }
  }
  shapes += `</g>${rectangle(left, top, columns * size, rows * height, "none", ' stroke="#999"')}`;
  for (let i = 0; numbers && i < map.data.length; i++) {
    const [y, x] = [Math.floor(i / columns), i % columns];
    const light = isDark(ink(y, x)) ? ' fill="#fff"' : "";
    const more = ` text-anchor="middle" font-size="11"${light}`;
    shapes += write(left + (x + 0.5) * size, top + y * height + 15, shownNumber(map.data[i]), more);
  }
  return shapes;
}

/** The colours from the least to the largest value. */
function drawScale(range: Range, left: number, top: number): string {
  const ends = range[0] < 0 ? [-Math.max(-range[0], range[1]), Math.max(-range[0], range[1])] : [...range];
  const most = Math.max(...ends.map(Math.abs));
  const words = ends.map((end) => numberWords(Math.abs(end) < 1e-3 * most ? 0 : Number(end.toPrecision(2))));
  const start = Math.round(left + widthOf(words[0]) + 6);
  const steps = Array.from({ length: 9 }, (_, i) =>
    rectangle(start + 10 * i, top + 3, 10, 9, colour(ends[0] + ((ends[1] - ends[0]) * i) / 8, [ends[0], ends[1]])),
  );
  const small = ' font-size="11" fill="#666"';
  const frame = rectangle(start, top + 3, 90, 9, "none", ' stroke="#999"');
  const strip = `<g shape-rendering="crispEdges">${steps.join("")}</g>${frame}`;
  return write(left, top + 12, words[0], small) + strip + write(start + 96, top + 12, words[1], small);
}

function rangeOf(arrays: readonly NdArray[]): Range {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { data } of arrays) {
    for (const value of data) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return [low, high];
}

/** Larger pictures are averaged down to at most `largest` cells a side. */
function averaged(array: NdArray): NdArray {
  const [rows, columns] = array.shape;
  const step = Math.max(1, Math.ceil(Math.max(rows, columns) / largest));
  if (step === 1) return array;
  const shape = [Math.ceil(rows / step), Math.ceil(columns / step)];
  const data = new Float64Array(shape[0] * shape[1]);
  const counts = new Float64Array(data.length);
  for (let i = 0; i < array.data.length; i++) {
    const place = Math.floor(Math.floor(i / columns) / step) * shape[1] + Math.floor((i % columns) / step);
    data[place] += array.data[i];
    counts[place]++;
  }
  return ndarray(
    shape,
    data.map((sum, i) => sum / counts[i]),
  );
}

/** Signed: −1 to 1 around 0. Otherwise 0 to 1. In 32 steps, which is finer than the eye needs. */
function share(value: number, [low, high]: Range): number {
  if (low < 0) return Math.round((value / Math.max(-low, high)) * 32) / 32;
  return high > low ? Math.round(((value - low) / (high - low)) * 32) / 32 : high > 0 ? 1 : 0;
}

const byte = (value: number): string =>
  Math.round(Math.min(255, Math.max(0, value)))
    .toString(16)
    .padStart(2, "0");

/** White to dark blue; negative numbers to red. */
function colour(value: number, range: Range): string {
  const s = share(value, range);
  const full = s >= 0 ? [0x17, 0x45, 0x7d] : [0xa8, 0x32, 0x20];
  return `#${full.map((level) => byte(255 + (level - 255) * Math.min(1, Math.abs(s)))).join("")}`;
}

const isDark = (ink: string): boolean =>
  [1, 3, 5].reduce((sum, at) => sum + Number.parseInt(ink.slice(at, at + 2), 16), 0) < 420;
