// Windows that slide over the spatial axes of a map: the one geometry of convolution, pooling and their adjoints.
//
//   tap r of output place y looks at input cell   y · stride + r · dilation − padBefore
//   a window reaches over                         dilation (kernel − 1) + 1 cells, from its first tap to its last
//   and finds                                     floor((cells + padBefore + padAfter − reach) / stride) + 1 places
//
// Pure arithmetic, whatever the sizes: what is impossible is said in words by ops/geometry.ts.
import { sizeOf } from "./shape.ts";

/** Where the taps of a window look along one axis, in cells. */
export interface Look {
  /** From one output place to the next. */
  readonly stride: number;
  /** From one tap of the window to the next. */
  readonly dilation: number;
  /** Cells of padding before the input. */
  readonly padBefore: number;
}

/** How a window slides along one axis: where its taps look, and where it ends. */
export interface Slide extends Look {
  /** Cells of padding behind the input. */
  readonly padAfter: number;
}

type Along<Axis> = { readonly [Field in keyof Axis]: readonly Axis[Field][] };

/** The same along all spatial axes: one entry per axis. */
export type Looks = Along<Look>;
export type Slides = Along<Slide>;

export const slideAlong = ({ stride, dilation, padBefore, padAfter }: Slides, axis: number): Slide => ({
  stride: stride[axis],
  dilation: dilation[axis],
  padBefore: padBefore[axis],
  padAfter: padAfter[axis],
});

/** Cells from a window's first tap to its last, both counted. */
export const reachOf = (kernel: number, dilation: number): number => dilation * (kernel - 1) + 1;

/**
 * How many places a window finds along an axis; less than 1 where it does not fit. With `ceilMode` a last window that hangs
 * over the end counts too, and one that starts behind the input does not (PyTorch's rule).
 */
export function placesAlong(cells: number, kernel: number, slide: Slide, ceilMode = false): number {
  const { stride, dilation, padBefore, padAfter } = slide;
  const free = cells + padBefore + padAfter - reachOf(kernel, dilation);
  if (!ceilMode) return Math.floor(free / stride) + 1;
  const places = Math.ceil(free / stride) + 1;
  return (places - 1) * stride >= cells + padBefore ? places - 1 : places;
}

/** The other way: the cells over which a window finds so many places, none left over. What a transposed window gives. */
export const cellsAlong = (places: number, kernel: number, slide: Slide): number =>
  (places - 1) * slide.stride + reachOf(kernel, slide.dilation) - slide.padBefore - slide.padAfter;

/** Padding of both sides with which a window finds ceil(cells / stride) places. */
export const samePadding = (cells: number, kernel: number, stride: number, dilation: number): number =>
  Math.max(0, (Math.ceil(cells / stride) - 1) * stride + reachOf(kernel, dilation) - cells);

/** Padding of both sides as [before, after], the odd cell behind, or before. */
export function splitPadding(total: number, oddFirst = false): [before: number, after: number] {
  const small = Math.floor(total / 2);
  return oddFirst ? [total - small, small] : [small, total - small];
}

/** Those i of 0 … count − 1 with 0 ≤ start + i · step < size: taps that see the input, or places that a tap sees it from. */
export function seenAmong(
  count: number,
  start: number,
  step: number,
  size: number,
): { readonly first: number; readonly count: number } {
  const first = Math.max(0, Math.ceil(-start / step));
  const last = Math.min(count - 1, Math.floor((size - 1 - start) / step));
  return { first, count: Math.max(0, last - first + 1) };
}

/** The places whose window lies in the input, every tap of it. */
export function unclippedAlong(
  cells: number,
  places: number,
  kernel: number,
  { stride, dilation, padBefore }: Look,
): { readonly first: number; readonly count: number } {
  const head = seenAmong(places, -padBefore, stride, cells);
  const tail = seenAmong(places, (kernel - 1) * dilation - padBefore, stride, cells);
  const first = Math.min(places, head.first);
  return { first, count: Math.max(0, tail.first + tail.count - first) };
}

/** A window over a map: the sizes of both and of what it finds, and how it slides. */
export interface WindowOverMap extends Looks {
  readonly input: readonly number[];
  readonly output: readonly number[];
  readonly kernel: readonly number[];
}

/** The cell that each tap of each output place sees, [places, taps] row-major: its place in the map, −1 where it is none. */
export function tapCells({ input, output, kernel, stride, dilation, padBefore }: WindowOverMap): Int32Array {
  const taps = sizeOf(kernel);
  const cells = new Int32Array(sizeOf(output) * taps);
  for (let p = 0; p < sizeOf(output); p++) {
    for (let r = 0; r < taps; r++) {
      let cell = 0;
      let [restP, restR, scale] = [p, r, 1];
      for (let axis = input.length - 1; axis >= 0 && cell >= 0; axis--) {
        const at = (restP % output[axis]) * stride[axis] + (restR % kernel[axis]) * dilation[axis] - padBefore[axis];
        cell = at < 0 || at >= input[axis] ? -1 : cell + at * scale;
        scale *= input[axis];
        restP = Math.floor(restP / output[axis]);
        restR = Math.floor(restR / kernel[axis]);
      }
      cells[p * taps + r] = cell;
    }
  }
  return cells;
}

/** How many taps of each output place lie in the input or its padding: the divisors of a mean that counts the padding. */
export function tapsWithPadding({ padAfter, ...window }: WindowOverMap & Slides): number[] {
  const { input, output, kernel, stride, dilation, padBefore } = window;
  return output.reduce<number[]>(
    (counts, places, axis) => {
      const padded = padBefore[axis] + input[axis] + padAfter[axis];
      const along = Array.from(
        { length: places },
        (_, y) => seenAmong(kernel[axis], y * stride[axis], dilation[axis], padded).count,
      );
      return counts.flatMap((count) => along.map((one) => count * one));
    },
    [1],
  );
}

/** What an output place sees of an axis: place i looks at cells i · step + low to i · step + high, `every` cells one. */
export interface Sight {
  readonly step: number;
  readonly low: number;
  readonly high: number;
  readonly every: number;
}

export const sightOf = (kernel: readonly number[], { stride, dilation, padBefore }: Looks): Sight[] =>
  kernel.map((taps, axis) => ({
    step: stride[axis],
    low: -padBefore[axis],
    high: dilation[axis] * (taps - 1) - padBefore[axis],
    every: dilation[axis],
  }));

/** The adjoint's: input cell i is seen from places (i + padBefore − dilation · r) / stride, r = 0 … kernel − 1. */
export const sightBack = (kernel: readonly number[], { stride, dilation, padBefore }: Looks): Sight[] =>
  kernel.map((taps, axis) => ({
    step: 1 / stride[axis],
    low: (padBefore[axis] - dilation[axis] * (taps - 1)) / stride[axis],
    high: padBefore[axis] / stride[axis],
    every: dilation[axis] / stride[axis],
  }));
