// What a row of the op tables sees: the values that a node reads, its attributes, and what is known while the graph is
// built. A row is a function from these to the node's outputs; the other files of this folder hold one table a family.
import type { NdArray } from "../../../base/array.ts";
import { isFloat } from "../../../base/dtype.ts";
import { DataError, NeocogError } from "../../../base/errors.ts";
import { normalizeAxis } from "../../../base/shape.ts";
import type { Value } from "../value.ts";
import type { Attributes, GraphNode } from "./node.ts";

export type Inputs = readonly Value[];
export type OpRow = (inputs: Inputs, attributes: Attributes, node: GraphNode) => Value | readonly Value[];
export interface OpEntry {
  /** How many inputs must be there. */
  readonly required: number;
  readonly build: OpRow;
}
export type OpTable = Readonly<Record<string, OpEntry>>;

export const row = (required: number, build: OpRow): OpEntry => ({ required, build });

/** The numbers of a value that must be known when the graph is built, such as a shape. */
export function constantOf(value: Value, what: string): NdArray {
  if (value.known) return value.known;
  throw new NeocogError(`${what} depends on an input of the network, but must be known when the graph is built.`);
}

/** The same as a list of whole numbers. */
export function integersOf(value: Value, what: string): number[] {
  const { data, dtype, shape } = constantOf(value, what);
  if (isFloat(dtype) || shape.length > 1) throw new DataError(`${what} should be a list of whole numbers.`);
  return Array.from(data);
}

export function integerOf(value: Value, what: string): number {
  const list = integersOf(value, what);
  if (list.length !== 1) throw new DataError(`${what} should be one number, not ${list.length}.`);
  return list[0];
}

/** Axes of the file's order that a value names, from the front, each once. */
export function axesOf(value: Value, rank: number): number[] {
  return [...new Set(integersOf(value, "its axes").map((axis) => normalizeAxis(axis, rank)))].sort((a, b) => a - b);
}

/** Whether a node with maps was written for [N, C, H, W]. */
export function isChannelsFirst(attributes: Attributes): boolean {
  const format = attributes.text("data_format", "NHWC");
  if (["NHWC", "NDHWC"].includes(format)) return false;
  if (["NCHW", "NCDHW"].includes(format)) return true;
  throw unsupported(`data_format "${format.slice(0, 40)}"`);
}

export function unsupported(what: string): NeocogError {
  return new NeocogError(`${what} is not supported.`);
}
