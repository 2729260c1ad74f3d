// GoogLeNet: inception blocks of four branches with different windows, joined along the channels.
//
//   1x1 ────────────┐
//   1x1 → 3x3 ──────┤
//   1x1 → 5x5 ──────┼─ channels        (torchvision's third branch has a 3x3 instead, which its weights keep)
//   pool → 1x1 ─────┘
//
// Szegedy et al. 2014, "Going deeper with convolutions"; the book's plain form and torchvision's with batch norm, without
// the two helper classifiers.
import { truncNormal } from "../init.ts";
import type { Layer } from "../layer.ts";
import { ReLU } from "../layers/activation.ts";
import { AdaptiveAvgPool2d } from "../layers/adaptive.ts";
import { Branches, Sequential } from "../layers/containers.ts";
import { Conv2d, type ConvolutionOptions } from "../layers/convolution.ts";
import { Dropout } from "../layers/dropout.ts";
import { Linear } from "../layers/linear.ts";
import { BatchNorm2d } from "../layers/normalization.ts";
import { MaxPool2d } from "../layers/pooling.ts";
import { Flatten } from "../layers/shape.ts";
import { book, imageNet, type ModelEntry } from "./model.ts";

/** Channels: 1x1; 1x1 and 3x3; 1x1 and the large window; after pooling. */
type Inception = readonly [number, readonly [number, number], readonly [number, number], number];

const table = {
  inception3a: [64, [96, 128], [16, 32], 32],
  inception3b: [128, [128, 192], [32, 96], 64],
  inception4a: [192, [96, 208], [16, 48], 64],
  inception4b: [160, [112, 224], [24, 64], 64],
  inception4c: [128, [128, 256], [24, 64], 64],
  inception4d: [112, [144, 288], [32, 64], 64],
  inception4e: [256, [160, 320], [32, 128], 128],
  inception5a: [256, [160, 320], [32, 128], 128],
  inception5b: [384, [192, 384], [48, 128], 128],
} as const satisfies Record<string, Inception>;

type Unit = (channels: number, kernel: number, options?: ConvolutionOptions) => Layer;
type Block = (name: keyof typeof table) => Layer;

const inceptions =
  (unit: Unit, large: 3 | 5): Block =>
  (name) => {
    const [one, three, wide, pooled] = table[name];
    return Branches({
      branch1: unit(one, 1),
      branch2: Sequential([unit(three[0], 1), unit(three[1], 3, { padding: 1 })]),
      branch3: Sequential([unit(wide[0], 1), unit(wide[1], large, { padding: (large - 1) / 2 })]),
      branch4: Sequential([MaxPool2d(3, { stride: 1, padding: 1 }), unit(pooled, 1)]),
    });
  };

/** All before the classifier; `pool` makes the pooling that ends stage 1 to 4. */
function body(unit: Unit, block: Block, pool: (stage: number) => Layer): Record<string, Layer> {
  return {
    conv1: unit(64, 7, { stride: 2, padding: 3 }),
    maxpool1: pool(1),
    conv2: unit(64, 1),
    conv3: unit(192, 3, { padding: 1 }),
    maxpool2: pool(2),
    inception3a: block("inception3a"),
    inception3b: block("inception3b"),
    maxpool3: pool(3),
    inception4a: block("inception4a"),
    inception4b: block("inception4b"),
    inception4c: block("inception4c"),
    inception4d: block("inception4d"),
    inception4e: block("inception4e"),
    maxpool4: pool(4),
    inception5a: block("inception5a"),
    inception5b: block("inception5b"),
    avgpool: AdaptiveAvgPool2d(1),
    flatten: Flatten(),
  };
}

function googlenet(classes: number): Layer {
  const init = truncNormal(0, 0.01, -2, 2);
  const unit: Unit = (channels, kernel, options) =>
    Sequential({
      conv: Conv2d(channels, kernel, { bias: false, init, ...options }),
      bn: BatchNorm2d({ eps: 0.001 }),
      relu: ReLU(),
    });
  // Windows of 3, the last one of 2, and a last window may hang over the edge.
  const pool = (stage: number): Layer => MaxPool2d(stage === 4 ? 2 : 3, { stride: 2, ceilMode: true });
  return Sequential({
    ...body(unit, inceptions(unit, 3), pool),
    dropout: Dropout({ p: 0.2 }),
    fc: Linear(classes, { init }),
  });
}

function googlenetBook(classes: number): Layer {
  const unit: Unit = (channels, kernel, options) =>
    Sequential({ conv: Conv2d(channels, kernel, options), relu: ReLU() });
  const pool = (): Layer => MaxPool2d(3, { stride: 2, padding: 1 });
  return Sequential({ ...body(unit, inceptions(unit, 5), pool), fc: Linear(classes) });
}

export const googlenetModels: readonly ModelEntry[] = [
  {
    name: "googlenet",
    about: "GoogLeNet with batch norm, as in torchvision (without helper classifiers)",
    defaults: imageNet(),
    build: ({ classes }) => googlenet(classes),
  },
  {
    name: "googlenet-book",
    about: "GoogLeNet as in Dive into Deep Learning",
    defaults: book(96),
    build: ({ classes }) => googlenetBook(classes),
  },
];
