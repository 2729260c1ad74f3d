// ConvNeXt: a residual network with a transformer's habits: patches instead of a stem, 7x7 depthwise windows, layer norm over
// the channels, wide dense layers. Liu et al. 2022, "A ConvNet for the 2020s"; names and start are torchvision's.
import { truncNormal, zeros } from "../init.ts";
import type { Layer } from "../layer.ts";
import { GELU } from "../layers/activation.ts";
import { AdaptiveAvgPool2d } from "../layers/adaptive.ts";
import { LayerScale, Permute } from "../layers/blocks.ts";
import { Sequential } from "../layers/containers.ts";
import { Conv2d } from "../layers/convolution.ts";
import { Linear } from "../layers/linear.ts";
import { LayerNorm } from "../layers/normalization.ts";
import { Flatten } from "../layers/shape.ts";
import { imageNet, type ModelEntry } from "./model.ts";
import { around } from "./units.ts";

const start = { init: truncNormal(0, 0.02, -2, 2), biasInit: zeros };
const widths = [96, 192, 384, 768];
const [channelsLast, channelsFirst] = [
  [0, 2, 3, 1],
  [0, 3, 1, 2],
];

/** Layer norm over the channels of [N, C, H, W]; adds nothing to the path. */
const channelNorm = (channels: number): Layer =>
  Sequential([
    ["", Permute(channelsLast)],
    ["", LayerNorm(channels, { eps: 1e-6 })],
    ["", Permute(channelsFirst)],
  ]);

function block(channels: number, p: number): Layer {
  const body = Sequential([
    Conv2d(channels, 7, { padding: 3, groups: channels, ...start }),
    Permute(channelsLast),
    LayerNorm(channels, { eps: 1e-6 }),
    Linear(4 * channels, start),
    GELU(),
    Linear(channels, start),
    Permute(channelsFirst),
  ]);
  return around(LayerScale(body), p);
}

function convnext(counts: readonly number[], depthP: number, classes: number): Layer {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let done = 0;
  const features: Layer[] = [Sequential([Conv2d(widths[0], 4, { stride: 4, ...start }), channelNorm(widths[0])])];
  counts.forEach((count, stage) => {
    const channels = widths[stage];
    // The deeper a block, the more often it is left out.
    features.push(Sequential(Array.from({ length: count }, () => block(channels, (depthP * done++) / (total - 1)))));
    if (stage < 3)
      features.push(Sequential([channelNorm(channels), Conv2d(widths[stage + 1], 2, { stride: 2, ...start })]));
  });
  return Sequential({
    features: Sequential(features),
    avgpool: AdaptiveAvgPool2d(1),
    classifier: Sequential([channelNorm(widths[3]), Flatten(), Linear(classes, start)]),
  });
}

export const convnextModels: readonly ModelEntry[] = [
  {
    name: "convnext_tiny",
    about: "ConvNeXt-T as in torchvision",
    defaults: imageNet(),
    build: ({ classes }) => convnext([3, 3, 9, 3], 0.1, classes),
  },
  {
    name: "convnext_small",
    about: "ConvNeXt-S as in torchvision",
    defaults: imageNet(),
    build: ({ classes }) => convnext([3, 3, 27, 3], 0.4, classes),
  },
];
