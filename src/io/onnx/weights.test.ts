// Which numbers of a file are weights: initializers, lists in `Constant` nodes, and integers that are dequantised.
import assert from "node:assert/strict";
import { test } from "node:test";
import { floats, graphOf, info, modelOf, node } from "../../../test/onnx/graphs.ts";
import { ndarray } from "../../base/array.ts";
import { referenceEngine } from "../../engines/reference/engine.ts";
import { variableOf } from "../../nn/state.ts";
import { runOnce } from "../../run/session.ts";
import type { OnnxModel, OnnxTensor } from "./schema.ts";
import { onnxSource } from "./source.ts";

const weightsOf = (model: OnnxModel): Record<string, number[]> =>
  Object.fromEntries([...onnxSource(model).weights([1, 1, 2, 2])].map(([name, { data }]) => [name, [...data]]));

/** int8 numbers, or with another type those of it. */
const bytes = (name: string, dims: number[], numbers: number[], dataType = 3): OnnxTensor => ({
  ...floats(name, [0]),
  dims,
  dataType,
  rawData: Uint8Array.from(numbers),
});

test("weights in Constant nodes are weights under their outputs' names; single numbers are constants", () => {
  const nodes = [
    node("Constant", "", "w", { value: ndarray([2, 1, 1, 1], [3, 4]) }),
    node("Constant", "", "b", { value: ndarray([2], [1, 2]) }),
    node("Constant", "", "half", { value: ndarray([1], [0.5]) }),
    node("Conv", "x w b", "c"),
    node("Mul", "c half", "y"),
  ];
  const model = modelOf(graphOf([info("x", [1, 1, 2, 2])], nodes, ["y"]));
  assert.deepEqual(weightsOf(model), { w: [3, 4], b: [1, 2] });
  assert.deepEqual(
    onnxSource(model)
      .build([1, 1, 2, 2])
      .layers.map(({ type }) => type),
    ["Conv", "Mul"],
  );
});

test("a Constant of one number is a weight where an operator learns with it, and statistics are not trained", () => {
  const nodes = [
    node("Constant", "", "w", { value: ndarray([1, 1, 1, 1], [3]) }),
    ...["scale", "shift", "mean", "var"].map((name) => node("Constant", "", name, { value: ndarray([1], [1]) })),
    node("Conv", "x w", "c"),
    node("BatchNormalization", "c scale shift mean var", "y"),
  ];
  const { variables } = onnxSource(modelOf(graphOf([info("x", [1, 1, 2, 2])], nodes, ["y"]))).build([1, 1, 2, 2]);
  const trained = Object.fromEntries(variables.map((t) => [variableOf(t).name, variableOf(t).trainable]));
  assert.deepEqual(trained, { w: true, scale: true, shift: true, mean: false, var: false });
});

test("files of Neocog keep weights apart from constants", () => {
  const nodes = [
    node("Constant", "", "blur", { value: ndarray([1, 1, 1, 2], [0.5, 0.5]) }),
    node("Conv", "x blur", "y"),
  ];
  const model = modelOf(graphOf([info("x", [1, 1, 2, 2])], nodes, ["y"]));
  assert.deepEqual(weightsOf(model), { blur: [0.5, 0.5] });
  assert.deepEqual(weightsOf({ ...model, producerName: "neocog" }), {});
});

test("int8 weights behind DequantizeLinear are weights under their own names, a scale for each channel", async () => {
  const nodes = [node("DequantizeLinear", "q s z", "w", { axis: 0 }), node("Conv", "x w", "y")];
  const parts = [bytes("q", [2, 1, 1, 1], [0x80, 0x7f]), bytes("z", [2], [0, 1]), floats("s", [2], 0.5, 0.25)];
  const model = modelOf(graphOf([info("x", [1, 1, 2, 2])], nodes, ["y"], parts));
  assert.deepEqual(weightsOf(model), { q: [-64, 31.5] });
  const source = onnxSource(model);
  const { output } = source.build([1, 1, 2, 2]);
  const { y } = await runOnce({ y: output }, { x: ndarray([1, 1, 2, 2], [1, 2, 0, -1]) }, referenceEngine());
  assert.deepEqual(
    [...y.data],
    [-64, -128, 0, 64, 31.5, 63, 0, -31.5].map((v) => v + 0),
  );
});

test("quantised weights of QLinearConv are weights as well", () => {
  const nodes = [
    node("QuantizeLinear", "x xs xz", "xq"),
    node("QLinearConv", "xq xs xz q ws wz ys yz", "yq"),
    node("DequantizeLinear", "yq ys yz", "y"),
  ];
  const parts = [
    floats("xs", [], 0.5),
    bytes("xz", [], [0]),
    bytes("q", [1, 1, 1, 2], [2, 0xfe]),
    floats("ws", [], 0.125),
    bytes("wz", [], [0]),
    floats("ys", [], 0.5),
    bytes("yz", [], [0]),
  ];
  const found = weightsOf(modelOf(graphOf([info("x", [1, 1, 2, 2])], nodes, ["y"], parts)));
  assert.deepEqual(found.q, [0.25, -0.25]);
});

test("what an activation is dequantised with stays as it is", () => {
  const nodes = [node("QuantizeLinear", "x s z", "q"), node("DequantizeLinear", "q s z", "y")];
  const model = modelOf(graphOf([info("x", [1, 1, 2, 2])], nodes, ["y"], [floats("s", [], 0.5), bytes("z", [], [0])]));
  assert.deepEqual(Object.keys(weightsOf(model)), ["s"]);
});
