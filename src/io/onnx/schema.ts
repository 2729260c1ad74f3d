// The messages of an ONNX file (onnx.proto, IR versions 3 to 10): their types, and the tables of field numbers that read
// and write them. Training parts and sparse tensors are left out; reading skips them.
import { like, type Rule } from "../../base/rules.ts";
import type { NumberList, Schema } from "./wire.ts";

/** A model as an argument. */
export const onnxModel: Rule = like("an ONNX model, as openOnnx() gives it", "opsetImport");

/** An ONNX file as a tree. */
export interface OnnxModel {
  /** Version of the file format, from 3 to 10 for what is read here. */
  irVersion: number | undefined;
  /** Which version of which operators the nodes mean. */
  opsetImport: readonly OperatorSet[];
  /** The tool that wrote the file, such as "pytorch". */
  producerName: string | undefined;
  /** The tool's version. */
  producerVersion: string | undefined;
  /** Where the model comes from, as a reversed host name. */
  domain: string | undefined;
  /** The model's own version. */
  modelVersion: number | undefined;
  /** Words for a person. */
  docString: string | undefined;
  /** The network: nodes, initializers (weights), inputs and outputs. */
  graph: OnnxGraph | undefined;
  /** Notes by key, such as "classes". */
  metadata: readonly KeyValue[];
  /** Operators that the file defines itself. */
  functions: readonly OnnxFunction[];
}

export interface OperatorSet {
  /** Empty for ONNX's own operators. */
  domain: string | undefined;
  /** Number of the set, such as 17. */
  version: number | undefined;
}

export interface KeyValue {
  /** What the note is called. */
  key: string | undefined;
  /** What it says. */
  value: string | undefined;
}

export interface OnnxGraph {
  nodes: readonly OnnxNode[];
  name: string | undefined;
  initializers: readonly OnnxTensor[];
  docString: string | undefined;
  inputs: readonly ValueInfo[];
  outputs: readonly ValueInfo[];
  valueInfos: readonly ValueInfo[];
}

export interface OnnxNode {
  inputs: readonly string[];
  outputs: readonly string[];
  name: string | undefined;
  opType: string | undefined;
  attributes: readonly OnnxAttribute[];
  docString: string | undefined;
  domain: string | undefined;
}

export interface OnnxAttribute {
  name: string | undefined;
  float: number | undefined;
  int: number | undefined;
  string: Uint8Array | undefined;
  tensor: OnnxTensor | undefined;
  graph: OnnxGraph | undefined;
  floats: NumberList;
  ints: NumberList;
  strings: readonly Uint8Array[];
  tensors: readonly OnnxTensor[];
  graphs: readonly OnnxGraph[];
  docString: string | undefined;
  /** One of attributeTypes. */
  type: number | undefined;
  /** Inside a function: the name of the function's attribute that is meant. */
  reference: string | undefined;
}

export const attributeTypes = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
} as const;

export interface OnnxTensor {
  dims: NumberList;
  /** One of elementTypes (tensor.ts). */
  dataType: number | undefined;
  floatData: NumberList;
  /** Also holds int8, uint8, bool, and the bits of float16 and bfloat16. */
  int32Data: NumberList;
  stringData: readonly Uint8Array[];
  int64Data: NumberList;
  name: string | undefined;
  rawData: Uint8Array | undefined;
  doubleData: NumberList;
  uint64Data: NumberList;
  docString: string | undefined;
  externalData: readonly KeyValue[];
  /** 1: the numbers lie in another file. */
  dataLocation: number | undefined;
}

export interface ValueInfo {
  name: string | undefined;
  type: TypeInfo | undefined;
  docString: string | undefined;
}

export interface TypeInfo {
  tensor: TensorTypeInfo | undefined;
  /** Present where the value is a sequence, a map, a sparse or an optional one. */
  sequence: unknown;
  map: unknown;
  sparse: unknown;
  optional: unknown;
}

export interface TensorTypeInfo {
  elementType: number | undefined;
  /** Undefined: even the number of axes is unknown. */
  shape: { dims: readonly Dimension[] } | undefined;
}

export interface Dimension {
  /** A known size, or the name of a size that is known when the network runs; neither for one without a name. */
  value: number | undefined;
  name: string | undefined;
}

export interface OnnxFunction {
  name: string | undefined;
  inputs: readonly string[];
  outputs: readonly string[];
  attributes: readonly string[];
  nodes: readonly OnnxNode[];
  docString: string | undefined;
  opsetImport: readonly OperatorSet[];
  domain: string | undefined;
  attributeDefaults: readonly OnnxAttribute[];
}

const keyValue: Schema = {
  name: "key and value",
  fields: { 1: { name: "key", type: "string" }, 2: { name: "value", type: "string" } },
};

const operatorSet: Schema = {
  name: "operator set",
  fields: { 1: { name: "domain", type: "string" }, 2: { name: "version", type: "int" } },
};

export const tensorSchema: Schema = {
  name: "tensor",
  fields: {
    1: { name: "dims", type: "int", repeated: "list" },
    2: { name: "dataType", type: "int" },
    4: { name: "floatData", type: "float", repeated: "packed" },
    5: { name: "int32Data", type: "int", repeated: "packed" },
    6: { name: "stringData", type: "bytes", repeated: "list" },
    7: { name: "int64Data", type: "int", repeated: "packed" },
    8: { name: "name", type: "string" },
    9: { name: "rawData", type: "bytes" },
    10: { name: "doubleData", type: "double", repeated: "packed" },
    11: { name: "uint64Data", type: "int", repeated: "packed" },
    12: { name: "docString", type: "string" },
    13: { name: "externalData", type: () => keyValue, repeated: "list" },
    14: { name: "dataLocation", type: "int" },
  },
};

const dimension: Schema = {
  name: "dimension",
  fields: { 1: { name: "value", type: "int" }, 2: { name: "name", type: "string" } },
};
const shape: Schema = { name: "shape", fields: { 1: { name: "dims", type: () => dimension, repeated: "list" } } };
const tensorType: Schema = {
  name: "tensor type",
  fields: { 1: { name: "elementType", type: "int" }, 2: { name: "shape", type: () => shape } },
};

const typeInfo: Schema = {
  name: "type",
  fields: {
    1: { name: "tensor", type: () => tensorType },
    4: { name: "sequence", type: "bytes" },
    5: { name: "map", type: "bytes" },
    8: { name: "sparse", type: "bytes" },
    9: { name: "optional", type: "bytes" },
  },
};

const valueInfo: Schema = {
  name: "value",
  fields: {
    1: { name: "name", type: "string" },
    2: { name: "type", type: () => typeInfo },
    3: { name: "docString", type: "string" },
  },
};

const attribute: Schema = {
  name: "attribute",
  fields: {
    1: { name: "name", type: "string" },
    2: { name: "float", type: "float" },
    3: { name: "int", type: "int" },
    4: { name: "string", type: "bytes" },
    5: { name: "tensor", type: () => tensorSchema },
    6: { name: "graph", type: () => graph },
    7: { name: "floats", type: "float", repeated: "list" },
    8: { name: "ints", type: "int", repeated: "list" },
    9: { name: "strings", type: "bytes", repeated: "list" },
    10: { name: "tensors", type: () => tensorSchema, repeated: "list" },
    11: { name: "graphs", type: () => graph, repeated: "list" },
    13: { name: "docString", type: "string" },
    20: { name: "type", type: "int" },
    21: { name: "reference", type: "string" },
  },
};

const node: Schema = {
  name: "node",
  fields: {
    1: { name: "inputs", type: "string", repeated: "list" },
    2: { name: "outputs", type: "string", repeated: "list" },
    3: { name: "name", type: "string" },
    4: { name: "opType", type: "string" },
    5: { name: "attributes", type: () => attribute, repeated: "list" },
    6: { name: "docString", type: "string" },
    7: { name: "domain", type: "string" },
  },
};

const graph: Schema = {
  name: "graph",
  fields: {
    1: { name: "nodes", type: () => node, repeated: "list" },
    2: { name: "name", type: "string" },
    5: { name: "initializers", type: () => tensorSchema, repeated: "list" },
    10: { name: "docString", type: "string" },
    11: { name: "inputs", type: () => valueInfo, repeated: "list" },
    12: { name: "outputs", type: () => valueInfo, repeated: "list" },
    13: { name: "valueInfos", type: () => valueInfo, repeated: "list" },
  },
};

const functionSchema: Schema = {
  name: "function",
  fields: {
    1: { name: "name", type: "string" },
    4: { name: "inputs", type: "string", repeated: "list" },
    5: { name: "outputs", type: "string", repeated: "list" },
    6: { name: "attributes", type: "string", repeated: "list" },
    7: { name: "nodes", type: () => node, repeated: "list" },
    8: { name: "docString", type: "string" },
    9: { name: "opsetImport", type: () => operatorSet, repeated: "list" },
    10: { name: "domain", type: "string" },
    11: { name: "attributeDefaults", type: () => attribute, repeated: "list" },
  },
};

export const modelSchema: Schema = {
  name: "ONNX model",
  fields: {
    1: { name: "irVersion", type: "int" },
    2: { name: "producerName", type: "string" },
    3: { name: "producerVersion", type: "string" },
    4: { name: "domain", type: "string" },
    5: { name: "modelVersion", type: "int" },
    6: { name: "docString", type: "string" },
    7: { name: "graph", type: () => graph },
    8: { name: "opsetImport", type: () => operatorSet, repeated: "list" },
    14: { name: "metadata", type: () => keyValue, repeated: "list" },
    25: { name: "functions", type: () => functionSchema, repeated: "list" },
  },
};
