// How often a shifted picture keeps its class.

import { subset } from "../../data/dataset.ts";
import type { Layer } from "../../nn/layer.ts";
import { ReLU } from "../../nn/layers/activation.ts";
import { Sequential } from "../../nn/layers/containers.ts";
import { Conv2d } from "../../nn/layers/convolution.ts";
import { Linear } from "../../nn/layers/linear.ts";
import { AdaptivePolyphase2d } from "../../nn/layers/polyphase.ts";
import { GlobalAvgPool2d, MaxPool2d } from "../../nn/layers/pooling.ts";
import { BlurPool } from "../../nn/layers/resize.ts";
import { CircularPad2d, Flatten } from "../../nn/layers/shape.ts";
import { Adam } from "../../train/optimizers/optimizer.ts";
import { enlargedDigits } from "../datasets.ts";
import { exhibit, whole } from "../exhibit.ts";
import { measureInvariance } from "../measure/equivariance.ts";
import { above, bars, equal, table } from "../parts.ts";
import { learn } from "../training.ts";

const halvings: Readonly<Record<string, () => Layer[]>> = {
  "max pooling": () => [MaxPool2d(2)],
  BlurPool: () => [CircularPad2d([0, 1, 0, 1]), MaxPool2d(2, { stride: 1 }), BlurPool({ paddingMode: "circular" })],
  "adaptive polyphase": () => [CircularPad2d([0, 1, 0, 1]), MaxPool2d(2, { stride: 1 }), AdaptivePolyphase2d()],
};

export const shiftConsistency = exhibit({
  id: "shift-consistency",
  title: "Does a shifted picture keep its class?",
  group: "Equivariance and invariance",
  claim:
    "A trained network with max pooling changes its mind when a picture is shifted; blurring before sub-sampling makes that rarer, and adaptive polyphase sampling ends it.",
  formula: "consistency = share of shifts with the class of the picture itself",
  parameters: {
    epochs: whole(30, 1, 200, "epochs"),
    channels: whole(16, 4, 64, "channels of the first layer; the others have twice as many"),
    pictures: whole(100, 10, 359, "test pictures that are shifted"),
    shifts: whole(2000, 200, 20000, "random shifts, of all pictures together"),
    seed: whole(0, 0, 1e6, "seed"),
  },
  trained: true,
  tryThis: ["The adaptive network is consistent before it has learnt anything: see the exhibit aliasing."],
  source: "Zhang 2019 (1904.11486); Chaman & Dokmanic 2021 (2011.14214)",
  async run({ epochs, channels, pictures, shifts, seed }, context) {
    const size = 16;
    const data = await enlargedDigits(1, size);
    const some = subset(
      data.test,
      Array.from({ length: pictures }, (_, i) => i),
    );
    const rows = [];
    for (const [index, [name, halve]] of Object.entries(halvings).entries()) {
      const conv = (filters: number) => [Conv2d(filters, 3, { padding: 1, paddingMode: "circular" }), ReLU()];
      const model = Sequential([
        ...[...conv(channels), ...halve()],
        ...[...conv(2 * channels), ...halve()],
        ...[...conv(2 * channels), GlobalAvgPool2d(), Flatten(), Linear(10)],
      ]);
      const { trained, accuracy } = await learn(context, { name, index, of: 3 }, model, data, {
        epochs,
        batch: 64,
        seed,
        optimizer: Adam({ lr: 0.01 }),
        schedule: { kind: "oneCycle" },
        normalization: { mean: [0], std: [1] },
      });
      const { agreement } = await measureInvariance(context.direct, model, some.images, {
        count: shifts,
        seed,
        state: trained.weights,
      });
      rows.push({ name, accuracy, agreement });
    }
    const [max, blur, adaptive] = rows;
    const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
    return {
      parts: [
        table(
          ["halving", "accuracy", "consistency"],
          rows.map((row) => [row.name, percent(row.accuracy), percent(row.agreement)]),
        ),
        bars("shifts that change the class", Object.fromEntries(rows.map((row) => [row.name, 1 - row.agreement]))),
      ],
      checks: [
        equal("adaptive polyphase: consistency", adaptive.agreement, 1),
        above("max pooling changes its mind: share of shifts", 1 - max.agreement, 0.005),
        above("BlurPool: fewer changes than max pooling, by", blur.agreement - max.agreement, 0),
        above("all three have learnt the digits: worst accuracy", Math.min(...rows.map((row) => row.accuracy)), 0.8),
      ],
    };
  },
});
