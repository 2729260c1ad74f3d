// How many places a window finds along an axis, told step by step:
//
//   out = floor((n + p − d(k − 1) − 1) / s) + 1        p is the padding of both sides together
//
//   n cells in, k taps, stride s, dilation d. Textbooks often write p for that total; a framework's `padding` is per side.
// Dumoulin & Visin 2016 (1603.07285). An impossible window is an error that names the axis and the numbers, never 0.

import { understand } from "../base/arguments.ts";
import { options as byName, flag, type OptionsOf, padding, type Rules, required, whole } from "../base/rules.ts";
import { cellsAlong, reachOf, type Slide } from "../base/window.ts";
import { windowOutput } from "../ops/cards/geometry.ts";
import { type Padding, resolvePadding } from "../ops/geometry.ts";

const windowRules = {
  size: required(whole(1)),
  kernel: required(whole(1)),
  stride: whole(1),
  dilation: whole(1),
  padding: padding(1),
  ceilMode: flag,
  axis: whole(0),
  rank: whole(1),
} satisfies Rules<WindowQuestion>;

/** One axis of a convolution or pooling. */
export interface WindowQuestion {
  /** Cells of the input along this axis. */
  readonly size: number;
  /** Taps of the window. */
  readonly kernel: number;
  /** Cells from one window to the next; 1 unless told. */
  readonly stride?: number;
  /** Cells from one tap to the next; 1 (no gap) unless told. */
  readonly dilation?: number;
  /** A number is per side, as in PyTorch; { total } is of both sides together, as in textbooks. */
  readonly padding?: Padding;
  /** Count a last window that hangs over the end. */
  readonly ceilMode?: boolean;
  /** Which of how many spatial axes this is, for the words of an error. */
  readonly axis?: number;
  /** Number of spatial axes; 1 unless told. */
  readonly rank?: number;
}

/** What describeWindow found. */
export interface WindowAnswer extends Slide {
  /** Cells of the input. */
  readonly size: number;
  /** Taps of the window. */
  readonly kernel: number;
  /** Cells from a window's first tap to its last: d(k − 1) + 1. */
  readonly reach: number;
  /** Places that the window finds. */
  readonly output: number;
  /** Cells at the end that no window reaches. */
  readonly unused: number;
  /** Cells that the last window hangs over the end (only with ceilMode). */
  readonly overhang: number;
  /** The formula, then with numbers, then the result: one line each. */
  readonly derivation: readonly string[];
}

/** How many places a window finds along an axis, with the derivation. Throws for a window that does not fit. */
export function describeWindow(question: WindowQuestion): WindowAnswer {
  understand("describeWindow", arguments, {
    question: required(byName<OptionsOf<typeof describeWindow>>(windowRules)),
  });
  const {
    size,
    kernel,
    stride = 1,
    dilation = 1,
    padding: wanted = 0,
    ceilMode = false,
    axis = 0,
    rank = 1,
  } = question;
  const pads = resolvePadding(wanted, [size], [kernel], [stride], [dilation]);
  const [padBefore, padAfter] = [pads.before[0], pads.after[0]];
  const what = `A window of ${kernel} over ${size}`;
  const output = windowOutput({ what, axis, rank, size, kernel, stride, dilation, padBefore, padAfter, ceilMode });
  const rest = size - cellsAlong(output, kernel, { stride, dilation, padBefore, padAfter });
  return {
    size,
    kernel,
    stride,
    dilation,
    padBefore,
    padAfter,
    reach: reachOf(kernel, dilation),
    output,
    unused: Math.max(0, rest),
    overhang: Math.max(0, -rest),
    derivation: derive(size, kernel, stride, dilation, padBefore + padAfter, ceilMode, output),
  };
}

function derive(n: number, k: number, s: number, d: number, p: number, ceil: boolean, output: number): string[] {
  const round = ceil ? "ceil" : "floor";
  const free = n + p - d * (k - 1) - 1;
  const windows = (ceil ? Math.ceil(free / s) : Math.floor(free / s)) + 1;
  return [
    `${round}((n + p − d(k − 1) − 1) / s) + 1`,
    `${round}((${n} + ${p} − ${d}·${k - 1} − 1) / ${s}) + 1`,
    `${round}(${free} / ${s}) + 1`,
    String(windows),
    ...(windows === output ? [] : [`${output}, as a last window must start inside the input or the padding before it`]),
  ];
}
