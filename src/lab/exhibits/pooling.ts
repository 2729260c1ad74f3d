// Pooling.

import { countVariables } from "../../analyze/cost.ts";
import type { NdArray } from "../../base/array.ts";
import { build } from "../../nn/build.ts";
import { MaxPool2d } from "../../nn/layers/pooling.ts";
import { neg } from "../../ops/arithmetic.ts";
import { avgPool2d, maxPool2d } from "../../ops/pooling.ts";
import { compute, counting, known, plane, reshaped, wholeNoise } from "../compute.ts";
import { exhibit, whole } from "../exhibit.ts";
import { below, equal, largestDifference, matrices, same } from "../parts.ts";

/** Each window one by one; what lies outside the picture is left out. */
function windows(n: number, k: number, s: number, p: number): number[][] {
  const all: number[][] = [];
  for (let i = -p; i + k <= n + p; i += s) {
    for (let j = -p; j + k <= n + p; j += s) {
      const cells: number[] = [];
      for (let a = 0; a < k; a++) {
        for (let b = 0; b < k; b++) {
          if (i + a >= 0 && j + b >= 0 && i + a < n && j + b < n) cells.push((i + a) * n + j + b);
        }
      }
      all.push(cells);
    }
  }
  return all;
}

export const pooling = exhibit({
  id: "pooling",
  title: "Pooling",
  group: "Channels, pooling, 1x1",
  claim:
    "Pooling works on each channel by itself, has no parameters, and steps by its window unless told; an average may count the padding or not, and a maximum pads with minus infinity.",
  formula: "max: the largest of the window        average: Σ / k², or Σ / (cells on the picture)",
  parameters: {
    size: whole(4, 3, 12, "side of 0, 1, 2, …"),
    window: whole(3, 2, 3, "side of the window"),
    stride: whole(2, 1, 4, "stride"),
    padding: whole(1, 0, 1, "padding per side"),
  },
  tryThis: ["Padding 0 and stride 1: the window slides by one, as a convolution does."],
  source: "Dive into Deep Learning, 7.5",
  async run({ size: n, window: k, stride, padding }, { engine }) {
    const x = counting([1, 1, n, n]);
    const two = wholeNoise([1, 2, n, n], 1, 99);
    const found = await compute(engine, {
      usual: maxPool2d(known(x), k),
      largest: maxPool2d(known(x), k, { stride, padding }),
      counted: avgPool2d(known(x), k, { stride, padding }),
      inside: avgPool2d(known(x), k, { stride, padding, countIncludePad: false }),
      negative: maxPool2d(neg(known(x)), k, { stride, padding }),
      both: maxPool2d(known(two), k, { stride, padding }),
      first: maxPool2d(known(reshaped({ ...two, data: two.data.slice(0, n * n) }, [1, 1, n, n])), k, {
        stride,
        padding,
      }),
    });
    const cells = windows(n, k, stride, padding);
    const sums = cells.map((window) => window.reduce((sum, i) => sum + x.data[i], 0));
    const shown: Record<string, NdArray> = {
      [`max ${k}`]: plane(found.usual),
      [`max ${k}, stride ${stride}, padding ${padding}`]: plane(found.largest),
      "average, padding counted": plane(found.counted),
      "not counted": plane(found.inside),
    };
    return {
      parts: [matrices(shown)],
      checks: [
        same(
          "without a stride the windows do not overlap",
          found.usual.data,
          windows(n, k, k, 0).map((window) => Math.max(...window.map((i) => x.data[i]))),
        ),
        same(
          "the maximum, window by window",
          found.largest.data,
          cells.map((window) => Math.max(...window.map((i) => x.data[i]))),
        ),
        below(
          "the average that counts the padding",
          largestDifference(
            found.counted.data,
            sums.map((sum) => sum / k ** 2),
          ),
          1e-5,
        ),
        below(
          "the average that does not",
          largestDifference(
            found.inside.data,
            sums.map((sum, i) => sum / cells[i].length),
          ),
          1e-5,
        ),
        same(
          "negative pictures show it: a maximum never picks the padding",
          found.negative.data,
          cells.map((window) => -Math.min(...window.map((i) => x.data[i]))),
        ),
        same("a channel does not hear of the other", plane(found.both, 0).data, found.first.data),
        equal("parameters", countVariables(build(MaxPool2d(k), [1, 2, n, n]).variables).parameters, 0),
      ],
    };
  },
});
