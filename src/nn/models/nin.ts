// Network in network: 1x1 convolutions after each spatial one, and no dense layer at the end.
// Lin, Chen & Yan 2013, in the form of Dive into Deep Learning.
import type { Layer } from "../layer.ts";
import { ReLU } from "../layers/activation.ts";
import { Sequential } from "../layers/containers.ts";
import { Conv2d } from "../layers/convolution.ts";
import { Dropout } from "../layers/dropout.ts";
import { GlobalAvgPool2d, MaxPool2d } from "../layers/pooling.ts";
import { Flatten } from "../layers/shape.ts";
import { book, type ModelEntry } from "./model.ts";

function ninBlock(channels: number, kernel: number, stride: number, padding: number): Layer {
  return Sequential({
    conv1: Conv2d(channels, kernel, { stride, padding }),
    relu1: ReLU(),
    conv2: Conv2d(channels, 1),
    relu2: ReLU(),
    conv3: Conv2d(channels, 1),
    relu3: ReLU(),
  });
}

function nin(classes: number): Layer {
  return Sequential({
    block1: ninBlock(96, 11, 4, 0),
    pool1: MaxPool2d(3, { stride: 2 }),
    block2: ninBlock(256, 5, 1, 2),
    pool2: MaxPool2d(3, { stride: 2 }),
    block3: ninBlock(384, 3, 1, 1),
    pool3: MaxPool2d(3, { stride: 2 }),
    dropout: Dropout(),
    block4: ninBlock(classes, 3, 1, 1),
    avgpool: GlobalAvgPool2d(),
    flatten: Flatten(),
  });
}

export const ninModels: readonly ModelEntry[] = [
  {
    name: "nin",
    about: "Network in network: 1x1 convolutions instead of dense layers",
    defaults: book(224),
    build: ({ classes }) => nin(classes),
  },
];
