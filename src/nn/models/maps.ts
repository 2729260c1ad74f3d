// Networks that give a map: one number a class and place, [batch, classes, height, width], as large as the picture.
//
// U-Net (Ronneberger, Fischer & Brox 2015): halved again and again and doubled as often, and each size sees the map of that size on
// the way down beside what comes up. Fully convolutional (Long, Shelhamer & Darrell 2014): a classifier's trunk, a class for each
// of its places, brought to size by bilinear interpolation; the head is torchvision's. The last two make pictures.
import type { Layer } from "../layer.ts";
import { ReLU, Tanh } from "../layers/activation.ts";
import { Branches, Identity, Sequential } from "../layers/containers.ts";
import { Conv2d, ConvTranspose2d } from "../layers/convolution.ts";
import { Dropout } from "../layers/dropout.ts";
import { BatchNorm2d } from "../layers/normalization.ts";
import { MaxPool2d } from "../layers/pooling.ts";
import { PixelShuffle, Upsample } from "../layers/resize.ts";
import type { ModelEntry } from "./model.ts";
import { resnet18Trunk } from "./resnet.ts";

/** Channels of the first maps; each halving doubles them. */
const first = 16;
/** How often the picture is halved at most. */
const deepest = 3;

/** Two convolutions 3x3 with batch norm and ReLU. */
const double = (channels: number): Layer =>
  Sequential({
    conv1: Conv2d(channels, 3, { padding: 1, bias: false }),
    bn1: BatchNorm2d(),
    relu1: ReLU(),
    conv2: Conv2d(channels, 3, { padding: 1, bias: false }),
    bn2: BatchNorm2d(),
    relu2: ReLU(),
  });

/** Maps of one size: down to the next, up again, and both joined. */
function level(channels: number, depth: number): Layer {
  if (depth === 0) return double(channels);
  const below = Sequential({
    pool: MaxPool2d(2),
    level: level(2 * channels, depth - 1),
    up: ConvTranspose2d(channels, 2, { stride: 2 }),
  });
  return Sequential({
    down: double(channels),
    joined: Branches({ here: Identity(), below }),
    up: double(channels),
  });
}

/** How often a size can be halved evenly. */
function halvings(size: number): number {
  let count = 0;
  while (count < deepest && size % 2 ** (count + 1) === 0) count++;
  return count;
}

const unet = (classes: number, inputSize: number): Layer =>
  Sequential({ body: level(first, halvings(inputSize)), head: Conv2d(classes, 1) });

const fcn = (classes: number): Layer =>
  Sequential({
    backbone: Sequential(resnet18Trunk()),
    classifier: Sequential([
      Conv2d(128, 3, { padding: 1, bias: false }),
      BatchNorm2d(),
      ReLU(),
      Dropout({ p: 0.1 }),
      Conv2d(classes, 1),
    ]),
    upsample: Upsample({ scaleFactor: 32, mode: "bilinear" }),
  });

/** Efficient sub-pixel convolution (Shi et al. 2016): all is computed at the small size, and channels become pixels at the end. */
const espcn = (channels: number, times: number): Layer =>
  Sequential({
    conv1: Conv2d(64, 5, { padding: 2 }),
    act1: Tanh(),
    conv2: Conv2d(32, 3, { padding: 1 }),
    act2: Tanh(),
    conv3: Conv2d(channels * times ** 2, 3, { padding: 1 }),
    shuffle: PixelShuffle(times),
  });

/** Numbers a place in the narrowest part of the autoencoder. */
const code = 8;

/** Halved as often as can be, to eight numbers a place, and back. */
function autoencoder(channels: number, inputSize: number): Layer {
  const widths = Array.from({ length: halvings(inputSize) }, (_, i) => first * 2 ** i);
  return Sequential({
    encoder: Sequential([
      ...widths.flatMap((width) => [Conv2d(width, 3, { stride: 2, padding: 1, bias: false }), BatchNorm2d(), ReLU()]),
      Conv2d(code, 1),
    ]),
    decoder: Sequential([
      ...widths
        .toReversed()
        .flatMap((width) => [ConvTranspose2d(width, 2, { stride: 2, bias: false }), BatchNorm2d(), ReLU()]),
      Conv2d(channels, 3, { padding: 1 }),
    ]),
  });
}

export const mapModels: readonly ModelEntry[] = [
  {
    name: "unet",
    about: "Small U-Net: a map a class, for segmentation and for making pictures; sizes that can be halved three times",
    defaults: { inChannels: 3, classes: 2, inputSize: 64 },
    maps: 1,
    build: ({ classes, inputSize }) => unet(classes, inputSize),
  },
  {
    name: "fcn-resnet18",
    about: "Fully convolutional head on ResNet-18: a map a class, for sizes that are multiples of 32",
    defaults: { inChannels: 3, classes: 21, inputSize: 224 },
    maps: 1,
    build: ({ classes }) => fcn(classes),
  },
  {
    name: "espcn",
    about: "Sub-pixel convolution: a picture of twice the size (super-resolution); classes are its channels",
    defaults: { inChannels: 3, classes: 3, inputSize: 32 },
    maps: 2,
    build: ({ classes }) => espcn(classes, 2),
  },
  {
    name: "autoencoder",
    about: "The picture again through 8 numbers a place of an eighth of its size; classes are its channels",
    defaults: { inChannels: 3, classes: 3, inputSize: 32 },
    maps: 1,
    build: ({ classes, inputSize }) => autoencoder(classes, inputSize),
  },
];
