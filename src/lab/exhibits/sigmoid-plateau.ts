// A learner's question: why can a sigmoid LeNet sit at 10 %?
import { ndarray } from "../../base/array.ts";
import { gradients } from "../../compile/grad.ts";
import { type Dataset, subset } from "../../data/dataset.ts";
import { input } from "../../graph/graph.ts";
import { build } from "../../nn/build.ts";
import { defaultWeight, type Initialiser, xavierUniform } from "../../nn/init.ts";
import type { Layer } from "../../nn/layer.ts";
import { ReLU, Sigmoid } from "../../nn/layers/activation.ts";
import { Sequential } from "../../nn/layers/containers.ts";
import { Conv2d } from "../../nn/layers/convolution.ts";
import { Linear } from "../../nn/layers/linear.ts";
import { AvgPool2d } from "../../nn/layers/pooling.ts";
import { Flatten } from "../../nn/layers/shape.ts";
import { variableOf } from "../../nn/state.ts";
import { crossEntropy } from "../../ops/loss.ts";
import { SGD } from "../../train/optimizers/optimizer.ts";
import { compute } from "../compute.ts";
import { enlargedDigits } from "../datasets.ts";
import { exhibit, real, whole } from "../exhibit.ts";
import { above, bars, below, curve, table } from "../parts.ts";
import { type Learnt, learn } from "../training.ts";

function lenet(activation: () => Layer, init: Initialiser): Layer {
  return Sequential({
    conv1: Conv2d(6, 5, { padding: 2, init }),
    act1: activation(),
    pool1: AvgPool2d(2),
    conv2: Conv2d(16, 5, { init }),
    act2: activation(),
    pool2: AvgPool2d(2),
    flatten: Flatten(),
    fc1: Linear(120, { init }),
    act3: activation(),
    fc2: Linear(84, { init }),
    act4: activation(),
    fc3: Linear(10, { init }),
  });
}

export const sigmoidPlateau = exhibit({
  id: "sigmoid-plateau",
  title: "Why can a sigmoid LeNet sit at 10 %?",
  group: "Learning",
  claim:
    "Each sigmoid passes at most a quarter of the gradient, so the first layers of a sigmoid LeNet hardly move and it stays at guessing for epochs, where ReLU learns at once; a better start and a larger rate get it off.",
  formula: "σ′ ≤ 1/4: four sigmoids pass at most 1/256 of what four ReLUs may",
  parameters: {
    epochs: whole(10, 2, 100, "epochs"),
    rate: real(0.1, 0.001, 10, "learning rate of plain SGD for the sigmoid and the ReLU network"),
    larger: real(0.5, 0.001, 10, "learning rate of the rescued sigmoid network"),
    rescue: whole(45, 2, 200, "epochs of the rescued network"),
    seed: whole(0, 0, 1e6, "seed"),
  },
  trained: true,
  tryThis: ["Raise the rate of the sigmoid network step by step: the plateau shortens, then training breaks."],
  source: "Glorot & Bengio 2010, Understanding the difficulty of training deep feedforward neural networks",
  async run({ epochs, rate, larger, rescue, seed }, context) {
    const data = await enlargedDigits(3, 28);
    const cases = [
      ["sigmoid, usual start", lenet(Sigmoid, defaultWeight), rate, epochs],
      ["ReLU, usual start", lenet(ReLU, defaultWeight), rate, epochs],
      ["sigmoid, Xavier's start, larger rate", lenet(Sigmoid, xavierUniform()), larger, rescue],
    ] as const;
    const rows: (Learnt & { readonly name: string; readonly norms: Awaited<ReturnType<typeof gradientNorms>> })[] = [];
    for (const [index, [name, model, lr, count]] of cases.entries()) {
      const norms = await gradientNorms(
        context.engine,
        model,
        subset(
          data.train,
          Array.from({ length: 64 }, (_, i) => i),
        ),
        seed,
      );
      const learnt = await learn(context, { name, index, of: 3 }, model, data, {
        epochs: count,
        batch: 32,
        seed,
        optimizer: SGD({ lr }),
      });
      rows.push({ name, norms, ...learnt });
    }
    const [sigmoid, relu, rescued] = rows;
    const ratio = (row: (typeof rows)[number]): number => row.norms.conv1 / row.norms.fc3;
    return {
      parts: [
        table(
          ["network", "gradient of conv1", "of fc3", "ratio"],
          rows.map((row) => [row.name, row.norms.conv1, row.norms.fc3, ratio(row)]),
          "Size of the gradient of the weights at the start (root mean square)",
        ),
        bars("ratio conv1 / fc3", Object.fromEntries(rows.map((row) => [row.name, ratio(row)])), { logarithmic: true }),
        table(
          ["network", "test accuracy"],
          rows.map((row) => [row.name, `${(100 * row.accuracy).toFixed(1)} %`]),
        ),
        curve(
          "epoch",
          "training accuracy",
          Object.fromEntries(
            rows.map((row) => [row.name, row.history.map(({ epoch, train }) => [epoch, train.accuracy] as const)]),
          ),
        ),
      ],
      checks: [
        below("sigmoid, usual start: accuracy after training", sigmoid.accuracy, 0.15),
        above("ReLU: accuracy", relu.accuracy, 0.9),
        above("sigmoid, rescued: accuracy", rescued.accuracy, 0.8),
        below(
          "of what reaches the last layer's weights, sigmoid passes on to the first less than ReLU, by",
          ratio(sigmoid) / ratio(relu),
          0.1,
        ),
      ],
    };
  },
});

/** Root mean square of the gradient of each layer's weight at the start. */
async function gradientNorms(
  engine: Parameters<typeof compute>[0],
  model: Layer,
  some: Dataset,
  seed: number,
): Promise<Record<"conv1" | "fc3", number>> {
  const built = build(model, some.images.shape, { seed });
  const labels = input("labels", [some.labels.length], "int32");
  const loss = crossEntropy(built.output, labels);
  const weight = (layer: string) => built.variables.find((one) => variableOf(one).name === `${layer}.weight`)!;
  const [first, last] = gradients([loss], [weight("conv1"), weight("fc3")]);
  const found = await compute(
    engine,
    { first, last },
    {
      input: some.images,
      labels: ndarray([some.labels.length], some.labels, "int32"),
    },
  );
  const rms = (data: ArrayLike<number>): number =>
    Math.sqrt(Array.from(data).reduce((sum, value) => sum + value * value, 0) / data.length);
  return { conv1: rms(found.first.data), fc3: rms(found.last.data) };
}
