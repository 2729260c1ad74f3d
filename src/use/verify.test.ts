import assert from "node:assert/strict";
import { after, test } from "node:test";
import { filled, type NdArray, ndarray } from "../base/array.ts";
import { Random } from "../base/random.ts";
import { referenceEngine } from "../engines/reference/engine.ts";
import { wasmEngine } from "../engines/wasm/run/engine.ts";
import { input as graphInput } from "../graph/graph.ts";
import { exportOnnx } from "../io/onnx/export.ts";
import { readModel } from "../io/onnx/model.ts";
import { onnxSource } from "../io/onnx/source.ts";
import { build } from "../nn/build.ts";
import { ReLU } from "../nn/layers/activation.ts";
import { Sequential } from "../nn/layers/containers.ts";
import { Conv2d } from "../nn/layers/convolution.ts";
import { Dropout } from "../nn/layers/dropout.ts";
import { Linear } from "../nn/layers/linear.ts";
import { Flatten } from "../nn/layers/shape.ts";
import { initialState } from "../nn/state.ts";
import { mul } from "../ops/arithmetic.ts";
import { compareTraces, distinctLayers, traceLayers, verify } from "./verify.ts";

const relu = ReLU();
const model = Sequential({
  conv1: Conv2d(4, 3, { padding: 1 }),
  relu,
  conv2: Conv2d(4, 3),
  drop: Dropout(),
  flatten: Flatten(),
  fc: Linear(5),
});
const built = build(model, [2, 3, 8, 8]);
const weights = initialState(built.variables);
const random = new Random(1, "test");
const input = ndarray(
  [2, 3, 8, 8],
  Float32Array.from({ length: 384 }, () => random.normal()),
);
const reference = referenceEngine();
const wasm = await wasmEngine({ threads: 1 });
after(() => wasm.close());

test("two engines agree layer by layer", async () => {
  const { layers, answer, first, engines } = await verify({ model, weights }, input, [wasm, reference]);
  assert.deepEqual(engines, ["wasm", "reference"]);
  // Dropout does nothing here and is not shown; containers neither.
  assert.deepEqual(
    layers.map(({ path }) => path),
    ["conv1", "relu", "conv2", "flatten", "fc"],
  );
  assert.equal(first, undefined);
  for (const { difference, scale } of [...layers, answer]) assert.ok(difference < 1e-5 && scale > 0);
});

test("the first layer that differs is named", async () => {
  const truth = await traceLayers({ model, weights }, input, reference);
  const wrong = new Map<string, NdArray>(weights);
  const bias = weights.get("conv2.bias")!;
  wrong.set("conv2.bias", filled(bias.shape, 0.5));
  const { first, layers } = compareTraces(await traceLayers({ model, weights: wrong }, input, reference), truth);
  assert.equal(first?.path, "conv2");
  assert.deepEqual(
    layers.map(({ difference }) => difference > 1e-4),
    [false, false, true, true, true],
  );
});

test("numbers that are none count as a difference, unless both are", () => {
  const trace = (name: string, data: number[]) => {
    const value = ndarray([1, 3], data);
    return { name, layers: [{ path: "a", type: "Linear", value }], answer: value };
  };
  const difference = (a: number[], b: number[]): number =>
    compareTraces(trace("a", a), trace("b", b)).answer.difference;
  assert.equal(difference([1, Number.NaN, Infinity], [1, Number.NaN, Infinity]), 0);
  assert.equal(difference([1, Number.NaN, 0], [1, 2, 0]), Infinity);
  assert.equal(difference([1, 2, Infinity], [1, 2, 3]), Infinity);
  assert.equal(difference([1, 2, 5], [1, 2, 4]), 0.25);
  assert.throws(() => compareTraces(trace("a", [1, 2, 3]), trace("b", [1, 2, 3]), 0), /tolerance/);
  const short = { ...trace("b", [1, 2, 3]), answer: ndarray([1, 2], [1, 2]) };
  assert.throws(() => compareTraces(trace("a", [1, 2, 3]), short), /3 numbers in one engine and 2 in the other/);
});

test("a layer that is applied again is counted", () => {
  const twice = Sequential([Conv2d(3, 3), relu, Conv2d(3, 3)]);
  const { layers } = build(twice, [1, 3, 8, 8]);
  const [, first, , second] = layers.map(({ path, layer, output }) => ({ path, type: layer.type.name, output }));
  const named = distinctLayers({ layers: [first, { ...second, path: first.path }] });
  assert.deepEqual(
    named.map(({ path }) => path),
    ["0", "0 #2"],
  );
});

test("a file of several inputs: the others follow the first by the names of their sizes", async () => {
  const [x, mask] = [graphInput("x", [1, 3, 4, 4]), graphInput("mask", [1, 3, 4, 4])];
  const bytes = exportOnnx({ y: mul(x, mask) }, { batch: "batch" });
  const source = onnxSource(readModel(bytes));
  assert.deepEqual(source.inputs, ["x", "mask"]);
  const drawn = () =>
    ndarray(
      [5, 3, 4, 4],
      Float32Array.from({ length: 240 }, () => random.normal()),
    );
  const subject = { model: source, weights: new Map() };
  const [first, other] = [drawn(), drawn()];
  const found = await verify(subject, first, [wasm, reference], undefined, { mask: other });
  assert.equal(found.first, undefined);
  assert.deepEqual(found.answer.shape, [5, 3, 4, 4]);
  const { answer } = await traceLayers(subject, first, reference, { mask: other });
  answer.data.forEach((value, i) => {
    assert.ok(Math.abs(value - first.data[i] * other.data[i]) < 1e-6);
  });
  await assert.rejects(verify(subject, first, [wasm, reference]), /"mask"/);
});
