// Equivariant or invariant?

import { kaimingNormal } from "../../nn/init.ts";
import type { Layer } from "../../nn/layer.ts";
import { ReLU } from "../../nn/layers/activation.ts";
import { Sequential } from "../../nn/layers/containers.ts";
import { Conv2d } from "../../nn/layers/convolution.ts";
import { Linear } from "../../nn/layers/linear.ts";
import { GlobalAvgPool2d, GlobalMaxPool2d } from "../../nn/layers/pooling.ts";
import { Flatten } from "../../nn/layers/shape.ts";
import { noise } from "../compute.ts";
import { exhibit, whole } from "../exhibit.ts";
import { measureInvariance, measureShifts } from "../measure/equivariance.ts";
import { above, below, equal, holds, table } from "../parts.ts";

export const equivariantOrInvariant = exhibit({
  id: "equivariant-or-invariant",
  title: "Equivariant or invariant?",
  group: "Equivariance and invariance",
  claim:
    "A convolution is equivariant, its map moves with the picture; invariance comes from a reduction that ignores place: a global maximum exactly, a global average to rounding, a dense layer on the flattened map not at all.",
  formula: "equivariant f(s x) = s f(x)        invariant g(s x) = g(x)",
  parameters: {
    shifts: whole(200, 50, 2000, "random shifts"),
    size: whole(16, 8, 48, "side of the picture"),
    channels: whole(16, 2, 64, "channels"),
    seed: whole(0, 0, 1e6, "seed"),
  },
  tryThis: ["The average is a sum in another order for every shift: that is where the last bits come from."],
  source: "Dive into Deep Learning, 7.1.1; Zhang 2019 (1904.11486)",
  async run({ shifts, size, channels, seed }, { direct, progress }) {
    const body = () => [
      Conv2d(channels, 3, { padding: 1, paddingMode: "circular", init: kaimingNormal({ nonlinearity: "relu" }) }),
      ReLU(),
    ];
    const heads: Readonly<Record<string, () => Layer[]>> = {
      "global maximum": () => [GlobalMaxPool2d(), Flatten()],
      "global average": () => [GlobalAvgPool2d(), Flatten()],
      "flatten, dense": () => [Flatten(), Linear(channels)],
    };
    const all = Array.from({ length: size }, (_, shift) => shift);
    const maps = await measureShifts(direct, Sequential(body()), [1, 1, size, size], {
      mode: "wrap",
      shifts: all,
      seed,
    });
    const picture = noise([1, 1, size, size], seed, "picture");
    const rows = [];
    for (const [i, [name, head]] of Object.entries(heads).entries()) {
      progress(i, 3, name);
      const model = Sequential([...body(), ...head()]);
      rows.push({ name, ...(await measureInvariance(direct, model, picture, { count: shifts, seed })) });
    }
    const [maximum, average, dense] = rows;
    return {
      parts: [
        table(
          ["layer", "shifts at which the map moves exactly"],
          maps.map(({ type, exact }) => [type, `${exact.length} of ${all.length}`]),
        ),
        table(
          ["reduction", "largest change", "same largest output"],
          rows.map(({ name, largest, agreement }) => [name, largest, `${(100 * agreement).toFixed(1)} %`]),
          `${shifts} random shifts`,
        ),
      ],
      checks: [
        holds(
          "every shift moves the map exactly",
          maps.every(({ exact }) => exact.length === all.length),
        ),
        equal("global maximum: change", maximum.largest, 0),
        below("global average: change", average.largest, 1e-5),
        above("dense on the flattened map: change", dense.largest, 0.01),
      ],
    };
  },
});
