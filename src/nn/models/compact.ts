// Compact networks for pictures of many sizes: a batch-normed 3x3 convolution at every step, and at the end the strongest answer
// anywhere in the picture, so that it does not matter where something is, nor how little of the picture it takes.
import type { Layer } from "../layer.ts";
import { ReLU } from "../layers/activation.ts";
import { Residual, Sequential } from "../layers/containers.ts";
import { Conv2d } from "../layers/convolution.ts";
import { Linear } from "../layers/linear.ts";
import { BatchNorm2d } from "../layers/normalization.ts";
import { GlobalMaxPool2d, MaxPool2d } from "../layers/pooling.ts";
import { Flatten } from "../layers/shape.ts";
import { book, type ModelEntry } from "./model.ts";

/** From this side on, one more step halves the picture at the start. */
const large = 48;

const stage = (channels: number): Layer =>
  Sequential({ conv: Conv2d(channels, 3, { padding: 1, bias: false }), bn: BatchNorm2d(), relu: ReLU() });

/** Pooled before it is normalised: the same maxima at a quarter of the work. */
const halving = (channels: number): Layer =>
  Sequential({
    conv: Conv2d(channels, 3, { padding: 1, bias: false }),
    pool: MaxPool2d(2),
    bn: BatchNorm2d(),
    relu: ReLU(),
  });

const twice = (channels: number): Layer => Residual(Sequential({ stage1: stage(channels), stage2: stage(channels) }));

const strongest = (classes: number): Readonly<Record<string, Layer>> => ({
  maxpool: GlobalMaxPool2d(),
  flatten: Flatten(),
  fc: Linear(classes),
});

/** Halved three times (twice if small), then two stages more: few enough weights for a few hundred pictures. */
const photos = (classes: number, side: number): Layer =>
  Sequential({
    ...(side >= large ? { start: halving(16) } : {}),
    stage1: halving(32),
    stage2: halving(64),
    stage3: stage(64),
    stage4: stage(64),
    ...strongest(classes),
  });

/** Two residual blocks between steps that halve (after "ResNet-9" of D. Page 2018, narrower, and halved earlier). */
const resnet10 = (classes: number, side: number): Layer =>
  Sequential({
    start: side >= large ? halving(16) : stage(16),
    stage1: halving(32),
    stage2: stage(64),
    block2: twice(64),
    pool2: MaxPool2d(2),
    stage3: stage(128),
    block3: twice(128),
    pool3: MaxPool2d(2),
    stage4: stage(256),
    ...strongest(classes),
  });

export const compactModels: readonly ModelEntry[] = [
  {
    name: "photos",
    about: "Five conv-BN stages and a global maximum; the default for folders of hundreds of pictures",
    defaults: { classes: 10, inChannels: 3, inputSize: 64 },
    build: ({ classes, inputSize }) => photos(classes, inputSize),
  },
  {
    name: "resnet10",
    about: "Ten layers, two residual blocks and a global maximum; the default for thousands of pictures",
    defaults: book(28),
    build: ({ classes, inputSize }) => resnet10(classes, inputSize),
  },
];
