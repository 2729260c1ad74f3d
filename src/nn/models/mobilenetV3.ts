// MobileNetV3: MobileNetV2's inverted residuals, found by search, with squeeze-and-excitation and hard swish.
// Howard et al. 2019, "Searching for MobileNetV3"; names and start are torchvision's.
import { normal, zeros } from "../init.ts";
import type { Layer } from "../layer.ts";
import { Hardswish, ReLU } from "../layers/activation.ts";
import { AdaptiveAvgPool2d } from "../layers/adaptive.ts";
import { SqueezeExcitation } from "../layers/blocks.ts";
import { Sequential } from "../layers/containers.ts";
import { Dropout } from "../layers/dropout.ts";
import { Linear } from "../layers/linear.ts";
import { Flatten } from "../layers/shape.ts";
import { imageNet, type ModelEntry } from "./model.ts";
import { around, dividedByEight, fanOut, unit } from "./units.ts";

/** Kernel, channels inside, channels out, squeezed ("s") or not, ReLU ("r") or hard swish ("h"), stride. */
type Row = readonly [number, number, number, "s" | "-", "r" | "h", number];

const large: readonly Row[] = [
  [3, 16, 16, "-", "r", 1],
  [3, 64, 24, "-", "r", 2],
  [3, 72, 24, "-", "r", 1],
  [5, 72, 40, "s", "r", 2],
  [5, 120, 40, "s", "r", 1],
  [5, 120, 40, "s", "r", 1],
  [3, 240, 80, "-", "h", 2],
  [3, 200, 80, "-", "h", 1],
  [3, 184, 80, "-", "h", 1],
  [3, 184, 80, "-", "h", 1],
  [3, 480, 112, "s", "h", 1],
  [3, 672, 112, "s", "h", 1],
  [5, 672, 160, "s", "h", 2],
  [5, 960, 160, "s", "h", 1],
  [5, 960, 160, "s", "h", 1],
];

const small: readonly Row[] = [
  [3, 16, 16, "s", "r", 2],
  [3, 72, 24, "-", "r", 2],
  [3, 88, 24, "-", "r", 1],
  [5, 96, 40, "s", "h", 2],
  [5, 240, 40, "s", "h", 1],
  [5, 240, 40, "s", "h", 1],
  [5, 120, 48, "s", "h", 1],
  [5, 144, 48, "s", "h", 1],
  [5, 288, 96, "s", "h", 2],
  [5, 576, 96, "s", "h", 1],
  [5, 576, 96, "s", "h", 1],
];

const norm = { eps: 0.001, momentum: 0.01 };

function inverted(inChannels: number, [kernel, inside, channels, squeezed, act, stride]: Row): Layer {
  const activation = act === "r" ? ReLU : Hardswish;
  const start = { scaleActivation: "hardsigmoid", init: fanOut, biasInit: zeros } as const;
  const body = Sequential({
    block: Sequential([
      ...(inside === inChannels ? [] : [unit(inside, 1, { activation, norm })]),
      unit(inside, kernel, { stride, groups: inside, activation, norm }),
      ...(squeezed === "s" ? [SqueezeExcitation(dividedByEight(Math.floor(inside / 4)), start)] : []),
      unit(channels, 1, { norm }),
    ]),
  });
  return stride === 1 && inChannels === channels ? around(body) : body;
}

function mobilenetV3(rows: readonly Row[], wide: number, classes: number): Layer {
  const activation = Hardswish;
  const widths = [16, ...rows.map((row) => row[2])];
  const start = { init: normal(0, 0.01), biasInit: zeros };
  return Sequential({
    features: Sequential([
      unit(16, 3, { stride: 2, activation, norm }),
      ...rows.map((row, i) => inverted(widths[i], row)),
      unit(6 * widths[rows.length], 1, { activation, norm }),
    ]),
    avgpool: AdaptiveAvgPool2d(1),
    flatten: Flatten(),
    classifier: Sequential([Linear(wide, start), activation(), Dropout({ p: 0.2 }), Linear(classes, start)]),
  });
}

export const mobilenetV3Models: readonly ModelEntry[] = [
  {
    name: "mobilenet_v3_small",
    about: "MobileNetV3 small as in torchvision",
    defaults: imageNet(),
    build: ({ classes }) => mobilenetV3(small, 1024, classes),
  },
  {
    name: "mobilenet_v3_large",
    about: "MobileNetV3 large as in torchvision",
    defaults: imageNet(),
    build: ({ classes }) => mobilenetV3(large, 1280, classes),
  },
];
