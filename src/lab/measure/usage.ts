// How often each pixel is used: the gradient of the sum of all outputs of a kernel of ones with respect to the picture.
import type { NdArray } from "../../base/array.ts";
import { filled } from "../../base/array.ts";
import { gradients } from "../../compile/grad.ts";
import type { Engine } from "../../engines/engine.ts";
import { input } from "../../graph/graph.ts";
import { type ConvolveOptions, conv2d } from "../../ops/convolve.ts";
import { sum } from "../../ops/sum.ts";
import { compute, known, plane } from "../compute.ts";

/** [height, width]: the number of windows that read each pixel. */
export async function pixelUsage(
  engine: Engine,
  size: readonly [height: number, width: number],
  kernel: readonly [rows: number, columns: number],
  options: ConvolveOptions = {},
): Promise<NdArray> {
  const x = input("x", [1, 1, ...size]);
  const total = sum(conv2d(x, known(filled([1, 1, ...kernel], 1)), options));
  const [uses] = gradients([total], [x]);
  const { count } = await compute(engine, { count: uses });
  return plane(count);
}
