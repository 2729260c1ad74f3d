// What the words mean, and the whole arithmetic of one unit.

import { describeUnit } from "../../analyze/connectivity.ts";
import { ndarray } from "../../base/array.ts";
import { sizeOf } from "../../base/shape.ts";
import { build } from "../../nn/build.ts";
import { ReLU } from "../../nn/layers/activation.ts";
import { Sequential } from "../../nn/layers/containers.ts";
import { Conv2d } from "../../nn/layers/convolution.ts";
import { initialState } from "../../nn/state.ts";
import { compute, noise } from "../compute.ts";
import { exhibit, whole } from "../exhibit.ts";
import { below, equal, numbers, pictures, table } from "../parts.ts";

export const channelAndUnit = exhibit({
  id: "channel-and-unit",
  title: "Filter, channel, unit",
  group: "The kernel",
  claim:
    "One filter gives one channel (a map); a unit is one place on it, and its value is nothing but its products, added up.",
  formula: "units = filters · rows · columns        unit = f(b + Σ_c Σ_r Σ_s w · x)",
  parameters: {
    filters: whole(6, 1, 64, "filters, and so maps"),
    channels: whole(1, 1, 8, "channels of the picture"),
    kernel: whole(5, 1, 11, "side of the kernel"),
    size: whole(28, 11, 64, "side of the picture"),
    channel: whole(0, 0, 63, "map of the unit"),
    row: whole(10, 0, 63, "row of the unit"),
    column: whole(10, 0, 63, "column of the unit"),
    seed: whole(0, 0, 1e6, "seed of picture and weights"),
  },
  tryThis: [
    "Take row 0 and column 0: most of the inputs are padding.",
    "With 3 channels there are three partial sums.",
  ],
  source: "Dive into Deep Learning, 7.1.4 and 7.2; LeNet's first layer has 4,704 units",
  async run({ filters, channels, kernel, size, channel, row, column, seed }, { engine }) {
    const padding = Math.floor(kernel / 2);
    const built = build(Sequential([Conv2d(filters, kernel, { padding }), ReLU()]), [1, channels, size, size], {
      seed,
    });
    const picture = noise([1, channels, size, size], seed);
    const state = initialState(built.variables);
    const { y } = await compute(engine, { y: built.output }, { input: picture }, state);
    const [, maps, rows, columns] = y.shape;
    const place = [Math.min(row, rows - 1), Math.min(column, columns - 1)] as const;
    const k = Math.min(channel, maps - 1);
    const weight = state.get("0.weight")!;
    const story = describeUnit({
      input: picture,
      weight,
      bias: state.get("0.bias")!,
      padding,
      channel: k,
      place,
      activation: (value) => Math.max(0, value),
    });
    const stored = y.data[(k * rows + place[0]) * columns + place[1]];
    const taps = (pick: (product: (typeof story.products)[number]) => number) =>
      ndarray([kernel, kernel], story.products.slice(0, kernel * kernel).map(pick));
    return {
      parts: [
        numbers({
          "units of the layer": sizeOf([maps, rows, columns]),
          "shape of a filter": `${channels} x ${kernel} x ${kernel}`,
        }),
        table(
          ["of the unit", "value"],
          [
            ...story.channels.map((one) => [`sum of channel ${one.channel}`, one.sum]),
            ["bias", story.bias],
            ["before ReLU", story.sum],
            ["after ReLU", story.value],
            ["stored by the engine", stored],
          ],
          `Unit [${k}, ${place.join(", ")}]`,
        ),
        pictures(
          { inputs: taps((p) => p.input), weights: taps((p) => p.weight), products: taps((p) => p.product) },
          { title: "Channel 0", separate: true },
        ),
      ],
      checks: [
        equal("a layer has filters·rows·columns units", sizeOf(y.shape), filters * rows * columns),
        equal("products in a unit: channels·k²", story.products.length, channels * kernel ** 2),
        below("the products add up to the stored value", Math.abs(story.value - stored), 1e-5),
      ],
    };
  },
});
