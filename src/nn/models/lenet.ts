// LeNet-5 and the models without convolutions that it is compared with.
// LeCun, Bottou, Bengio & Haffner 1998, "Gradient-based learning applied to document recognition", as in Dive into Deep
// Learning: 28x28 pictures, padding 2, a plain last layer.
//
//   28x28 → conv 5x5 (6) → pool → 14x14 → conv 5x5 (16) → pool → 5x5 → 120 → 84 → classes        61,706 parameters
import { xavierUniform } from "../init.ts";
import type { Layer } from "../layer.ts";
import { ReLU, Sigmoid } from "../layers/activation.ts";
import { Sequential } from "../layers/containers.ts";
import { Conv2d } from "../layers/convolution.ts";
import { Linear } from "../layers/linear.ts";
import { AvgPool2d, MaxPool2d } from "../layers/pooling.ts";
import { Flatten } from "../layers/shape.ts";
import { book, type ModelEntry } from "./model.ts";

function lenet(classes: number, activation: () => Layer, pool: () => Layer): Layer {
  // Sigmoids saturate under PyTorch's default start; the book starts them with Xavier's.
  const init = xavierUniform();
  return Sequential({
    conv1: Conv2d(6, 5, { padding: 2, init }),
    act1: activation(),
    pool1: pool(),
    conv2: Conv2d(16, 5, { init }),
    act2: activation(),
    pool2: pool(),
    flatten: Flatten(),
    fc1: Linear(120, { init }),
    act3: activation(),
    fc2: Linear(84, { init }),
    act4: activation(),
    fc3: Linear(classes, { init }),
  });
}

export const lenetModels: readonly ModelEntry[] = [
  {
    name: "lenet",
    about: "LeNet-5 of 1998: sigmoids and average pooling",
    defaults: book(28),
    build: ({ classes }) =>
      lenet(
        classes,
        () => Sigmoid(),
        () => AvgPool2d(2),
      ),
  },
  {
    name: "lenet-modern",
    about: "LeNet-5 with ReLU and max pooling",
    defaults: book(28),
    build: ({ classes }) =>
      lenet(
        classes,
        () => ReLU(),
        () => MaxPool2d(2),
      ),
  },
  {
    name: "mlp",
    about: "One hidden layer of 256 units; sees no neighbourhood",
    defaults: book(28),
    build: ({ classes }) => Sequential({ flatten: Flatten(), fc1: Linear(256), act1: ReLU(), fc2: Linear(classes) }),
  },
  {
    name: "softmax-regression",
    about: "One linear layer: the simplest classifier",
    defaults: book(28),
    build: ({ classes }) => Sequential({ flatten: Flatten(), fc: Linear(classes) }),
  },
];
