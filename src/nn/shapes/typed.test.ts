// What the compiler says of a shape is what a build gives: each row holds the shape for both. A row that the compiler computes
// otherwise does not compile; one that the build computes otherwise fails. The mistakes are in test/shapes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { GELU, ReLU } from "../layers/activation.ts";
import { AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveMaxPool2d, AdaptiveMaxPool3d } from "../layers/adaptive.ts";
import { Branches, block, Identity, Residual, Sequential } from "../layers/containers.ts";
import {
  Conv1d,
  Conv2d,
  Conv3d,
  type ConvolutionOptions,
  ConvTranspose1d,
  ConvTranspose2d,
} from "../layers/convolution.ts";
import { Dropout } from "../layers/dropout.ts";
import { Linear } from "../layers/linear.ts";
import { BatchNorm2d, GroupNorm, InstanceNorm2d, LayerNorm } from "../layers/normalization.ts";
import {
  AvgPool1d,
  AvgPool2d,
  GlobalAvgPool2d,
  GlobalMaxPool3d,
  LPPool1d,
  LPPool2d,
  MaxPool2d,
  MaxPool3d,
} from "../layers/pooling.ts";
import { BlurPool, ChannelShuffle, PixelShuffle, PixelUnshuffle, Upsample } from "../layers/resize.ts";
import {
  CircularPad2d,
  ConstantPad2d,
  Flatten,
  ReflectionPad2d,
  ReplicationPad3d,
  Reshape,
  ZeroPad1d,
  ZeroPad2d,
  ZeroPad3d,
} from "../layers/shape.ts";
import { Softmax } from "../layers/softmax.ts";
import type { Sizes } from "./kinds.ts";
import { type N, type ShapeAfter, type TypedModel, typed } from "./typed.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Holds what the compiler computed against the list, at compile time, and what the build computed, at run time. */
function gives<O extends Sizes, const W extends Sizes>(
  title: string,
  model: TypedModel<Sizes, O>,
  shape: W & (Equal<readonly [...O], W> extends true ? unknown : never),
): void {
  test(`${title}: [${shape.join(", ")}]`, () => assert.deepEqual(model.outputShape, shape));
}

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

gives("3x3", typed([1, 28, 28], [Conv2d(16, 3)]), [16, 26, 26]);
gives("padding", typed([3, 28, 20], [Conv2d(16, 3, { padding: 1 })]), [16, 28, 20]);
gives("stride", typed([3, 224, 224], [Conv2d(64, 7, { stride: 2, padding: 3 })]), [64, 112, 112]);
gives("one an axis", typed([1, 9, 12], [Conv2d(2, [3, 5], { stride: [2, 3], padding: [1, 0] })]), [2, 5, 3]);
gives(
  "pairs",
  typed(
    [1, 9, 12],
    [
      Conv2d(2, 3, {
        padding: [
          [1, 2],
          [0, 1],
        ],
      }),
    ],
  ),
  [2, 10, 11],
);
gives("dilation", typed([1, 20, 20], [Conv2d(4, 3, { dilation: 3 })]), [4, 14, 14]);
gives("dilation and stride", typed([2, 31, 31], [Conv2d(4, 4, { dilation: 2, stride: 3, padding: 2 })]), [4, 10, 10]);
gives("same", typed([1, 13, 14], [Conv2d(4, 4, { padding: "same" })]), [4, 13, 14]);
gives("same with stride", typed([1, 13, 14], [Conv2d(4, 3, { padding: "same", stride: 2 })]), [4, 7, 7]);
gives("same-lower", typed([1, 13, 14], [Conv2d(4, 5, { padding: "same-lower", stride: 3 })]), [4, 5, 5]);
gives(
  "valid and full",
  typed([1, 9, 9], [Conv2d(2, 4, { padding: "valid" }), Conv2d(2, 4, { padding: "full" })]),
  [2, 9, 9],
);
gives("padding as a total", typed([1, 9, 9], [Conv2d(2, 4, { padding: { total: 3 } })]), [2, 9, 9]);
gives("groups", typed([8, 9, 9], [Conv2d(16, 3, { groups: 4 })]), [16, 7, 7]);
gives("depthwise", typed([8, 9, 9], [Conv2d(8, 3, { groups: 8, padding: 1 }), Conv2d(24, 1)]), [24, 9, 9]);
gives("one axis", typed([2, 100], [Conv1d(8, 5, { stride: 2 })]), [8, 48]);
gives("three axes", typed([1, 8, 9, 10], [Conv3d(4, 3, { padding: [0, 1, 2] })]), [4, 6, 9, 12]);
gives("max pooling", typed([4, 28, 28], [MaxPool2d(2)]), [4, 14, 14]);
gives("max pooling, stride", typed([4, 112, 112], [MaxPool2d(3, { stride: 2, padding: 1 })]), [4, 56, 56]);
gives("ceil mode", typed([4, 7, 8], [MaxPool2d(2, { ceilMode: true })]), [4, 4, 4]);
gives(
  "ceil mode drops a window in the padding",
  typed([4, 5, 5], [MaxPool2d(2, { stride: 2, padding: 1, ceilMode: true })]),
  [4, 3, 3],
);
gives("ceil mode, stride over the edge", typed([1, 6, 10], [MaxPool2d(3, { stride: 4, ceilMode: true })]), [1, 2, 3]);
gives("ceil mode off by a value", typed([4, 7, 7], [AvgPool2d(2, { ceilMode: false })]), [4, 3, 3]);
gives("average pooling of one axis", typed([4, 30], [AvgPool1d(3, { stride: 1, padding: 1 })]), [4, 30]);
gives("max pooling of three axes", typed([4, 8, 8, 8], [MaxPool3d([1, 2, 2])]), [4, 8, 4, 4]);
gives("global pooling", typed([4, 28, 20], [GlobalAvgPool2d()]), [4, 1, 1]);
gives("adaptive pooling", typed([4, 28, 20], [AdaptiveAvgPool2d([7, 5]), AdaptiveMaxPool2d(3)]), [4, 3, 3]);
gives("flatten", typed([512, 7, 7], [Flatten()]), [25088]);
gives("linear", typed([512, 7, 7], [Flatten(), Linear(4096), ReLU(), Dropout(), Linear(1000), Softmax()]), [1000]);
gives("linear keeps leading axes", typed([3, 5, 8], [Linear(2)]), [3, 5, 2]);
gives("transposed", typed([8, 7, 7], [ConvTranspose2d(4, 4, { stride: 2, padding: 1 })]), [4, 14, 14]);
gives(
  "transposed, extra cells",
  typed([8, 7, 5], [ConvTranspose2d(4, 3, { stride: 2, outputPadding: 1, dilation: 2 })]),
  [4, 18, 14],
);
gives("transposed, one axis", typed([8, 7], [ConvTranspose1d(4, 3, { stride: 3 })]), [4, 21]);
gives("upsampling", typed([8, 7, 5], [Upsample({ scaleFactor: 2 }), Upsample({ size: [20, 21] })]), [8, 20, 21]);
gives("pixel shuffle", typed([16, 7, 5], [PixelShuffle(2), PixelUnshuffle(2), ChannelShuffle(4)]), [16, 7, 5]);
gives(
  "padding layers",
  typed([2, 7, 5], [ZeroPad2d(1), ReflectionPad2d([1, 2, 0, 3]), CircularPad2d(2), ConstantPad2d(1, 9)]),
  [2, 18, 16],
);
gives("padding layers, one axis", typed([2, 7], [ZeroPad1d([1, 3])]), [2, 11]);
gives(
  "padding layers, three axes",
  typed([2, 4, 5, 6], [ReplicationPad3d([1, 0, 2, 0, 3, 0]), ZeroPad3d(1)]),
  [2, 9, 9, 9],
);
gives("adaptive pooling, one axis", typed([4, 28], [AdaptiveAvgPool1d(7)]), [4, 7]);
gives("adaptive pooling, three axes", typed([4, 9, 8, 7], [AdaptiveMaxPool3d([3, 2, 1])]), [4, 3, 2, 1]);
gives("global pooling, three axes", typed([4, 9, 8, 7], [GlobalMaxPool3d()]), [4, 1, 1, 1]);
gives("power averages", typed([4, 9, 8], [LPPool2d(2, [3, 2])]), [4, 3, 4]);
gives("power averages, one axis", typed([4, 9], [LPPool1d(2, 3, { stride: 2, ceilMode: true })]), [4, 4]);
gives(
  "norms hand on",
  typed([8, 6, 6], [BatchNorm2d(), GroupNorm(4), InstanceNorm2d(), LayerNorm([8, 6, 6]), GELU()]),
  [8, 6, 6],
);
gives("reshape", typed([8, 6, 6], [Reshape([2, 144])]), [2, 144]);
gives("branches", typed([4, 9, 9], [Branches([Conv2d(3, 1), Conv2d(5, 3, { padding: 1 }), Identity()])]), [12, 9, 9]);
gives(
  "branches by name",
  typed(
    [4, 9, 9],
    [
      Branches([
        ["a", Conv2d(3, 1)],
        ["b", MaxPool2d(3, { stride: 1, padding: 1 })],
      ]),
    ],
  ),
  [7, 9, 9],
);
gives("residual", typed([4, 9, 9], [Residual(Conv2d(4, 3, { padding: 1 }))]), [4, 9, 9]);
gives(
  "ResNet-18",
  typed(
    [3, 224, 224],
    [
      ...([
        Conv2d(64, 7, { stride: 2, padding: 3, bias: false }),
        BatchNorm2d(),
        ReLU(),
        MaxPool2d(3, { stride: 2, padding: 1 }),
      ] as const),
      ...([basic(64, 1), basic(64, 1), basic(128, 2), basic(128, 1)] as const),
      ...([basic(256, 2), basic(256, 1), basic(512, 2), basic(512, 1)] as const),
      ...([GlobalAvgPool2d(), Flatten(), Linear(1000)] as const),
    ],
  ),
  [1000],
);

test("with the batch, the shape of the answer reads as it is written", () => {
  const model = typed(
    [3, 224, 224],
    [Conv2d(64, 7, { stride: 2, padding: 3 }), MaxPool2d(3, { stride: 2, padding: 1 })],
  );
  const right: Equal<ShapeAfter<typeof model>, readonly [N, 64, 56, 56]> = true;
  assert.ok(right);
});

test("what the compiler cannot follow is checked at run time, as ever", () => {
  const own = block("Halve", (x) => x);
  const channels: number = 8;
  const known = typed([1, 8, 8], [Conv2d(channels, 3), ReLU()]);
  const told: ConvolutionOptions = { stride: 2 };
  const open1 = typed([1, 9, 9], [Conv2d(4, 3, told), MaxPool2d(2, { padding: Number(0) })]);
  const unknown1: Equal<(typeof open1)["outputShape"], [4, number, number]> = true;
  assert.deepEqual([unknown1, open1.outputShape], [true, [4, 2, 2]]);
  const unknown: Equal<(typeof known)["outputShape"], [number, 6, 6]> = true;
  const open = typed([1, 8, 8], [own, BlurPool(), Conv2d(4, 3), Flatten(), Linear(10)]);
  assert.deepEqual([unknown, known.outputShape, open.outputShape], [true, [8, 6, 6], [10]]);
  assert.throws(() => typed([1, 8, 8] as Sizes, [Conv2d(4, 9)]), /Layer "0" \(Conv2d\): .*kernel of 9 needs 9/);
  const large = typed([1, 4_000_000_000, 1], [Conv2d(1, 1)]);
  assert.deepEqual(large.outputShape, [1, 4_000_000_000, 1]);
});
