// A learner's question: why do deeper filters look complex?

import { receptiveField } from "../../analyze/receptive.ts";
import { filled, type NdArray, ndarray } from "../../base/array.ts";
import { gradients } from "../../compile/grad.ts";
import { build } from "../../nn/build.ts";
import { kaimingNormal } from "../../nn/init.ts";
import { ReLU } from "../../nn/layers/activation.ts";
import { Sequential } from "../../nn/layers/containers.ts";
import { Conv2d } from "../../nn/layers/convolution.ts";
import { compute, known, noise } from "../compute.ts";
import { exhibit, whole } from "../exhibit.ts";
import { supportOf } from "../measure/field.ts";
import { below, type Check, curve, equal, pictures, table } from "../parts.ts";

export const deeperFilters = exhibit({
  id: "deeper-filters",
  title: "Why do deeper filters look complex?",
  group: "The kernel",
  claim:
    "A unit of the first layer has one pattern, its kernel; behind ReLUs a unit is another linear filter for every picture, over a larger field, so there is no one picture of what it looks for.",
  formula: "∂ unit / ∂ picture is the kernel in layer 1, and depends on the picture from layer 2 on",
  parameters: {
    depth: whole(6, 2, 10, "convolutions, with a ReLU between each two"),
    channels: whole(8, 2, 32, "channels of each"),
    pictures: whole(6, 2, 24, "pictures that are compared"),
    seed: whole(0, 0, 1e6, "seed"),
  },
  tryThis: ["`neocog explain` shows the same gradients for a trained network, as saliency maps."],
  source: "Zeiler & Fergus 2013, Visualizing and understanding convolutional networks; measured on a random network",
  async run({ depth, channels, pictures: count, seed }, { direct, progress }) {
    const size = 2 * depth + 9;
    const middle = size >> 1;
    const layer = () => Conv2d(channels, 3, { padding: 1, bias: false, init: kaimingNormal({ nonlinearity: "relu" }) });
    const stack = Sequential(Array.from({ length: depth }, (_, i) => (i === 0 ? [layer()] : [ReLU(), layer()])).flat());
    const built = build(stack, [count, 1, size, size], { seed });
    const convolutions = built.layers.filter(({ layer: own }) => own.type.name === "Conv2d");
    const unit = filled(convolutions[0].output.shape);
    for (let image = 0; image < count; image++) unit.data[(image * channels * size + middle) * size + middle] = 1;
    const slopes = Object.fromEntries(
      convolutions.map(({ output }, i) => [`${i}`, gradients([output], [built.input], [known(unit)])[0]]),
    );
    progress(0, 1, "gradients");
    const found = await compute(direct, slopes, { input: noise([count, 1, size, size], seed, "pictures") });
    const maps = convolutions.map((_, i) =>
      Array.from({ length: count }, (_, image): NdArray => {
        const { data } = found[`${i}`];
        return ndarray([size, size], Float64Array.from(data.subarray(image * size * size, (image + 1) * size * size)));
      }),
    );
    const rows = maps.map((list, i) => {
      const boxes = list.map(supportOf).filter((box) => box !== undefined);
      const side = Math.max(...boxes.map((box) => box.right)) - Math.min(...boxes.map((box) => box.left)) + 1;
      const field = receptiveField(built.input, convolutions[i].output)![1];
      return { layer: i + 1, side, field: field.size, likeness: likeness(list) };
    });
    const shown = [0, 1, depth - 1];
    return {
      parts: [
        table(
          ["layer", "field", "measured", "likeness of the filters on two pictures"],
          rows.map((row) => [row.layer, row.field, row.side, row.likeness]),
        ),
        ...shown.map((i) =>
          pictures(Object.fromEntries(maps[i].slice(0, 3).map((map, image) => [`picture ${image + 1}`, map])), {
            title: `The same unit of layer ${i + 1} as a linear filter`,
          }),
        ),
        curve("layer", "likeness", {
          "mean cosine between pictures": rows.map((row) => [row.layer, row.likeness] as const),
        }),
      ],
      checks: [
        ...rows.map(
          (row): Check => equal(`layer ${row.layer}: the filter fills the field 2L + 1`, row.side, 2 * row.layer + 1),
        ),
        below("layer 1: 1 − likeness, the filter is the kernel on every picture", 1 - rows[0].likeness, 1e-6),
        below("deepest layer: the filters differ", rows[depth - 1].likeness, 0.9),
      ],
    };
  },
});

/** Mean cosine between the maps of two pictures; a unit that is off on one of them counts as 0. */
function likeness(maps: readonly NdArray[]): number {
  const dot = (a: NdArray, b: NdArray): number => {
    let sum = 0;
    for (let i = 0; i < a.data.length; i++) sum += a.data[i] * b.data[i];
    return sum;
  };
  let [total, pairs] = [0, 0];
  for (let i = 0; i < maps.length; i++) {
    for (let j = 0; j < i; j++) {
      const norm = Math.sqrt(dot(maps[i], maps[i]) * dot(maps[j], maps[j]));
      total += norm === 0 ? 0 : dot(maps[i], maps[j]) / norm;
      pairs++;
    }
  }
  return total / pairs;
}
