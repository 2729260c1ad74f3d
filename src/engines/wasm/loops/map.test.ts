import assert from "node:assert/strict";
import { test } from "node:test";
import { ndarray } from "../../../base/array.ts";
import { Random } from "../../../base/random.ts";
import { stridesOf } from "../../../base/shape.ts";
import {
  add,
  type BinaryName,
  binary,
  binaryValue,
  constant,
  type Expression,
  multiply,
  operand,
  select,
  type UnaryName,
  unary,
  unaryValue,
} from "../../../kernel/expression.ts";
import type { MapKernel } from "../../../kernel/kernel.ts";
import { integers, largestDifference, normals, runKernel, withEngines } from "../run/testing.ts";

function elementwise(shape: number[], outputs: Expression[], operands: number): MapKernel {
  const access = { strides: stridesOf(shape), offset: 0 };
  return { kind: "map", shape, operands: Array.from({ length: operands }, () => access), outputs };
}

const special = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  1e-3,
  1e-38,
  1e-41,
  88,
  -88,
  104,
  -104,
  3e38,
  -3e38,
  1.5,
  2.5,
  NaN,
  Infinity,
  -Infinity,
];

test("every unary function, on ordinary and special numbers", async () => {
  const names = Object.keys(unaryValue) as UnaryName[];
  const random = new Random(1);
  const x = ndarray(
    [400],
    Float32Array.from({ length: 400 }, (_, i) => special[i] ?? random.normal() * 3),
  );
  await withEngines(async (engine) => {
    const kernel = elementwise(
      [400],
      names.map((name) => unary(name, operand(0))),
      1,
    );
    const { actual, expected } = await runKernel(engine, kernel, [x], []);
    names.forEach((name, i) => {
      const difference = largestDifference(actual[i], expected[i], 1e-30);
      const scale = name === "log" ? largestDifference(actual[i], expected[i], 0.1) : difference;
      assert.ok(Math.min(difference, scale) < 4e-7, `${name}: ${difference}`);
    });
    return actual;
  });
});

test("every binary function", async () => {
  const names = Object.keys(binaryValue) as BinaryName[];
  const random = new Random(2);
  const pairs = special.flatMap((a) => special.map((b) => [a, b]));
  const a = ndarray(
    [1000],
    Float32Array.from({ length: 1000 }, (_, i) => pairs[i]?.[0] ?? random.normal()),
  );
  const b = ndarray(
    [1000],
    Float32Array.from({ length: 1000 }, (_, i) => pairs[i]?.[1] ?? random.normal()),
  );
  await withEngines(async (engine) => {
    const kernel = elementwise(
      [1000],
      names.map((name) => binary(name, operand(0), operand(1))),
      2,
    );
    const { actual, expected } = await runKernel(engine, kernel, [a, b], []);
    names.forEach((name, i) => {
      assert.ok(largestDifference(actual[i], expected[i], 1e-30) < 2e-7, name);
    });
    return actual;
  });
});

test("constant powers, selections and constants on either side", async () => {
  const x = ndarray(
    [23],
    Float32Array.from({ length: 23 }, (_, i) => [0, NaN, Infinity][i] ?? i / 4),
  );
  const powers = [2, 3, -1, 0.5, -0.5, 0.75, 1.25, 7, 0, 0.3].map((p) => binary("power", operand(0), constant(p)));
  const others = [
    binary("maximum", operand(0), constant(1)),
    binary("minimum", constant(2), operand(0)),
    select(binary("less", operand(0), constant(2)), constant(5), operand(0)),
    select(operand(0), constant(1), constant(2)),
    add(multiply(operand(0), operand(0)), operand(0)),
  ];
  await withEngines(async (engine) => {
    const { actual, expected } = await runKernel(engine, elementwise([23], [...powers, ...others], 1), [x], []);
    actual.forEach((result, i) => {
      assert.ok(largestDifference(result, expected[i], 1e-30) < 3e-7, `expression ${i}`);
    });
    return actual;
  });
});

test("random strided views of any rank, all lengths of rows", async () => {
  const random = new Random(3);
  const cases = Array.from({ length: 40 }, () => {
    const rank = random.below(5);
    const shape = Array.from({ length: rank }, () => 1 + random.below(rank > 3 ? 6 : 13));
    const full = stridesOf(shape);
    const broadcast = full.map((stride) => (random.uniform() < 0.4 ? 0 : stride));
    const order = random.permutation(rank);
    const permutedShape = [...order].map((axis) => shape[axis]);
    const permuted = new Array<number>(rank);
    stridesOf(permutedShape).forEach((stride, i) => {
      permuted[order[i]] = stride;
    });
    const flipped = full.map((stride) => -stride);
    const end = shape.reduce((sum, n, axis) => sum + (n - 1) * full[axis], 0);
    const kernel: MapKernel = {
      kind: "map",
      shape,
      operands: [
        { strides: full, offset: 0 },
        { strides: broadcast, offset: 0 },
        { strides: permuted, offset: 0 },
        { strides: flipped, offset: end },
      ],
      outputs: [
        add(multiply(operand(0), operand(1)), add(operand(2), operand(3))),
        rank ? add({ kind: "axisIndex", axis: random.below(rank) }, operand(1)) : operand(1),
      ],
    };
    return { kernel, inputs: [0, 1, 2, 3].map(() => normals(random, shape)) };
  });
  await withEngines(async (engine) => {
    const results = [];
    for (const { kernel, inputs } of cases) {
      const { actual, expected } = await runKernel(engine, kernel, inputs, []);
      actual.forEach((result, i) => {
        assert.ok(largestDifference(result, expected[i]) < 1e-6, JSON.stringify(kernel));
      });
      results.push(...actual);
    }
    return results;
  });
});

test("a large map is shared by threads and cut into pieces", async () => {
  const x = normals(new Random(4), [3, 50_001]);
  await withEngines(async (engine) => {
    const kernel = elementwise([3, 50_001], [unary("tanh", operand(0))], 1);
    const { actual, expected } = await runKernel(engine, kernel, [x], []);
    assert.ok(largestDifference(actual[0], expected[0]) < 2e-7);
    return actual;
  });
});

test("the random leaf gives the numbers of base/random", async () => {
  const seed = ndarray([1], [12345], "int32");
  const step = ndarray([1], [7], "int32");
  const scalar = { strides: [0, 0], offset: 0 };
  const shape = [5, 1003];
  const kernel: MapKernel = {
    kind: "map",
    shape,
    operands: [scalar, scalar, { strides: [1003, 1], offset: 0 }],
    outputs: [multiply({ kind: "uniform", seed: 0, step: 1, stream: 0x9abcdef0 }, operand(2))],
  };
  const ones = ndarray(shape, new Float32Array(5015).fill(1));
  await withEngines(async (engine) => {
    const { actual, expected } = await runKernel(engine, kernel, [seed, step, ones], []);
    assert.deepEqual(actual[0].data, Float32Array.from(expected[0].data));
    return actual;
  });
});

test("integers, booleans and float64 in and out", async () => {
  const random = new Random(5);
  const shape = [7, 9];
  const access = { strides: [9, 1], offset: 0 };
  const kernel: MapKernel = {
    kind: "map",
    shape,
    operands: [access, access, access, access],
    outputs: [
      add(operand(0), constant(16777217)),
      binary("less", operand(1), operand(3)),
      multiply(operand(2), constant(1 / 3)),
      select(operand(1), operand(3), constant(-1)),
    ],
  };
  const inputs = [
    integers(random, shape, 1000),
    integers(random, shape, 2, "bool"),
    ndarray(
      shape,
      Array.from({ length: 63 }, (_, i) => i * 1e10),
      "int64",
    ),
    normals(random, shape),
  ];
  await withEngines(async (engine) => {
    const { actual, expected } = await runKernel(engine, kernel, inputs, ["int32", "bool", "float64", "float32"]);
    assert.deepEqual(actual[0].data, Int32Array.from(expected[0].data));
    assert.deepEqual(actual[1].data, Uint8Array.from(expected[1].data));
    assert.deepEqual(actual[2].data, expected[2].data);
    assert.deepEqual(actual[3].data, Float32Array.from(expected[3].data));
    return actual;
  });
  const mask: MapKernel = {
    ...kernel,
    operands: [access, access],
    outputs: [select(operand(1), operand(0), constant(9))],
  };
  await withEngines(async (engine) => {
    const { actual, expected } = await runKernel(engine, mask, [inputs[3], inputs[1]], []);
    assert.deepEqual(actual[0].data, Float32Array.from(expected[0].data));
    return actual;
  });
});
