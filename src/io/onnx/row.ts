// What a row of the operator tables sees: the tensors that a node reads, its attributes, and what the importer knows of
// them. A row is a function from these to the node's outputs; `operators/*.ts` hold one table a family.
import type { NdArray } from "../../base/array.ts";
import { DataError, NeocogError } from "../../base/errors.ts";
import type { Tensor } from "../../graph/graph.ts";
import { attributeTypes, type OnnxAttribute, type OnnxGraph, type OnnxTensor } from "./schema.ts";

/** Tensors that a node reads, in order. The first `required` of a row are always there; ask `optional` for the others. */
export type Inputs = readonly Tensor[];

export interface Context {
  /** Version of ONNX's operator set that the node was written for. */
  readonly opset: number;
  /** How many outputs the node names, counted to the last one that has a name. */
  readonly outputCount: number;
  /** The numbers of a tensor that depends on no input of the network, or undefined. */
  known(tensor: Tensor): NdArray | undefined;
  /** The numbers of a tensor that must be known when the graph is built, such as a shape. */
  constant(tensor: Tensor, what: string): NdArray;
  /** The same as a list of whole numbers. */
  integers(tensor: Tensor, what: string): number[];
  /** ONNX's number for the element type, where the file says it (int8 and int32 are one type to Neocog). */
  elementType(tensor: Tensor): number | undefined;
  /** Remembers the element type of a tensor that a row makes. */
  setElementType(tensor: Tensor, type: number): void;
  /** The numbers of a `Constant`: a weight where an initializer would be one, else a constant. */
  stored(value: NdArray): Tensor;
  /** Numbers that stand for a weight of the file that is kept in another form, such as dequantised ones; named after `from`. */
  weight(value: NdArray, from: Tensor): Tensor;
  /** Builds an inner graph in place (the branch of an If), its inputs as given, and gives its outputs. */
  inline(graph: OnnxGraph, inputs?: readonly Tensor[]): Tensor[];
  /** A batch norm in another way than by its running statistics, where that is asked for. */
  norm?(norm: BatchNorm): Tensor | undefined;
  /** The error of a graph that cannot be built before an input is known: `what` as the start of a sentence about the tensor. */
  needs(tensor: Tensor, what: string): NeocogError;
}

export type Results = Tensor | readonly (Tensor | undefined)[];

export interface Row {
  /** How many inputs must be there; Infinity for any number of them, none left out. */
  readonly required: number;
  readonly build: (inputs: Inputs, attributes: Attributes, context: Context) => Results;
}

export type Table = Readonly<Record<string, Row>>;

export const row = (required: number, build: Row["build"]): Row => ({ required, build });

/** A batch norm in its form of inference. */
export interface BatchNorm {
  readonly x: Tensor;
  readonly weight: Tensor;
  readonly bias: Tensor;
  readonly runningMean: Tensor;
  readonly runningVar: Tensor;
  readonly eps: number;
  /** How far running statistics move towards a batch's, as PyTorch means it. */
  readonly momentum: number;
}

/** The i-th input if the node has it: a missing one may be an empty name or simply not be listed. */
export function optional(inputs: readonly (Tensor | undefined)[], i: number): Tensor | undefined {
  return inputs[i];
}

/** The attributes of a node by name, each of the type that its row expects. */
export interface Attributes {
  has(name: string): boolean;
  int(name: string, otherwise: number): number;
  float(name: string, otherwise: number): number;
  text(name: string, otherwise: string): string;
  ints(name: string): number[] | undefined;
  floats(name: string): number[] | undefined;
  texts(name: string): string[] | undefined;
  tensor(name: string): OnnxTensor | undefined;
  graph(name: string): OnnxGraph | undefined;
  /** Names that no row has asked for: the node means something that is not understood. */
  unread(): string[];
}

/** The decimal that was meant: 0.001 for the float32 nearest to it, whose own value is 0.0010000000474974513. */
export function shortest(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === Math.fround(value)) return candidate;
  }
  return value;
}

export function attributesOf(list: readonly OnnxAttribute[]): Attributes {
  const found = new Map<string, OnnxAttribute>();
  for (const attribute of list) {
    if (found.has(attribute.name ?? "")) throw new DataError(`The attribute "${attribute.name}" is given twice.`);
    found.set(attribute.name ?? "", attribute);
  }
  const asked = new Set<string>();
  function get<T>(
    name: string,
    kind: keyof typeof attributeTypes,
    read: (attribute: OnnxAttribute) => T | undefined,
  ): T | undefined {
    asked.add(name);
    const attribute = found.get(name);
    if (!attribute) return undefined;
    const value = read(attribute);
    if (value === undefined || (attribute.type !== undefined && attribute.type !== attributeTypes[kind])) {
      throw new DataError(`The attribute "${name}" should be of kind "${kind}" and is not.`);
    }
    return value;
  }
  return {
    has: (name) => found.has(name),
    int: (name, otherwise) => get(name, "int", ({ int }) => int) ?? otherwise,
    float: (name, otherwise) =>
      get(name, "float", ({ float }) => (float === undefined ? undefined : shortest(float))) ?? otherwise,
    text: (name, otherwise) =>
      get(name, "string", ({ string }) => string && new TextDecoder().decode(string)) ?? otherwise,
    ints: (name) => get(name, "ints", ({ ints }) => Array.from(ints)),
    floats: (name) => get(name, "floats", ({ floats }) => Array.from(floats)),
    texts: (name) => get(name, "strings", ({ strings }) => strings.map((bytes) => new TextDecoder().decode(bytes))),
    tensor: (name) => get(name, "tensor", ({ tensor }) => tensor),
    graph: (name) => get(name, "graph", ({ graph }) => graph),
    unread: () => [...found.keys()].filter((name) => !asked.has(name)),
  };
}

/** Refuses one of the values that an attribute may have, in a sentence. */
export function unsupported(what: string): NeocogError {
  return new NeocogError(`${what} is not supported.`);
}
