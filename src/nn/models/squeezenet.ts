// SqueezeNet: "fire" modules squeeze the channels by 1x1, then expand them by 1x1 and 3x3 side by side.
// Iandola et al. 2016, "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters"; names and start are torchvision's.
import { kaimingUniform, normal, zeros } from "../init.ts";
import type { Layer } from "../layer.ts";
import { ReLU } from "../layers/activation.ts";
import { AdaptiveAvgPool2d } from "../layers/adaptive.ts";
import { Branches, Sequential } from "../layers/containers.ts";
import { Conv2d, type ConvolutionOptions } from "../layers/convolution.ts";
import { Dropout } from "../layers/dropout.ts";
import { MaxPool2d } from "../layers/pooling.ts";
import { Flatten } from "../layers/shape.ts";
import { imageNet, type ModelEntry } from "./model.ts";

const start: ConvolutionOptions = { init: kaimingUniform(), biasInit: zeros };

function fire(squeeze: number, expand: number): Layer {
  const expanded = Branches([
    ["", Sequential({ expand1x1: Conv2d(expand, 1, start), expand1x1_activation: ReLU() })],
    ["", Sequential({ expand3x3: Conv2d(expand, 3, { padding: 1, ...start }), expand3x3_activation: ReLU() })],
  ]);
  return Sequential({ squeeze: Conv2d(squeeze, 1, start), squeeze_activation: ReLU(), "": expanded });
}

const pool = (): Layer => MaxPool2d(3, { stride: 2, ceilMode: true });

const versions: Readonly<Record<"1_0" | "1_1", () => Layer[]>> = {
  "1_0": () => [
    Conv2d(96, 7, { stride: 2, ...start }),
    ReLU(),
    pool(),
    fire(16, 64),
    fire(16, 64),
    fire(32, 128),
    pool(),
    fire(32, 128),
    fire(48, 192),
    fire(48, 192),
    fire(64, 256),
    pool(),
    fire(64, 256),
  ],
  "1_1": () => [
    Conv2d(64, 3, { stride: 2, ...start }),
    ReLU(),
    pool(),
    fire(16, 64),
    fire(16, 64),
    pool(),
    fire(32, 128),
    fire(32, 128),
    pool(),
    fire(48, 192),
    fire(48, 192),
    fire(64, 256),
    fire(64, 256),
  ],
};

function squeezenet(version: keyof typeof versions, classes: number): Layer {
  return Sequential({
    features: Sequential(versions[version]()),
    classifier: Sequential([
      Dropout(),
      Conv2d(classes, 1, { init: normal(0, 0.01), biasInit: zeros }),
      ReLU(),
      AdaptiveAvgPool2d(1),
    ]),
    flatten: Flatten(),
  });
}

export const squeezenetModels: readonly ModelEntry[] = [
  {
    name: "squeezenet1_0",
    about: "SqueezeNet 1.0 as in torchvision",
    defaults: imageNet(),
    build: ({ classes }) => squeezenet("1_0", classes),
  },
  {
    name: "squeezenet1_1",
    about: "SqueezeNet 1.1 as in torchvision: less work, as accurate",
    defaults: imageNet(),
    build: ({ classes }) => squeezenet("1_1", classes),
  },
];
