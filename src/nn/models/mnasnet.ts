// MNASNet: inverted residuals of two windows, found by search with the time on a phone in mind.
// Tan et al. 2018, "MnasNet: platform-aware neural architecture search for mobile"; names and start are torchvision's.
import { kaimingNormal, kaimingUniform, zeros } from "../init.ts";
import type { Layer } from "../layer.ts";
import { ReLU } from "../layers/activation.ts";
import { AdaptiveAvgPool2d } from "../layers/adaptive.ts";
import { Sequential } from "../layers/containers.ts";
import { Conv2d } from "../layers/convolution.ts";
import { Dropout } from "../layers/dropout.ts";
import { Linear } from "../layers/linear.ts";
import { BatchNorm2d } from "../layers/normalization.ts";
import { Flatten } from "../layers/shape.ts";
import { imageNet, type ModelEntry } from "./model.ts";
import { around, dividedByEight } from "./units.ts";

/** Kernel, stride of the first, expansion, channels, blocks. */
const stacks = [
  [3, 2, 3, 24, 3],
  [5, 2, 3, 40, 3],
  [5, 2, 6, 80, 3],
  [3, 1, 6, 96, 2],
  [5, 2, 6, 192, 4],
  [3, 1, 6, 320, 1],
] as const;

const init = kaimingNormal({ mode: "fanOut", nonlinearity: "relu" });

/** Convolution, batch norm and perhaps ReLU, laid out flat. */
function parts(channels: number, kernel: number, { stride = 1, groups = 1, relu = true } = {}): Layer[] {
  return [
    Conv2d(channels, kernel, { stride, padding: (kernel - 1) / 2, groups, bias: false, init }),
    BatchNorm2d({ momentum: 0.0003 }),
    ...(relu ? [ReLU()] : []),
  ];
}

function inverted(inChannels: number, channels: number, kernel: number, stride: number, expansion: number): Layer {
  const inside = inChannels * expansion;
  const body = Sequential({
    layers: Sequential([
      ...parts(inside, 1),
      ...parts(inside, kernel, { stride, groups: inside }),
      ...parts(channels, 1, { relu: false }),
    ]),
  });
  return stride === 1 && inChannels === channels ? around(body) : body;
}

function mnasnet(alpha: number, classes: number): Layer {
  const scaled = (channels: number): number => dividedByEight(channels * alpha);
  let inChannels = scaled(16);
  const blocks = stacks.map(([kernel, stride, expansion, wide, count]) => {
    const channels = scaled(wide);
    const stack = Array.from({ length: count }, (_, i) =>
      inverted(i === 0 ? inChannels : channels, channels, kernel, i === 0 ? stride : 1, expansion),
    );
    inChannels = channels;
    return Sequential(stack);
  });
  return Sequential({
    layers: Sequential([
      ...parts(scaled(32), 3, { stride: 2 }),
      ...parts(scaled(32), 3, { groups: scaled(32) }),
      ...parts(scaled(16), 1, { relu: false }),
      ...blocks,
      ...parts(1280, 1),
    ]),
    avgpool: AdaptiveAvgPool2d(1),
    flatten: Flatten(),
    classifier: Sequential([
      Dropout({ p: 0.2 }),
      Linear(classes, { init: kaimingUniform({ mode: "fanOut", nonlinearity: "sigmoid" }), biasInit: zeros }),
    ]),
  });
}

export const mnasnetModels: readonly ModelEntry[] = (
  [
    ["mnasnet0_5", 0.5],
    ["mnasnet1_0", 1],
  ] as const
).map(([name, alpha]) => ({
  name,
  about: `MNASNet at ${alpha} times its width, as in torchvision`,
  defaults: imageNet(),
  build: ({ classes }) => mnasnet(alpha, classes),
}));
