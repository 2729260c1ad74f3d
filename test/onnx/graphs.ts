// Small ONNX models written by hand, for tests.
import { ndarray } from "../../src/base/array.ts";
import { type AttributeValue, attributeOf } from "../../src/io/onnx/emitter.ts";
import type { OnnxGraph, OnnxModel, OnnxNode, OnnxTensor, ValueInfo } from "../../src/io/onnx/schema.ts";
import { writeTensor } from "../../src/io/onnx/tensor.ts";

/** A node; names are separated by spaces, "_" is the empty name. */
export function node(
  opType: string,
  inputs: string,
  outputs: string,
  attributes: Record<string, AttributeValue> = {},
): OnnxNode {
  const list = (text: string): string[] =>
    text === "" ? [] : text.split(" ").map((name) => (name === "_" ? "" : name));
  return {
    opType,
    inputs: list(inputs),
    outputs: list(outputs),
    attributes: Object.entries(attributes).map(([name, value]) => attributeOf(name, value)),
    name: undefined,
    docString: undefined,
    domain: undefined,
  };
}

/** A named input or output; a text stands for an open size, "" for one without a name. */
export function info(name: string, dims: readonly (number | string)[], elementType = 1): ValueInfo {
  const shape = {
    dims: dims.map((d) =>
      typeof d === "number" ? { value: d, name: undefined } : { value: undefined, name: d || undefined },
    ),
  };
  const tensor = { elementType, shape };
  return {
    name,
    type: { tensor, sequence: undefined, map: undefined, sparse: undefined, optional: undefined },
    docString: undefined,
  };
}

export function graphOf(
  inputs: ValueInfo[],
  nodes: OnnxNode[],
  outputs: string[],
  initializers: OnnxTensor[] = [],
): OnnxGraph {
  return {
    nodes,
    name: "g",
    initializers,
    docString: undefined,
    inputs,
    outputs: outputs.map((name) => info(name, [])),
    valueInfos: [],
  };
}

export function modelOf(graph: OnnxGraph, opset = 13): OnnxModel {
  return {
    irVersion: 8,
    opsetImport: [{ domain: "", version: opset }],
    producerName: undefined,
    producerVersion: undefined,
    domain: undefined,
    modelVersion: undefined,
    docString: undefined,
    graph,
    metadata: [],
    functions: [],
  };
}

/** An initializer of float32. */
export const floats = (name: string, shape: number[], ...data: number[]): OnnxTensor =>
  writeTensor(name, ndarray(shape, data));
/** An initializer of int64. */
export const wholes = (name: string, ...data: number[]): OnnxTensor =>
  writeTensor(name, ndarray([data.length], data, "int64"));

/** An attribute that holds an inner graph. */
export const graphAttribute = (name: string, graph: OnnxGraph): OnnxNode["attributes"][number] => ({
  ...attributeOf(name, 0),
  int: undefined,
  type: 5,
  graph,
});
