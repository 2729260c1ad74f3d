// AlexNet: the book's, with the paper's channels, and torchvision's ("One weird trick", 2014).
// Krizhevsky, Sutskever & Hinton 2012, "ImageNet classification with deep convolutional neural networks".
import type { Layer } from "../layer.ts";
import { ReLU } from "../layers/activation.ts";
import { AdaptiveAvgPool2d } from "../layers/adaptive.ts";
import { Sequential } from "../layers/containers.ts";
import { Conv2d } from "../layers/convolution.ts";
import { Dropout } from "../layers/dropout.ts";
import { Linear } from "../layers/linear.ts";
import { MaxPool2d } from "../layers/pooling.ts";
import { Flatten } from "../layers/shape.ts";
import { book, imageNet, type ModelEntry } from "./model.ts";

function alexnet(classes: number): Layer {
  return Sequential({
    features: Sequential([
      Conv2d(64, 11, { stride: 4, padding: 2 }),
      ReLU(),
      MaxPool2d(3, { stride: 2 }),
      Conv2d(192, 5, { padding: 2 }),
      ReLU(),
      MaxPool2d(3, { stride: 2 }),
      Conv2d(384, 3, { padding: 1 }),
      ReLU(),
      Conv2d(256, 3, { padding: 1 }),
      ReLU(),
      Conv2d(256, 3, { padding: 1 }),
      ReLU(),
      MaxPool2d(3, { stride: 2 }),
    ]),
    avgpool: AdaptiveAvgPool2d(6),
    flatten: Flatten(),
    classifier: Sequential([Dropout(), Linear(4096), ReLU(), Dropout(), Linear(4096), ReLU(), Linear(classes)]),
  });
}

function alexnetBook(classes: number): Layer {
  return Sequential({
    conv1: Conv2d(96, 11, { stride: 4, padding: 1 }),
    relu1: ReLU(),
    pool1: MaxPool2d(3, { stride: 2 }),
    conv2: Conv2d(256, 5, { padding: 2 }),
    relu2: ReLU(),
    pool2: MaxPool2d(3, { stride: 2 }),
    conv3: Conv2d(384, 3, { padding: 1 }),
    relu3: ReLU(),
    conv4: Conv2d(384, 3, { padding: 1 }),
    relu4: ReLU(),
    conv5: Conv2d(256, 3, { padding: 1 }),
    relu5: ReLU(),
    pool5: MaxPool2d(3, { stride: 2 }),
    flatten: Flatten(),
    fc1: Linear(4096),
    relu6: ReLU(),
    dropout1: Dropout(),
    fc2: Linear(4096),
    relu7: ReLU(),
    dropout2: Dropout(),
    fc3: Linear(classes),
  });
}

export const alexnetModels: readonly ModelEntry[] = [
  {
    name: "alexnet",
    about: "AlexNet as in torchvision",
    defaults: imageNet(),
    build: ({ classes }) => alexnet(classes),
  },
  {
    name: "alexnet-book",
    about: "AlexNet as in Dive into Deep Learning",
    defaults: book(224),
    build: ({ classes }) => alexnetBook(classes),
  },
];
