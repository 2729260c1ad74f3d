// What the writers of the export tables share: a growing list of ONNX nodes, names for tensors, and constants.
import type { NdArray } from "../../base/array.ts";
import { NeocogError } from "../../base/errors.ts";
import type { Shape } from "../../base/shape.ts";
import type { Node, Tensor } from "../../graph/graph.ts";
import { attributeTypes, type OnnxAttribute } from "./schema.ts";
import { writeTensor } from "./tensor.ts";

/** The operator set that is written. */
export const OPSET = 17;

export type AttributeValue =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly texts: readonly string[] }
  | NdArray;

export interface Emitter {
  /** Adds a node and gives the names of its outputs. */
  node(
    opType: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, AttributeValue>>,
    outputs?: number,
  ): string[];
  /** The name under which a tensor can be read; writes what it needs first. */
  nameOf(tensor: Tensor): string;
  /** The names of what a node is made of, in order; undefined ones are not asked for. */
  parts(tensors: readonly (Tensor | undefined)[]): (string | undefined)[];
  /** A number or array known now, as a node of its own. */
  constant(value: NdArray): string;
  /** A list of whole numbers (a shape, axes). */
  integers(list: readonly number[], shape?: Shape): string;
  /**
   * A shape of what is made from a tensor. Where the batch is open its first size is that of the input when the network
   * runs; "inferred": -1, for Reshape; "stretched": for numbers that no input decides, which get a batch axis thereby.
   */
  shape(shape: Shape, from: Tensor, how?: "inferred" | "stretched"): string;
  /** Readers of a tensor, among the nodes to be written. */
  readers(tensor: Tensor): readonly Node[];
  /** Whether the caller reads the tensor. */
  isOutput(tensor: Tensor): boolean;
  /** Whether anybody reads it. */
  isWanted(tensor: Tensor): boolean;
  /** The first axis of data is left open: shapes written into the file must not name it. */
  readonly openBatch: boolean;
  /** Whether the tensor depends on an input, and so may have an open first axis. */
  isData(tensor: Tensor): boolean;
}

/** Writes one node of the graph; gives the names of its outputs, undefined for those that nobody reads. */
export type Writer = (node: Node, emitter: Emitter) => readonly (string | undefined)[];

/** A float attribute: whole floats would otherwise look like integers. */
export const float = (value: number): { readonly float: number } => ({ float: value });

export function attributeOf(name: string, value: AttributeValue): OnnxAttribute {
  const empty: OnnxAttribute = {
    name,
    float: undefined,
    int: undefined,
    string: undefined,
    tensor: undefined,
    graph: undefined,
    floats: [],
    ints: [],
    strings: [],
    tensors: [],
    graphs: [],
    docString: undefined,
    type: undefined,
    reference: undefined,
  };
  if (typeof value === "number") return { ...empty, int: value, type: attributeTypes.int };
  if (typeof value === "string")
    return { ...empty, string: new TextEncoder().encode(value), type: attributeTypes.string };
  if (Array.isArray(value)) return { ...empty, ints: value as readonly number[], type: attributeTypes.ints };
  if ("texts" in value)
    return {
      ...empty,
      strings: value.texts.map((text) => new TextEncoder().encode(text)),
      type: attributeTypes.strings,
    };
  if ("float" in value) return { ...empty, float: value.float, type: attributeTypes.float };
  return { ...empty, tensor: writeTensor("", value as NdArray), type: attributeTypes.tensor };
}

/** Refuses a node with its layer's path. */
export function cannotWrite(node: Node, what: string): NeocogError {
  return new NeocogError(`${what} cannot be written to ONNX${node.path === "" ? "" : ` (layer "${node.path}")`}.`);
}
