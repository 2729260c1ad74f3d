// Export: every op that an inference graph may hold goes to ONNX and comes back with the same bits, and Python's onnx (where
// it is installed) finds nothing wrong with the files.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { find, missingInPython } from "../../../test/outside.ts";
import { type NdArray, ndarray } from "../../base/array.ts";
import { Random } from "../../base/random.ts";
import { type Shape, sizeOf } from "../../base/shape.ts";
import { referenceEngine } from "../../engines/reference/engine.ts";
import { wasmEngine } from "../../engines/wasm/run/engine.ts";
import { constantTensor, input, type Tensor, variable } from "../../graph/graph.ts";
import { build } from "../../nn/build.ts";
import { createModel } from "../../nn/models/list.ts";
import { prelu } from "../../ops/activations.ts";
import { adaptiveAvgPool, adaptiveMaxPool } from "../../ops/adaptive.ts";
import * as arithmetic from "../../ops/arithmetic.ts";
import { conv, convTranspose } from "../../ops/convolution.ts";
import { concat, flip, pad, permute, slice, tile } from "../../ops/copy.ts";
import { gather, oneHot, takeAlongDim } from "../../ops/gather.ts";
import { gridSample } from "../../ops/grid.ts";
import { linear, matmul } from "../../ops/matmul.ts";
import { activation, activationNames } from "../../ops/named.ts";
import { batchNormInference, groupNorm, instanceNorm, layerNorm, localResponseNorm } from "../../ops/normalization.ts";
import { cumsum, topk } from "../../ops/order.ts";
import { avgPool, globalAvgPool, globalMaxPool, maxPool, maxPoolWithIndices } from "../../ops/pooling.ts";
import { dropout } from "../../ops/random.ts";
import { amax, argmax, argmin, prod } from "../../ops/reduce.ts";
import { flatten, reshape } from "../../ops/reshape.ts";
import { interpolate } from "../../ops/resize.ts";
import { scatterElements } from "../../ops/scatter.ts";
import { pixelShuffle } from "../../ops/shuffle.ts";
import { logSoftmax, logsumexp, softmax } from "../../ops/softmax.ts";
import { mean, sum } from "../../ops/sum.ts";
import { runOnce } from "../../run/session.ts";
import { exportOnnx } from "./export.ts";
import { onnxGraph } from "./import.ts";
import { readModel } from "./model.ts";

const random = new Random(7);
const numbers = (shape: Shape): NdArray =>
  ndarray(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => random.normal()),
  );
let count = 0;
const weight = (...shape: number[]): Tensor => {
  const value = numbers(shape);
  return variable(`w${count++}`, shape, () => value);
};
const positive = (...shape: number[]): Tensor => {
  const value = ndarray(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => 0.5 + random.uniform()),
  );
  return variable(`v${count++}`, shape, () => value, false);
};
const whole = (list: number[]): Tensor => constantTensor(ndarray([list.length], list, "int32"));

/** Graphs upon an input [2, 4, 6, 6]. */
const cases: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  "convolution with bias": (x) =>
    conv(x, weight(6, 2, 3, 3), { bias: weight(6), stride: [2, 1], padding: [[0, 1], 1], groups: 2 }),
  "convolution, reflected edges": (x) => conv(x, weight(3, 4, 3, 3), { padding: 1, paddingMode: "reflect" }),
  "convolution, circular edges": (x) => conv(x, weight(3, 4, 3, 3), { padding: 1, paddingMode: "circular" }),
  "transposed convolution": (x) =>
    convTranspose(x, weight(4, 3, 3, 3), { bias: weight(3), stride: 2, padding: 1, outputPadding: 1 }),
  "grouped transposed convolution": (x) => convTranspose(x, weight(4, 3, 2, 2), { stride: 3, groups: 2, dilation: 2 }),
  linear: (x) => arithmetic.add(linear(flatten(x), weight(5, 144)), weight(5)),
  "linear without bias": (x) => linear(flatten(x), weight(5, 144)),
  "batched matmul": (x) => matmul(x, x, { transposeB: true }),
  "max pool": (x) => maxPool(x, 3, { stride: 2, padding: 1, dilation: 1 }),
  "max pool, ceil": (x) => maxPool(x, 3, { stride: 2, ceilMode: true }),
  "max pool places": (x) => maxPoolWithIndices(x, 2).indices,
  "average pool": (x) => avgPool(x, 3, { stride: 2, padding: 1 }),
  "average pool, padding not counted": (x) => avgPool(x, [3, 2], { padding: [1, 0], countIncludePad: false }),
  "global pools": (x) => concat([globalAvgPool(x), globalMaxPool(x)], 1),
  "adaptive average": (x) => adaptiveAvgPool(x, 3),
  "adaptive maximum": (x) => adaptiveMaxPool(x, 3),
  "batch norm": (x) =>
    batchNormInference(x, {
      runningMean: weight(4),
      runningVar: positive(4),
      weight: weight(4),
      bias: weight(4),
      eps: 1e-3,
    }),
  "layer norm": (x) => layerNorm(x, 6, { weight: weight(6), bias: weight(6) }),
  "group norm": (x) => groupNorm(x, 2, { weight: weight(4), bias: weight(4) }),
  "instance norm": (x) => instanceNorm(x, { weight: weight(4), bias: weight(4) }),
  "local response": (x) => localResponseNorm(x, 3, { alpha: 0.1 }),
  softmax: (x) => softmax(x, 1),
  "log softmax": (x) => logSoftmax(x, -1),
  "log-sum-exp": (x) => logsumexp(x, [2, 3]),
  sums: (x) => arithmetic.sub(sum(x, [1, 3], true), mean(x, 2, true)),
  "other reductions": (x) => arithmetic.add(amax(x, [1, 2], true), prod(x, 3, true)),
  "places of extremes": (x) => arithmetic.add(argmax(x, 1), argmin(x, 1)),
  prelu: (x) => prelu(x, reshape(weight(4), [1, 4, 1, 1])),
  "arithmetic with broadcasting": (x) =>
    arithmetic.div(arithmetic.mul(x, weight(4, 1, 1)), arithmetic.add(arithmetic.abs(x), 1)),
  "comparison and choice": (x) =>
    arithmetic.where(arithmetic.logicalAnd(arithmetic.gt(x, 0), arithmetic.le(x, 1)), x, -2),
  "not a number": (x) => arithmetic.cast(arithmetic.isfinite(arithmetic.log(x)), "float32"),
  remainder: (x) => arithmetic.remainder(x, 0.75),
  "whole numbers": (x) => arithmetic.div(arithmetic.cast(arithmetic.mul(x, 10), "int32"), 3),
  clamp: (x) => arithmetic.clamp(arithmetic.clamp(x, -1), -2, 0.5),
  "slices and flips": (x) => flip(slice(x, [undefined, { start: 1 }, { step: 2 }, { start: 1, stop: -1 }]), [2, 3]),
  "transpose, tile": (x) => tile(permute(x, [0, 2, 3, 1]), [1, 2, 1, 1]),
  "constant padding": (x) => pad(x, [0, 0, 1, 2], [0, 0, 0, -1], "constant", 3),
  "edge padding": (x) => pad(x, [0, 0, 1, 2], [0, 0, 3, 0], "replicate"),
  "resize nearest": (x) => interpolate(x, { scaleFactor: 2 }),
  "resize bilinear": (x) => interpolate(x, { size: [9, 4], mode: "bilinear" }),
  "resize, corners": (x) => interpolate(x, { size: [11, 4], mode: "bicubic", alignCorners: true }),
  "pixel shuffle": (x) => pixelShuffle(x, 2),
  gather: (x) => gather(x, whole([3, 0, -1]), 1),
  "one-hot": (x) => oneHot(argmax(x, 1), 4, 1),
  "take along an axis": (x) => takeAlongDim(x, argmax(x, 1, true), 1),
  scatter: (x) => scatterElements(x, argmax(x, 1, true), weight(2, 1, 6, 6), 1),
  "top k": (x) => topk(x, 2, -1).values,
  "running sum": (x) => cumsum(x, 2, { exclusive: true }),
  "grid sample": (x) => gridSample(x, weight(2, 3, 3, 2), { paddingMode: "border" }),
  ...Object.fromEntries(
    activationNames.map((name) => [`activation ${name}`, (x: Tensor) => activation(name, arithmetic.mul(x, 3))]),
  ),
};

/** These hold constants that float32, and so the file, rounds: in float64 the answers differ, in float32 they do not. */
const rounded = new Set(["activation gelu", "activation geluTanh"]);

const files = new Map<string, Uint8Array>();

for (const [name, make] of Object.entries(cases)) {
  test(`round trip: ${name}`, async () => {
    const x = input("x", [2, 4, 6, 6]);
    const y = make(x);
    const bytes = exportOnnx({ y }, { name });
    files.set(name, bytes);
    const back = onnxGraph(readModel(bytes));
    const feed = { x: numbers(x.shape) };
    const wasm = await wasmEngine({ threads: 1 });
    for (const engine of [referenceEngine(), wasm]) {
      const before = (await runOnce({ y }, feed, engine)).y;
      const after = (await runOnce(back.outputs, feed, engine)).y;
      assert.deepEqual([after.shape, after.dtype], [before.shape, before.dtype]);
      if (engine.name === "reference" && rounded.has(name)) {
        after.data.forEach((value, i) => {
          assert.ok(Math.abs(value - before.data[i]) <= 1e-7 * (1 + Math.abs(before.data[i])));
        });
      } else {
        assert.deepEqual(after.data, before.data, `the bits differ on the engine ${engine.name}`);
      }
    }
    await wasm.close();
  });
}

for (const name of ["digits", "lenet", "lenet-modern", "squeezenet1_1"]) {
  test(`a model with an open batch axis: ${name}`, async () => {
    const model = createModel(name, name === "squeezenet1_1" ? { inputSize: 40 } : {});
    const built = build(model.layer, [1, ...model.inputShape]);
    const bytes = exportOnnx(
      { logits: built.output },
      { batch: "batch", classes: ["a", "b"], preprocessing: { mean: [0.5] } },
    );
    files.set(name, bytes);
    const file = readModel(bytes);
    assert.deepEqual(file.metadata, [
      { key: "classes", value: '["a","b"]' },
      { key: "preprocessing", value: '{"mean":[0.5]}' },
    ]);
    const weights = built.variables.map((t) => (t.node.attributes as { name: string }).name);
    assert.deepEqual(new Set(file.graph!.initializers.map((t) => t.name)), new Set(weights));
    // Built for a batch of one, used for a batch of three.
    const three = build(model.layer, [3, ...model.inputShape]);
    const back = onnxGraph(file, { sizes: { batch: 3 } });
    const feed = { input: numbers([3, ...model.inputShape]) };
    const wasm = await wasmEngine({ threads: 1 });
    const before = (await runOnce({ logits: three.output }, feed, wasm)).logits;
    const after = (await runOnce(back.outputs, feed, wasm)).logits;
    await wasm.close();
    assert.deepEqual(after.data, before.data);
  });
}

test("all that cannot be written is listed at once", () => {
  const x = input("x", [2, 3]);
  const seed = { seed: input("seed", [], "int32"), step: input("step", [], "int32"), stream: 1 };
  const y = arithmetic.add(arithmetic.atan2(x, 1), dropout(x, 0.5, seed));
  assert.throws(() => exportOnnx({ y }), /atan2.*random number/s);
});

test("Python's onnx.checker accepts the files", { skip: missingInPython("onnx") }, () => {
  const folder = mkdtempSync(join(tmpdir(), "neocog-onnx-"));
  try {
    let n = 0;
    for (const bytes of files.values()) writeFileSync(join(folder, `${n++}.onnx`), bytes);
    const program = `
import glob, onnx, sys
for path in sorted(glob.glob(sys.argv[1] + "/*.onnx")):
    model = onnx.load(path)
    try:
        onnx.checker.check_model(model, full_check=True)
        onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True)
    except Exception as error:
        print(model.graph.name, error)
print("checked", len(glob.glob(sys.argv[1] + "/*.onnx")))`;
    const { stdout, stderr } = spawnSync(find("python")!, ["-c", program, folder], { encoding: "utf8" });
    assert.equal(stdout.trim(), `checked ${files.size}`, stderr);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
