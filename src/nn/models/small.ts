// Small networks of our own: the defaults of `train` and the one that benchmarks train.
import type { Layer } from "../layer.ts";
import { ReLU } from "../layers/activation.ts";
import { Sequential } from "../layers/containers.ts";
import { Conv2d } from "../layers/convolution.ts";
import { Dropout } from "../layers/dropout.ts";
import { Linear } from "../layers/linear.ts";
import { BatchNorm2d } from "../layers/normalization.ts";
import { GlobalAvgPool2d, MaxPool2d } from "../layers/pooling.ts";
import { Flatten } from "../layers/shape.ts";
import { book, type ModelEntry } from "./model.ts";

/** Convolution 3x3, batch norm, ReLU. The shift of batch norm makes a bias needless. */
function stage(channels: number): Layer {
  return Sequential({ conv: Conv2d(channels, 3, { padding: 1, bias: false }), bn: BatchNorm2d(), relu: ReLU() });
}

/** 8x8 → two stages → 4x4 → one stage → 2x2 → classes. */
function digits(classes: number): Layer {
  return Sequential({
    stage1: stage(16),
    stage2: stage(32),
    pool1: MaxPool2d(2),
    stage3: stage(64),
    pool2: MaxPool2d(2),
    flatten: Flatten(),
    dropout: Dropout({ p: 0.25 }),
    fc: Linear(classes),
  });
}

/** 28x28 → 14x14 → 7x7 → 3x3, then a dense layer. */
function fashion(classes: number): Layer {
  return Sequential({
    stage1: stage(16),
    pool1: MaxPool2d(2),
    stage2: stage(32),
    stage3: stage(32),
    pool2: MaxPool2d(2),
    stage4: stage(64),
    stage5: stage(64),
    pool3: MaxPool2d(2),
    flatten: Flatten(),
    dropout: Dropout({ p: 0.3 }),
    fc1: Linear(128),
    relu: ReLU(),
    fc2: Linear(classes),
  });
}

/** Five stages of 32, 32, 64, 64, 128 channels, pooled twice: what the speed of training is compared on. */
function bench(classes: number): Layer {
  return Sequential({
    stage1: stage(32),
    stage2: stage(32),
    pool1: MaxPool2d(2),
    stage3: stage(64),
    stage4: stage(64),
    pool2: MaxPool2d(2),
    stage5: stage(128),
    avgpool: GlobalAvgPool2d(),
    flatten: Flatten(),
    fc: Linear(classes),
  });
}

export const smallModels: readonly ModelEntry[] = [
  {
    name: "digits",
    about: "Three conv-BN stages for 8x8 pictures; the default for digits",
    defaults: book(8),
    build: ({ classes }) => digits(classes),
  },
  {
    name: "fashion",
    about: "Five conv-BN stages for 28x28 pictures; the default for Fashion-MNIST",
    defaults: book(28),
    build: ({ classes }) => fashion(classes),
  },
  {
    name: "bench",
    about: "Five conv-BN stages at 28x28; what training speed is measured on",
    defaults: book(28),
    build: ({ classes }) => bench(classes),
  },
];
