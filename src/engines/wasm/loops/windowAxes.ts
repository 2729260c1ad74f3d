// The axes of a pooling: which window places see the input, which outputs need no clipping, how many cells count.
import { type Slide, slideAlong, unclippedAlong } from "../../../base/window.ts";
import type { WindowKernel } from "../../../kernel/kernel.ts";
import { constI32, i32, type Local, type Operand, type Value } from "../code/assembler.ts";
import type { PhaseFunction } from "../strategy.ts";

/** One spatial axis of the pooling. */
export interface PoolAxis extends Slide {
  readonly input: number;
  readonly output: number;
  readonly window: number;
}

export function axesOf(kernel: WindowKernel): PoolAxis[] {
  return kernel.input.map((size, i) => ({
    input: size,
    output: kernel.output[i],
    window: kernel.window[i],
    ...slideAlong(kernel, i),
  }));
}

/** Whether the window of every output place lies inside the input. */
export const unclipped = (axis: PoolAxis): boolean => {
  const { first, last } = interiorOf(axis);
  return last - first === axis.output;
};

/** Window places r in [first, last) that see the input, and how many see input or padding, for one output place. */
export interface Clip {
  readonly first: Local | number;
  readonly last: Local | number;
  readonly padded: Local | number;
  /** Input place of window place 0 (may be negative). */
  readonly start: Local;
}

export function clip(k: PhaseFunction, axis: PoolAxis, place: Value): Clip {
  const { f } = k;
  const { input: size, window, stride, dilation, padBefore, padAfter } = axis;
  const start = f.define(i32.sub(i32.mul(place, stride), padBefore));
  if (unclipped(axis)) return { first: 0, last: window, padded: window, start };
  /** Number of window places with start + r dilation < end, at most all of them. */
  const below = (end: number): Local => {
    const room = f.define(i32.sub(end + dilation - 1, start));
    const count = f.define(i32.div_s(room, dilation));
    f.if(i32.lt_s(room, 0), () => f.set(count, 0));
    f.if(i32.gt_s(count, window), () => f.set(count, window));
    return count;
  };
  return { first: below(0), last: below(size), padded: below(size + padAfter), start };
}

/** Output places along the row whose windows lie inside the input: [first, last). */
export function interiorOf(axis: PoolAxis): { first: number; last: number } {
  const { first, count } = unclippedAlong(axis.input, axis.output, axis.window, axis);
  return { first, last: first + count };
}

/** An item's number as its coordinates in `sizes`; the first takes what is left. */
export function coordinatesOf(k: PhaseFunction, item: Value, sizes: readonly number[]): Local[] {
  const { f } = k;
  const rest = f.define(item);
  const found: Local[] = [];
  for (let i = sizes.length - 1; i > 0; i--) {
    found.unshift(f.define(i32.rem_u(rest, sizes[i])));
    f.set(rest, i32.div_u(rest, sizes[i]));
  }
  return [rest, ...found];
}

export const product = (numbers: readonly Operand[]): Value =>
  numbers.reduce<Value>((sum, n) => (n === 1 ? sum : i32.mul(sum, n)), constI32(1));

export function divisorOf(kernel: WindowKernel, clips: readonly Clip[]): Value {
  return product(
    clips.map((one) => {
      if (kernel.countIncludePad) return one.padded;
      if (typeof one.first === "number") return one.last;
      return i32.sub(one.last, one.first);
    }),
  );
}
