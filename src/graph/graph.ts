// Building the static graph: applying ops, naming layers, and the leaves that are fed from outside.
// Nodes are immutable and point at what they read, so a graph needs no container: its outputs are the graph.
//
// Functions, not methods: an op card (op.ts) knows nothing of the library around it, and nothing is looked up by name.
import { understand } from "../base/arguments.ts";
import { type NdArray, ndarrayRule } from "../base/array.ts";
import { type DType, dtypeRule, isFloat } from "../base/dtype.ts";
import { NeocogError, within } from "../base/errors.ts";
import {
  anyNumber,
  callback,
  flag,
  like,
  listOf,
  optional,
  type Rule,
  shape as shapeRule,
  text,
} from "../base/rules.ts";
import { checkShape, type Shape } from "../base/shape.ts";
import type { Node, Op, Tensor, TensorType } from "./op.ts";

export type { Node, Tensor } from "./op.ts";

/** A symbolic tensor as an argument. */
export const tensor: Rule = like("a tensor of a graph, as input() or a layer gives it", "node", "shape", "dtype");

/** One of floats: what is computed of whole numbers would have to be rounded, and would mean nothing. */
export const floatTensor: Rule = {
  must: 'a tensor of floats, as cast(x, "float32") makes of whole numbers',
  accepts: (value) => tensor.accepts(value) && isFloat((value as Tensor).dtype),
};

/** Several of them. */
export const tensorList: Rule = listOf(tensor, "a list of tensors");

let count = 0;
let path: readonly string[] = [];

/** The dotted path of the layer being built. */
export function currentPath(): string {
  return path.join(".");
}

/** Builds something inside a named scope: nodes, parameters and errors carry the path. An empty name adds nothing. */
export function withPath<T>(name: string, build: () => T): T {
  understand("withPath", arguments, { name: text, build: callback });
  const outer = path;
  if (name !== "") path = [...outer, name];
  try {
    return build();
  } finally {
    path = outer;
  }
}

/** Like withPath, but from the root: for passes that add nodes to an existing layer. */
export function atPath<T>(dotted: string, build: () => T): T {
  const outer = path;
  path = dotted === "" ? [] : [dotted];
  try {
    return build();
  } finally {
    path = outer;
  }
}

/** Applies an op: infers the shapes of its outputs, or throws a ShapeError that names the layer's path. */
export function apply<A extends object>(op: Op<A>, inputs: readonly Tensor[], attributes: A): readonly Tensor[] {
  const where = currentPath();
  const infer = (): readonly TensorType[] => {
    if (op.ofFloats && !isFloat(inputs[0].dtype)) {
      throw new NeocogError(
        `${op.name} is of floats, not of ${inputs[0].dtype}; cast its input first: cast(x, "float32").`,
      );
    }
    const types = op.infer(inputs, attributes);
    for (const { shape } of types) checkShape(shape, 0, `The output of ${op.name}`);
    return types;
  };
  const types = where === "" ? infer() : within({ kind: "layer", name: where }, infer);
  const outputs: Tensor[] = [];
  const node: Node = { id: count++, op, attributes, inputs, outputs, path: where };
  types.forEach((type, output) => {
    outputs.push({ shape: type.shape, dtype: type.dtype, node, output });
  });
  return outputs;
}

/** Applies an op of one output. */
export function apply1<A extends object>(op: Op<A>, inputs: readonly Tensor[], attributes: A): Tensor {
  return apply(op, inputs, attributes)[0];
}

// ---- leaves ---------------------------------------------------------------------------------------------------------

export interface InputAttributes {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** What the caller gives before each run. */
export const inputOp: Op<InputAttributes> = {
  name: "input",
  infer: (_inputs, { shape, dtype }) => [{ shape, dtype }],
};

export interface VariableAttributes extends InputAttributes {
  /** Numbers at the start, made only when a plan is run: a graph of 10^9 weights costs nothing. */
  readonly initial: () => NdArray;
  /** False for running statistics, counters and optimizer state. */
  readonly trainable: boolean;
}

/** What lives from run to run: weights, running statistics, optimizer state. The name is its identity. */
export const variableOp: Op<VariableAttributes> = {
  name: "variable",
  infer: (_inputs, { shape, dtype }) => [{ shape, dtype }],
};

export interface ConstantAttributes {
  readonly value: NdArray;
}

/** Numbers known when the graph is built. */
export const constantOp: Op<ConstantAttributes> = {
  name: "constant",
  infer: (_inputs, { value }) => [{ shape: value.shape, dtype: value.dtype }],
  reference: (_inputs, { value }) => [value],
};

/** A tensor that is given before each run, by its name; float32 unless told. */
export function input(name: string, shape: Shape, dtype: DType = "float32"): Tensor {
  understand("input", arguments, { name: text, shape: shapeRule(), dtype: optional(dtypeRule) });
  return apply1(inputOp, [], { name, shape, dtype });
}

/** A tensor that lives from run to run; `initial` makes its numbers at the start, and its name is its identity. */
export function variable(
  name: string,
  shape: Shape,
  initial: () => NdArray,
  trainable = true,
  dtype: DType = "float32",
): Tensor {
  understand("variable", arguments, {
    name: text,
    shape: shapeRule(),
    initial: callback,
    trainable: optional(flag),
    dtype: optional(dtypeRule),
  });
  return apply1(variableOp, [], { name, shape, dtype, initial, trainable });
}

/** Numbers that are known when the graph is built, as a tensor of the same shape. */
export function constantTensor(value: NdArray): Tensor {
  understand("constantTensor", arguments, { value: ndarrayRule });
  return apply1(constantOp, [], { value });
}

/** A constant of no axes, float32 unless told. */
export function scalar(value: number, dtype: DType = "float32"): Tensor {
  understand("scalar", arguments, { value: anyNumber, dtype: optional(dtypeRule) });
  return constantTensor({ shape: [], dtype, data: Float64Array.of(value) });
}

/** The attributes of a node if it is an application of `op`. */
export function attributesIf<A extends object>(node: Node, op: Op<A>): A | undefined {
  return node.op.name === op.name ? (node.attributes as A) : undefined;
}
