// A learner's question: when is translation invariance wrong?
import type { Dataset } from "../../data/dataset.ts";
import type { Layer } from "../../nn/layer.ts";
import { ReLU } from "../../nn/layers/activation.ts";
import { Sequential } from "../../nn/layers/containers.ts";
import { Conv2d, type ConvolutionOptions } from "../../nn/layers/convolution.ts";
import { CoordConv2d } from "../../nn/layers/coordinates.ts";
import { Linear } from "../../nn/layers/linear.ts";
import { GlobalAvgPool2d } from "../../nn/layers/pooling.ts";
import { Flatten } from "../../nn/layers/shape.ts";
import { Adam } from "../../train/optimizers/optimizer.ts";
import { drawn, pictureOf } from "../datasets.ts";
import { exhibit, whole } from "../exhibit.ts";
import { above, bars, below, pictures, table } from "../parts.ts";
import { learn } from "../training.ts";

/** A cross at a random place; the class is its half. */
function crosses(name: string, count: number, size: number, seed: number): Dataset {
  return drawn({ name, count, channels: 1, size, classes: ["top", "bottom"], seed }, (pixel, random) => {
    const label = random.below(2);
    const row = (label * size) / 2 + 1 + random.below(size / 2 - 2);
    const column = 1 + random.below(size - 2);
    for (const [y, x] of [
      [0, 0],
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ])
      pixel(0, row + y, column + x, 1);
    return label;
  });
}

export const topOrBottom = exhibit({
  id: "top-or-bottom",
  title: "When translation invariance is wrong",
  group: "Padding and stride",
  claim:
    "Whether a cross stands above or below cannot be told by a network that does not know where it is: with circular padding and a global average it guesses; two coordinate channels are enough.",
  formula: "CoordConv: conv([x, row, column])",
  parameters: {
    size: whole(16, 8, 32, "side of the picture (even)"),
    channels: whole(16, 4, 64, "channels"),
    pictures: whole(1000, 100, 10000, "training pictures"),
    epochs: whole(15, 1, 100, "epochs"),
    seed: whole(0, 0, 1e6, "seed"),
  },
  trained: true,
  tryThis: [
    "Zero padding tells the place near the border, and more layers carry it further in: it stands between the two.",
  ],
  source:
    "Liu et al. 2018, An intriguing failing of convolutional neural networks and the CoordConv solution (1807.03247)",
  async run({ size: wanted, channels, pictures: count, epochs, seed }, context) {
    const size = wanted - (wanted % 2);
    const train = crosses("crosses (training)", count, size, seed);
    const test = crosses("crosses (test)", 500, size, seed + 1);
    const body = (first: Layer, options: ConvolutionOptions) =>
      Sequential([first, ReLU(), Conv2d(channels, 3, options), ReLU(), GlobalAvgPool2d(), Flatten(), Linear(2)]);
    const circular: ConvolutionOptions = { padding: 1, paddingMode: "circular" };
    const models: Readonly<Record<string, Layer>> = {
      circular: body(Conv2d(channels, 3, circular), circular),
      zeros: body(Conv2d(channels, 3, { padding: 1 }), { padding: 1 }),
      "circular, CoordConv": body(CoordConv2d(channels, 3, circular), circular),
    };
    const rows = [];
    for (const [index, [name, model]] of Object.entries(models).entries()) {
      const { accuracy } = await learn(
        context,
        { name, index, of: 3 },
        model,
        { train, test },
        {
          epochs,
          batch: 32,
          seed,
          optimizer: Adam({ lr: 0.01 }),
          normalization: { mean: [0], std: [1] },
        },
      );
      rows.push({ name, accuracy });
    }
    const [circle, , coordinates] = rows;
    return {
      parts: [
        pictures({ top: pictureOf(test, test.labels.indexOf(0)), bottom: pictureOf(test, test.labels.indexOf(1)) }),
        table(
          ["network", "accuracy"],
          rows.map(({ name, accuracy }) => [name, `${(100 * accuracy).toFixed(1)} %`]),
        ),
        bars("accuracy", Object.fromEntries(rows.map(({ name, accuracy }) => [name, accuracy]))),
      ],
      checks: [
        below("circular: |accuracy − 1/2|, it guesses", Math.abs(circle.accuracy - 0.5), 0.06),
        above("CoordConv: accuracy", coordinates.accuracy, 0.98),
      ],
    };
  },
});
