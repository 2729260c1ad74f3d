// What zero padding does to equivariance.
import { kaimingNormal } from "../../nn/init.ts";
import { ReLU } from "../../nn/layers/activation.ts";
import { Sequential } from "../../nn/layers/containers.ts";
import { Conv2d } from "../../nn/layers/convolution.ts";
import { exhibit, whole } from "../exhibit.ts";
import { measureShifts } from "../measure/equivariance.ts";
import { above, type Check, equal, table } from "../parts.ts";

export const shiftAndBorder = exhibit({
  id: "shift-and-border",
  title: "Equivariance ends at the border",
  group: "Equivariance and invariance",
  claim:
    "With zero padding a shift is exact only where the receptive field touches no padding; without padding and stride it is exact wherever both maps overlap.",
  formula: "unit i is exact   ⇔   [i j − P, i j − P + r − 1] lies inside both pictures",
  parameters: {
    layers: whole(3, 1, 8, "3x3 convolutions"),
    size: whole(24, 20, 64, "side of the picture"),
    shifts: whole(6, 1, 12, "shifts 1 to this"),
    channels: whole(8, 1, 32, "channels of each layer"),
    seed: whole(0, 0, 1e6, "seed"),
  },
  tryThis: ["More layers: the exact part shrinks by one cell on either side a layer."],
  source: "Kayhan & van Gemert 2020 (2003.07064); Alsallakh et al. 2021 (2010.02178)",
  async run({ layers, size, shifts: most, channels, seed }, { direct }) {
    const stack = (padding: number) =>
      Sequential(
        Array.from({ length: layers }, (_, i) => [
          ...(i > 0 ? [ReLU()] : []),
          Conv2d(channels, 3, { padding, bias: false, init: kaimingNormal({ nonlinearity: "relu" }) }),
        ]).flat(),
      );
    const shifts = Array.from({ length: most }, (_, i) => i + 1);
    const measure = async (padding: number) =>
      (await measureShifts(direct, stack(padding), [1, 1, size, size], { mode: "window", shifts, seed })).at(-1)!;
    const [zeros, valid] = [await measure(1), await measure(0)];
    return {
      parts: [
        table(
          ["shift", "zero padding, all units", "zero padding, inner units", "no padding"],
          shifts.map((shift, i) => [
            shift,
            zeros.shifts[i].error,
            zeros.shifts[i].inner ?? "none",
            valid.shifts[i].error,
          ]),
          "Largest error where both maps overlap",
        ),
        table(
          ["padding", "exact shifts", "why"],
          [
            ["zeros", zeros.exact.join(" ") || "none", zeros.reason],
            ["none", valid.exact.join(" ") || "none", valid.reason],
          ],
        ),
      ],
      checks: shifts.flatMap((shift, i): Check[] => [
        above(`shift ${shift}: zeros change the units at the border`, zeros.shifts[i].error, 1e-3),
        equal(`shift ${shift}: units that touch no padding`, zeros.shifts[i].inner ?? "none", 0),
        equal(`shift ${shift}: without padding`, valid.shifts[i].error, 0),
      ]),
    };
  },
});
