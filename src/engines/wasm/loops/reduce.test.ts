import assert from "node:assert/strict";
import { test } from "node:test";
import { type NdArray, ndarray } from "../../../base/array.ts";
import type { DType } from "../../../base/dtype.ts";
import { Random } from "../../../base/random.ts";
import { sizeOf, stridesOf } from "../../../base/shape.ts";
import { add, constant, divide, type Expression, multiply, operand, unary } from "../../../kernel/expression.ts";
import type { Combine, ReduceKernel } from "../../../kernel/kernel.ts";
import { wasmEngine } from "../run/engine.ts";
import { integers, largestDifference, normals, planOf, runKernel, withEngines } from "../run/testing.ts";

const square = multiply(operand(0), operand(0));

function reduction(
  shape: number[],
  axes: number[],
  accumulators: ReduceKernel["accumulators"],
  outputs: Expression[] = accumulators.map((_, i) => operand(i)),
): ReduceKernel {
  const operands = [{ strides: stridesOf(shape), offset: 0 }];
  return { kind: "reduce", shape, axes, operands, accumulators, finishOperands: [], outputs };
}

test("sums, squares and extremes over any axes of random shapes", async () => {
  const random = new Random(11);
  const sizes = [1, 2, 3, 5, 8, 17];
  const cases = Array.from({ length: 40 }, () => {
    const rank = 1 + random.below(4);
    const shape = Array.from({ length: rank }, () => sizes[random.below(sizes.length)]);
    const axes = shape.map((_, axis) => axis).filter(() => random.uniform() < 0.5);
    const kernel = reduction(
      shape,
      axes,
      [
        { combine: "sum", value: operand(0) },
        { combine: "sum", value: square },
        { combine: "maximum", value: operand(0) },
        { combine: "minimum", value: unary("exp", operand(0)) },
      ],
      [operand(0), add(operand(1), constant(1)), operand(2), operand(3)],
    );
    return { kernel, x: normals(random, shape) };
  });
  await withEngines(async (engine) => {
    const results: NdArray[] = [];
    for (const { kernel, x } of cases) {
      const { actual, expected } = await runKernel(engine, kernel, [x], []);
      actual.forEach((result, i) => {
        assert.ok(largestDifference(result, expected[i]) < 3e-6, `${JSON.stringify(kernel.shape)} over ${kernel.axes}`);
      });
      results.push(...actual);
    }
    return results;
  });
});

test("large sums: batch norm over N, H, W; all of it; over the batch; over channels", async () => {
  const random = new Random(12);
  const cases: [number[], number[]][] = [
    [
      [16, 3, 50, 50],
      [0, 2, 3],
    ],
    [[300_001], [0]],
    [[2000, 70], [0]],
    [[4000, 7], [0]],
    [[8, 10, 33, 33], [1]],
    [[128, 10], [1]],
    [[3, 100_000], [1]],
  ];
  const inputs = cases.map(([shape]) => normals(random, shape));
  await withEngines(async (engine) => {
    const results: NdArray[] = [];
    for (const [i, [shape, axes]] of cases.entries()) {
      const kernel = reduction(shape, axes, [
        { combine: "sum", value: operand(0) },
        { combine: "sum", value: square },
      ]);
      const { actual, expected } = await runKernel(engine, kernel, [inputs[i]], []);
      assert.ok(largestDifference(actual[0], expected[0], 100) < 1e-5, `sum ${shape}`);
      assert.ok(largestDifference(actual[1], expected[1], 100) < 1e-5, `squares ${shape}`);
      results.push(...actual);
    }
    return results;
  });
});

test("long sums keep their digits: an error below 7e-7 for numbers that all round the same way", async () => {
  // One accumulator in float32 is off by 1e-4 and more here.
  const cases: [number[], number[]][] = [
    [[10_000_000], [0]],
    [[100_000, 64], [0]],
    [[400_000, 4], [0]],
    [
      [32, 8, 56, 56],
      [0, 2, 3],
    ],
    [
      [20_000, 3, 5],
      [0, 2],
    ],
    [[3, 70_001], [1]],
    [[4, 300, 9, 9], [1]],
  ];
  const engine = await wasmEngine({ threads: 1 });
  try {
    for (const [shape, axes] of cases) {
      const kernel = reduction(shape, axes, [
        { combine: "sum", value: operand(0) },
        { combine: "sum", value: square },
      ]);
      const x = ndarray(shape, new Float32Array(sizeOf(shape)).fill(0.1));
      const kept = sizeOf(shape.filter((_, axis) => !axes.includes(axis)));
      const executable = await engine.compile(
        planOf(
          kernel,
          [x],
          [0, 1].map(() => ({ shape: [kept], dtype: "float32" })),
        ),
      );
      executable.write(0, x);
      await executable.run();
      [1, 2].forEach((power) => {
        const expected = (sizeOf(shape) / kept) * Math.fround(0.1) ** power;
        for (const value of executable.read(power).data) {
          const error = Math.abs(value / expected - 1);
          assert.ok(error < 7e-7, `[${shape}] over ${axes}, power ${power}: ${error}`);
        }
      });
      executable.release();
    }
  } finally {
    await engine.close();
  }
});

test("infinities and NaN go through blocked sums as through any sum", async () => {
  for (const shape of [[9000], [9000, 3]]) {
    const kernel = reduction(shape, [0], [{ combine: "sum", value: operand(0) }]);
    const x = normals(new Random(15), shape);
    await withEngines(async (engine) => {
      const results: NdArray[] = [];
      for (const planted of [[Infinity], [-Infinity], [Infinity, -Infinity], [Number.NaN], [3e38, 3e38, -3e38]]) {
        const data = Float32Array.from(x.data);
        planted.forEach((value, i) => {
          data[(1000 + 2000 * i) * (shape[1] ?? 1)] = value;
        });
        const { actual, expected } = await runKernel(engine, kernel, [{ ...x, data }], []);
        assert.ok(largestDifference(actual[0], expected[0], 100) < 1e-5, `${planted}: ${actual[0].data}`);
        results.push(...actual);
      }
      return results;
    });
  }
});

test("several operands, broadcast ones, and operands of the outputs", async () => {
  const random = new Random(13);
  const shape = [6, 5, 7, 4];
  const kernel: ReduceKernel = {
    kind: "reduce",
    shape,
    axes: [0, 2, 3],
    operands: [
      { strides: stridesOf(shape), offset: 0 },
      { strides: [0, 1, 0, 0], offset: 0 },
      { strides: [28, 0, -4, 1], offset: 24 },
    ],
    accumulators: [
      { combine: "sum", value: multiply(add(operand(0), multiply(operand(1), constant(-1))), operand(2)) },
    ],
    finishOperands: [{ strides: [1], offset: 0 }],
    outputs: [divide(operand(0), constant(168)), multiply(operand(0), operand(1))],
  };
  const inputs = [normals(random, shape), normals(random, [5]), normals(random, [6, 7, 4]), normals(random, [5])];
  await withEngines(async (engine) => {
    const { actual, expected } = await runKernel(engine, kernel, inputs, []);
    actual.forEach((result, i) => {
      assert.ok(largestDifference(result, expected[i]) < 1e-5);
    });
    return actual;
  });
});

test("places of extremes, integers and booleans", async () => {
  const random = new Random(14);
  const shape = [5, 9, 6];
  const x = { ...normals(random, shape) };
  x.data[20] = Number.NaN;
  const counted = integers(random, shape, 7);
  await withEngines(async (engine) => {
    const results: NdArray[] = [];
    for (const axes of [[1], [2], [0, 2], [0, 1, 2], []]) {
      for (const [input, combines, type] of [
        [x, ["argMaximum", "argMinimum"], "int32"],
        [counted, ["sum", "maximum", "argMaximum", "product"], "int32"],
      ] as [NdArray, Combine[], DType][]) {
        const kernel = reduction(
          shape,
          axes,
          combines.map((combine) => ({ combine, value: operand(0) })),
        );
        const { actual, expected } = await runKernel(
          engine,
          kernel,
          [input],
          combines.map(() => type),
        );
        actual.forEach((result, i) => {
          const same = Int32Array.from(expected[i].data, (value) => Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, value)));
          assert.deepEqual(result.data, same, `${combines[i]} over ${axes}`);
        });
        results.push(...actual);
      }
    }
    return results;
  });
});
