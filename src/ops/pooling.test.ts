// Pooling against PyTorch's numbers, the textbook's and central differences.
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkFixture } from "../../test/check-fixture.ts";
import { checkOp, distinct, type OpCase } from "../../test/check-op.ts";
import { testEngines } from "../../test/engines.ts";
import { type FixtureCase, readFixtures } from "../../test/fixtures.ts";
import { filled, fromNested, type NdArray, type Nested, ndarray, toNested } from "../base/array.ts";
import { Random } from "../base/random.ts";
import { gradients } from "../compile/grad.ts";
import { referenceEngine } from "../engines/reference/engine.ts";
import { input, type Tensor } from "../graph/graph.ts";
import { runOnce } from "../run/session.ts";
import { adaptiveAvgPool } from "./adaptive.ts";
import * as pool from "./cards/pooling.ts";
import type { PerAxis } from "./geometry.ts";
import * as pooling from "./pooling.ts";

type Options = Record<string, unknown> & { kernelSize: PerAxis };

function build(one: FixtureCase): (inputs: Readonly<Record<string, Tensor>>) => Record<string, Tensor> {
  const { normType, kernelSize, ...options } = one.attributes as Options;
  const ranked = pooling as unknown as Record<string, (...given: readonly unknown[]) => unknown>;
  return ({ x }) => {
    if (one.op.startsWith("maxPool"))
      return ranked[`${one.op}WithIndices`](x, kernelSize, options) as Record<string, Tensor>;
    if (one.op.startsWith("avgPool")) return { y: ranked[one.op](x, kernelSize, options) as Tensor };
    if (one.op.startsWith("lpPool")) return { y: ranked[one.op](x, normType, kernelSize, options) as Tensor };
    return { y: ranked[one.op](x) as Tensor };
  };
}

for (const one of readFixtures("pooling").filter(({ op }) => !op.startsWith("adaptive"))) {
  test(`PyTorch: ${one.name}`, () => checkFixture(one, build(one)));
}

/** A pooling whose windows lie at least partly in the input. */
function draw(random: Random): { x: NdArray; attributes: pool.PoolAttributes } {
  const rank = 1 + random.below(3);
  const each = (from: number, to: number): number[] =>
    Array.from({ length: rank }, () => from + random.below(to - from + 1));
  const window = each(1, 3);
  const dilation = each(1, 2);
  const padBefore = window.map((k) => random.below(Math.min(2, k)));
  const padAfter = window.map((k) => random.below(Math.min(2, k)));
  const size = window.map((k, axis) => dilation[axis] * (k - 1) + 1 + random.below(3));
  const x = distinct(random, [1 + random.below(2), 1 + random.below(2), ...size]);
  return {
    x,
    attributes: { window, stride: each(1, 3), dilation, padBefore, padAfter, ceilMode: random.below(2) === 0 },
  };
}

const plane = (attributes: Partial<pool.PoolAttributes>): pool.PoolAttributes => ({
  window: [3, 3],
  stride: [2, 2],
  dilation: [1, 1],
  padBefore: [1, 1],
  padAfter: [1, 1],
  ceilMode: false,
  ...attributes,
});

checkOp(pool.maxPoolOp, {
  cases: [
    { name: "3 stride 2 padding 1", inputs: [distinct(new Random(1), [2, 2, 7, 6])], attributes: plane({}) },
    {
      name: "uneven padding",
      inputs: [distinct(new Random(2), [1, 2, 5, 5])],
      attributes: plane({ padBefore: [0, 2], padAfter: [1, 0] }),
    },
  ],
  random: (random) => {
    const { x, attributes } = draw(random);
    return { inputs: [x], attributes };
  },
});

checkOp(pool.averagePoolOp, {
  cases: [],
  random: (random) => {
    const { x, attributes } = draw(random);
    return { inputs: [x], attributes: { ...attributes, countIncludePad: random.below(2) === 0 } };
  },
});

checkOp(pool.maxPoolGradientOp, {
  cases: [],
  random: (random) => {
    const { x, attributes } = draw(random);
    const [y, indices] = pool.maxPoolOp.reference!([x], attributes, pool.maxPoolOp.infer([x], attributes));
    return { inputs: [distinct(random, y.shape), indices], attributes: { ...attributes, shape: x.shape } };
  },
});

checkOp(pool.averagePoolGradientOp, {
  cases: [],
  random: (random) => {
    const { x, attributes } = draw(random);
    const full = { ...attributes, countIncludePad: random.below(2) === 0 };
    const [{ shape }] = pool.averagePoolOp.infer([x], full);
    return { inputs: [distinct(random, shape)], attributes: { ...full, shape: x.shape } };
  },
});

const places = (random: Random): { x: NdArray; y: NdArray; indices: NdArray } => {
  const x = distinct(random, [2, 2, 3, 4]);
  const y = distinct(random, [2, 2, 2, 2]);
  const indices = { ...y, dtype: "int32" as const, data: Float64Array.from(y.data, () => random.below(13) - 1) };
  return { x, y, indices };
};

checkOp(pool.gatherPlacesOp, {
  cases: [],
  seeds: 3,
  random: (random): Omit<OpCase, "name"> => {
    const { x, indices } = places(random);
    return { inputs: [x, indices], attributes: {} };
  },
});

checkOp(pool.scatterPlacesOp, {
  cases: [],
  seeds: 3,
  random: (random) => {
    const { x, y, indices } = places(random);
    return { inputs: [y, indices], attributes: { shape: x.shape } };
  },
});

// ---- closed forms -----------------------------------------------------------------------------------------------------

const counting = ndarray(
  [1, 1, 4, 4],
  Array.from({ length: 16 }, (_, i) => i),
);

async function valueAt(build: (x: Tensor) => Tensor, array: NdArray): Promise<Nested> {
  const x = input("x", array.shape);
  const { y } = await runOnce({ y: build(x) }, { x: array }, referenceEngine());
  return toNested(y);
}

test("pooling of 0 … 15", async () => {
  assert.deepEqual(await valueAt((x) => pooling.maxPool2d(x, 3), counting), [[[[10]]]]);
  assert.deepEqual(await valueAt((x) => pooling.maxPool2d(x, 3, { stride: 2, padding: 1 }), counting), [
    [
      [
        [5, 7],
        [13, 15],
      ],
    ],
  ]);
  const counted = await valueAt((x) => pooling.avgPool2d(x, 3, { stride: 2, padding: 1 }), counting);
  const expected = [1.1111, 2.6667, 5.6667, 10];
  (counted as number[][][][]).flat(3).forEach((value, i) => {
    assert.ok(Math.abs(value - expected[i]) < 5e-5, `${value}`);
  });
  assert.deepEqual(
    await valueAt((x) => pooling.avgPool2d(x, 3, { stride: 2, padding: 1, countIncludePad: false }), counting),
    [
      [
        [
          [2.5, 4],
          [8.5, 10],
        ],
      ],
    ],
  );
});

test("means of large windows and of whole maps keep their digits, in every engine", async () => {
  const x = input("x", [1, 1, 192, 160]);
  const feeds = { x: filled([1, 1, 192, 160], Math.fround(0.1)) };
  const outputs = {
    windows: pooling.avgPool2d(x, [96, 80]),
    over: pooling.avgPool2d(x, 65, { stride: 40, padding: 8, countIncludePad: false }),
    whole: pooling.avgPool2d(x, [192, 160]),
    global: pooling.globalAvgPool(x),
    adaptive: adaptiveAvgPool(x, 1),
  };
  for (const { name, make } of testEngines) {
    const answers = await runOnce(outputs, feeds, await make());
    for (const [key, { data }] of Object.entries(answers)) {
      for (const value of data) assert.ok(Math.abs(value / Math.fround(0.1) - 1) < 2e-6, `${key} on ${name}: ${value}`);
    }
  }
});

test("pooling 2/2 changes under a shift by one", async () => {
  const wave = fromNested([[[0, 0, 1, 1, 0, 0, 1, 1]]]);
  const shifted = fromNested([[[1, 0, 0, 1, 1, 0, 0, 1]]]);
  assert.deepEqual(await valueAt((x) => pooling.maxPool1d(x, 2), wave), [[[0, 1, 0, 1]]]);
  assert.deepEqual(await valueAt((x) => pooling.maxPool1d(x, 2), shifted), [[[1, 1, 1, 1]]]);
});

test("a global maximum does not see place", async () => {
  const rolled = ndarray(
    [1, 1, 4, 4],
    Array.from({ length: 16 }, (_, i) => (i + 5) % 16),
  );
  assert.deepEqual(await valueAt(pooling.globalMaxPool, counting), await valueAt(pooling.globalMaxPool, rolled));
});

test("the gradient of a maximum goes to the first of equals", async () => {
  const x = input("x", [1, 1, 2, 4]);
  const y = pooling.maxPool2d(x, 2);
  const [dx] = gradients([y], [x], [input("dy", y.shape)]);
  const feeds = {
    x: fromNested([
      [
        [
          [1, 1, 0, 0],
          [1, 1, 0, 2],
        ],
      ],
    ]),
    dy: fromNested([[[[5, 7]]]]),
  };
  const answer = await runOnce({ dx }, feeds, referenceEngine());
  assert.deepEqual(toNested(answer.dx), [
    [
      [
        [5, 0, 0, 0],
        [0, 0, 0, 7],
      ],
    ],
  ]);
});

test("ceil mode with a divisor of one's own sums what lies in the input", async () => {
  const answer = await valueAt(
    (x) => pooling.avgPool2d(x, 3, { stride: 2, ceilMode: true, divisorOverride: 1 }),
    counting,
  );
  assert.deepEqual((answer as number[][][][]).flat(3).map(Math.round), [45, 39, 66, 50]);
});

test("power-average pooling with norm 2 is the root of the sum of squares", async () => {
  const answer = (await valueAt((x) => pooling.lpPool2d(x, 2, 2), counting)) as number[][][][];
  assert.ok(Math.abs(answer[0][0][0][0] - Math.sqrt(0 + 1 + 16 + 25)) < 1e-12);
});

test("what cannot be is refused in words", () => {
  const x = input("x", [1, 2, 4, 4]);
  assert.throws(() => pooling.maxPool2d(x, 5), /along the height the input has 4 cells, but the kernel of 5 needs 5/);
  assert.throws(
    () => pooling.maxPool2d(x, 0),
    /maxPool2d: kernelSize must be a whole number of at least 1, or 2 of them; it is 0/,
  );
  assert.throws(() => pooling.maxPool2d(x, 2, { stride: 0.5 }), /maxPool2d: stride must be a whole number/);
  assert.throws(() => pooling.maxPool1d(x, 2), /maxPool1d needs an input of 3 axes/);
  assert.throws(() => pooling.maxPool2d(x, 2, { padding: 2 }), /see nothing but padding/);
  assert.throws(() => pooling.maxPool2d(x, 2, { strides: 2 } as object), /did you mean "stride"/);
  assert.throws(
    () => pooling.avgPool2d(x, [2, 2, 2]),
    /avgPool2d: kernelSize must be .*, or 2 of them; it is \[2, 2, 2\]/,
  );
});
