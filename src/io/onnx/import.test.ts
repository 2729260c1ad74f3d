// Import: open sizes, folded shape arithmetic, names of weights, quantised and half-precision weights, and refusals in words.
// The operators themselves are held against the official conformance cases (test/onnx).
import assert from "node:assert/strict";
import { test } from "node:test";
import { floats, graphAttribute, graphOf, info, modelOf, node, wholes } from "../../../test/onnx/graphs.ts";
import { type NdArray, ndarray } from "../../base/array.ts";
import { DataError, NeocogError } from "../../base/errors.ts";
import { referenceEngine } from "../../engines/reference/engine.ts";
import { attributesIf, variableOp } from "../../graph/graph.ts";
import { walk } from "../../graph/walk.ts";
import { runOnce } from "../../run/session.ts";
import { type AttributeValue, attributeOf } from "./emitter.ts";
import { onnxGraph } from "./import.ts";
import type { OnnxAttribute, OnnxFunction, OnnxGraph, OnnxModel, OnnxNode, OnnxTensor } from "./schema.ts";

const opsOf = (model: OnnxModel, sizes: Record<string, number>): string[] =>
  walk(Object.values(onnxGraph(model, { sizes }).outputs)).map(({ op }) => op.name);

test("open sizes are filled in by name, and each missing one is asked for by name", () => {
  const model = modelOf(graphOf([info("x", ["batch", 3, "height", "width"])], [node("Relu", "x", "y")], ["y"]));
  assert.deepEqual(onnxGraph(model, { sizes: { height: 5, width: 7 } }).outputs.y.shape, [1, 3, 5, 7]);
  assert.deepEqual(onnxGraph(model, { sizes: { batch: 4, height: 5, width: 7 } }).outputs.y.shape, [4, 3, 5, 7]);
  assert.deepEqual(onnxGraph(model, { shapes: { x: [2, 3, 8, 8] } }).outputs.y.shape, [2, 3, 8, 8]);
  assert.throws(() => onnxGraph(model), /leaves "height", "width" open/);
  assert.throws(() => onnxGraph(model, { shapes: { x: [2, 4, 8, 8] } }), /fixed to 3 along axis 1/);
  assert.throws(() => onnxGraph(model, { shapes: { z: [1] } }), /no input "z"; its inputs are: x/);
});

test("arithmetic on shapes is done while building: a flatten as PyTorch writes it is one reshape", () => {
  const nodes = [
    node("Shape", "x", "s"),
    node("Constant", "", "zero", { value: ndarray([], [0], "int64") }),
    node("Gather", "s zero", "n", { axis: 0 }),
    node("Unsqueeze", "n axes", "n1"),
    node("Concat", "n1 minus", "shape", { axis: 0 }),
    node("Reshape", "x shape", "y"),
  ];
  const model = modelOf(graphOf([info("x", ["batch", 2, 3])], nodes, ["y"], [wholes("axes", 0), wholes("minus", -1)]));
  assert.deepEqual(opsOf(model, { batch: 5 }), ["input", "reshape"]);
  assert.deepEqual(onnxGraph(model, { sizes: { batch: 5 } }).outputs.y.shape, [5, 6]);
});

test("weights are variables under their own names; statistics are not trained; half precision is widened", () => {
  const half: OnnxTensor = { ...floats("w", [1, 1, 1, 1], 0), dataType: 10, rawData: Uint8Array.of(0x00, 0x3e) };
  const one = (name: string): OnnxTensor => floats(name, [1], 1);
  const nodes = [node("Conv", "x w b", "c"), node("BatchNormalization", "c scale shift mean var", "y")];
  const weights = [half, one("b"), one("scale"), one("shift"), one("mean"), one("var")];
  const graph = onnxGraph(modelOf(graphOf([info("x", [1, 1, 2, 2], 10)], nodes, ["y"], weights)));
  const variables = walk([graph.outputs.y]).flatMap((n) => attributesIf(n, variableOp) ?? []);
  const trained = Object.fromEntries(variables.map(({ name, trainable }) => [name, trainable]));
  assert.deepEqual(trained, { w: true, b: true, scale: true, shift: true, mean: false, var: false });
  assert.deepEqual([...variables.find(({ name }) => name === "w")!.initial().data], [1.5]);
});

test("an int8 network in QDQ form runs dequantised", async () => {
  const int8: OnnxTensor = { ...floats("q", [2], 0, 0), dataType: 3, rawData: Uint8Array.of(0x80, 0x7f) };
  const zero: OnnxTensor = { ...floats("z", [], 0), dataType: 3, rawData: Uint8Array.of(1) };
  const nodes = [
    node("QuantizeLinear", "x s z", "xq"),
    node("DequantizeLinear", "xq s z", "xd"),
    node("DequantizeLinear", "q s z", "w"),
    node("Mul", "xd w", "y"),
  ];
  const graph = onnxGraph(modelOf(graphOf([info("x", [2])], nodes, ["y"], [int8, zero, floats("s", [], 0.5)])));
  const { y } = await runOnce(graph.outputs, { x: ndarray([2], [0.74, 1000]) }, referenceEngine());
  // 0.74 / 0.5 rounds to 1, 1000 saturates at 126 above the zero point; the weights are -64.5 and 63.
  assert.deepEqual([...y.data], [0.5 * -64.5, 63 * 63]);
});

test("a branch whose condition is known is taken", async () => {
  const branch = (opType: string): OnnxGraph => graphOf([], [node(opType, "x", `${opType}.y`)], [`${opType}.y`]);
  const choice = {
    ...node("If", "c", "y"),
    attributes: [graphAttribute("then_branch", branch("Relu")), graphAttribute("else_branch", branch("Neg"))],
  };
  const model = modelOf(graphOf([info("x", [2]), info("c", [], 9)], [choice], ["y"]));
  const no: NdArray = ndarray([], [0], "bool");
  const run = await runOnce(
    onnxGraph(model, { values: { c: no } }).outputs,
    { x: ndarray([2], [1, -2]) },
    referenceEngine(),
  );
  assert.deepEqual([...run.y.data], [-1, 2]);
});

test("functions are written out, their attributes filled in from the call; endless ones are refused", async () => {
  const body = (name: string, nodes: OnnxNode[]): OnnxFunction => ({
    name,
    inputs: ["a", "b"],
    outputs: ["c"],
    attributes: ["slope"],
    nodes,
    docString: undefined,
    opsetImport: [{ domain: "", version: 13 }],
    domain: "own",
    attributeDefaults: [],
  });
  const call = (
    name: string,
    inputs: string,
    output: string,
    attributes: Record<string, AttributeValue> = {},
  ): OnnxNode => ({
    ...node(name, inputs, output, attributes),
    domain: "own",
  });
  const leaky = node("LeakyRelu", "t", "c");
  const slope: OnnxAttribute = { ...attributeOf("alpha", 0), int: undefined, type: undefined, reference: "slope" };
  const addLeaky = body("AddLeaky", [node("Add", "a b", "t"), { ...leaky, attributes: [slope] }]);
  const nodes = [call("AddLeaky", "x x", "u", { slope: { float: 0.5 } }), call("AddLeaky", "u x", "y")];
  const model = { ...modelOf(graphOf([info("x", [2])], nodes, ["y"])), functions: [addLeaky] };
  const { y } = await runOnce(onnxGraph(model).outputs, { x: ndarray([2], [-4, 1]) }, referenceEngine());
  // (-4 - 4) / 2 = -4, then -8 with the slope that is ONNX's own: 0.01.
  assert.deepEqual([...y.data], [-0.08, 3]);
  const endless = body("AddLeaky", [call("AddLeaky", "a b", "t"), call("AddLeaky", "t b", "c")]);
  assert.throws(() => onnxGraph({ ...model, functions: [endless] }), /calls itself|more nodes than any network/);
});

test("operators without a row are listed all at once, with their nodes and a way out", () => {
  const nodes = [node("NonZero", "x", "a"), node("MaxPoool", "a", "b"), node("NonZero", "b", "y")];
  const model = modelOf(graphOf([info("x", [2])], nodes, ["y"]));
  assert.throws(
    () => onnxGraph(model),
    (error) =>
      error instanceof NeocogError &&
      /^2 operators are not supported\. NonZero \(a, y\): its result has no fixed shape.* MaxPoool \(b\): did you mean MaxPool\?$/.test(
        error.message,
      ),
  );
});

test("what cannot be is refused in words that name the node", () => {
  const refuse = (nodes: OnnxNode[], message: RegExp, opset = 13): void => {
    const model = modelOf(graphOf([info("x", [2, 3])], nodes, ["y"], [wholes("huge", 2 ** 40, 2 ** 20)]), opset);
    assert.throws(
      () => onnxGraph(model),
      (error) => error instanceof NeocogError && message.test(error.message),
    );
  };
  refuse(
    [node("Relu", "z", "y"), node("Relu", "y", "z")],
    /Relu "y" → Relu "z" → Relu "y" read each other in a circle|Relu "z" → Relu "y" → Relu "z" read each other in a circle/,
  );
  refuse([node("Relu", "x", "y"), node("Relu", "x", "y")], /"y" is given to two tensors/);
  refuse([node("Relu", "", "y")], /Relu "y": it needs 1 inputs/);
  refuse([node("Relu", "x", "y", { alpha: 3 })], /Relu "y": the attribute "alpha" is not one that Relu has/);
  refuse([node("Expand", "x huge", "y")], /cannot be expanded|larger than any engine/);
  refuse([node("ConstantOfShape", "huge", "y")], /makes a tensor of shape/);
  refuse([node("MatMul", "x x", "y")], /Layer "y": matmul of \[2, 3\] and \[2, 3\]/);
  refuse([node("Relu", "x", "y")], /operator set 99/, 99);
  assert.throws(() => onnxGraph(modelOf(graphOf([info("x", [2, -3])], [node("Relu", "x", "y")], ["y"]))), DataError);
});
