// Pooling at the edge, undone pooling and limits, each by the standard's text (and as onnxruntime 1.30 computes them).
import assert from "node:assert/strict";
import { test } from "node:test";
import { floats, graphOf, info, modelOf, node, wholes } from "../../../../test/onnx/graphs.ts";
import { ndarray } from "../../../base/array.ts";
import { referenceEngine } from "../../../engines/reference/engine.ts";
import { wasmEngine } from "../../../engines/wasm/run/engine.ts";
import { runOnce } from "../../../run/session.ts";
import type { AttributeValue } from "../emitter.ts";
import { onnxGraph } from "../import.ts";
import type { OnnxNode, OnnxTensor } from "../schema.ts";

async function answers(
  one: OnnxNode,
  shape: number[],
  x: number[],
  wanted: number[],
  parts: OnnxTensor[] = [],
): Promise<void> {
  const { outputs } = onnxGraph(modelOf(graphOf([info("x", shape)], [one], ["y"], parts), 19));
  const wasm = await wasmEngine({ threads: 1 });
  for (const engine of [referenceEngine(), wasm]) {
    const { y } = await runOnce(outputs, { x: ndarray(shape, x) }, engine);
    assert.equal(y.data.length, wanted.length);
    for (const [i, value] of wanted.entries())
      assert.ok(Math.abs(y.data[i] - value) < 1e-4, `${engine.name}: ${y.data[i]} at ${i}, not ${value}`);
  }
  await wasm.close();
}

const line = [1, 2, 3, 4, 5, 6];
const pool = (opType: string, attributes: Record<string, AttributeValue>, wanted: number[]): Promise<void> =>
  answers(node(opType, "x", "y", { ceil_mode: 1, ...attributes }), [1, 1, 6], line, wanted);

test("LpPool: a window over the edge is the norm of the cells that it sees", async () => {
  const window = { kernel_shape: [3], strides: [2] };
  await pool("LpPool", { ...window, p: 2 }, [14, 50, 61].map(Math.sqrt));
  await pool("LpPool", { ...window, p: 2, pads: [1, 1] }, [5, 29, 77, 36].map(Math.sqrt));
  await pool("LpPool", { ...window, p: 3, pads: [1, 0] }, [9, 99, 405].map(Math.cbrt));
  await pool("LpPool", { kernel_shape: [2], dilations: [2], strides: [3], p: 1 }, [4, 10]);
});

test("AveragePool: cells beyond the padding are never counted, padding only where it is asked for", async () => {
  await pool("AveragePool", { kernel_shape: [3], strides: [2], count_include_pad: 1 }, [2, 4, 5.5]);
  await pool("AveragePool", { kernel_shape: [4], strides: [3], pads: [2, 2], count_include_pad: 1 }, [0.75, 3.5, 2.75]);
  await pool("AveragePool", { kernel_shape: [3], strides: [2], pads: [1, 1] }, [1.5, 3, 5, 6]);
});

test("MaxPool: a window over the edge, and none that begins behind the input", async () => {
  await pool("MaxPool", { kernel_shape: [3], strides: [2] }, [3, 5, 6]);
  await pool("MaxPool", { kernel_shape: [2], strides: [3], pads: [1, 1] }, [1, 4, 6]);
});

test("MaxUnpool: places count in the tensor that output_shape names", async () => {
  const attributes = { kernel_shape: [2, 2], strides: [2, 2] };
  const unpool = (places: number[], size: number[], x: number[], shape: number[], wanted: number[]): Promise<void> =>
    answers(node("MaxUnpool", size.length > 0 ? "x i s" : "x i", "y", attributes), shape, x, wanted, [
      { ...wholes("i", ...places), dims: shape },
      ...(size.length > 0 ? [wholes("s", ...size)] : []),
    ]);
  await unpool([4], [1, 1, 3, 3], [9], [1, 1, 1, 1], [0, 0, 0, 0, 9, 0, 0, 0, 0]);
  await unpool([3], [], [9], [1, 1, 1, 1], [0, 0, 0, 9]);
  // A second channel counts on from the first.
  await unpool(
    [8, 9],
    [1, 2, 3, 3],
    [7, 8],
    [1, 2, 1, 1],
    [...new Array<number>(8).fill(0), 7, 8, ...new Array<number>(8).fill(0)],
  );
});

test("Clip: where the least is above the most, everything is the most", async () => {
  const clip = node("Clip", "x lo hi", "y");
  const limits = (low: number, high: number): OnnxTensor[] => [floats("lo", [], low), floats("hi", [], high)];
  const x = [-1, -0.2, 0, 0.5, 0.7, 2];
  await answers(
    clip,
    [6],
    x,
    x.map(() => -0.2),
    limits(0.5, -0.2),
  );
  await answers(
    clip,
    [6],
    x,
    x.map(() => -3),
    limits(6, -3),
  );
  await answers(clip, [6], x, [-0.2, -0.2, 0, 0.5, 0.5, 0.5], limits(-0.2, 0.5));
});
