// Weight sharing and missing links are two different things.

import { countVariables } from "../../analyze/cost.ts";
import { filled } from "../../base/array.ts";
import { gradients } from "../../compile/grad.ts";
import { input, type Tensor } from "../../graph/graph.ts";
import { build } from "../../nn/build.ts";
import { Conv2d } from "../../nn/layers/convolution.ts";
import { add, mul } from "../../ops/arithmetic.ts";
import { conv2d } from "../../ops/convolution.ts";
import { slice } from "../../ops/copy.ts";
import { compute, known, noise, roll } from "../compute.ts";
import { exhibit, whole } from "../exhibit.ts";
import { above, equal, largestDifference, table } from "../parts.ts";

export const sharingAndLocality = exhibit({
  id: "sharing-and-locality",
  title: "Sharing and locality",
  group: "The kernel",
  claim:
    "Weight sharing gives translation equivariance, missing links give locality; across channels a convolution is dense unless groups thin it.",
  formula: "links = units · k² · channels / groups        distinct weights = filters · k² · channels / groups",
  parameters: {
    channels: whole(3, 1, 16, "channels of the picture"),
    filters: whole(10, 1, 32, "filters"),
    kernel: whole(3, 1, 7, "side of the kernel"),
    size: whole(8, 7, 24, "side of the picture"),
    wide: whole(8, 1, 64, "channels in and out of the grouped convolution"),
    groups: whole(4, 1, 64, "its groups (must divide its channels)"),
    seed: whole(0, 0, 1e6, "seed"),
  },
  tryThis: [
    "groups = wide is a depthwise convolution: one channel each.",
    "The untied layer is as local as the convolution and not equivariant: locality is not what moves with the picture.",
  ],
  source: "Dive into Deep Learning, 7.1.2; counted as the support of the gradient",
  async run({ channels, filters, kernel: k, size: n, wide, groups: wanted, seed }, { exact }) {
    const groups = wide % wanted === 0 ? wanted : 1;
    const out = n - k + 1;
    const x = input("x", [1, channels, n, n]);
    const w = known(noise([filters, channels, k, k], seed, "weights"));
    const y = conv2d(x, w);
    const unit = filled(y.shape);
    unit.data[Math.floor(out / 2) * out + Math.floor(out / 2)] = 1;
    const [dx] = gradients([y], [x], [known(unit)]);
    const xGrouped = input("grouped", [1, wide, n, n]);
    const grouped = conv2d(xGrouped, known(noise([wide, wide / groups, k, k], seed, "grouped")), { groups });
    const oneGrouped = filled(grouped.shape);
    oneGrouped.data[0] = 1;
    const [dGrouped] = gradients([grouped], [xGrouped], [known(oneGrouped)]);
    const untied = locallyConnected(x, filters, k, seed);
    const picture = noise([1, channels, n, n], seed, "picture");
    const first = await compute(exact, { dx, dGrouped, y, untied }, { x: picture });
    const moved = await compute(exact, { y, untied }, { x: roll(picture, 0, 1) });
    const inner = (map: ArrayLike<number>, by: number): number[] =>
      Array.from(map).filter((_, i) => (by === 1 ? i % out >= 1 : i % out < out - 1));
    const shiftError = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
      largestDifference(inner(a, 0), inner(b, 1));
    const inputs = Array.from(first.dx.data).filter((value) => value !== 0).length;
    const inputsGrouped = Array.from(first.dGrouped.data).filter((value) => value !== 0).length;
    const count = (layer: ReturnType<typeof Conv2d>, c: number): number =>
      countVariables(build(layer, [1, c, n, n]).variables).parameters;
    const tied = count(Conv2d(filters, k, { bias: false }), channels);
    const thin = count(Conv2d(wide, k, { bias: false, groups }), wide);
    const units = filters * out * out;
    const errors = {
      tied: shiftError(first.y.data, moved.y.data),
      untied: shiftError(first.untied.data, moved.untied.data),
    };
    return {
      parts: [
        table(
          ["layer", "inputs of a unit", "links", "distinct weights", "shift error"],
          [
            [`conv ${channels} -> ${filters}, ${k}x${k}`, inputs, units * inputs, tied, errors.tied],
            ["the same, untied", inputs, units * inputs, units * inputs, errors.untied],
          ],
        ),
        table(
          ["convolution", "inputs of a unit", "weights"],
          [
            [`${wide} -> ${wide}, 1 group`, wide * k * k, count(Conv2d(wide, k, { bias: false }), wide)],
            [`${wide} -> ${wide}, ${groups} groups`, inputsGrouped, thin],
          ],
        ),
      ],
      checks: [
        equal("a unit has k²·channels inputs, from every channel", inputs, k * k * channels),
        equal("distinct weights: filters·k²·channels", tied, filters * k * k * channels),
        equal("with groups, a unit sees channels / groups", inputsGrouped, (k * k * wide) / groups),
        equal("and the weights are divided by the groups", thin, (k * k * wide * wide) / groups),
        equal("tied weights: the map moves with the picture, error 0", errors.tied, 0),
        above("untied weights: it does not", errors.untied, 0.1),
      ],
    };
  },
});

/** Local links with a kernel of its own at every place: Σ over taps of a moved picture times a map of weights. */
function locallyConnected(x: Tensor, filters: number, k: number, seed: number): Tensor {
  const [, channels, n] = x.shape;
  const out = n - k + 1;
  const taps: Tensor[] = [];
  for (let c = 0; c < channels; c++) {
    for (let r = 0; r < k; r++) {
      for (let s = 0; s < k; s++) {
        const piece = slice(x, [
          undefined,
          { start: c, stop: c + 1 },
          { start: r, stop: r + out },
          { start: s, stop: s + out },
        ]);
        taps.push(mul(piece, known(noise([1, filters, out, out], seed, `tap ${c} ${r} ${s}`))));
      }
    }
  }
  return taps.reduce(add);
}
