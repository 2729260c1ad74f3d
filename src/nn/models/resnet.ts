// Residual networks: each block adds to its input. He, Zhang, Ren & Sun 2015, "Deep residual learning for image recognition".
// A basic block is two 3x3 convolutions; a bottleneck is 1x1, 3x3, 1x1 with four times the channels at the end. The stride
// sits in the 3x3 (torchvision, "V1.5") or in the first 1x1 (the paper), which changes the receptive field.
import { kaimingNormal } from "../init.ts";
import type { Layer } from "../layer.ts";
import { ReLU } from "../layers/activation.ts";
import { AdaptiveAvgPool2d } from "../layers/adaptive.ts";
import { StochasticDepth } from "../layers/blocks.ts";
import { Residual, Sequential } from "../layers/containers.ts";
import { Conv2d, type ConvolutionOptions } from "../layers/convolution.ts";
import { Linear } from "../layers/linear.ts";
import { BatchNorm2d } from "../layers/normalization.ts";
import { MaxPool2d } from "../layers/pooling.ts";
import { Flatten } from "../layers/shape.ts";
import { book, imageNet, type ModelEntry } from "./model.ts";

export interface ResNetDesign {
  readonly block: "basic" | "bottleneck";
  /** Blocks in each of the four layers. */
  readonly depths: readonly [number, number, number, number];
  /** imagenet: 7x7 stride 2 and a pooling; small: one 3x3, for pictures of about 32x32. */
  readonly stem: "imagenet" | "small";
  /** Which convolution of a bottleneck carries the stride. */
  readonly strideIn: "1x1" | "3x3";
  /** Biases in the convolutions and PyTorch's default start (the book's), or neither and Kaiming's (torchvision's). */
  readonly plain: boolean;
  /** Groups of the 3x3 of a bottleneck, which is then twice as wide; 1 unless told. */
  readonly groups?: 32;
}

/** A residual network of any design. */
export const resnet = (design: ResNetDesign, classes: number, stochasticDepth = 0): Layer =>
  Sequential({
    ...trunk(design, stochasticDepth),
    avgpool: AdaptiveAvgPool2d(1),
    flatten: Flatten(),
    fc: Linear(classes),
  });

/** All layers before the pooling that makes one number of a map. */
export function trunk(design: ResNetDesign, stochasticDepth = 0): Readonly<Record<string, Layer>> {
  const start: ConvolutionOptions = design.plain
    ? {}
    : { bias: false, init: kaimingNormal({ mode: "fanOut", nonlinearity: "relu" }) };
  const conv = (channels: number, kernel: 1 | 3 | 7, stride = 1, groups = 1): Layer =>
    Conv2d(channels, kernel, { stride, padding: (kernel - 1) / 2, ...(groups > 1 ? { groups } : {}), ...start });
  const inside = design.groups ? 2 : 1;
  const expansion = design.block === "basic" ? 1 : 4;

  const blocks = design.depths.reduce((sum, depth) => sum + depth, 0);
  let block = 0;
  /** The end of a branch: the later the block, the likelier it is left out (Huang et al. 2016). */
  const left = (): Readonly<Record<string, Layer>> => {
    const p = (stochasticDepth * ++block) / blocks;
    return p > 0 ? { depth: StochasticDepth(p) } : {};
  };
  const basic = (channels: number, stride: number): Layer =>
    Sequential({
      conv1: conv(channels, 3, stride),
      bn1: BatchNorm2d(),
      relu: ReLU(),
      conv2: conv(channels, 3),
      bn2: BatchNorm2d(),
      ...left(),
    });
  const bottleneck = (channels: number, stride: number): Layer =>
    Sequential({
      conv1: conv(inside * channels, 1, design.strideIn === "1x1" ? stride : 1),
      bn1: BatchNorm2d(),
      relu1: ReLU(),
      conv2: conv(inside * channels, 3, design.strideIn === "3x3" ? stride : 1, design.groups),
      bn2: BatchNorm2d(),
      relu2: ReLU(),
      conv3: conv(4 * channels, 1),
      bn3: BatchNorm2d(),
      ...left(),
    });
  // The shortcut needs a convolution where the size or the number of channels changes. The book's has no batch norm.
  const shortcut = (channels: number, stride: number): Layer =>
    Sequential([conv(channels, 1, stride), ...(design.plain ? [] : [BatchNorm2d()])]);

  const layer = (index: number): Layer => {
    const channels = 64 * 2 ** index;
    return Sequential(
      Array.from({ length: design.depths[index] }, (_, i) => {
        const stride = i === 0 && index > 0 ? 2 : 1;
        const changes = i === 0 && (index > 0 || expansion > 1);
        return Residual(design.block === "basic" ? basic(channels, stride) : bottleneck(channels, stride), {
          shortcut: changes ? shortcut(channels * expansion, stride) : undefined,
          after: ReLU(),
        });
      }),
    );
  };
  const small = design.stem === "small";
  return {
    conv1: small ? conv(64, 3) : conv(64, 7, 2),
    bn1: BatchNorm2d(),
    relu: ReLU(),
    ...(small ? {} : { maxpool: MaxPool2d(3, { stride: 2, padding: 1 }) }),
    layer1: layer(0),
    layer2: layer(1),
    layer3: layer(2),
    layer4: layer(3),
  };
}

/** ResNet-18 as in torchvision, without its head. */
export const resnet18Trunk = (): Readonly<Record<string, Layer>> => trunk({ ...torchvision, ...designs[18] });

const designs = {
  18: { block: "basic", depths: [2, 2, 2, 2] },
  34: { block: "basic", depths: [3, 4, 6, 3] },
  50: { block: "bottleneck", depths: [3, 4, 6, 3] },
  101: { block: "bottleneck", depths: [3, 4, 23, 3] },
  152: { block: "bottleneck", depths: [3, 8, 36, 3] },
} as const satisfies Record<number, Pick<ResNetDesign, "block" | "depths">>;

const torchvision = { stem: "imagenet", strideIn: "3x3", plain: false } as const;

export const resnetModels: readonly ModelEntry[] = [
  ...([18, 34, 50, 101, 152] as const).map(
    (depth): ModelEntry => ({
      name: `resnet${depth}`,
      about: `ResNet-${depth} as in torchvision`,
      defaults: imageNet(),
      stochasticDepth: true,
      build: ({ classes, stochasticDepth }) => resnet({ ...torchvision, ...designs[depth] }, classes, stochasticDepth),
    }),
  ),
  {
    name: "resnext50_32x4d",
    about: "ResNeXt-50 of 32 groups of 4 channels, as in torchvision",
    defaults: imageNet(),
    build: ({ classes }) => resnet({ ...torchvision, ...designs[50], groups: 32 }, classes),
  },
  {
    name: "resnet50-paper",
    about: "ResNet-50 with the stride in the 1x1, as in the paper",
    defaults: imageNet(),
    build: ({ classes }) => resnet({ ...torchvision, ...designs[50], strideIn: "1x1" }, classes),
  },
  {
    name: "resnet18-book",
    about: "ResNet-18 as in Dive into Deep Learning",
    defaults: book(96),
    build: ({ classes }) => resnet({ ...torchvision, ...designs[18], plain: true }, classes),
  },
  ...([18, 34] as const).map(
    (depth): ModelEntry => ({
      name: `resnet${depth}-small`,
      about: `ResNet-${depth} with a 3x3 stem, for pictures of about 32x32`,
      defaults: { inChannels: 3, classes: 10, inputSize: 32 },
      stochasticDepth: true,
      build: ({ classes, stochasticDepth }) =>
        resnet({ ...torchvision, ...designs[depth], stem: "small" }, classes, stochasticDepth),
    }),
  ),
];
