// Parameters and work are two things.
import { summary } from "../../analyze/summary.ts";
import { Sequential } from "../../nn/layers/containers.ts";
import { Conv2d } from "../../nn/layers/convolution.ts";
import { Linear } from "../../nn/layers/linear.ts";
import { Flatten } from "../../nn/layers/shape.ts";
import { createModel } from "../../nn/models/list.ts";
import { exhibit, whole } from "../exhibit.ts";
import { bars, close, equal, holds, table } from "../parts.ts";

export const fewerParametersMoreWork = exhibit({
  id: "fewer-parameters-more-work",
  title: "Fewer parameters, more work",
  group: "Why not a plain MLP",
  claim:
    "Fewer parameters is not less work: every weight of a convolution is used at every place, so it may cost more than the dense layer that it replaces.",
  formula: "MACs = places · filters · channels · k²        convolution / dense = k² · filters / hidden",
  parameters: {
    size: whole(1000, 8, 4000, "side of the picture"),
    channels: whole(3, 1, 64, "channels of the picture"),
    kernel: whole(7, 1, 7, "side of the kernel (stride 1, same padding)"),
    filters: whole(64, 1, 1024, "filters"),
    hidden: whole(1000, 1, 100000, "units of the dense layer"),
  },
  tryThis: [
    "Find the number of filters at which both cost the same: hidden / k².",
    "LeNet has a third of the MLP's parameters and twice its work; look where with `neocog inspect lenet`.",
  ],
  source: "Counted on the graph; FLOPs are twice the multiply-accumulates (MACs)",
  async run({ size, channels, kernel, filters, hidden }) {
    const input = [1, channels, size, size];
    const conv = summary(Conv2d(filters, kernel, { padding: "same" }), input);
    const dense = summary(Sequential([Flatten(), Linear(hidden)]), input);
    const [lenet, mlp] = ["lenet", "mlp"].map((name) => {
      const { layer, inputShape } = createModel(name);
      return summary(layer, [1, ...inputShape]);
    });
    const ratio = conv.macs / dense.macs;
    return {
      parts: [
        table(
          ["network", "parameters", "MACs", "MACs per parameter"],
          (
            [
              [`conv ${channels} -> ${filters}, ${kernel}x${kernel}`, conv],
              [`dense -> ${hidden}`, dense],
              ["LeNet", lenet],
              ["MLP 784-256-10", mlp],
            ] as const
          ).map(([name, total]) => [name, total.parameters, total.macs, total.macs / total.parameters]),
        ),
        bars(
          "MACs",
          { convolution: conv.macs, "dense layer": dense.macs, LeNet: lenet.macs, MLP: mlp.macs },
          { logarithmic: true },
        ),
      ],
      checks: [
        equal(
          "MACs of the convolution are places·filters·channels·k²",
          conv.macs,
          size ** 2 * filters * channels * kernel ** 2,
        ),
        equal("MACs of the dense layer are its weights", dense.macs, channels * size ** 2 * hidden),
        close("their ratio is k²·filters / hidden", ratio, (kernel ** 2 * filters) / hidden, 1e-9 * ratio),
        holds("the convolution has fewer parameters", conv.parameters < dense.parameters),
        holds("LeNet has fewer parameters than the MLP", lenet.parameters < mlp.parameters),
        holds("LeNet does more work than the MLP", lenet.macs > mlp.macs),
      ],
    };
  },
});
