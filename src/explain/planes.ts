// Arithmetic on maps: what becomes of a gradient before it is looked at.
import { type NdArray, ndarray } from "../base/array.ts";
import { sizeOf } from "../base/shape.ts";

/** [1, C, H, W] to [H, W]: at each place the largest magnitude of the channels (Simonyan et al. 2013). */
export function largestOfChannels(array: NdArray): NdArray {
  return overChannels(array, (sofar, value) => Math.max(sofar, Math.abs(value)));
}

/** [1, C, H, W] to [H, W]: the sum of the channels. */
export function sumOfChannels(array: NdArray): NdArray {
  return overChannels(array, (sofar, value) => sofar + value);
}

function overChannels({ shape, data }: NdArray, join: (sofar: number, value: number) => number): NdArray {
  const [height, width] = shape.slice(-2);
  const plane = height * width;
  const map = new Float64Array(plane);
  for (let i = 0; i < data.length; i++) map[i % plane] = join(map[i % plane], data[i]);
  return ndarray([height, width], map);
}

/** The mean of [count, …] over its first axis, as [1, …]. */
export function meanOfRows({ shape, data }: NdArray): NdArray & { readonly data: Float64Array } {
  const [count, ...row] = shape;
  const size = sizeOf(row);
  const mean = new Float64Array(size);
  for (let i = 0; i < data.length; i++) mean[i % size] += data[i] / count;
  return { shape: [1, ...row], dtype: "float32", data: mean };
}
