// When a convolutional network is exactly equivariant.
import { kaimingNormal } from "../../nn/init.ts";
import { ReLU } from "../../nn/layers/activation.ts";
import { Sequential } from "../../nn/layers/containers.ts";
import { Conv2d } from "../../nn/layers/convolution.ts";
import { exhibit, whole } from "../exhibit.ts";
import { measureShifts } from "../measure/equivariance.ts";
import { above, type Check, curve, equal, table } from "../parts.ts";

export const shiftEquivariance = exhibit({
  id: "shift-equivariance",
  title: "Which shifts are exact?",
  group: "Equivariance and invariance",
  claim:
    "With circular padding and a size that the total stride J divides, a shift by a multiple of J moves the output exactly; every other shift changes it.",
  formula: "f(shift_s x) = shift_{s / J} f(x)   ⇔   J divides s",
  parameters: {
    size: whole(32, 8, 64, "side of the picture; at a size that J does not divide nothing is exact"),
    first: whole(1, 1, 3, "stride of the first layer (3x3)"),
    second: whole(2, 1, 3, "stride of the second (3x3)"),
    third: whole(2, 1, 3, "stride of the third (5x5)"),
    channels: whole(8, 1, 32, "channels of each layer"),
    seed: whole(0, 0, 1e6, "seed"),
  },
  tryThis: ["All strides 1: every shift is exact.", "Size 30: J = 4 does not divide it, and the seam shows."],
  source: "Zhang 2019 (1904.11486), section 3; measured exactly for every shift",
  async run({ size, first, second, third, channels, seed }, { direct }) {
    const layer = (kernel: number, stride: number) =>
      Conv2d(channels, kernel, {
        stride,
        padding: (kernel - 1) / 2,
        paddingMode: "circular",
        init: kaimingNormal({ nonlinearity: "relu" }),
        bias: false,
      });
    const model = Sequential({
      conv1: layer(3, first),
      relu1: ReLU(),
      conv2: layer(3, second),
      relu2: ReLU(),
      conv3: layer(5, third),
    });
    const total = first * second * third;
    const shifts = Array.from({ length: Math.min(size - 1, 3 * total) + 1 }, (_, s) => s);
    const measured = await measureShifts(direct, model, [1, 1, size, size], { mode: "wrap", shifts, seed });
    const convolutions = measured.filter(({ type }) => type === "Conv2d");
    const last = convolutions[convolutions.length - 1];
    const divides = size % total === 0;
    const multiples = last.shifts.filter(({ shift }) => shift % total === 0 && (divides || shift === 0));
    const others = last.shifts.filter(({ shift }) => shift % total !== 0);
    return {
      parts: [
        table(
          ["shift", ...convolutions.map(({ path, step }) => `${path} (J = ${step})`)],
          shifts.map((shift, i) => [shift, ...convolutions.map((one) => one.shifts[i].error)]),
          "Largest error over the whole map",
        ),
        table(
          ["layer", "exact shifts", "why"],
          convolutions.map(({ path, exact, reason }) => [path, exact.join(" "), reason]),
        ),
        curve("shift", "largest error", {
          [last.path]: last.shifts.map(({ shift, error }) => [shift, error] as const),
        }),
      ],
      checks: [
        equal("total step of the last layer", last.step, total),
        ...multiples.map(({ shift, error }): Check => equal(`shift ${shift}, a multiple of J: error`, error, 0)),
        ...others.map(({ shift, error }): Check => above(`shift ${shift}, no multiple: error`, error, 0.1)),
      ],
    };
  },
});
