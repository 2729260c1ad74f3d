// What a dense layer on a large picture would hold.
import { summary } from "../../analyze/summary.ts";
import { Sequential } from "../../nn/layers/containers.ts";
import { Linear } from "../../nn/layers/linear.ts";
import { Flatten } from "../../nn/layers/shape.ts";
import { exhibit, whole } from "../exhibit.ts";
import { bars, equal, table, text } from "../parts.ts";

const gigabytes = (bytes: number): number => bytes / 1e9;

export const denseParameters = exhibit({
  id: "dense-parameters",
  title: "A dense layer on a megapixel",
  group: "Why not a plain MLP",
  claim:
    "A dense layer from a picture of one megapixel to 1,000 hidden units has a thousand million weights, three times that in colour.",
  formula: "weights = channels · height · width · hidden        Adam holds four copies of them, 4 bytes each",
  parameters: {
    height: whole(1000, 1, 20000, "rows of the picture"),
    width: whole(1000, 1, 20000, "columns of the picture"),
    hidden: whole(1000, 1, 100000, "units of the hidden layer"),
    channels: whole(3, 1, 64, "channels of the coloured picture"),
  },
  tryThis: [
    "Halve height and width: the weights fall to a quarter.",
    "Set height and width to 28 and hidden to 256: MNIST is the size at which an MLP is no trouble.",
  ],
  source: "Dive into Deep Learning, 7.1 From fully connected layers to convolutions",
  async run({ height, width, hidden, channels }) {
    const model = Sequential([Flatten(), Linear(hidden)]);
    const rows = [...new Set([1, channels])].map((c) => ({ c, total: summary(model, [1, c, height, width]) }));
    return {
      parts: [
        table(
          ["picture", "weights", "with biases", "weights (GB)", "with Adam (GB)"],
          rows.map(({ c, total }) => {
            const weights = total.parameters - hidden;
            return [
              `${c} x ${height} x ${width}`,
              weights,
              total.parameters,
              gigabytes(4 * weights),
              gigabytes(16 * weights),
            ];
          }),
        ),
        bars(
          "GB in float32",
          Object.fromEntries(
            rows.flatMap(({ c, total }) => [
              [`${c} channel${c === 1 ? "" : "s"}, weights`, gigabytes(4 * (total.parameters - hidden))],
              [`${c} channel${c === 1 ? "" : "s"}, training`, gigabytes(16 * (total.parameters - hidden))],
            ]),
          ),
        ),
        text(
          "The graph is built and counted, and nothing is allocated. Such a layer does fit many of today's GPUs; it is a waste, not an impossibility.",
        ),
      ],
      checks: rows.map(({ c, total }) =>
        equal(
          `${c} channel${c === 1 ? "" : "s"}: the built layer has channels·height·width·hidden + hidden numbers`,
          total.parameters,
          c * height * width * hidden + hidden,
        ),
      ),
    };
  },
});
