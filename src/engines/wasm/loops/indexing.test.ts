import assert from "node:assert/strict";
import { test } from "node:test";
import { ndarray } from "../../../base/array.ts";
import { Random } from "../../../base/random.ts";
import type { IndexKernel } from "../../../kernel/kernel.ts";
import { integers, largestDifference, normals, runKernel, withEngines } from "../run/testing.ts";

const random = new Random(41);

const shapes: [number, number, number, number][] = [
  // outer, inner, size, count
  [1, 16, 10, 7],
  [3, 1, 9, 20],
  [2, 7, 5, 5],
  [4, 150, 30, 40],
];

for (const [outer, inner, size, count] of shapes) {
  const indices = ndarray(
    [count],
    Array.from({ length: count }, () => random.below(2 * size) - size),
    "int32",
  );
  test(`gather and its adjoint, ${outer} x ${size} x ${inner}, ${count} rows`, async () => {
    const x = normals(random, [outer, size, inner]);
    const dy = normals(random, [outer, count, inner]);
    const whole = integers(random, [outer, count, inner], 100);
    await withEngines(async (engine) => {
      const gather: IndexKernel = { kind: "index", form: "gather", outer, inner, size, count };
      const one = await runKernel(engine, gather, [x, indices], []);
      assert.equal(largestDifference(one.actual[0], one.expected[0]), 0);
      const scatter: IndexKernel = { ...gather, form: "scatterAdd" };
      const two = await runKernel(engine, scatter, [dy, indices], []);
      assert.ok(largestDifference(two.actual[0], two.expected[0]) < 1e-6);
      const three = await runKernel(engine, scatter, [whole, indices], ["int32"]);
      assert.deepEqual(three.actual[0].data, Int32Array.from(three.expected[0].data));
      return [one.actual[0], two.actual[0], three.actual[0]];
    });
  });

  test(`a table along an axis, ${outer} x ${size} x ${inner}, ${count} rows`, async () => {
    const start = new Int32Array(count + 1);
    const source: number[] = [];
    const weight: number[] = [];
    for (let i = 0; i < count; i++) {
      for (let t = random.below(4); t > 0; t--) {
        source.push(random.below(size));
        weight.push(random.normal());
      }
      start[i + 1] = source.length;
    }
    const kernel: IndexKernel = {
      kind: "index",
      form: "table",
      outer,
      inner,
      size,
      count,
      start,
      source: Int32Array.from(source),
      weight: Float64Array.from(weight),
    };
    const x = normals(random, [outer, size, inner]);
    await withEngines(async (engine) => {
      const { actual, expected } = await runKernel(engine, kernel, [x], []);
      assert.ok(largestDifference(actual[0], expected[0]) < 1e-6);
      return actual;
    });
  });
}
