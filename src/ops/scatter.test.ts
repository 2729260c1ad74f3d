// Scattering and gathering at places: against central differences, and against loops of the test's own.
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkFunction, checkOp, numbers } from "../../test/check-op.ts";
import { fromNested, type NdArray, ndarray, toNested } from "../base/array.ts";
import type { Random } from "../base/random.ts";
import { referenceEngine } from "../engines/reference/engine.ts";
import { input, type Tensor } from "../graph/graph.ts";
import { runOnce } from "../run/session.ts";
import { scatterElementsOp } from "./cards/scatter.ts";
import { gatherNd, scatterElements, scatterNd } from "./scatter.ts";

/** Indices along an axis without repeats, some counted from the end. */
function places(random: Random, shape: readonly number[], axis: number, size: number): NdArray {
  const data = new Int32Array(shape.reduce((a, b) => a * b, 1));
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  for (let outer = 0; outer < data.length; outer += shape[axis] * inner) {
    for (let i = 0; i < inner; i++) {
      const order = random.permutation(size);
      for (let k = 0; k < shape[axis]; k++)
        data[outer + k * inner + i] = random.below(2) === 0 ? order[k] : order[k] - size;
    }
  }
  return ndarray(shape, data, "int32");
}

checkOp(scatterElementsOp, {
  cases: [],
  random(random) {
    const shape = Array.from({ length: 1 + random.below(3) }, () => 1 + random.below(4));
    const axis = random.below(shape.length);
    const part = shape.map((n) => 1 + random.below(n));
    const inputs = [numbers(random, shape), places(random, part, axis, shape[axis]), numbers(random, part)];
    return { inputs, attributes: { axis, combination: random.below(2) === 0 ? "none" : "add" } };
  },
});

async function values(build: (...tensors: Tensor[]) => Tensor, ...arrays: NdArray[]): Promise<unknown> {
  const tensors = arrays.map(({ shape, dtype }, i) => input(`x${i}`, shape, dtype));
  const feeds = Object.fromEntries(arrays.map((array, i) => [`x${i}`, array]));
  const { y } = await runOnce({ y: build(...tensors) }, feeds, referenceEngine());
  return toNested(y);
}

test("later writers win, or all are combined", async () => {
  const x = fromNested([1, 2, 3]);
  const at = fromNested([0, -1, 0], "int32");
  const updates = fromNested([5, 7, 2]);
  assert.deepEqual(await values((a, b, c) => scatterElements(a, b, c, 0), x, at, updates), [2, 2, 7]);
  assert.deepEqual(await values((a, b, c) => scatterElements(a, b, c, 0, "add"), x, at, updates), [8, 2, 10]);
  assert.deepEqual(await values((a, b, c) => scatterElements(a, b, c, 0, "mul"), x, at, updates), [10, 2, 21]);
  assert.deepEqual(await values((a, b, c) => scatterElements(a, b, c, 0, "max"), x, at, updates), [5, 2, 7]);
  assert.deepEqual(await values((a, b, c) => scatterElements(a, b, c, 0, "min"), x, at, updates), [1, 2, 3]);
  await assert.rejects(
    values((a, b, c) => scatterElements(a, b, c, 0), x, fromNested([3, 0, 0], "int32"), updates),
    /the index 3 at place 0 names nothing: it must be a whole number from -3 to 2/,
  );
});

test("slices by places, with and without batches", async () => {
  const x = fromNested([
    [
      [0, 1],
      [2, 3],
    ],
    [
      [4, 5],
      [6, 7],
    ],
  ]);
  const at = fromNested([[1], [0]], "int32");
  assert.deepEqual(await values((a, b) => gatherNd(a, b, 1), x, at), [
    [2, 3],
    [4, 5],
  ]);
  assert.deepEqual(await values((a, b) => gatherNd(a, b), x, fromNested([[0, -1, 1]], "int32")), [3]);
  const written = await values((a, b, c) => scatterNd(a, b, c), x, fromNested([[0, 1]], "int32"), fromNested([[8, 9]]));
  assert.deepEqual(written, [
    [
      [0, 1],
      [8, 9],
    ],
    [
      [4, 5],
      [6, 7],
    ],
  ]);
  await checkFunction(([a, b]) => [gatherNd(a, b, 1)], [x, at]);
  await checkFunction(
    ([a, b, c]) => [scatterNd(a, b, c, "add")],
    [x, fromNested([[0, 1]], "int32"), fromNested([[8, 9]])],
  );
});
