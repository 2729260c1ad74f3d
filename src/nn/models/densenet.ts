// DenseNet: every layer reads the outputs of all layers before it and adds `growth` channels.
// Huang, Liu, van der Maaten & Weinberger 2016, "Densely connected convolutional networks"; torchvision's 121 (with 1x1
// bottlenecks) and the book's small one.
import { kaimingNormal, zeros } from "../init.ts";
import type { Layer } from "../layer.ts";
import { ReLU } from "../layers/activation.ts";
import { AdaptiveAvgPool2d } from "../layers/adaptive.ts";
import { Branches, Identity, Sequential } from "../layers/containers.ts";
import { Conv2d, type ConvolutionOptions } from "../layers/convolution.ts";
import { Linear } from "../layers/linear.ts";
import { BatchNorm2d } from "../layers/normalization.ts";
import { AvgPool2d, MaxPool2d } from "../layers/pooling.ts";
import { Flatten } from "../layers/shape.ts";
import { book, imageNet, type ModelEntry } from "./model.ts";

interface DenseNetDesign {
  readonly growth: number;
  /** Layers in each block. */
  readonly depths: readonly number[];
  /** A 1x1 to four times the growth before each 3x3. */
  readonly bottleneck: boolean;
  /** Biases and PyTorch's default start (the book's), or neither and Kaiming's (torchvision's). */
  readonly plain: boolean;
}

/** The input, and beside it what the body makes of it. */
const grow = (body: Layer): Layer =>
  Branches([
    ["", Identity()],
    ["", body],
  ]);

function densenet({ growth, depths, bottleneck, plain }: DenseNetDesign, classes: number): Layer {
  const start: ConvolutionOptions = plain ? {} : { bias: false, init: kaimingNormal() };
  const denseLayer = (): Layer =>
    grow(
      Sequential({
        norm1: BatchNorm2d(),
        relu1: ReLU(),
        ...(bottleneck ? { conv1: Conv2d(4 * growth, 1, start), norm2: BatchNorm2d(), relu2: ReLU() } : {}),
        [bottleneck ? "conv2" : "conv1"]: Conv2d(growth, 3, { padding: 1, ...start }),
      }),
    );
  const denseBlock = (count: number): Layer =>
    Sequential(Array.from({ length: count }, (_, i) => [`denselayer${i + 1}`, denseLayer()] as const));
  const transition = (channels: number): Layer =>
    Sequential({ norm: BatchNorm2d(), relu: ReLU(), conv: Conv2d(channels, 1, start), pool: AvgPool2d(2) });

  const features: Record<string, Layer> = {
    conv0: Conv2d(64, 7, { stride: 2, padding: 3, ...start }),
    norm0: BatchNorm2d(),
    relu0: ReLU(),
    pool0: MaxPool2d(3, { stride: 2, padding: 1 }),
  };
  let channels = 64;
  depths.forEach((count, i) => {
    features[`denseblock${i + 1}`] = denseBlock(count);
    channels += count * growth;
    if (i === depths.length - 1) return;
    // A transition halves both the map and the channels.
    channels = Math.floor(channels / 2);
    features[`transition${i + 1}`] = transition(channels);
  });
  features.norm5 = BatchNorm2d();
  return Sequential({
    features: Sequential(features),
    relu: ReLU(),
    avgpool: AdaptiveAvgPool2d(1),
    flatten: Flatten(),
    classifier: Linear(classes, plain ? {} : { biasInit: zeros }),
  });
}

export const densenetModels: readonly ModelEntry[] = [
  {
    name: "densenet121",
    about: "DenseNet-121 as in torchvision",
    defaults: imageNet(),
    build: ({ classes }) => densenet({ growth: 32, depths: [6, 12, 24, 16], bottleneck: true, plain: false }, classes),
  },
  {
    name: "densenet-book",
    about: "DenseNet (4, 4, 4, 4), growth 32, as in Dive into Deep Learning",
    defaults: book(96),
    build: ({ classes }) => densenet({ growth: 32, depths: [4, 4, 4, 4], bottleneck: false, plain: true }, classes),
  },
];
