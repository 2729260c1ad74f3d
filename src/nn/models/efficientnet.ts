// EfficientNet: inverted residuals with squeeze-and-excitation and swish, widened and deepened together.
// Tan & Le 2019, "EfficientNet: rethinking model scaling for convolutional neural networks"; names and start are torchvision's.
import { uniform, zeros } from "../init.ts";
import type { Layer } from "../layer.ts";
import { SiLU } from "../layers/activation.ts";
import { AdaptiveAvgPool2d } from "../layers/adaptive.ts";
import { SqueezeExcitation } from "../layers/blocks.ts";
import { Sequential } from "../layers/containers.ts";
import { Dropout } from "../layers/dropout.ts";
import { Linear } from "../layers/linear.ts";
import { Flatten } from "../layers/shape.ts";
import { imageNet, type ModelEntry } from "./model.ts";
import { around, dividedByEight, fanOut, unit } from "./units.ts";

/** Expansion, kernel, stride of the first, channels, blocks. */
const stages = [
  [1, 3, 1, 16, 1],
  [6, 3, 2, 24, 2],
  [6, 5, 2, 40, 2],
  [6, 3, 2, 80, 3],
  [6, 5, 1, 112, 3],
  [6, 5, 2, 192, 4],
  [6, 3, 1, 320, 1],
] as const;

/** Width, depth, dropout, picture. */
const sizes = {
  b0: [1, 1, 0.2, 224],
  b1: [1, 1.1, 0.2, 240],
  b2: [1.1, 1.2, 0.3, 288],
  b3: [1.2, 1.4, 0.3, 300],
  b4: [1.4, 1.8, 0.4, 380],
} as const;

const activation = SiLU;

function block(
  inChannels: number,
  expansion: number,
  kernel: number,
  stride: number,
  channels: number,
  p: number,
): Layer {
  const inside = dividedByEight(inChannels * expansion);
  const start = { activation: "silu", init: fanOut, biasInit: zeros } as const;
  const body = Sequential({
    block: Sequential([
      ...(inside === inChannels ? [] : [unit(inside, 1, { activation })]),
      unit(inside, kernel, { stride, groups: inside, activation }),
      SqueezeExcitation(Math.max(1, Math.floor(inChannels / 4)), start),
      unit(channels, 1),
    ]),
  });
  return stride === 1 && inChannels === channels ? around(body, p) : body;
}

function efficientnet([width, depth, dropout]: readonly number[], classes: number): Layer {
  const widened = (channels: number): number => dividedByEight(channels * width);
  const counts = stages.map(([, , , , count]) => Math.ceil(count * depth));
  const total = counts.reduce((sum, count) => sum + count, 0);
  const features = [unit(widened(32), 3, { stride: 2, activation })];
  let inChannels = widened(32);
  let done = 0;
  stages.forEach(([expansion, kernel, stride, channels], stage) => {
    const blocks: Layer[] = [];
    for (let i = 0; i < counts[stage]; i++) {
      // The deeper a block, the more often it is left out.
      blocks.push(
        block(inChannels, expansion, kernel, i === 0 ? stride : 1, widened(channels), (0.2 * done++) / total),
      );
      inChannels = widened(channels);
    }
    features.push(Sequential(blocks));
  });
  features.push(unit(4 * inChannels, 1, { activation }));
  const bound = 1 / Math.sqrt(classes);
  return Sequential({
    features: Sequential(features),
    avgpool: AdaptiveAvgPool2d(1),
    flatten: Flatten(),
    classifier: Sequential([
      Dropout({ p: dropout }),
      Linear(classes, { init: uniform(-bound, bound), biasInit: zeros }),
    ]),
  });
}

export const efficientnetModels: readonly ModelEntry[] = (["b0", "b1", "b2", "b3", "b4"] as const).map((size) => ({
  name: `efficientnet_${size}` as const,
  about: `EfficientNet-${size.toUpperCase()} as in torchvision`,
  defaults: imageNet(sizes[size][3]),
  build: ({ classes }) => efficientnet(sizes[size], classes),
}));
