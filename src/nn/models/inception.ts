// Inception v3: blocks of four branches, whose large windows are made of rows and columns.
// Szegedy et al. 2015, "Rethinking the Inception architecture for computer vision"; torchvision's, without the helper classifier.
import { truncNormal } from "../init.ts";
import type { Layer } from "../layer.ts";
import { ReLU } from "../layers/activation.ts";
import { AdaptiveAvgPool2d } from "../layers/adaptive.ts";
import { Branches, Sequential } from "../layers/containers.ts";
import { Conv2d } from "../layers/convolution.ts";
import { Dropout } from "../layers/dropout.ts";
import { Linear } from "../layers/linear.ts";
import { BatchNorm2d } from "../layers/normalization.ts";
import { AvgPool2d, MaxPool2d } from "../layers/pooling.ts";
import { Flatten } from "../layers/shape.ts";
import { imageNet, type ModelEntry } from "./model.ts";

type Pair = readonly [number, number];
const init = truncNormal(0, 0.1, -2, 2);

const unit = (channels: number, kernelSize: number | Pair, padding: number | Pair = 0, stride = 1): Layer =>
  Sequential({
    conv: Conv2d(channels, kernelSize, { padding, stride, bias: false, init }),
    bn: BatchNorm2d({ eps: 0.001 }),
    relu: ReLU(),
  });
/** A window of one row or one column of so many places, which keeps the size. */
const row = (channels: number, places: number): Layer => unit(channels, [1, places], [0, (places - 1) / 2]);
const column = (channels: number, places: number): Layer => unit(channels, [places, 1], [(places - 1) / 2, 0]);
const pooled = (channels: number): Layer =>
  Sequential([
    ["", AvgPool2d(3, { stride: 1, padding: 1 })],
    ["branch_pool", unit(channels, 1)],
  ]);
const halved = (): Layer => MaxPool2d(3, { stride: 2 });
/** Branches whose layers stand by their names in the block itself. */
const block = (...branches: (Layer | Readonly<Record<string, Layer>>)[]): Layer =>
  Branches(
    branches.map((one) => ["", "type" in one ? (one as Layer) : Sequential(one as Record<string, Layer>)] as const),
  );

const a = (poolChannels: number): Layer =>
  block(
    { branch1x1: unit(64, 1) },
    { branch5x5_1: unit(48, 1), branch5x5_2: unit(64, 5, 2) },
    { branch3x3dbl_1: unit(64, 1), branch3x3dbl_2: unit(96, 3, 1), branch3x3dbl_3: unit(96, 3, 1) },
    pooled(poolChannels),
  );
const b = (): Layer =>
  block(
    { branch3x3: unit(384, 3, 0, 2) },
    { branch3x3dbl_1: unit(64, 1), branch3x3dbl_2: unit(96, 3, 1), branch3x3dbl_3: unit(96, 3, 0, 2) },
    halved(),
  );
const c = (channels: number): Layer =>
  block(
    { branch1x1: unit(192, 1) },
    { branch7x7_1: unit(channels, 1), branch7x7_2: row(channels, 7), branch7x7_3: column(192, 7) },
    {
      branch7x7dbl_1: unit(channels, 1),
      branch7x7dbl_2: column(channels, 7),
      branch7x7dbl_3: row(channels, 7),
      branch7x7dbl_4: column(channels, 7),
      branch7x7dbl_5: row(192, 7),
    },
    pooled(192),
  );
const d = (): Layer =>
  block(
    { branch3x3_1: unit(192, 1), branch3x3_2: unit(320, 3, 0, 2) },
    {
      ...{ branch7x7x3_1: unit(192, 1), branch7x7x3_2: row(192, 7), branch7x7x3_3: column(192, 7) },
      branch7x7x3_4: unit(192, 3, 0, 2),
    },
    halved(),
  );
const both = (name: string, [first, second]: readonly [string, string]): Layer =>
  Branches({ [`${name}_${first}`]: row(384, 3), [`${name}_${second}`]: column(384, 3) });
const e = (): Layer =>
  block(
    { branch1x1: unit(320, 1) },
    Sequential([
      ["branch3x3_1", unit(384, 1)],
      ["", both("branch3x3", ["2a", "2b"])],
    ]),
    Sequential([
      ["branch3x3dbl_1", unit(448, 1)],
      ["branch3x3dbl_2", unit(384, 3, 1)],
      ["", both("branch3x3dbl", ["3a", "3b"])],
    ]),
    pooled(192),
  );

const inceptionV3 = (classes: number): Layer =>
  Sequential({
    Conv2d_1a_3x3: unit(32, 3, 0, 2),
    Conv2d_2a_3x3: unit(32, 3),
    Conv2d_2b_3x3: unit(64, 3, 1),
    maxpool1: halved(),
    Conv2d_3b_1x1: unit(80, 1),
    Conv2d_4a_3x3: unit(192, 3),
    maxpool2: halved(),
    ...{ Mixed_5b: a(32), Mixed_5c: a(64), Mixed_5d: a(64), Mixed_6a: b() },
    ...{ Mixed_6b: c(128), Mixed_6c: c(160), Mixed_6d: c(160), Mixed_6e: c(192) },
    ...{ Mixed_7a: d(), Mixed_7b: e(), Mixed_7c: e() },
    avgpool: AdaptiveAvgPool2d(1),
    dropout: Dropout(),
    flatten: Flatten(),
    fc: Linear(classes, { init }),
  });

export const inceptionModels: readonly ModelEntry[] = [
  {
    name: "inception_v3",
    about: "Inception v3 as in torchvision (without the helper classifier)",
    defaults: imageNet(299),
    build: ({ classes }) => inceptionV3(classes),
  },
];
