// A learner's question: what do more channels buy?
import { summary } from "../../analyze/summary.ts";
import { digits } from "../../data/digits.ts";
import { ReLU } from "../../nn/layers/activation.ts";
import { Sequential } from "../../nn/layers/containers.ts";
import { Conv2d } from "../../nn/layers/convolution.ts";
import { Linear } from "../../nn/layers/linear.ts";
import { GlobalAvgPool2d, MaxPool2d } from "../../nn/layers/pooling.ts";
import { Flatten } from "../../nn/layers/shape.ts";
import { Adam } from "../../train/optimizers/optimizer.ts";
import { exhibit, whole } from "../exhibit.ts";
import { above, curve, equal, holds, table } from "../parts.ts";
import { learn } from "../training.ts";

export const moreChannels = exhibit({
  id: "more-channels",
  title: "What do more channels buy?",
  group: "Channels, pooling, 1x1",
  claim:
    "A channel is one thing that is looked for; with more of them the same network tells more classes apart, with less and less gain, for parameters and work that grow with the square.",
  formula: "weights of a layer from c to c channels: k² c²",
  parameters: {
    widest: whole(32, 2, 64, "channels 1, 2, 4, … up to this"),
    epochs: whole(15, 1, 100, "epochs"),
    seed: whole(0, 0, 1e6, "seed"),
  },
  trained: true,
  tryThis: ["More epochs help the narrow networks a little, and never as much as a channel more."],
  source: "Dive into Deep Learning, 7.4; trained on the 8x8 digits that come with the package",
  async run({ widest, epochs, seed }, context) {
    const data = await digits();
    const widths: number[] = [];
    for (let c = 1; c <= widest; c *= 2) widths.push(c);
    const rows: {
      readonly c: number;
      readonly parameters: number;
      readonly macs: number;
      readonly accuracy: number;
      readonly loss: number;
      readonly conv2: number;
    }[] = [];
    for (const [index, c] of widths.entries()) {
      const model = Sequential({
        conv1: Conv2d(c, 3, { padding: 1 }),
        relu1: ReLU(),
        conv2: Conv2d(c, 3, { padding: 1 }),
        relu2: ReLU(),
        pool: MaxPool2d(2),
        conv3: Conv2d(c, 3, { padding: 1 }),
        relu3: ReLU(),
        average: GlobalAvgPool2d(),
        flatten: Flatten(),
        classes: Linear(10),
      });
      const { rows: layers, parameters, macs } = summary(model, [1, 1, 8, 8]);
      const part = { name: `${c} channel${c === 1 ? "" : "s"}`, index, of: widths.length };
      const { accuracy, history } = await learn(context, part, model, data, {
        epochs,
        batch: 32,
        seed,
        optimizer: Adam({ lr: 0.004 }),
      });
      const conv2 = layers.find(({ path }) => path === "conv2")!.parameters;
      rows.push({ c, parameters, macs, accuracy, loss: history.at(-1)!.train.loss, conv2 });
    }
    const [first, last] = [rows[0], rows[rows.length - 1]];
    return {
      parts: [
        table(
          ["channels", "parameters", "MACs", "training loss", "test accuracy"],
          rows.map((row) => [row.c, row.parameters, row.macs, row.loss, `${(100 * row.accuracy).toFixed(1)} %`]),
        ),
        curve("channels (powers of two)", "test accuracy", {
          accuracy: rows.map((row) => [Math.log2(row.c), row.accuracy] as const),
        }),
      ],
      checks: [
        ...rows.map(({ c, conv2 }) => equal(`${c}: numbers of the second layer, 9 c² + c`, conv2, 9 * c * c + c)),
        above("gain in accuracy from the narrowest to the widest", last.accuracy - first.accuracy, 0.2),
        holds(
          "the accuracy rises with every doubling (by noise it may lose a hundredth)",
          rows.every((row, i) => i === 0 || row.accuracy > rows[i - 1].accuracy - 0.01),
        ),
        holds(
          "the last doubling buys less than the first",
          rows.length < 3 || last.accuracy - rows[rows.length - 2].accuracy < rows[1].accuracy - first.accuracy + 0.05,
        ),
      ],
    };
  },
});
