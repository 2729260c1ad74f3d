// ResNet-34 whose shapes the compiler computes, for `cost.test.ts`, which counts what that takes.
import {
  BatchNorm2d,
  Conv2d,
  Flatten,
  GlobalAvgPool2d,
  Linear,
  MaxPool2d,
  ReLU,
  Residual,
  Sequential,
  type ShapeAfter,
  typed,
} from "neocog";

const basic = <const C extends number, const S extends number>(channels: C, stride: S) =>
  Residual(
    Sequential([
      Conv2d(channels, 3, { stride, padding: 1, bias: false }),
      BatchNorm2d(),
      ReLU(),
      Conv2d(channels, 3, { padding: 1, bias: false }),
      BatchNorm2d(),
    ]),
    { shortcut: Conv2d(channels, 1, { stride, bias: false }), after: ReLU() },
  );

const same = <const C extends number>(channels: C) => basic(channels, 1);

export const resnet34 = typed(
  [3, 224, 224],
  [
    Conv2d(64, 7, { stride: 2, padding: 3, bias: false }),
    BatchNorm2d(),
    ReLU(),
    MaxPool2d(3, { stride: 2, padding: 1 }),
    ...([same(64), same(64), same(64)] as const),
    ...([basic(128, 2), same(128), same(128), same(128)] as const),
    ...([basic(256, 2), same(256), same(256), same(256), same(256), same(256)] as const),
    ...([basic(512, 2), same(512), same(512)] as const),
    GlobalAvgPool2d(),
    Flatten(),
    Linear(1000),
  ],
);

/** Does not compile where the compiler has lost the shape on its way. */
export const classes: 1000 = resnet34.outputShape[0];
export type Answer = ShapeAfter<typeof resnet34>;
