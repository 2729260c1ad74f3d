// Figures of an exhibit as one SVG: pictures, curves and bars, one below the other. Plain shapes and text, no script and no
// style sheet, so that it shows the same on a page, in an editor and on paper.
import { understand } from "../base/arguments.ts";
import type { NdArray } from "../base/array.ts";
import { like, listOf } from "../base/rules.ts";
import type { BarsPart, CurvePart, Part, PicturesPart } from "./parts.ts";
import { numberWords } from "./words.ts";

const width = 720;
const margin = 16;
const inks = ["#1f5fa8", "#c4452d", "#2f8f4e", "#8a5bb0", "#b8860b", "#5a5a5a"];

interface Drawing {
  readonly height: number;
  readonly shapes: string;
}

/** The figure of the parts that can be drawn; undefined where there are none. */
export function figure(parts: readonly Part[]): string | undefined {
  understand("figure", arguments, { parts: listOf(like("a part of a report", "kind"), "a list of parts") });
  const drawings = parts.flatMap((part): Drawing[] => {
    if (part.kind === "pictures") return [drawPictures(part)];
    if (part.kind === "curve") return [drawCurve(part)];
    if (part.kind === "bars") return [drawBars(part)];
    return [];
  });
  if (drawings.length === 0) return undefined;
  let top = margin;
  const body = drawings.map(({ height, shapes }) => {
    const group = `<g transform="translate(${margin} ${top})">${shapes}</g>`;
    top += height + margin;
    return group;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${top}" viewBox="0 0 ${width} ${top}" font-family="sans-serif" font-size="12" fill="#222">`,
    `<rect width="${width}" height="${top}" fill="#fff"/>`,
    ...body,
    "</svg>\n",
  ].join("\n");
}

const escaped = (words: string): string =>
  words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

const write = (x: number, y: number, words: string, more = ""): string =>
  `<text x="${round(x)}" y="${round(y)}"${more}>${escaped(words)}</text>`;

const round = (value: number): number => Math.round(value * 10) / 10;

const titled = (title: string | undefined): { shapes: string; height: number } =>
  title ? { shapes: write(0, 12, title, ' font-weight="bold"'), height: 20 } : { shapes: "", height: 0 };

// ---- pictures -------------------------------------------------------------------------------------------------------

const room = width - 2 * margin;
const largest = 48;

function drawPictures({ title, items, numbers, separate }: PicturesPart): Drawing {
  const head = titled(title);
  const all = rangeOf(items.map(({ array }) => array));
  let [left, top, line] = [0, head.height, 0];
  let shapes = head.shapes;
  for (const { title: name, array } of items) {
    const small = numbers ? array : averaged(array);
    const [rows, columns] = small.shape;
    const cell = numbers ? Math.min(44, Math.max(28, room / columns)) : Math.max(4, Math.min(18, 216 / columns));
    const wide = Math.max(columns * cell, name.length * 6.6);
    if (left > 0 && left + wide > room) {
      left = 0;
      top += line + 12;
      line = 0;
    }
    shapes += write(left, top + 12, name, ' fill="#666"');
    shapes += cells(small, separate ? rangeOf([array]) : all, left, top + 18, cell, numbers ?? false);
    line = Math.max(line, 18 + rows * (numbers ? 22 : cell));
    left += wide + 20;
  }
  return { shapes, height: top + line };
}

function cells(
  { shape: [rows, columns], data }: NdArray,
  range: readonly [number, number],
  left: number,
  top: number,
  size: number,
  numbers: boolean,
): string {
  const height = numbers ? 22 : size;
  let shapes = "";
  for (let y = 0; y < rows; y++) {
    // Equal neighbours are one rectangle.
    for (let x = 0; x < columns; ) {
      const ink = colour(data[y * columns + x], range);
      let end = x + 1;
      while (end < columns && colour(data[y * columns + end], range) === ink) end++;
      shapes += `<rect x="${round(left + x * size)}" y="${round(top + y * height)}" width="${round((end - x) * size)}" height="${round(height)}" fill="${ink}"/>`;
      x = end;
    }
    for (let x = 0; numbers && x < columns; x++) {
      const value = data[y * columns + x];
      const dark = brightness(value, range) < 0.5;
      shapes += write(
        left + (x + 0.5) * size,
        top + y * height + 15,
        numberWords(Math.round(value * 1e4) / 1e4 + 0),
        ` text-anchor="middle" font-size="11"${dark ? ' fill="#fff"' : ""}`,
      );
    }
  }
  return `${shapes}<rect x="${round(left)}" y="${round(top)}" width="${round(columns * size)}" height="${round(rows * height)}" fill="none" stroke="#999"/>`;
}

function rangeOf(arrays: readonly NdArray[]): readonly [number, number] {
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
  return { shape, dtype: array.dtype, data: data.map((sum, i) => sum / counts[i]) };
}

/** Signed: −1 to 1 around 0. Otherwise 0 to 1. In 32 steps, which is finer than the eye needs. */
function share(value: number, [low, high]: readonly [number, number]): number {
  if (low < 0) return Math.round((value / Math.max(-low, high)) * 32) / 32;
  return high > low ? Math.round(((value - low) / (high - low)) * 32) / 32 : high > 0 ? 1 : 0;
}

/** White to dark blue; negative numbers to red. */
function colour(value: number, range: readonly [number, number]): string {
  const s = share(value, range);
  const [r, g, b] = s >= 0 ? [0x17, 0x45, 0x7d] : [0xa8, 0x32, 0x20];
  const mix = (full: number): string =>
    Math.round(255 + (full - 255) * Math.min(1, Math.abs(s)))
      .toString(16)
      .padStart(2, "0");
  return `#${mix(r)}${mix(g)}${mix(b)}`;
}

const brightness = (value: number, range: readonly [number, number]): number => 1 - Math.abs(share(value, range));

// ---- curves and bars --------------------------------------------------------------------------------------------------

function drawCurve({ title, series, x, y, logarithmic }: CurvePart): Drawing {
  const head = titled(title);
  const [tall, left] = [200, 64];
  const wide = room - left - 8;
  const value = (v: number): number => (logarithmic ? Math.log10(v) : v);
  const usable = series.map((one) => ({
    ...one,
    points: one.points.filter(([, v]) => Number.isFinite(v) && (!logarithmic || v > 0)),
  }));
  const points = usable.flatMap((one) => one.points);
  const [from, to] = [Math.min(...points.map(([u]) => u)), Math.max(...points.map(([u]) => u))];
  let [low, high] = [Math.min(...points.map(([, v]) => value(v))), Math.max(...points.map(([, v]) => value(v)))];
  if (!(high > low)) [low, high] = [low - 0.5, high + 0.5];
  const top = head.height + 20;
  const placeX = (u: number): number => left + (to > from ? ((u - from) / (to - from)) * wide : 0);
  const placeY = (v: number): number => top + tall - ((value(v) - low) / (high - low)) * tall;
  const tick = (at: number): string => {
    const height = top + tall - ((at - low) / (high - low)) * tall;
    const shown = numberWords(Number((logarithmic ? 10 ** at : at).toPrecision(3)));
    return `<line x1="${left}" x2="${left + wide}" y1="${round(height)}" y2="${round(height)}" stroke="#ddd"/>${write(left - 6, height + 4, shown, ' text-anchor="end"')}`;
  };
  let shapes =
    head.shapes + write(left, head.height + 12, `${y}${logarithmic ? " (logarithmic)" : ""}`, ' fill="#666"');
  shapes += [low, (low + high) / 2, high].map(tick).join("");
  let legend = left + 6.6 * (y.length + (logarithmic ? 18 : 4));
  usable.forEach(({ name, points: own }, i) => {
    const ink = inks[i % inks.length];
    const path = own.map(([u, v]) => `${round(placeX(u))},${round(placeY(v))}`);
    shapes += `<polyline points="${path.join(" ")}" fill="none" stroke="${ink}" stroke-width="1.5"/>`;
    if (own.length <= 40) {
      shapes += own
        .map(([u, v]) => `<circle cx="${round(placeX(u))}" cy="${round(placeY(v))}" r="2.5" fill="${ink}"/>`)
        .join("");
    }
    if (series.length > 1) {
      shapes += write(legend, head.height + 12, `● ${name}`, ` fill="${ink}"`);
      legend += 6.6 * (name.length + 5);
    }
  });
  const below = top + tall + 16;
  shapes += write(left, below, numberWords(from));
  shapes += write(left + wide / 2, below, x, ' text-anchor="middle" fill="#666"');
  shapes += write(left + wide, below, numberWords(to), ' text-anchor="end"');
  return { shapes, height: below };
}

function drawBars({ title, unit, bars, logarithmic }: BarsPart): Drawing {
  const head = titled(title);
  const left = Math.min(260, 12 + 6.6 * Math.max(...bars.map(({ name }) => name.length)));
  const wide = room - left - 120;
  const usable = bars.map(({ value }) => value).filter((value) => value > 0);
  const [least, most] = [Math.min(...usable), Math.max(...usable)];
  const length = (value: number): number => {
    if (!(value > 0)) return 0;
    if (!logarithmic) return value / most;
    return most === least ? 1 : 0.1 + (0.9 * Math.log(value / least)) / Math.log(most / least);
  };
  let shapes =
    head.shapes + write(left, head.height + 12, `${unit}${logarithmic ? " (logarithmic)" : ""}`, ' fill="#666"');
  bars.forEach(({ name, value }, i) => {
    const top = head.height + 20 + 20 * i;
    shapes += write(left - 8, top + 12, name, ' text-anchor="end"');
    shapes += `<rect x="${round(left)}" y="${top + 2}" width="${round(length(value) * wide)}" height="13" fill="${inks[0]}"/>`;
    shapes += write(left + length(value) * wide + 6, top + 12, numberWords(value));
  });
  return { shapes, height: head.height + 20 + 20 * bars.length };
}
