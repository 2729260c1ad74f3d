// Reading by number, one-hot, running sums and sorting: small examples and central differences.

import assert from "node:assert/strict";
import { test } from "node:test";
import { checkFunction, checkOp, distinct, integers, numbers } from "../../test/check-op.ts";
import { fromNested, type NdArray, ndarray, toNested } from "../base/array.ts";
import type { Random } from "../base/random.ts";
import { referenceEngine } from "../engines/reference/engine.ts";
import { input, type Tensor } from "../graph/graph.ts";
import { runOnce } from "../run/session.ts";
import { gatherOp, scatterAddOp, scatterAlongAxisOp, takeAlongAxisOp } from "./cards/gather.ts";
import { cumulativeSumOp, sortOp } from "./cards/order.ts";
import * as gathering from "./gather.ts";
import * as order from "./order.ts";

function draw(random: Random): { x: NdArray; axis: number; indices: NdArray } {
  const shape = Array.from({ length: 1 + random.below(3) }, () => 1 + random.below(4));
  const axis = random.below(shape.length);
  const indices = integers(
    random,
    Array.from({ length: random.below(3) }, () => 1 + random.below(3)),
    2 * shape[axis],
  );
  for (let i = 0; i < indices.data.length; i++) indices.data[i] -= shape[axis];
  return { x: numbers(random, shape), axis, indices };
}

checkOp(gatherOp, {
  cases: [],
  random(random) {
    const { x, axis, indices } = draw(random);
    return { inputs: [x, indices], attributes: { axis } };
  },
});

checkOp(scatterAddOp, {
  cases: [],
  random(random) {
    const { x, axis, indices } = draw(random);
    const dy = numbers(random, [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)]);
    return { inputs: [dy, indices], attributes: { axis, shape: x.shape } };
  },
});

function drawElements(random: Random): { x: NdArray; axis: number; indices: NdArray } {
  const { x, axis } = draw(random);
  const shape = x.shape.map((n, a) => (a === axis ? 1 + random.below(5) : 1 + random.below(n)));
  const indices = integers(random, shape, 2 * x.shape[axis]);
  for (let i = 0; i < indices.data.length; i++) indices.data[i] -= x.shape[axis];
  return { x, axis, indices };
}

checkOp(takeAlongAxisOp, {
  cases: [],
  random(random) {
    const { x, axis, indices } = drawElements(random);
    return { inputs: [x, indices], attributes: { axis } };
  },
});

checkOp(scatterAlongAxisOp, {
  cases: [],
  random(random) {
    const { x, axis, indices } = drawElements(random);
    return { inputs: [numbers(random, indices.shape), indices], attributes: { axis, shape: x.shape } };
  },
});

checkOp(cumulativeSumOp, {
  cases: [],
  random(random) {
    const { x, axis } = draw(random);
    return { inputs: [x], attributes: { axis, reverse: random.below(2) === 0, exclusive: random.below(2) === 0 } };
  },
});

checkOp(sortOp, {
  cases: [],
  random(random) {
    const { x, axis } = draw(random);
    return { inputs: [distinct(random, x.shape)], attributes: { axis, descending: random.below(2) === 0 } };
  },
});

async function run(build: (x: Tensor) => Tensor, array: NdArray): Promise<unknown> {
  const x = input("x", array.shape, array.dtype);
  const { y } = await runOnce({ y: build(x) }, { x: array }, referenceEngine());
  return toNested(y);
}

test("one-hot along the last axis and another", async () => {
  const classes = ndarray([2], [2, 0], "int32");
  assert.deepEqual(await run((x) => gathering.oneHot(x, 3), classes), [
    [0, 0, 1],
    [1, 0, 0],
  ]);
  assert.deepEqual(await run((x) => gathering.oneHot(x, 3, 0), classes), [
    [0, 1],
    [0, 0],
    [1, 0],
  ]);
});

test("rows of a table, and their sum scattered back", async () => {
  const table = fromNested([
    [1, 2],
    [3, 4],
  ]);
  const rows = ndarray([3], [1, 0, 1], "int32");
  const x = input("table", [2, 2]);
  const i = input("rows", [3], "int32");
  const taken = gathering.embedding(i, x);
  const back = gathering.scatterAdd(taken, i, 0, 3);
  const answer = await runOnce({ taken, back }, { table, rows }, referenceEngine());
  assert.deepEqual(toNested(answer.taken), [
    [3, 4],
    [1, 2],
    [3, 4],
  ]);
  assert.deepEqual(toNested(answer.back), [
    [1, 2],
    [6, 8],
    [0, 0],
  ]);
});

test("an index outside the axis is an error in words", async () => {
  const x = input("x", [2, 2]);
  const y = gathering.gather(x, input("i", [1], "int32"), 0);
  const feeds = { x: ndarray([2, 2], [1, 2, 3, 4]), i: ndarray([1], [2], "int32") };
  await assert.rejects(
    runOnce({ y }, feeds, referenceEngine()),
    /gather: the index 2 at place 0 names nothing: it must be a whole number from -2 to 1/,
  );
});

test("running sums, sorting and the largest", async () => {
  const line = ndarray([4], [3, 1, 3, 2]);
  assert.deepEqual(await run((x) => order.cumsum(x, 0), line), [3, 4, 7, 9]);
  assert.deepEqual(await run((x) => order.cumsum(x, 0, { exclusive: true, reverse: true }), line), [6, 5, 2, 0]);
  assert.deepEqual(await run((x) => order.sort(x).indices, line), [1, 3, 0, 2]);
  assert.deepEqual(await run((x) => order.sort(x, 0, { descending: true }).indices, line), [0, 2, 3, 1]);
  assert.deepEqual(await run((x) => order.topk(x, 2).values, line), [3, 3]);
  assert.deepEqual(await run((x) => order.topk(x, 2, 0, { largest: false }).values, line), [1, 2]);
  const broken = ndarray([3], [Number.NaN, 1, Infinity]);
  assert.deepEqual(await run((x) => order.sort(x).indices, broken), [1, 2, 0]);
  await checkFunction(([x]) => [order.topk(x, 2, 0).values], [{ ...line, data: Float64Array.of(3, 1, 4, 2) }]);
});

test("what cannot be is refused in words", () => {
  const x = input("x", [2, 3]);
  assert.throws(() => gathering.gather(x, input("i", [2]), 0), /whole numbers \(int32\) as indices, not float32/);
  assert.throws(() => gathering.takeAlongDim(x, input("i", [2], "int32"), 0), /need as many axes/);
  assert.throws(() => gathering.gather(x, input("i", [2], "int32"), 2), /axis 2 does not exist/);
  assert.throws(() => order.topk(x, 4), /k = 4 must lie between 1 and 3/);
  assert.throws(
    () => gathering.oneHot(input("i", [2], "int32"), 0),
    /classes must be a whole number of at least 1; it is 0/,
  );
});
