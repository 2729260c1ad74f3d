// A learner's question: is the locality assumption true of my data?
import { Random } from "../../base/random.ts";
import type { Dataset } from "../../data/dataset.ts";
import type { Layer } from "../../nn/layer.ts";
import { ReLU } from "../../nn/layers/activation.ts";
import { Sequential } from "../../nn/layers/containers.ts";
import { Conv2d } from "../../nn/layers/convolution.ts";
import { Linear } from "../../nn/layers/linear.ts";
import { MaxPool2d } from "../../nn/layers/pooling.ts";
import { Flatten } from "../../nn/layers/shape.ts";
import { Adam } from "../../train/optimizers/optimizer.ts";
import { pictureOf, scatteredDigits, shuffled } from "../datasets.ts";
import { exhibit, whole } from "../exhibit.ts";
import { above, bars, below, pictures, table } from "../parts.ts";
import { learn } from "../training.ts";

export const pixelShuffle = exhibit({
  id: "pixel-shuffle",
  title: "Shuffle the pixels",
  group: "Equivariance and invariance",
  claim:
    "An MLP does not mind if all pictures have their pixels shuffled in the same way, because it knows no neighbours; a convolutional network does, because its assumption is then false.",
  formula:
    "MLP: W P x = (W P) x, another start and the same problem        CNN: neighbours in x are no neighbours in P x",
  parameters: {
    size: whole(16, 12, 24, "side of the picture in which the digits stand anywhere"),
    epochs: whole(25, 1, 200, "epochs"),
    hidden: whole(256, 16, 1024, "hidden units of the MLP"),
    seed: whole(0, 0, 1e6, "seed"),
  },
  trained: true,
  tryThis: ["Try it with your own data: if shuffling costs nothing, a convolution is the wrong assumption."],
  source: "Goodfellow, Bengio & Courville 2016, Deep Learning, chapter 9: an infinitely strong prior",
  async run({ size, epochs, hidden, seed }, context) {
    const split = await scatteredDigits(size, seed);
    const order = new Random(seed, "pixels").permutation(size * size);
    const mix = (data: Dataset): Dataset => shuffled(data, order);
    const data = { straight: split, shuffled: { train: mix(split.train), test: mix(split.test) } };
    const models: Readonly<Record<string, Layer>> = {
      MLP: Sequential([Flatten(), Linear(hidden), ReLU(), Linear(10)]),
      CNN: Sequential([
        ...[Conv2d(16, 3, { padding: 1 }), ReLU(), MaxPool2d(2)],
        ...[Conv2d(32, 3, { padding: 1 }), ReLU(), MaxPool2d(2)],
        ...[Flatten(), Linear(64), ReLU(), Linear(10)],
      ]),
    };
    const rows = [];
    let index = 0;
    for (const [name, model] of Object.entries(models)) {
      const scores: number[] = [];
      for (const [how, set] of Object.entries(data)) {
        const part = { name: `${name}, ${how}`, index: index++, of: 4 };
        scores.push(
          (await learn(context, part, model, set, { epochs, batch: 64, seed, optimizer: Adam({ lr: 0.001 }) }))
            .accuracy,
        );
      }
      rows.push({ name, straight: scores[0], shuffled: scores[1] });
    }
    const [mlp, cnn] = rows;
    const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
    return {
      parts: [
        pictures({ picture: pictureOf(split.test, 0), "the same, shuffled": pictureOf(data.shuffled.test, 0) }),
        table(
          ["network", "pictures", "shuffled", "lost"],
          rows.map((row) => [
            row.name,
            percent(row.straight),
            percent(row.shuffled),
            percent(row.straight - row.shuffled),
          ]),
        ),
        bars(
          "accuracy",
          Object.fromEntries(
            rows.flatMap((row) => [
              [row.name, row.straight],
              [`${row.name}, shuffled`, row.shuffled],
            ]),
          ),
        ),
      ],
      checks: [
        below("MLP: change of the accuracy", Math.abs(mlp.straight - mlp.shuffled), 0.08),
        above("CNN: accuracy lost", cnn.straight - cnn.shuffled, 0.15),
        above("CNN against MLP on true pictures", cnn.straight - mlp.straight, 0.1),
      ],
    };
  },
});
