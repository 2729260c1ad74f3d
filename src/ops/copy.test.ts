// Moving and reducing: transpose, slice, flip, pad, concat, tile, broadcast, reshape, sums, extrema, products, matrix products.

import assert from "node:assert/strict";
import { test } from "node:test";
import { checkFunction, checkOp, distinct, numbers } from "../../test/check-op.ts";
import { testEngines } from "../../test/engines.ts";
import { type NdArray, type Nested, ndarray, toNested } from "../base/array.ts";
import { Random } from "../base/random.ts";
import { type Shape, sizeOf } from "../base/shape.ts";
import { gradients } from "../compile/grad.ts";
import { referenceEngine } from "../engines/reference/engine.ts";
import { input, type Tensor } from "../graph/graph.ts";
import type { Combine } from "../kernel/kernel.ts";
import { runOnce } from "../run/session.ts";
import { copyOp } from "./cards/copy.ts";
import { matmulOp } from "./cards/matmul.ts";
import { reduceOp } from "./cards/reduce.ts";
import { reshapeOp } from "./cards/reshape.ts";
import { broadcastOp, sumOp } from "./cards/sum.ts";
import * as copy from "./copy.ts";
import { linear, matmul } from "./matmul.ts";
import * as reductions from "./reduce.ts";
import { flatten, reshape, squeeze, unsqueeze } from "./reshape.ts";
import { broadcastTo, mean, sum } from "./sum.ts";

const counting = (shape: Shape, from = 0): NdArray =>
  ndarray(
    shape,
    Array.from({ length: sizeOf(shape) }, (_, i) => i + from),
  );

async function run(build: (x: Tensor) => Tensor, array: NdArray): Promise<Nested> {
  const { y } = await runOnce({ y: build(input("x", array.shape)) }, { x: array }, referenceEngine());
  return toNested(y);
}

const drawShape = (random: Random, rank: number, most = 4): number[] =>
  Array.from({ length: rank }, () => 1 + random.below(most));

test("copies: small examples", async () => {
  const x = counting([2, 3]);
  assert.deepEqual(await run((t) => copy.permute(t), x), [
    [0, 3],
    [1, 4],
    [2, 5],
  ]);
  assert.deepEqual(await run((t) => copy.slice(t, [{ start: -1 }, { step: 2 }]), x), [[3, 5]]);
  assert.deepEqual(await run((t) => copy.slice(t, [undefined, { step: -2 }]), x), [
    [2, 0],
    [5, 3],
  ]);
  assert.deepEqual(await run((t) => copy.flip(t, [-1]), x), [
    [2, 1, 0],
    [5, 4, 3],
  ]);
  assert.deepEqual(await run((t) => copy.tile(t, [1, 2]), x), [
    [0, 1, 2, 0, 1, 2],
    [3, 4, 5, 3, 4, 5],
  ]);
  assert.deepEqual(await run((t) => copy.concat([t, t], 0), x), [
    [0, 1, 2],
    [3, 4, 5],
    [0, 1, 2],
    [3, 4, 5],
  ]);
  assert.deepEqual(await run((t) => copy.pad(t, [0, 1], [1, 0], "constant", 9), x), [
    [9, 0, 1, 2],
    [9, 3, 4, 5],
    [9, 9, 9, 9],
  ]);
  assert.deepEqual(await run((t) => squeeze(unsqueeze(flatten(t, 0), 0), [0]), x), [0, 1, 2, 3, 4, 5]);
});

test("flatten, squeeze and unsqueeze count axes from either end and refuse one that is not there", () => {
  const x = input("x", [2, 3, 1, 5]);
  assert.deepEqual(flatten(x).shape, [2, 15]);
  assert.deepEqual(flatten(x, 0, 1).shape, [6, 1, 5]);
  assert.deepEqual(flatten(x, -2).shape, [2, 3, 5]);
  assert.deepEqual(flatten(input("s", []), 0).shape, [1]);
  assert.deepEqual(squeeze(x, [-2, 0]).shape, [2, 3, 5]);
  assert.deepEqual(unsqueeze(x, -1).shape, [2, 3, 1, 5, 1]);
  assert.deepEqual(unsqueeze(x, 4).shape, [2, 3, 1, 5, 1]);
  assert.throws(() => flatten(x, 4), /^NeocogError: flatten's start 4 does not exist: the tensor has 4 axes/);
  assert.throws(() => flatten(x, 2, 1), /flatten's start 2 lies behind its end 1 in \[2, 3, 1, 5\]\./);
  assert.throws(() => squeeze(x, [4]), /axis 4 does not exist/);
  assert.throws(() => unsqueeze(x, 5), /axis 5 does not exist: the tensor has 5 axes/);
});

for (let seed = 0; seed < 12; seed++) {
  test(`copies and their adjoints, seed ${seed}`, async () => {
    const random = new Random(seed, "copies");
    const shape = drawShape(random, 1 + random.below(4));
    const x = numbers(random, shape);
    const order = Array.from(random.permutation(shape.length));
    const ranges = shape.map((n) => {
      const start = random.below(n);
      const stop = start + 1 + random.below(n - start);
      const step = 1 + random.below(2);
      return random.below(2) === 0
        ? { start, stop, step }
        : { start: stop - 1, stop: start === 0 ? undefined : start - 1, step: -step };
    });
    const widths = (): number[] => shape.map(() => random.below(3));
    const mode = (["zeros", "constant", "reflect", "replicate", "circular"] as const)[random.below(5)];
    const limit = (list: number[]): number[] =>
      list.map((n, axis) => Math.min(n, mode === "reflect" ? shape[axis] - 1 : mode === "circular" ? shape[axis] : n));
    const axis = random.below(shape.length);
    await checkFunction(([t]) => [copy.permute(t, order)], [x]);
    await checkFunction(([t]) => [copy.slice(t, ranges)], [x]);
    const places =
      mode === "zeros" || mode === "constant" ? undefined : "cells of the padding are copies from within the input";
    const [before, after] = [limit(widths()), limit(widths())];
    await checkFunction(([t]) => [copy.pad(t, before, after, mode, 0.5)], [x], { places });
    await checkFunction(
      ([t]) => [
        copy.tile(
          t,
          shape.map(() => 1 + random.below(2)),
        ),
      ],
      [x],
    );
    const other = numbers(
      random,
      shape.map((n, a) => (a === axis ? 1 + random.below(3) : n)),
    );
    await checkFunction((list) => [copy.concat(list, axis)], [x, other, numbers(random, shape)]);
  });
}

test("cropping by negative padding", async () => {
  await checkFunction(([t]) => [copy.pad(t, [-1, 2], [1, -2])], [counting([3, 4])]);
});

checkOp(copyOp, {
  cases: [
    {
      name: "nothing beside two numbers",
      inputs: [counting([2, 0]), counting([2, 1])],
      attributes: {
        name: "concat",
        shape: [2, 1],
        pieces: [0, 1].map((operand) => ({
          operand,
          shape: [2, operand],
          from: { strides: [operand, 1], offset: 0 },
          to: { strides: [1, 1], offset: 0 },
          accumulate: false,
        })),
        spatial: ["everything", "everything"],
        parameters: {},
      },
    },
    {
      name: "overlapping windows, read twice",
      inputs: [distinct(new Random(1), [5])],
      attributes: {
        name: "windows",
        shape: [3, 3],
        pieces: [
          {
            operand: 0,
            shape: [3, 3],
            from: { strides: [1, 1], offset: 0 },
            to: { strides: [3, 1], offset: 0 },
            accumulate: false,
          },
        ],
        spatial: ["everything"],
        parameters: {},
      },
    },
  ],
});

checkOp(broadcastOp, {
  cases: [],
  random(random) {
    const shape = drawShape(random, 1 + random.below(4));
    const own = shape.slice(random.below(shape.length + 1)).map((n) => (random.below(2) === 0 ? n : 1));
    return { inputs: [numbers(random, own)], attributes: { shape } };
  },
});

checkOp(reshapeOp, {
  cases: [
    { name: "[2, 6] to [3, 4]", inputs: [counting([2, 6])], attributes: { shape: [3, 4] } },
    { name: "[2, 6] to [2, 3, 2]", inputs: [counting([2, 6])], attributes: { shape: [2, 3, 2] } },
  ],
});

checkOp(sumOp, {
  cases: [{ name: "no axes", inputs: [counting([2, 3])], attributes: { axes: [], keepDims: false, mean: false } }],
  seeds: 20,
  random(random) {
    const shape = drawShape(random, 1 + random.below(4));
    const axes = shape.map((_, axis) => axis).filter(() => random.below(2) === 0);
    const attributes = { axes, keepDims: random.below(2) === 0, mean: random.below(2) === 0 };
    return { inputs: [numbers(random, shape)], attributes };
  },
});

const combines: readonly Exclude<Combine, "sum">[] = ["product", "maximum", "minimum", "argMaximum", "argMinimum"];

checkOp(reduceOp, {
  cases: combines.map((combine) => ({
    name: combine,
    inputs: [distinct(new Random(1), [2, 3, 4])],
    attributes: { combine, axes: [1], keepDims: true },
  })),
  seeds: 25,
  random(random) {
    const shape = drawShape(random, 1 + random.below(3), 3);
    const axes = shape.map((_, axis) => axis).filter(() => random.below(2) === 0);
    const attributes = { combine: combines[random.below(5)], axes, keepDims: random.below(2) === 0 };
    return { inputs: [distinct(random, shape)], attributes };
  },
});

test("ties: the first place, and the gradient is shared", async () => {
  const x = ndarray([4], [1, 3, 3, 0]);
  assert.deepEqual(await run((t) => reductions.argmax(t), x), 1);
  assert.deepEqual(await run((t) => reductions.argmin(t, 0), ndarray([3], [2, 0, 0])), 1);
  const broken = ndarray([3], [1, Number.NaN, 5]);
  assert.deepEqual(await run((t) => reductions.amax(t), broken), Number.NaN);
  assert.deepEqual(await run((t) => reductions.argmax(t), broken), 1);
});

test("a NaN is the maximum and the minimum, at its first place, in every engine", async () => {
  const { NaN: nan } = Number;
  const x = input("x", [4, 3]);
  const feeds = { x: ndarray([4, 3], [1, nan, 3, nan, 1, nan, 3, 2, nan, 1, 3, 2]) };
  const outputs = {
    argmax: reductions.argmax(x, 1),
    argmin: reductions.argmin(x, 1),
    whole: reductions.argmax(x),
    amax: reductions.amax(x, 1),
    amin: reductions.amin(x, 1),
  };
  for (const { make } of testEngines) {
    const answer = await runOnce(outputs, feeds, await make());
    assert.deepEqual(toNested(answer.argmax), [1, 0, 2, 1]);
    assert.deepEqual(toNested(answer.argmin), [1, 0, 2, 0]);
    assert.deepEqual(toNested(answer.whole), 1);
    assert.deepEqual(toNested(answer.amax), [nan, nan, nan, 3]);
    assert.deepEqual(toNested(answer.amin), [nan, nan, nan, 1]);
  }
});

test("the gradient of a product with zeros is the product of the others", async () => {
  const x = input("x", [3, 3]);
  const [all] = gradients([reductions.prod(x, 1)], [x], [input("dy", [3])]);
  const [whole] = gradients([reductions.prod(x)], [x], [input("one", [])]);
  const feeds = {
    x: ndarray([3, 3], [0, 2, 4, 0, 3, 0, 5, 2, 3]),
    dy: ndarray([3], [1, 1, 2]),
    one: ndarray([], [1]),
  };
  for (const { make } of testEngines) {
    const answer = await runOnce({ all, whole }, feeds, await make());
    assert.deepEqual(toNested(answer.all), [
      [8, 0, 0],
      [0, 0, 0],
      [12, 30, 20],
    ]);
    assert.deepEqual(Array.from(answer.whole.data), new Array(9).fill(0));
  }
});

checkOp(matmulOp, {
  cases: [],
  seeds: 20,
  random(random) {
    const [m, n, k] = drawShape(random, 3, 5);
    const batch = drawShape(random, random.below(3), 3);
    const ones = (list: number[]): number[] => list.map((size) => (random.below(3) === 0 ? 1 : size));
    const [transposeA, transposeB] = [random.below(2) === 0, random.below(2) === 0];
    const a = [...ones(batch), ...(transposeA ? [k, m] : [m, k])];
    const b = [...ones(batch).slice(random.below(batch.length + 1)), ...(transposeB ? [n, k] : [k, n])];
    const rank = Math.max(a.length, b.length) - 2;
    let macs = 0;
    let batches = 1;
    for (let i = 0; i < rank; i++) batches *= Math.max(a[a.length - 3 - i] ?? 1, b[b.length - 3 - i] ?? 1);
    for (let p = 0; p < batches; p++)
      for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) for (let t = 0; t < k; t++) macs++;
    return { inputs: [numbers(random, a), numbers(random, b)], attributes: { transposeA, transposeB }, macs };
  },
});

test("matmul of vectors, and linear", async () => {
  const x = counting([3], 1);
  assert.deepEqual(await run((t) => matmul(t, t), x), 14);
  assert.deepEqual(await run((t) => matmul(reshape(t, [1, 3]), t), x), [14]);
  const random = new Random(2);
  const arrays = [numbers(random, [2, 3, 4]), numbers(random, [5, 4])];
  await checkFunction(([a, w]) => [linear(a, w)], arrays);
});

test("what cannot be is refused in words", () => {
  const x = input("x", [2, 3]);
  assert.throws(() => reshape(x, [4]), /has 6 elements and cannot be reshaped to \[4\]/);
  assert.throws(() => reshape(x, [-1, 4]), /cannot divide evenly/);
  assert.throws(() => reshape(x, [-1, -1]), /only one size may be -1/);
  assert.throws(() => copy.permute(x, [0, 0]), /must name each of its 2 axes once/);
  assert.throws(() => copy.concat([x, input("y", [2, 4])], 0), /does not fit/);
  assert.throws(() => copy.pad(x, [0, 3], [0, 0], "reflect"), /can add at most 2 cells to axis 1/);
  assert.throws(() => copy.slice(x, [{ step: 0 }]), /step must be a whole number other than 0/);
  assert.throws(() => broadcastTo(x, [2, 4]), /cannot be broadcast to/);
  assert.throws(() => matmul(x, x), /the inner sizes 3 and 2 must be equal/);
  assert.throws(() => linear(x, input("w", [4, 2])), /has 3 features, but the weight/);
  assert.throws(() => reductions.amax(input("e", [0, 2]), 0), /over an empty axis/);
  assert.throws(() => sum(x, 2), /axis 2 does not exist/);
  assert.equal(mean(x, []).shape.length, 2);
});
