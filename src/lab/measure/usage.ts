// How often each pixel is used: the gradient of the sum of all outputs of a kernel of ones with respect to the picture.
import { understand } from "../../base/arguments.ts";
import { filled, type NdArray } from "../../base/array.ts";
import { options as byName, listOf, type OptionsOf, whole } from "../../base/rules.ts";
import { gradients } from "../../compile/grad.ts";
import { type Engine, engineRule } from "../../engines/engine.ts";
import { input, tensor } from "../../graph/graph.ts";
import { type ConvolveOptions, conv2d, convolveRules } from "../../ops/convolution.ts";
import { sum } from "../../ops/sum.ts";
import { compute, known, plane } from "../compute.ts";

const pairRule = listOf(whole(1), "two whole numbers of at least 1", 2, 2);

/** [height, width]: the number of windows that read each pixel. */
export async function pixelUsage(
  engine: Engine,
  size: readonly [height: number, width: number],
  kernel: readonly [rows: number, columns: number],
  options: ConvolveOptions = {},
): Promise<NdArray> {
  understand("pixelUsage", arguments, {
    engine: engineRule,
    size: pairRule,
    kernel: pairRule,
    options: byName<OptionsOf<typeof pixelUsage>>({ bias: tensor, ...convolveRules(2) }),
  });
  const x = input("x", [1, 1, ...size]);
  const total = sum(conv2d(x, known(filled([1, 1, ...kernel], 1)), options));
  const [uses] = gradients([total], [x]);
  const { count } = await compute(engine, { count: uses });
  return plane(count);
}
