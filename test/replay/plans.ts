// The plans that replay compiles: networks for inference and training, and small programs for what no network of the list asks
// for. The features of the machine are given, not asked for, so every machine makes the same code of them.
import { compile } from "../../src/compile/compile.ts";
import { gradients } from "../../src/compile/grad.ts";
import type { Features } from "../../src/engines/wasm/code/features.ts";
import { input, type Tensor } from "../../src/graph/graph.ts";
import type { Plan } from "../../src/kernel/plan.ts";
import { build } from "../../src/nn/build.ts";
import { createModel } from "../../src/nn/models/list.ts";
import type { ModelOptions } from "../../src/nn/models/model.ts";
import { add, cast } from "../../src/ops/arithmetic.ts";
import { type ConvolveOptions, conv, convTranspose2d } from "../../src/ops/convolution.ts";
import { concat, permute } from "../../src/ops/copy.ts";
import { embedding, oneHot } from "../../src/ops/gather.ts";
import { matmul } from "../../src/ops/matmul.ts";
import { avgPool2d, maxPool2d, maxPoolWithIndices } from "../../src/ops/pooling.ts";
import { argmax } from "../../src/ops/reduce.ts";
import { mean } from "../../src/ops/sum.ts";
import { trainingStep } from "../../src/train/step.ts";

const plain: Features = { simd: true, relaxedSimd: false, wide: false, threads: true };
const fused: Features = { ...plain, relaxedSimd: true };
const wide: Features = { ...fused, wide: true };

export interface Replayed {
  readonly name: string;
  readonly features: Features;
  readonly threads: number;
  plan(): Plan;
}

const planOf = (outputs: Readonly<Record<string, Tensor>>): Plan =>
  compile({ outputs, updates: [] }, { lowering: "loops" }).memory.plan;

const row = (name: string, plan: () => Plan, features = fused, threads = 4): Replayed => ({
  name: `${name}${features === plain ? ", no fused multiply-add" : features === wide ? ", 256 bits" : ""}${threads === 1 ? ", one thread" : ""}`,
  features,
  threads,
  plan,
});

function answers(name: string, batch: number, features = fused, options: Partial<ModelOptions> = {}): Replayed {
  const size = options.inputSize ? ` of ${options.inputSize}` : "";
  return row(
    `${name}, answers to ${batch}${size}`,
    () => {
      const { layer, inputShape } = createModel(name, options);
      return planOf({ output: build(layer, [batch, ...inputShape]).output });
    },
    features,
  );
}

function trains(name: string, batch: number, features = fused, options: Partial<ModelOptions> = {}): Replayed {
  const size = options.inputSize ? ` of ${options.inputSize}` : "";
  return row(
    `${name}, training with ${batch}${size}`,
    () => {
      const { layer, inputShape } = createModel(name, options);
      const { program, inputs } = trainingStep(layer, { inputShape: [batch, ...inputShape] });
      return compile(program, { lowering: "loops", inputs }).memory.plan;
    },
    features,
  );
}

/** A convolution with both its gradients. */
const convolution = (
  name: string,
  x: readonly number[],
  w: readonly number[],
  options: Omit<ConvolveOptions, "bias"> = {},
  features = fused,
): Replayed =>
  row(
    name,
    () => {
      const [image, filters] = [input("x", x), input("w", w)];
      const y = conv(image, filters, options);
      const [dx, dw] = gradients([y], [image, filters], [input("dy", y.shape)]);
      return planOf({ y, dx, dw });
    },
    features,
  );

const programs: readonly Replayed[] = [
  convolution("convolution in one dimension", [8, 4, 64], [6, 4, 5], { padding: 2 }),
  convolution("convolution in three dimensions", [2, 3, 8, 9, 10], [4, 3, 3, 3, 3], { stride: 2, padding: 1 }),
  convolution("convolution with groups", [4, 12, 14, 14], [18, 4, 3, 3], { groups: 3, padding: 1 }),
  convolution("convolution with dilation", [4, 8, 20, 20], [16, 8, 3, 3], { dilation: 2, padding: 2 }),
  convolution("convolution with dilation", [4, 8, 20, 20], [16, 8, 3, 3], { dilation: 2, padding: 2 }, plain),
  convolution("convolution of 7x7, stride 2", [2, 3, 64, 64], [32, 3, 7, 7], { stride: 2, padding: 3 }),
  convolution("convolution of each channel", [4, 24, 28, 28], [24, 1, 3, 3], { groups: 24, padding: 1 }),
  convolution("convolution of each channel, 5x5, stride 2", [2, 12, 33, 33], [24, 1, 5, 5], {
    groups: 12,
    padding: 2,
    stride: 2,
  }),
  convolution("convolution of many channels", [8, 128, 28, 28], [128, 128, 3, 3], { padding: 1 }),
  convolution("convolution of many channels", [8, 128, 28, 28], [128, 128, 3, 3], { padding: 1 }, wide),
  convolution("convolution of many channels, stride 2", [8, 64, 56, 56], [128, 64, 3, 3], { padding: 1, stride: 2 }),
  convolution(
    "convolution of many channels, stride 2",
    ...([[8, 64, 56, 56], [128, 64, 3, 3], { padding: 1, stride: 2 }, wide] as const),
  ),
  convolution("convolution of small images", [2, 16, 6, 6], [16, 16, 3, 3], { padding: 1 }),
  convolution("convolution of few channels", [32, 1, 28, 28], [6, 1, 5, 5], { padding: 2 }, wide),
  convolution("convolution of small images and few channels", [8, 6, 4, 4], [16, 6, 3, 3], { padding: 1 }, wide),
  row("transposed convolution", () =>
    planOf({ y: convTranspose2d(input("x", [2, 16, 14, 14]), input("w", [16, 8, 4, 4]), { stride: 2, padding: 1 }) }),
  ),
  row("matrix products", () => {
    const a = input("a", [4, 33, 65]);
    const b = input("b", [4, 65, 47]);
    const c = matmul(a, b);
    const [da, db] = gradients([c], [a, b], [input("dc", c.shape)]);
    return planOf({ c, da, db });
  }),
  row("pooling of every kind", () => {
    const x = input("x", [4, 8, 28, 28]);
    const pooled = [
      maxPool2d(x, 2),
      avgPool2d(x, 2),
      maxPool2d(x, 3, { stride: 1, padding: 1 }),
      avgPool2d(x, 3, { stride: 1, padding: 1 }),
      avgPool2d(x, 5, { stride: 3, padding: 2 }),
    ];
    const slopes = pooled.map((y, i) => gradients([y], [x], [input(`dy${i}`, y.shape)])[0]);
    const four = maxPoolWithIndices(x, 4, { stride: 2 });
    return planOf(Object.fromEntries([...pooled, ...slopes, four.y, four.indices].map((y, i) => [`y${i}`, y])));
  }),
  row(
    "places, whole numbers, 64 bits",
    () => {
      const x = input("x", [16, 40]);
      const ids = input("ids", [16], "int32");
      const table = input("table", [50, 40]);
      const rows = embedding(ids, table);
      const [slope] = gradients([rows], [table], [x]);
      const exact = mean(cast(x, "float64"), 0);
      const sides = concat([x, permute(permute(rows))], 1);
      return planOf({ slope, exact, sides, best: argmax(add(x, rows), 1), hot: oneHot(ids, 50) });
    },
    fused,
    1,
  ),
];

export const replayed: readonly Replayed[] = [
  ...programs,
  answers("digits", 1),
  trains("digits", 64),
  answers("fashion", 32, plain),
  trains("fashion", 32),
  trains("bench", 128),
  trains("bench", 128, plain),
  trains("bench", 128, wide),
  answers("lenet", 1),
  answers("lenet", 256),
  trains("lenet", 128),
  trains("lenet-modern", 7, plain),
  answers("mlp", 1),
  trains("mlp", 256),
  answers("alexnet", 1),
  answers("vgg11_bn", 1),
  answers("googlenet", 1),
  answers("resnet18", 1),
  answers("resnet18", 1, wide),
  answers("resnet18", 4, plain),
  answers("resnet50", 1),
  trains("resnet18-small", 32),
  trains("resnet18-small", 32, wide),
  answers("densenet121", 1, fused, { inputSize: 64 }),
  answers("mobilenetV2", 1),
  answers("mobilenetV2", 1, wide),
  trains("mobilenetV2", 4, fused, { inputSize: 96 }),
  answers("squeezenet1_1", 1),
];
