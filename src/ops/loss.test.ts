// Losses and softmax against PyTorch's numbers, and against central differences.
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkFixture } from "../../test/check-fixture.ts";
import { checkFunction, checkOp, integers, numbers } from "../../test/check-op.ts";
import { type FixtureCase, readFixtures } from "../../test/fixtures.ts";
import type { NdArray } from "../base/array.ts";
import { NeocogError } from "../base/errors.ts";
import { Random } from "../base/random.ts";
import { input, type Tensor } from "../graph/graph.ts";
import { binaryCrossEntropyOp } from "./cards/loss.ts";
import { logSoftmaxOp, logSumExpOp, softmaxOp } from "./cards/softmax.ts";
import * as loss from "./loss.ts";
import { logSoftmax, logsumexp, softmax } from "./softmax.ts";

type Build = (x: Tensor, target: Tensor, attributes: Record<string, unknown>, more: Record<string, Tensor>) => Tensor;

const losses: Record<string, Build> = {
  crossEntropy: (x, t, options, more) => loss.crossEntropy(x, t, { ...options, ...more }),
  nllLoss: (x, t, options, more) => loss.nllLoss(x, t, { ...options, ...more }),
  mseLoss: (x, t, options) => loss.mseLoss(x, t, options),
  l1Loss: (x, t, options) => loss.l1Loss(x, t, options),
  smoothL1Loss: (x, t, options) => loss.smoothL1Loss(x, t, options),
  huberLoss: (x, t, options) => loss.huberLoss(x, t, options),
  binaryCrossEntropy: (x, t, options) => loss.binaryCrossEntropy(x, t, options),
  binaryCrossEntropyWithLogits: (x, t, options, more) =>
    loss.binaryCrossEntropyWithLogits(x, t, { ...options, ...more }),
  klDiv: (x, t, options) => loss.klDiv(x, t, options),
  softmax: (x, _t, { dim }) => softmax(x, dim as number),
  logSoftmax: (x, _t, { dim }) => logSoftmax(x, dim as number),
  logsumexp: (x, _t, { dim, keepdim }) => logsumexp(x, dim as number | number[], keepdim === true),
};

function build(one: FixtureCase): (inputs: Readonly<Record<string, Tensor>>) => Record<string, Tensor> {
  return ({ x, target, ...more }) => ({ y: losses[one.op](x, target, { ...one.attributes }, more) });
}

/** Where the target is 0, PyTorch's own gradient of t ln t with respect to t is NaN; ours is finite. Not compared. */
const comparable = (one: FixtureCase): FixtureCase =>
  one.op === "klDiv" ? { ...one, gradient: { x: one.gradient.x } } : one;

/** PyTorch's least divisor in binaryCrossEntropy's gradient, 1e-12, is one of float32 even for float64 tensors. */
const toleranceOf = ({ op }: FixtureCase): number => (op === "binaryCrossEntropy" ? 1e-8 : 1e-9);

for (const one of readFixtures("losses").map(comparable))
  test(`PyTorch: ${one.name}`, () => checkFixture(one, build(one), toleranceOf(one)));

for (const [op, name] of [
  [softmaxOp, "softmax"],
  [logSoftmaxOp, "logSoftmax"],
] as const) {
  checkOp(op, {
    cases: [{ name: `${name} of a place`, inputs: [numbers(new Random(1), [2, 3, 2, 2])], attributes: { axis: 1 } }],
    random: (random) => {
      const shape = Array.from({ length: 1 + random.below(4) }, () => 1 + random.below(4));
      return { inputs: [numbers(random, shape, -8, 8)], attributes: { axis: random.below(shape.length) } };
    },
  });
}

checkOp(binaryCrossEntropyOp, {
  cases: [],
  seeds: 4,
  random: (random) => {
    const shape = [1 + random.below(3), 1 + random.below(4)];
    return { inputs: [numbers(random, shape, 0.125, 0.875), numbers(random, shape, 0, 1)], attributes: {} };
  },
});

checkOp(logSumExpOp, {
  cases: [],
  random: (random) => {
    const shape = Array.from({ length: 1 + random.below(4) }, () => 1 + random.below(4));
    const axes = shape.map((_, axis) => axis).filter(() => random.below(2) === 0);
    return { inputs: [numbers(random, shape, -8, 8)], attributes: { axes, keepDims: random.below(2) === 0 } };
  },
});

test("every loss has the gradient of its value", async () => {
  const random = new Random(3, "losses");
  const x = numbers(random, [4, 5]);
  const probability: NdArray = numbers(random, [4, 5], 0.125, 0.875);
  const target = { ...numbers(random, [4, 5]), data: Float64Array.from(x.data, (v, i) => v + (i % 5) * 0.75 - 1.4) };
  const classes = integers(random, [4], 5);
  for (const reduction of ["mean", "sum", "none"] as const) {
    await checkFunction(([a, t]) => [loss.crossEntropy(a, t, { reduction, labelSmoothing: 0.2 })], [x, classes]);
    await checkFunction(([a, t]) => [loss.mseLoss(a, t, { reduction })], [x, target]);
    await checkFunction(([a, t]) => [loss.l1Loss(a, t, { reduction })], [x, target]);
    await checkFunction(([a, t]) => [loss.smoothL1Loss(a, t, { reduction, beta: 0.3 })], [x, target]);
    await checkFunction(([a, t]) => [loss.huberLoss(a, t, { reduction, delta: 0.3 })], [x, target]);
    await checkFunction(([a, t]) => [loss.binaryCrossEntropy(a, t, { reduction })], [probability, probability]);
    await checkFunction(([a, t]) => [loss.binaryCrossEntropyWithLogits(a, t, { reduction })], [x, probability]);
    await checkFunction(([a, t]) => [loss.klDiv(a, t, { reduction })], [x, probability]);
  }
});

test("what cannot be is refused in words", () => {
  const x = input("x", [4, 5]);
  const t = input("t", [4], "int32");
  assert.throws(() => loss.crossEntropy(x, input("t", [5], "int32")), /the target must be \[4\] \(class numbers\)/);
  assert.throws(() => loss.crossEntropy(x, t, { labelSmoothing: 2 }), /between 0 and 1/);
  assert.throws(() => loss.crossEntropy(x, t, { weight: input("w", [4]) }), /there are 5 classes/);
  assert.throws(() => loss.crossEntropy(x, t, { reduction: "avg" as "mean" }), NeocogError);
  assert.throws(() => loss.mseLoss(x, input("y", [5, 4])), /must have one shape/);
  assert.throws(() => loss.mseLoss(x, x, { reductoin: "sum" } as object), /did you mean "reduction"/);
});
