// What an exhibit shows, as plain data that a terminal, a page or a picture can be drawn from, and the checks that make
// its verdict.
import type { NdArray } from "../base/array.ts";

/** A cell of a table. */
export type Cell = number | string;

export interface NumbersPart {
  /** Named numbers. */
  readonly kind: "numbers";
  /** Its heading, where it has one. */
  readonly title?: string;
  /** One line each. */
  readonly rows: readonly {
    /** What it is. */
    readonly name: string;
    /** What was found. */
    readonly value: Cell;
    /** A few words beside it. */
    readonly note?: string;
  }[];
}

export interface TablePart {
  /** A table. */
  readonly kind: "table";
  /** Its heading, where it has one. */
  readonly title?: string;
  /** Headings of the columns. */
  readonly columns: readonly string[];
  /** Cells by row, one a column. */
  readonly rows: readonly (readonly Cell[])[];
}

/** Pictures [height, width] side by side, on one scale, or in colours [3, height, width] of 0..1; small ones may show their numbers. */
export interface PicturesPart {
  /** Pictures side by side. */
  readonly kind: "pictures";
  /** Its heading, where it has one. */
  readonly title?: string;
  /** The pictures. */
  readonly items: readonly {
    /** What stands over it. */
    readonly title: string;
    /** [height, width], or [3, height, width] in colours of 0..1. */
    readonly array: NdArray;
  }[];
  /** Write the numbers into the cells. */
  readonly numbers?: boolean;
  /** Each picture on its own scale. */
  readonly separate?: boolean;
}

export interface CurvePart {
  /** Lines in a diagram. */
  readonly kind: "curve";
  /** Its heading, where it has one. */
  readonly title?: string;
  /** What the horizontal axis is. */
  readonly x: string;
  /** What the vertical axis is. */
  readonly y: string;
  /** The vertical axis goes by powers of ten. */
  readonly logarithmic?: boolean;
  /** The lines. */
  readonly series: readonly {
    /** What the line is. */
    readonly name: string;
    /** Its points from left to right. */
    readonly points: readonly (readonly [x: number, y: number])[];
  }[];
}

export interface BarsPart {
  /** Bars in a diagram. */
  readonly kind: "bars";
  /** Its heading, where it has one. */
  readonly title?: string;
  /** What the bars count. */
  readonly unit: string;
  /** Lengths go by powers of ten. */
  readonly logarithmic?: boolean;
  /** The bars, from the top. */
  readonly bars: readonly {
    /** What the bar is. */
    readonly name: string;
    /** How long it is, in the unit. */
    readonly value: number;
  }[];
}

export interface TextPart {
  /** A paragraph. */
  readonly kind: "text";
  /** Its words. */
  readonly text: string;
}

/** A part of a report: pictures, a curve, bars, a table or numbers. */
export type Part = NumbersPart | TablePart | PicturesPart | CurvePart | BarsPart | TextPart;

export const numbers = (rows: Readonly<Record<string, Cell>>, title?: string): NumbersPart => ({
  kind: "numbers",
  ...(title ? { title } : {}),
  rows: Object.entries(rows).map(([name, value]) => ({ name, value })),
});

export const table = (columns: readonly string[], rows: readonly (readonly Cell[])[], title?: string): TablePart => ({
  kind: "table",
  ...(title ? { title } : {}),
  columns,
  rows,
});

export const pictures = (
  items: Readonly<Record<string, NdArray>>,
  options: Omit<PicturesPart, "kind" | "items"> = {},
): PicturesPart => ({
  kind: "pictures",
  ...options,
  items: Object.entries(items).map(([title, array]) => ({ title, array })),
});

/** Small arrays with their numbers written out. */
export const matrices = (items: Readonly<Record<string, NdArray>>, title?: string): PicturesPart =>
  pictures(items, { numbers: true, ...(title ? { title } : {}) });

export const curve = (
  x: string,
  y: string,
  series: Readonly<Record<string, readonly (readonly [number, number])[]>>,
  options: { readonly title?: string; readonly logarithmic?: boolean } = {},
): CurvePart => ({
  kind: "curve",
  x,
  y,
  ...options,
  series: Object.entries(series).map(([name, points]) => ({ name, points })),
});

export const bars = (
  unit: string,
  values: Readonly<Record<string, number>>,
  options: { readonly title?: string; readonly logarithmic?: boolean } = {},
): BarsPart => ({
  kind: "bars",
  unit,
  ...options,
  bars: Object.entries(values).map(([name, value]) => ({ name, value })),
});

export const text = (words: string): TextPart => ({ kind: "text", text: words });

// ---- checks ---------------------------------------------------------------------------------------------------------

/** One thing that the claim promises, and what was found. */
export interface Check {
  /** What must hold, in words. */
  readonly says: string;
  /** What was found. */
  readonly found: Cell;
  /** What must be: a value, or words such as "below 1e-12". */
  readonly wanted: Cell;
  /** Whether it does. */
  readonly holds: boolean;
}

export const equal = (says: string, found: Cell, wanted: Cell): Check => ({
  says,
  found,
  wanted,
  holds: found === wanted,
});

/** Equal within an absolute tolerance. */
export const close = (says: string, found: number, wanted: number, tolerance: number): Check => ({
  says,
  found,
  wanted,
  holds: Math.abs(found - wanted) <= tolerance,
});

export const below = (says: string, found: number, bound: number): Check => ({
  says,
  found,
  wanted: `below ${bound}`,
  holds: found < bound,
});

export const above = (says: string, found: number, bound: number): Check => ({
  says,
  found,
  wanted: `above ${bound}`,
  holds: found > bound,
});

export const holds = (says: string, found: boolean): Check => ({
  says,
  found: found ? "yes" : "no",
  wanted: "yes",
  holds: found,
});

/** The same numbers everywhere: largest difference 0. */
export const same = (says: string, a: ArrayLike<number>, b: ArrayLike<number>): Check => ({
  says,
  found: largestDifference(a, b),
  wanted: 0,
  holds: largestDifference(a, b) === 0,
});

/** Largest |a − b|; infinite where the lengths differ, NaN where a number is. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i] - b[i]);
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}
