// Forty contractions of well-known networks: what the single-layer benchmark times and what the chooser is judged by.
// N images of C channels and H x H pixels, K filters of R x R (stride S, padding P, G groups); linear layers as matrix products.

import { add, constant, maximum, operand } from "../src/kernel/expression.ts";
import { contractShape } from "../src/kernel/interpret.ts";
import type { ContractKernel, ConvolutionGeometry } from "../src/kernel/kernel.ts";

export interface LayerShape {
  readonly net: string;
  readonly role: "forward" | "inputGradient" | "filterGradient" | "linear";
  readonly batch: number;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  readonly groups: number;
}

type Sizes = readonly [
  batch: number,
  inChannels: number,
  size: number,
  outChannels: number,
  kernel: number,
  stride?: number,
  padding?: number,
  groups?: number,
];

function convolution(net: string, role: LayerShape["role"], sizes: Sizes): LayerShape {
  const [batch, inChannels, size, outChannels, kernel, stride = 1, padding = 0, groups = 1] = sizes;
  return { net, role, batch, inChannels, outChannels, size, kernel, stride, padding, groups };
}

const forward = (net: string, ...sizes: Sizes): LayerShape => convolution(net, "forward", sizes);
const gradients = (net: string, ...sizes: Sizes): LayerShape[] => [
  convolution(net, "inputGradient", sizes),
  convolution(net, "filterGradient", sizes),
];
const linear = (net: string, batch: number, inputs: number, outputs: number): LayerShape =>
  convolution(net, "linear", [batch, inputs, 1, outputs, 1]);

export const layerShapes: readonly LayerShape[] = [
  // LeNet, training
  forward("LeNet", 128, 1, 28, 6, 5, 1, 2),
  convolution("LeNet", "filterGradient", [128, 1, 28, 6, 5, 1, 2]),
  forward("LeNet", 128, 6, 14, 16, 5),
  ...gradients("LeNet", 128, 6, 14, 16, 5),
  linear("LeNet", 128, 400, 120),
  // five convolutions with batch norm, training
  forward("five-conv", 128, 1, 28, 32, 3, 1, 1),
  forward("five-conv", 128, 32, 28, 32, 3, 1, 1),
  convolution("five-conv", "filterGradient", [128, 32, 28, 32, 3, 1, 1]),
  forward("five-conv", 128, 64, 14, 64, 3, 1, 1),
  convolution("five-conv", "filterGradient", [128, 64, 14, 64, 3, 1, 1]),
  // ResNet-18 for small images, training
  forward("ResNet-18 32x32", 32, 64, 32, 64, 3, 1, 1),
  ...gradients("ResNet-18 32x32", 32, 64, 32, 64, 3, 1, 1),
  ...gradients("ResNet-18 32x32", 32, 64, 32, 128, 3, 2, 1),
  ...gradients("ResNet-18 32x32", 32, 512, 4, 512, 3, 1, 1),
  // inference, one image
  forward("ResNet-18", 1, 3, 224, 64, 7, 2, 3),
  forward("ResNet-18", 1, 64, 56, 64, 3, 1, 1),
  forward("ResNet-18", 1, 64, 56, 128, 3, 2, 1),
  forward("ResNet-18", 1, 128, 28, 128, 3, 1, 1),
  forward("ResNet-18", 1, 256, 14, 256, 3, 1, 1),
  forward("ResNet-18", 1, 512, 7, 512, 3, 1, 1),
  linear("ResNet-18", 1, 512, 1000),
  forward("MobileNetV2", 1, 3, 224, 32, 3, 2, 1),
  forward("MobileNetV2", 1, 32, 112, 32, 3, 1, 1, 32),
  forward("MobileNetV2", 1, 16, 112, 96, 1),
  forward("MobileNetV2", 1, 96, 112, 96, 3, 2, 1, 96),
  forward("MobileNetV2", 1, 384, 14, 384, 3, 1, 1, 384),
  forward("MobileNetV2", 1, 384, 14, 64, 1),
  forward("MobileNetV2", 1, 320, 7, 1280, 1),
  forward("SqueezeNet 1.1", 1, 16, 55, 64, 3, 1, 1),
  forward("SqueezeNet 1.1", 1, 512, 13, 1000, 1),
  forward("ResNet-50", 1, 256, 56, 64, 1),
  forward("ResNet-50", 1, 1024, 14, 256, 1),
  forward("VGG-16", 1, 64, 224, 64, 3, 1, 1),
  forward("VGG-16", 1, 512, 28, 512, 3, 1, 1),
  forward("AlexNet", 1, 3, 224, 64, 11, 4, 2),
  forward("AlexNet", 1, 64, 27, 192, 5, 1, 2),
];

export const nameOf = (s: LayerShape): string =>
  s.role === "linear"
    ? `${s.net} · linear ${s.batch}x${s.inChannels}→${s.outChannels}`
    : `${s.net} · ${s.role} ${s.batch}x${s.inChannels}x${s.size}x${s.size}→${s.outChannels} ${s.kernel}x${s.kernel}${s.stride > 1 ? ` stride ${s.stride}` : ""}${s.groups > 1 ? " depthwise" : ""}`;

/** The kernel of a shape, with bias and ReLU in the forward role. */
export function kernelOf(s: LayerShape): ContractKernel {
  if (s.role === "linear") {
    const k = s.inChannels;
    const a = { batchStrides: [], row: k, column: 1 };
    const b = { batchStrides: [], row: 1, column: k };
    const shape = [s.batch, s.outChannels];
    return {
      kind: "contract",
      form: { kind: "matmul", batch: [], m: s.batch, n: s.outChannels, k, a, b },
      epilogue: { shape, operands: [{ strides: [0, 1], offset: 0 }], expression: add(operand(0), operand(1)) },
    };
  }
  const out = Math.floor((s.size + 2 * s.padding - s.kernel) / s.stride) + 1;
  const two = (n: number): number[] => [n, n];
  const geometry: ConvolutionGeometry = {
    batch: s.batch,
    groups: s.groups,
    inChannels: s.inChannels,
    outChannels: s.outChannels,
    input: two(s.size),
    kernel: two(s.kernel),
    output: two(out),
    stride: two(s.stride),
    dilation: two(1),
    padBefore: two(s.padding),
  };
  const form = { kind: "convolution", role: s.role, geometry } as const;
  if (s.role !== "forward") return { kind: "contract", form };
  return {
    kind: "contract",
    form,
    epilogue: {
      shape: contractShape(form),
      operands: [{ strides: [0, 1, 0, 0], offset: 0 }],
      expression: maximum(add(operand(0), operand(1)), constant(0)),
    },
  };
}
