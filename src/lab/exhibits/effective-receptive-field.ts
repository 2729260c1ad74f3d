// How far a unit really sees.
import { receptiveField } from "../../analyze/receptive.ts";
import { ndarray } from "../../base/array.ts";
import { build } from "../../nn/build.ts";
import { constant, kaimingNormal } from "../../nn/init.ts";
import { ReLU } from "../../nn/layers/activation.ts";
import { Sequential } from "../../nn/layers/containers.ts";
import { Conv2d } from "../../nn/layers/convolution.ts";
import { initialState } from "../../nn/state.ts";
import { noise } from "../compute.ts";
import { exhibit, whole } from "../exhibit.ts";
import { energyOf, measureField, spreadOf } from "../measure/field.ts";
import { below, type Check, close, curve, equal, pictures, table } from "../parts.ts";

export const effectiveReceptiveField = exhibit({
  id: "effective-receptive-field",
  title: "How far a unit really sees",
  group: "Receptive field",
  claim:
    "The receptive field grows with the number of layers, but what a unit really weighs grows with its root only: the middle of the field is a Gaussian, its border hardly counts.",
  formula: "k x k averages, n layers:   field n(k − 1) + 1,   standard deviation √(n (k² − 1) / 12)",
  parameters: {
    kernel: whole(3, 2, 5, "side of each kernel"),
    layers: whole(80, 5, 80, "the most layers; halved down to 5"),
    random: whole(8, 1, 16, "channels of the random ReLU network"),
    seed: whole(0, 0, 1e6, "seed of the random network"),
  },
  tryThis: [
    "Look at the share: at 80 layers of 3x3, four in a hundred of the places carry nearly all the weight.",
    "The random ReLU network behaves alike: its energy is as narrow.",
  ],
  source: "Luo et al. 2016, Understanding the effective receptive field (1701.04128)",
  async run({ kernel: k, layers, random, seed }, { direct, exact, progress }) {
    const depths: number[] = [];
    for (let n = layers; n >= 5; n = Math.floor(n / 2)) depths.unshift(n);
    const rows = [];
    const checks: Check[] = [];
    let picture = ndarray([1, 1], [1]);
    for (const [i, n] of depths.entries()) {
      progress(i, depths.length, `${n} layers`);
      const side = n * (k - 1) + 1;
      const stack = Sequential(
        Array.from({ length: n }, () => Conv2d(1, k, { bias: false, init: constant(1 / (k * k)) })),
      );
      const built = build(stack, [1, 1, side, side]);
      const field = receptiveField(built.input, built.output)![1];
      const [map] = await measureField(exact, built.input, built.output, [[0, 0]]);
      picture = map;
      const spread = spreadOf(map);
      rows.push({ n, size: field.size, deviation: spread.deviation[1], effective: spread.effective });
      checks.push(
        equal(`${n} layers: the field is n(k − 1) + 1`, field.size, side),
        close(`${n} layers: standard deviation`, spread.deviation[1], Math.sqrt((n * (k * k - 1)) / 12), 1e-9),
      );
    }
    const deep = Math.min(20, layers);
    const found = await randomSpread(direct, deep, k, random, seed);
    const last = rows.at(-1)!;
    return {
      parts: [
        table(
          ["layers n", "field", "std", "std / field", "places above 4.55 %", "share of the field"],
          rows.map((row) => [
            row.n,
            row.size,
            row.deviation,
            row.deviation / row.size,
            row.effective,
            `${((100 * row.effective) / row.size ** 2).toFixed(1)} %`,
          ]),
        ),
        curve("layers", "cells", {
          field: rows.map((row) => [row.n, row.size] as const),
          "4 standard deviations": rows.map((row) => [row.n, 4 * row.deviation] as const),
        }),
        table(
          ["random ReLU network", "field", "std of the energy", "std / field"],
          [[`${deep} layers, ${random} channels`, found.size, found.deviation, found.deviation / found.size]],
        ),
        pictures(
          { [`${last.n} averaging layers`]: picture, [`${deep} random layers`]: found.energy },
          { separate: true },
        ),
      ],
      checks: [
        ...checks,
        below("the deepest: share of the field that counts", last.effective / last.size ** 2, 0.6),
        below("the random network is as narrow: std / field", found.deviation / found.size, 0.25),
      ],
    };
  },
});

async function randomSpread(
  engine: Parameters<typeof measureField>[0],
  n: number,
  k: number,
  channels: number,
  seed: number,
): Promise<{ size: number; deviation: number; energy: ReturnType<typeof energyOf> }> {
  const side = n * (k - 1) + 1;
  const layer = () => Conv2d(channels, k, { bias: false, init: kaimingNormal({ nonlinearity: "relu" }) });
  const stack = Sequential(Array.from({ length: n }, () => [layer(), ReLU()]).flat());
  const built = build(stack, [1, 1, side, side], { seed });
  const state = initialState(built.variables);
  const total = new Float64Array(side * side);
  for (let picture = 0; picture < 4; picture++) {
    const [map] = await measureField(engine, built.input, built.layers.at(-2)!.output, [[0, 0]], {
      open: false,
      picture: noise([1, 1, side, side], seed + picture),
      state,
    });
    energyOf(map).data.forEach((value, i) => {
      total[i] += value;
    });
  }
  const energy = ndarray([side, side], total);
  return { size: side, deviation: spreadOf(energy).deviation[1], energy };
}
