// Factors that float32 cannot hold: what a file says in float32 is read as the fraction that was meant, and an export reads the
// same cells in every runtime.
import assert from "node:assert/strict";
import { test } from "node:test";
import { floats, graphOf, info, modelOf, node } from "../../../../test/onnx/graphs.ts";
import { type NdArray, ndarray } from "../../../base/array.ts";
import { referenceEngine } from "../../../engines/reference/engine.ts";
import { input } from "../../../graph/graph.ts";
import { type InterpolateOptions, interpolate } from "../../../ops/resize.ts";
import { runOnce } from "../../../run/session.ts";
import { toOnnx } from "../export.ts";
import { onnxGraph } from "../import.ts";

const upTo = (n: number): NdArray =>
  ndarray(
    [1, 1, n],
    Float32Array.from({ length: n }, (_, i) => i + 1),
  );

async function resized(scale: number, n: number, mode = "asymmetric"): Promise<number[]> {
  const attributes = { mode: "nearest", coordinate_transformation_mode: mode, nearest_mode: "floor" };
  const model = modelOf(
    graphOf([info("x", [1, 1, n])], [node("Resize", "x _ s", "y", attributes)], ["y"], [floats("s", [3], 1, 1, scale)]),
  );
  return [...(await runOnce(onnxGraph(model).outputs, { x: upTo(n) }, referenceEngine())).y.data];
}

test("a factor of a third in float32 reads every third cell", async () => {
  assert.deepEqual(await resized(1 / 3, 10), [1, 4, 7]);
  assert.deepEqual(await resized(0.7, 10), [1, 2, 3, 5, 6, 8, 9]);
  assert.deepEqual(await resized(1.7, 6), [1, 1, 2, 2, 3, 3, 4, 5, 5, 6]);
});

async function exported(options: InterpolateOptions, n: number): Promise<{ data: number[]; operators: string[] }> {
  const y = interpolate(input("x", [1, 1, n]), options);
  const model = toOnnx({ y });
  const operators = model.graph!.nodes.map(({ opType }) => opType ?? "").filter((name) => name !== "Constant");
  const { y: answer } = await runOnce(onnxGraph(model).outputs, { x: upTo(n) }, referenceEngine());
  return { data: [...answer.data], operators };
}

test("an exported factor keeps its fraction, not the quotient of the sizes", async () => {
  const nearest = await exported({ scaleFactor: 1.7 }, 6);
  assert.deepEqual(nearest.data, [1, 1, 2, 2, 3, 3, 4, 5, 5, 6]);
  // Places (i + 1/2) / 0.45 − 1/2 of ten cells.
  const linear = await exported({ scaleFactor: 0.45, mode: "linear" }, 10);
  const wanted = Array.from({ length: 4 }, (_, i) => (i + 0.5) / 0.45 - 0.5 + 1);
  for (const [i, value] of linear.data.entries()) assert.ok(Math.abs(value - wanted[i]) < 1e-5, `${value} at ${i}`);
});

test("the plain cases stay a Resize; cells that rounding would move become a Gather", async () => {
  assert.deepEqual((await exported({ scaleFactor: 2 }, 6)).operators, ["Resize", "Identity"]);
  assert.deepEqual((await exported({ size: 9 }, 6)).operators, ["Resize", "Identity"]);
  const third = await exported({ scaleFactor: 1 / 3 }, 10);
  assert.deepEqual(
    [third.data, third.operators],
    [
      [1, 4, 7],
      ["Gather", "Identity"],
    ],
  );
});
