// Small networks of this library as ONNX files, of every family of layers: what the fuzzer mutates on any machine.
import { exportOnnx } from "../../src/io/onnx/export.ts";
import { build } from "../../src/nn/build.ts";
import type { Layer } from "../../src/nn/layer.ts";
import { ELU, GELU, Hardswish, LeakyReLU, PReLU, ReLU, Sigmoid, SiLU } from "../../src/nn/layers/activation.ts";
import { AdaptiveAvgPool2d } from "../../src/nn/layers/adaptive.ts";
import { Branches, Residual, Sequential } from "../../src/nn/layers/containers.ts";
import { Conv1d, Conv2d, Conv3d, ConvTranspose2d } from "../../src/nn/layers/convolution.ts";
import { Linear } from "../../src/nn/layers/linear.ts";
import {
  BatchNorm2d,
  GroupNorm,
  InstanceNorm2d,
  LayerNorm,
  LocalResponseNorm,
} from "../../src/nn/layers/normalization.ts";
import { AvgPool2d, GlobalAvgPool2d, MaxPool2d } from "../../src/nn/layers/pooling.ts";
import { ChannelShuffle, PixelShuffle, PixelUnshuffle, Upsample } from "../../src/nn/layers/resize.ts";
import { Flatten, ReflectionPad2d, ReplicationPad2d, ZeroPad2d } from "../../src/nn/layers/shape.ts";
import { LogSoftmax, Softmax } from "../../src/nn/layers/softmax.ts";
import { createModel } from "../../src/nn/models/list.ts";

const networks: readonly (readonly [shape: readonly number[], layers: readonly Layer[]])[] = [
  [
    [1, 1, 8, 8],
    [Conv2d(4, 3, { padding: 1 }), BatchNorm2d(), ReLU(), MaxPool2d(2), Flatten(), Linear(5), Softmax()],
  ],
  [
    [1, 2, 6, 6],
    [Conv2d(4, 3, { stride: 2, groups: 2 }), LeakyReLU(), GlobalAvgPool2d(), Flatten(), LogSoftmax()],
  ],
  [
    [1, 3, 5, 7],
    [ConvTranspose2d(4, 3, { stride: 2 }), PReLU(), AvgPool2d(3, { stride: 2, padding: 1 })],
  ],
  [
    [1, 4, 6, 6],
    [Residual(Sequential([Conv2d(4, 3, { padding: 1 }), GroupNorm(2)])), SiLU(), PixelShuffle(2), PixelUnshuffle(3)],
  ],
  [
    [1, 4, 5, 5],
    [Branches([Conv2d(2, 1), AvgPool2d(3, { stride: 1, padding: 1 })]), Sigmoid(), ChannelShuffle(2)],
  ],
  [
    [1, 2, 7, 5],
    [ReflectionPad2d(1), InstanceNorm2d(), GELU(), ReplicationPad2d(2), ZeroPad2d(1), Hardswish()],
  ],
  [
    [1, 3, 6, 9],
    [LocalResponseNorm(3), AdaptiveAvgPool2d([2, 3]), ELU(), Upsample({ scaleFactor: 2 }), LayerNorm([4, 6])],
  ],
  [
    [2, 2, 9],
    [Conv1d(3, 3, { dilation: 2 }), ReLU()],
  ],
  [
    [1, 1, 4, 4, 4],
    [Conv3d(2, 2), ReLU()],
  ],
];

export function ownFiles(): Uint8Array[] {
  const { layer, inputShape } = createModel("digits");
  return [
    exportOnnx({ logits: build(layer, [1, ...inputShape]).output }, { batch: "batch" }),
    ...networks.map(([shape, layers]) => exportOnnx({ y: build(Sequential(layers), shape).output })),
  ];
}
