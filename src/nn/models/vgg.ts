// VGG: five blocks of 3x3 convolutions, each ended by a pooling that halves the map.
// Simonyan & Zisserman 2014, "Very deep convolutional networks for large-scale image recognition". Names and start are
// torchvision's.
import { kaimingNormal, normal, zeros } from "../init.ts";
import type { Layer } from "../layer.ts";
import { ReLU } from "../layers/activation.ts";
import { AdaptiveAvgPool2d } from "../layers/adaptive.ts";
import { Sequential } from "../layers/containers.ts";
import { Conv2d } from "../layers/convolution.ts";
import { Dropout } from "../layers/dropout.ts";
import { Linear } from "../layers/linear.ts";
import { BatchNorm2d } from "../layers/normalization.ts";
import { MaxPool2d } from "../layers/pooling.ts";
import { Flatten } from "../layers/shape.ts";
import { book, imageNet, type ModelEntry } from "./model.ts";

const channels = [64, 128, 256, 512, 512];

/** Convolutions in each of the five blocks. */
const depths = { 11: [1, 1, 2, 2, 2], 13: [2, 2, 2, 2, 2], 16: [2, 2, 3, 3, 3], 19: [2, 2, 4, 4, 4] } as const;

function features(blocks: readonly number[], batchNorm: boolean): Layer {
  const init = kaimingNormal({ mode: "fanOut", nonlinearity: "relu" });
  const unit = (outChannels: number): Layer[] => [
    Conv2d(outChannels, 3, { padding: 1, init, biasInit: zeros }),
    ...(batchNorm ? [BatchNorm2d()] : []),
    ReLU(),
  ];
  return Sequential(
    blocks.flatMap((count, block) => [
      ...Array.from({ length: count }, () => unit(channels[block])).flat(),
      MaxPool2d(2),
    ]),
  );
}

function classifier(classes: number): Layer {
  const start = { init: normal(0, 0.01), biasInit: zeros };
  return Sequential([
    Linear(4096, start),
    ReLU(),
    Dropout(),
    Linear(4096, start),
    ReLU(),
    Dropout(),
    Linear(classes, start),
  ]);
}

function vgg(blocks: readonly number[], batchNorm: boolean, classes: number): Layer {
  return Sequential({
    features: features(blocks, batchNorm),
    avgpool: AdaptiveAvgPool2d(7),
    flatten: Flatten(),
    classifier: classifier(classes),
  });
}

/** The book's: no adaptive pooling, so the dense layers fit the input's size. */
function vggBook(blocks: readonly number[], classes: number): Layer {
  return Sequential({ features: features(blocks, false), flatten: Flatten(), classifier: classifier(classes) });
}

export const vggModels: readonly ModelEntry[] = ([11, 13, 16, 19] as const).flatMap((depth): ModelEntry[] => [
  {
    name: `vgg${depth}`,
    about: `VGG-${depth} as in torchvision`,
    defaults: imageNet(),
    build: ({ classes }) => vgg(depths[depth], false, classes),
  },
  {
    name: `vgg${depth}_bn`,
    about: `VGG-${depth} with batch norm, as in torchvision`,
    defaults: imageNet(),
    build: ({ classes }) => vgg(depths[depth], true, classes),
  },
  {
    name: `vgg${depth}-book`,
    about: `VGG-${depth} as in Dive into Deep Learning`,
    defaults: book(224),
    build: ({ classes }) => vggBook(depths[depth], classes),
  },
]);
