// Computing a few tensors of a graph: the short way from symbols to numbers.
import type { NdArray } from "../base/array.ts";
import { ndarray } from "../base/array.ts";
import { Random } from "../base/random.ts";
import { type Shape, sizeOf } from "../base/shape.ts";
import type { Engine } from "../engines/engine.ts";
import { constantTensor, type Tensor } from "../graph/graph.ts";
import { openSession, type State } from "../run/session.ts";

/** Computes named tensors once. */
export async function compute<N extends string>(
  engine: Engine,
  outputs: Readonly<Record<N, Tensor>>,
  inputs: Readonly<Record<string, NdArray>> = {},
  state?: State,
): Promise<Record<N, NdArray>> {
  const session = await openSession({ outputs, updates: [] }, engine, state ? { state } : {});
  try {
    return (await session.run(inputs)) as Record<N, NdArray>;
  } finally {
    session.release();
  }
}

/** 0, 1, 2, … in a shape, starting at `from`. */
export const counting = (shape: Shape, from = 0): NdArray =>
  ndarray(
    shape,
    Float64Array.from({ length: sizeOf(shape) }, (_, i) => from + i),
  );

/** Standard normal numbers. */
export function noise(shape: Shape, seed: number, stream = "noise"): NdArray {
  const random = new Random(seed, stream);
  return ndarray(
    shape,
    Float64Array.from({ length: sizeOf(shape) }, () => random.normal()),
  );
}

/** Whole numbers in [-most, most]. */
export function wholeNoise(shape: Shape, seed: number, most = 9, stream = "whole"): NdArray {
  const random = new Random(seed, stream);
  return ndarray(
    shape,
    Float64Array.from({ length: sizeOf(shape) }, () => random.below(2 * most + 1) - most),
  );
}

/** An array as a constant of the graph. */
export const known = (array: NdArray): Tensor => constantTensor(array);

/** The same numbers under another shape. */
export const reshaped = ({ data, dtype }: NdArray, shape: Shape): NdArray => ndarray(shape, data, dtype);

/** The last two axes of a [1, 1, H, W] array, or of one plane of [N, C, H, W]. */
export function plane(array: NdArray, channel = 0, image = 0): NdArray {
  const [, channels, height, width] = array.shape;
  const size = height * width;
  const start = (image * channels + channel) * size;
  return ndarray([height, width], array.data.slice(start, start + size), array.dtype);
}

/** A circular shift of the last two axes: what was at (y, x) goes to (y + down, x + right). */
export function roll(array: NdArray, down: number, right: number): NdArray {
  const [height, width] = array.shape.slice(-2);
  const data = new Float64Array(array.data.length);
  const wrap = (place: number, size: number): number => ((place % size) + size) % size;
  for (let i = 0; i < data.length; i++) {
    const x = i % width;
    const y = Math.floor(i / width) % height;
    const base = i - y * width - x;
    data[base + wrap(y + down, height) * width + wrap(x + right, width)] = array.data[i];
  }
  return ndarray(array.shape, data, array.dtype);
}
