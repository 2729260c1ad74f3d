// A network that should look at colours looks at places.
import type { Dataset } from "../../data/dataset.ts";
import { ReLU } from "../../nn/layers/activation.ts";
import { Sequential } from "../../nn/layers/containers.ts";
import { Conv2d, type ConvolutionOptions } from "../../nn/layers/convolution.ts";
import { Linear } from "../../nn/layers/linear.ts";
import { GlobalMaxPool2d } from "../../nn/layers/pooling.ts";
import { Flatten } from "../../nn/layers/shape.ts";
import { Adam } from "../../train/optimizers/optimizer.ts";
import { drawn, pictureOf } from "../datasets.ts";
import { exhibit, whole } from "../exhibit.ts";
import { above, bars, below, type Check, pictures, table } from "../parts.ts";
import { accuracyOn, learn } from "../training.ts";

const paddings: Readonly<Record<string, ConvolutionOptions>> = {
  valid: { padding: "valid" },
  "zero same": { padding: "same" },
  circular: { padding: "same", paddingMode: "circular" },
  full: { padding: "full" },
};

/** Two boxes side by side at the upper or lower edge; the class is which colour is left. */
function boxes(name: string, count: number, size: number, seed: number, swapped: boolean): Dataset {
  const side = 3;
  return drawn({ name, count, channels: 3, size, classes: ["red left", "green left"], seed }, (pixel, random) => {
    const label = random.below(2);
    const upper = (label === 0) !== swapped;
    const top = upper ? 0 : size - side;
    const left = random.below(size - 2 * side + 1);
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < 2 * side; x++) pixel(x < side === (label === 0) ? 0 : 1, top + y, left + x, 1);
    }
    return label;
  });
}

export const colouredBoxes = exhibit({
  id: "coloured-boxes",
  title: "Looking at places instead of colours",
  group: "Padding and stride",
  claim:
    "Where place and colour tell the same, networks with a border learn the place: trained on one half of the picture each, they fail when the halves are swapped; circular and full padding hide the border and do not.",
  formula: "class = order of the colours; training: red left above, green left below; swapped: the other way",
  parameters: {
    size: whole(16, 10, 32, "side of the picture"),
    layers: whole(3, 1, 6, "convolutions"),
    kernel: whole(5, 2, 7, "side of their kernels"),
    channels: whole(16, 4, 64, "channels of each"),
    pictures: whole(1000, 100, 10000, "training pictures"),
    epochs: whole(4, 1, 100, "epochs"),
    networks: whole(4, 1, 20, "networks of each padding; accuracies are their means"),
    seed: whole(0, 0, 1e6, "seed"),
  },
  trained: true,
  tryThis: [
    "`--networks 1` with other seeds: now and then one network with zero padding finds the colours after all; most do not.",
    "Other seeds, and other sizes: the place is the easier thing to learn wherever the border is seen.",
    "`--layers 6 --kernel 3`: biases make the zeros visible that full padding adds in the later layers, and it may fail too.",
  ],
  source: "Kayhan & van Gemert 2020, On translation invariance in CNNs (2003.07064)",
  async run({ size, layers: depth, kernel, channels, pictures: count, epochs, networks, seed }, context) {
    const train = boxes("boxes (training)", count, size, seed, false);
    const alike = boxes("boxes (same halves)", 500, size, seed, false);
    const swapped = boxes("boxes (swapped halves)", 500, size, seed, true);
    const rows: { readonly name: string; readonly same: number; readonly swapped: number }[] = [];
    for (const [index, [name, options]] of Object.entries(paddings).entries()) {
      const layers = Array.from({ length: depth }, () => [Conv2d(channels, kernel, options), ReLU()]).flat();
      const model = Sequential([...layers, GlobalMaxPool2d(), Flatten(), Linear(2)]);
      let [same, other] = [0, 0];
      for (let network = 0; network < networks; network++) {
        const { trained, accuracy } = await learn(
          context,
          { name: `${name} padding`, index: index * networks + network, of: 4 * networks },
          model,
          { train, test: alike },
          {
            epochs,
            batch: 32,
            seed: seed * networks + network,
            optimizer: Adam({ lr: 0.002 }),
            normalization: { mean: [0, 0, 0], std: [1, 1, 1] },
          },
        );
        same += accuracy / networks;
        other += (await accuracyOn(context, trained, swapped)) / networks;
      }
      rows.push({ name, same, swapped: other });
    }
    const find = (name: string) => rows.find((row) => row.name === name)!;
    const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
    return {
      parts: [
        pictures({
          "training: red left": pictureOf(train, train.labels.indexOf(0)),
          "green left": pictureOf(train, train.labels.indexOf(1)),
          "swapped: red left": pictureOf(swapped, swapped.labels.indexOf(0)),
        }),
        table(
          ["padding", "same halves", "swapped halves"],
          rows.map((row) => [row.name, percent(row.same), percent(row.swapped)]),
          `Mean accuracy of ${networks} ${networks === 1 ? "network" : "networks"}`,
        ),
        bars("accuracy on the swapped halves", Object.fromEntries(rows.map((row) => [row.name, row.swapped]))),
      ],
      checks: [
        ...["valid", "zero same"].flatMap((name): Check[] => [
          above(`${name}: accuracy on the same halves`, find(name).same, 0.95),
          below(`${name}: accuracy on the swapped halves`, find(name).swapped, 0.3),
        ]),
        ...["circular", "full"].map((name) =>
          below(`${name}: lost by swapping`, Math.abs(find(name).same - find(name).swapped), 0.02),
        ),
      ],
    };
  },
});
