// MobileNetV2: inverted residuals, wide inside and narrow between, with depthwise convolutions.
//
//   x → 1x1 (t times wider) → 3x3 depthwise, stride s → 1x1 (narrow, no activation) → + x where the shape stays
//
// Sandler et al. 2018, "MobileNetV2: inverted residuals and linear bottlenecks"; names and start are torchvision's.
import { kaimingNormal, normal, zeros } from "../init.ts";
import type { Layer } from "../layer.ts";
import { ReLU6 } from "../layers/activation.ts";
import { AdaptiveAvgPool2d } from "../layers/adaptive.ts";
import { Residual, Sequential } from "../layers/containers.ts";
import { Conv2d } from "../layers/convolution.ts";
import { Dropout } from "../layers/dropout.ts";
import { Linear } from "../layers/linear.ts";
import { BatchNorm2d } from "../layers/normalization.ts";
import { Flatten } from "../layers/shape.ts";
import { imageNet, type ModelEntry } from "./model.ts";

/** Expansion, channels, repetitions, stride of the first. */
const table = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;

function conv(channels: number, kernel: 1 | 3, stride = 1, groups = 1): Layer {
  const init = kaimingNormal({ mode: "fanOut" });
  return Conv2d(channels, kernel, { stride, padding: (kernel - 1) / 2, groups, bias: false, init });
}

const unit = (channels: number, kernel: 1 | 3, stride = 1, groups = 1): Layer =>
  Sequential([conv(channels, kernel, stride, groups), BatchNorm2d(), ReLU6()]);

function invertedResidual(inChannels: number, expansion: number, channels: number, stride: number): Layer {
  const hidden = inChannels * expansion;
  const body = Sequential({
    conv: Sequential([
      ...(expansion === 1 ? [] : [unit(hidden, 1)]),
      unit(hidden, 3, stride, hidden),
      conv(channels, 1),
      BatchNorm2d(),
    ]),
  });
  return stride === 1 && inChannels === channels ? Residual(body) : body;
}

function mobilenetV2(classes: number): Layer {
  const features = [unit(32, 3, 2)];
  let inChannels = 32;
  for (const [expansion, channels, count, stride] of table) {
    for (let i = 0; i < count; i++) {
      features.push(invertedResidual(inChannels, expansion, channels, i === 0 ? stride : 1));
      inChannels = channels;
    }
  }
  features.push(unit(1280, 1));
  return Sequential({
    features: Sequential(features),
    avgpool: AdaptiveAvgPool2d(1),
    flatten: Flatten(),
    classifier: Sequential([Dropout({ p: 0.2 }), Linear(classes, { init: normal(0, 0.01), biasInit: zeros })]),
  });
}

export const mobilenetModels: readonly ModelEntry[] = [
  {
    name: "mobilenetV2",
    about: "MobileNetV2 as in torchvision: depthwise convolutions",
    defaults: imageNet(),
    build: ({ classes }) => mobilenetV2(classes),
  },
];
