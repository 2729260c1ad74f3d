// Normalisation against PyTorch's numbers and against central differences.
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkFixture } from "../../test/check-fixture.ts";
import { checkFunction, checkOp, numbers } from "../../test/check-op.ts";
import { type FixtureCase, readFixtures } from "../../test/fixtures.ts";
import type { NdArray } from "../base/array.ts";
import { Random } from "../base/random.ts";
import { type Shape, sizeOf } from "../base/shape.ts";
import { input, type Tensor } from "../graph/graph.ts";
import * as norm from "./cards/normalization.ts";
import { reducedShape } from "./cards/sum.ts";
import * as normalization from "./normalization.ts";

interface Attributes {
  readonly training: boolean;
  readonly momentum: number;
  readonly eps: number;
  readonly normalizedShape: Shape;
  readonly numGroups: number;
  readonly size: number;
  readonly alpha: number;
  readonly beta: number;
  readonly k: number;
  readonly p: number;
  readonly axis: number;
}

type Build = (
  x: Tensor,
  attributes: Attributes,
  affine: { weight?: Tensor; bias?: Tensor },
  running: normalization.RunningStatistics,
) => Record<string, Tensor>;

const layers: Record<string, Build> = {
  normalize: (x, { p, axis, eps }) => ({ y: normalization.normalize(x, { p, axis, eps }) }),
  batchNorm(x, { training, momentum, eps }, affine, running) {
    if (!training) return { y: normalization.batchNormInference(x, { ...affine, ...running, eps }) };
    const batch = normalization.batchNorm(x, { ...affine, eps });
    const count = sizeOf(x.shape) / x.shape[1];
    return { y: batch.y, ...normalization.movedStatistics(running, batch, count, momentum) };
  },
  layerNorm: (x, { normalizedShape, eps }, affine) => ({
    y: normalization.layerNorm(x, normalizedShape, { ...affine, eps }),
  }),
  groupNorm: (x, { numGroups, eps }, affine) => ({ y: normalization.groupNorm(x, numGroups, { ...affine, eps }) }),
  instanceNorm: (x, { eps }, affine) => ({ y: normalization.instanceNorm(x, { ...affine, eps }) }),
  localResponseNorm: (x, { size, alpha, beta, k }) => ({
    y: normalization.localResponseNorm(x, size, { alpha, beta, k }),
  }),
};

function build(one: FixtureCase): (inputs: Readonly<Record<string, Tensor>>) => Record<string, Tensor> {
  return ({ x, weight, bias, runningMean, runningVar }) =>
    layers[one.op](x, one.attributes as unknown as Attributes, { weight, bias }, { runningMean, runningVar });
}

for (const one of readFixtures("normalization")) test(`PyTorch: ${one.name}`, () => checkFixture(one, build(one)));

const spread = (random: Random, shape: Shape): NdArray => {
  const array = numbers(random, shape);
  array.data[0] += 1; // never all equal
  return array;
};

checkOp(norm.normalizeOp, {
  hard: {
    huge: "the square of 1e30 leaves float32, so its mean has no variance there",
    spreads:
      "deviations are taken from the first number of each mean: an infinite one leaves NaN where the mean is infinite",
  },
  cases: [
    {
      name: "far from zero",
      inputs: [numbers(new Random(1), [4, 2, 3], 99, 101)],
      attributes: { axes: [0, 2], eps: 1e-2 },
    },
  ],
  random(random) {
    const shape = Array.from({ length: 2 + random.below(3) }, () => 2 + random.below(2));
    const first = random.below(shape.length);
    const axes = shape.map((_, axis) => axis).filter((axis) => axis === first || random.below(2) === 0);
    const x = spread(random, shape);
    const kept = reducedShape(shape, axes, true);
    const affine = random.below(2) === 0 ? [numbers(random, kept), numbers(random, kept)] : [];
    return { inputs: [x, ...affine], attributes: { axes, eps: 2 ** -5 } };
  },
});

checkOp(norm.batchNormInferenceOp, {
  hard: {
    infinities: "with an infinite mean or variance the folded shift, bias − mean · scale, has no number",
  },
  cases: [],
  random(random) {
    const shape = Array.from({ length: 2 + random.below(3) }, () => 1 + random.below(3));
    const channel = (low: number): NdArray => numbers(random, [shape[1]], low, 2);
    return {
      inputs: [numbers(random, shape), channel(-2), channel(0.5), channel(-2), channel(-2)],
      attributes: { eps: 2 ** -7 },
    };
  },
});

test("root-mean-square and length normalisation have the gradient of their value", async () => {
  const random = new Random(5);
  const x = spread(random, [3, 4, 2]);
  const weight = numbers(random, [4, 2]);
  await checkFunction(([a, w]) => [normalization.rmsNorm(a, [4, 2], { weight: w })], [x, weight]);
  await checkFunction(([a]) => [normalization.normalize(a)], [x]);
  await checkFunction(([a, w]) => [normalization.layerNorm(a, [4, 2], { weight: w })], [x, weight]);
});

test("batch and group normalisation without weights", async () => {
  const random = new Random(6);
  const x = spread(random, [2, 3, 4]);
  await checkFunction(([a]) => [normalization.batchNorm(a).y, normalization.groupNorm(a, 3)], [x]);
});

test("what cannot be is refused in words", () => {
  const x = input("x", [2, 6, 4, 4]);
  assert.throws(() => normalization.batchNorm(input("x", [1, 6])), /more than one value a channel in training/);
  assert.throws(() => normalization.batchNorm(x, { weight: input("w", [4]) }), /has 6 channels/);
  assert.throws(
    () => (normalization.normalize as (...given: unknown[]) => void)(x, 2, 1),
    /write normalize\(x, \{ p: 2, axis: 1 \}\)/,
  );
  assert.throws(() => normalization.groupNorm(x, 4), /6 channels cannot be split into 4/);
  assert.throws(() => normalization.layerNorm(x, [6, 4]), /are not the normalised shape \[6, 4\]/);
  assert.throws(() => normalization.instanceNorm(input("x", [2, 3])), /more than one place a map/);
  assert.throws(() => normalization.layerNorm(x, 4, { epsilon: 1 } as object), /no option "epsilon"/);
  assert.throws(() => normalization.localResponseNorm(x, 0), /at least 1/);
});
