// A dense layer becomes a convolution by two decisions, sharing and locality.

import { countVariables } from "../../analyze/cost.ts";
import { ndarray } from "../../base/array.ts";
import { input } from "../../graph/graph.ts";
import { build } from "../../nn/build.ts";
import type { Layer } from "../../nn/layer.ts";
import { Conv2d } from "../../nn/layers/convolution.ts";
import { Linear } from "../../nn/layers/linear.ts";
import { conv2d } from "../../ops/convolution.ts";
import { linear } from "../../ops/matmul.ts";
import { reshape } from "../../ops/reshape.ts";
import { compute, known, plane, reshaped, wholeNoise } from "../compute.ts";
import { exhibit, whole } from "../exhibit.ts";
import { bars, equal, pictures, same, table } from "../parts.ts";

export const denseToConv = exhibit({
  id: "dense-to-conv",
  title: "From dense to convolution in three steps",
  group: "Why not a plain MLP",
  claim:
    "A dense layer from map to map becomes a convolution by sharing its weights over positions and cutting them to a neighbourhood; with tied weights all three give the same numbers.",
  formula: "full n⁴   →   shared (2(n − 1) + 1)²   →   local (2D + 1)²",
  parameters: {
    size: whole(8, 2, 16, "side n of the map"),
    radius: whole(1, 0, 7, "radius D of the neighbourhood"),
    seed: whole(0, 0, 1e6, "seed of the picture and the kernel"),
  },
  tryThis: [
    "Raise the radius to n − 1: the local kernel is the shared one, and nothing is saved by locality.",
    "Look at the matrix: one band, repeated along the diagonal, is what sharing looks like in a dense layer.",
  ],
  source: "Dive into Deep Learning, 7.1.2 to 7.1.3",
  async run({ size: n, radius, seed }, { engine }) {
    const d = Math.min(radius, n - 1);
    const side = 2 * d + 1;
    const picture = wholeNoise([1, 1, n, n], seed, 9, "picture");
    const kernel = wholeNoise([1, 1, side, side], seed, 9, "kernel");
    // The shared kernel holds the local one in its middle and zeros around; the matrix holds it once for each output place.
    const large = 2 * n - 1;
    const shared = new Float64Array(large * large);
    const matrix = new Float64Array(n ** 4);
    for (let a = -d; a <= d; a++) {
      for (let b = -d; b <= d; b++) {
        const value = kernel.data[(a + d) * side + b + d];
        shared[(a + n - 1) * large + b + n - 1] = value;
        for (let i = Math.max(0, -a); i < Math.min(n, n - a); i++) {
          for (let j = Math.max(0, -b); j < Math.min(n, n - b); j++) {
            matrix[(i * n + j) * n * n + (i + a) * n + j + b] = value;
          }
        }
      }
    }
    const x = input("x", [1, 1, n, n]);
    const full = known(ndarray([n * n, n * n], matrix));
    const found = await compute(
      engine,
      {
        dense: reshape(linear(reshape(x, [1, n * n]), full), [1, 1, n, n]),
        shared: conv2d(x, known(ndarray([1, 1, large, large], shared)), { padding: n - 1 }),
        local: conv2d(x, known(kernel), { padding: d }),
      },
      { x: picture },
    );
    const count = (layer: Layer, shape: readonly number[]): number =>
      countVariables(build(layer, shape).variables).parameters;
    const weights = {
      full: count(Linear(n * n, { bias: false }), [1, n * n]),
      shared: count(Conv2d(1, large, { bias: false, padding: n - 1 }), [1, 1, n, n]),
      local: count(Conv2d(1, side, { bias: false, padding: d }), [1, 1, n, n]),
    };
    return {
      parts: [
        table(
          ["step", "weights", "formula"],
          [
            ["every place to every place", weights.full, "n⁴"],
            ["shared over positions", weights.shared, "(2(n − 1) + 1)²"],
            [`local, radius ${d}`, weights.local, "(2D + 1)²"],
          ],
        ),
        bars("weights", { full: weights.full, shared: weights.shared, local: weights.local }, { logarithmic: true }),
        pictures(
          {
            picture: plane(picture),
            "the dense matrix": reshaped(ndarray([1, 1, n * n, n * n], matrix), [n * n, n * n]),
            output: plane(found.local),
          },
          { separate: true },
        ),
      ],
      checks: [
        equal("weights of the full 4-index tensor", weights.full, n ** 4),
        equal("weights shared over position", weights.shared, (2 * (n - 1) + 1) ** 2),
        equal("local weights", weights.local, (2 * d + 1) ** 2),
        same("dense and shared give the same numbers", found.dense.data, found.shared.data),
        same("shared and local give the same numbers", found.shared.data, found.local.data),
      ],
    };
  },
});
