// The harness itself: a card with one thing wrong must be caught, each thing by the check that is meant for it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type NdArray, ndarray } from "../src/base/array.ts";
import { Random } from "../src/base/random.ts";
import { apply, type Tensor } from "../src/graph/graph.ts";
import type { Op } from "../src/graph/op.ts";
import { mul } from "../src/ops/arithmetic.ts";
import { type AveragePoolAttributes, averagePoolOp, averagePoolWith } from "../src/ops/cards/pooling.ts";
import { assertClose, checkDefinition, checkFunction, numbers } from "./check-op.ts";

const attributes: AveragePoolAttributes = {
  window: [2],
  stride: [2],
  dilation: [1],
  padBefore: [0],
  padAfter: [0],
  ceilMode: false,
  countIncludePad: true,
};

const x = numbers(new Random(1), [1, 2, 6]);

async function check(changes: Partial<Op<AveragePoolAttributes>>): Promise<void> {
  const op: Op<AveragePoolAttributes> = { ...averagePoolOp, ...changes };
  const outputs = checkDefinition(op, { name: "pool", inputs: [x], attributes });
  await checkFunction((inputs: readonly Tensor[]) => apply(op, inputs, attributes), [x], {}, outputs);
}

test("a right card passes", () => check({}));

test("a wrong shape is caught", async () => {
  // The gradient's own card finds that no pooling gives this.
  const wrong = check({ infer: ([t]) => [{ shape: [1, 2, 6], dtype: t.dtype }] });
  await assert.rejects(wrong, /the gradient is \[1, 2, 6\], but this pooling gives \[1, 2, 3\]/);
  const short: Op<AveragePoolAttributes>["reference"] = (inputs, own, [type]) =>
    averagePoolOp.reference!(inputs, own, [{ ...type, shape: [1, 2, 2] }]);
  await assert.rejects(check({ reference: short }), /the shape differs from the inferred one/);
});

test("a wrong gradient is caught", async () => {
  const gradient: Op<AveragePoolAttributes>["gradient"] = (node, gradients, own) =>
    averagePoolOp.gradient!(node, gradients, own).map((g) => g && mul(g, 1 + 1e-4));
  await assert.rejects(check({ gradient }), /central differences give/);
});

test("a wrong lowering is caught in every engine", async () => {
  const lower: Op<AveragePoolAttributes>["lower"] = (inputs, own, outputs) =>
    averagePoolOp.lower!(inputs, { ...own, dilation: [2] }, outputs);
  await assert.rejects(check({ lower }), /of the engine reference, loops/);
});

test("a wrong expansion is caught", async () => {
  const expand: Op<AveragePoolAttributes>["expand"] = ([t], own) => [mul(averagePoolWith(t, own), 1 + 1e-6)];
  await assert.rejects(check({ lower: undefined, expand }), /of the engine/);
});

test("too narrow a view of the places is caught", async () => {
  await assert.rejects(check({ spatial: () => [[{ step: 2, low: 0, high: 0 }]] }), /outside \[/);
});

test("NaN and infinities are equal only to themselves", () => {
  const of = (value: number): NdArray => ndarray([1], [value], "float64");
  assertClose(of(Number.NaN), of(Number.NaN), 0, "NaN");
  assertClose(of(Infinity), of(Infinity), 0, "infinity");
  assert.throws(() => assertClose(of(Number.NaN), of(1), 1, "NaN"), /is NaN, not 1/);
  assert.throws(() => assertClose(of(1), of(Infinity), 1, "infinity", true), /is 1, not Infinity/);
});
