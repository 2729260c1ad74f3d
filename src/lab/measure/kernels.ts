// Small kernels for the exhibits on channels.
import { type NdArray, ndarray } from "../../base/array.ts";

/** [1, channels, R, S]: the same small kernel for each channel, changed by `change`. */
export function composedKernel(
  channels: number,
  kernel: NdArray,
  change: (channel: number, value: number) => number,
): NdArray {
  const data = Array.from({ length: channels }, (_, c) => Array.from(kernel.data, (value) => change(c, value))).flat();
  return ndarray([1, channels, ...kernel.shape], data);
}
