// Functions of every family on numbers of every type: each engine answers as the definition does, or the function refuses the
// type in a sentence when the graph is built. Nothing is computed of bits that mean something else.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type NdArray, ndarray } from "../src/base/array.ts";
import type { DType } from "../src/base/dtype.ts";
import { NeocogError } from "../src/base/errors.ts";
import { Random } from "../src/base/random.ts";
import { type Shape, sizeOf } from "../src/base/shape.ts";
import * as ops from "../src/doors/ops.ts";
import { referenceEngine } from "../src/engines/reference/engine.ts";
import { wasmEngine } from "../src/engines/wasm/run/engine.ts";
import { input, type Tensor } from "../src/graph/graph.ts";
import { runOnce } from "../src/run/session.ts";

type Row = readonly [name: string, shapes: readonly Shape[], build: (x: Tensor, y: Tensor) => Tensor, refused?: true];

const picture = [2, 3, 6, 6];
const rows: readonly Row[] = [
  [
    "matmul",
    [
      [3, 4],
      [4, 5],
    ],
    ops.matmul,
  ],
  [
    "linear",
    [
      [3, 4],
      [5, 4],
    ],
    ops.linear,
  ],
  [
    "einsum",
    [
      [3, 4],
      [4, 3],
    ],
    (x, y) => ops.einsum("ij,jk->k", [x, y]),
  ],
  ["conv2d", [picture, [4, 3, 3, 3]], (x, y) => ops.conv2d(x, y, { padding: 1 })],
  ["conv2d, depthwise", [picture, [3, 1, 3, 3]], (x, y) => ops.conv2d(x, y, { groups: 3 })],
  ["conv2d, 1x1", [picture, [4, 3, 1, 1]], (x, y) => ops.conv2d(x, y)],
  ["maxPool2d", [picture], (x) => ops.maxPool2d(x, 2)],
  ["avgPool2d", [picture], (x) => ops.avgPool2d(x, 3, { padding: 1 }), true],
  ["sum", [picture], (x) => ops.sum(x, [2, 3])],
  ["amax", [[5, 7]], (x) => ops.amax(x, [1])],
  ["argmax", [[5, 7]], (x) => ops.argmax(x, 1)],
  ["prod", [[5, 2]], (x) => ops.prod(x, [1])],
  ["cumsum", [[3, 4]], (x) => ops.cumsum(x, 1)],
  ["softmax", [[3, 4]], (x) => ops.softmax(x, 1), true],
  ["layerNorm", [[3, 4]], (x) => ops.layerNorm(x, [4]), true],
  ["interpolate", [[1, 2, 4, 4]], (x) => ops.interpolate(x, { size: [7, 7], mode: "bilinear" }), true],
  ["pad", [[3, 4]], (x) => ops.pad(x, [1, 0], [0, 2], "constant")],
  ["permute", [[3, 4]], (x) => ops.permute(x)],
  ["add", [[3, 4], [4]], (x, y) => ops.add(x, y)],
  ["maximum", [[3, 4], [4]], (x, y) => ops.maximum(x, y)],
];

const stores = { float64: Float64Array, int32: Int32Array, uint8: Uint8Array, bool: Uint8Array };

function numbers(random: Random, shape: Shape, dtype: keyof typeof stores): NdArray {
  const [low, count] = dtype === "bool" ? [0, 2] : dtype === "uint8" ? [0, 4] : [-4, 9];
  return ndarray(
    shape,
    Array.from({ length: sizeOf(shape) }, () => low + random.below(count)),
    dtype as DType,
  );
}

for (const dtype of ["float64", "int32", "uint8", "bool"] as const) {
  test(`${rows.length} functions of ${dtype}`, async () => {
    const reference = referenceEngine();
    const wasm = await wasmEngine({ threads: 1 });
    for (const [name, shapes, build, refused] of rows) {
      const inputs = shapes.map((shape, i) => input(`x${i}`, shape, dtype));
      const made = (): Tensor => build(inputs[0], inputs[1]);
      if (refused && dtype !== "float64") {
        assert.throws(
          made,
          (error) => error instanceof NeocogError && /is of floats, not of/.test(error.message),
          name,
        );
        continue;
      }
      const y = made();
      const random = new Random(1, name);
      const feeds = Object.fromEntries(shapes.map((shape, i) => [`x${i}`, numbers(random, shape, dtype)]));
      const expected = await runOnce({ y }, feeds, reference);
      const got = await runOnce({ y }, feeds, wasm);
      assert.equal(got.y.dtype, expected.y.dtype, name);
      for (const [i, value] of expected.y.data.entries()) {
        assert.ok(Math.abs(got.y.data[i] - value) <= 1e-6 * Math.max(1, Math.abs(value)), `${name}, element ${i}`);
      }
    }
    await wasm.close();
  });
}
