// Graph models: a TensorFlow GraphDef as JSON, nodes in any order. Everything has a fixed shape here, so arithmetic on
// shapes is computed while the graph is built. Only what the outputs need is built.
import { type NdArray, storageOf } from "../../../base/array.ts";
import type { DType } from "../../../base/dtype.ts";
import { DataError, NeocogError, nearest, within } from "../../../base/errors.ts";
import { sizeOf } from "../../../base/shape.ts";
import { withPath } from "../../../graph/graph.ts";
import type { Json } from "../../json.ts";
import { evaluateNow } from "../../onnx/evaluate.ts";
import { type Network, refused, type Start } from "../border.ts";
import { fieldsOf, isList } from "../fields.ts";
import { asPlain, knownValue, type Value, weightOf, weightValue } from "../value.ts";
import { opHints, opNames, opRow } from "./list.ts";
import { type GraphNode, nodeOf, type Source, sourceOf, typeName, wholeOf } from "./node.ts";

/** Results of more elements are not computed while building, nor all of them together more than this many times it. */
const LARGEST_FOLDED = 1 << 18;
const MOST_FOLDED = 16;

/** Reads a graph model. Ops that are not supported are refused here, all at once. */
export function readOps(topology: Json, signature: Json | undefined): Network {
  const list = fieldsOf(topology, "modelTopology").list("node").map(nodeOf);
  const nodes = new Map(list.map((node) => [node.name, node]));
  if (nodes.size !== list.length) throw new DataError("Two nodes of the graph have one name.");
  const ends = endsOf(list, nodes, signature);
  refuseUnknown(reachable(nodes, ends));
  const order = ordered(nodes, ends);
  // Inputs in the order of the signature.
  const named = new Map(inputNames(signature).map((name, i) => [name, i]));
  const rank = ({ name }: GraphNode): number => named.get(name) ?? named.size;
  const inputs = order
    .filter(({ op }) => op === "Placeholder")
    .sort((p, q) => rank(p) - rank(q))
    .map((node) => within({ kind: "node", name: node.name, type: "Placeholder" }, () => startOf(node)));
  const nameOf = ({ node, output }: Source): string => (output === 0 ? node : `${node}:${output}`);
  return {
    inputs,
    outputs: ends.map(nameOf),
    sequences: false,
    build(weights, border) {
      const values = new Map<string, readonly Value[]>();
      for (const { name, shape, dtype } of inputs) values.set(name, [border.input(name, shape, dtype)]);
      const fold = folder();
      for (const node of order) {
        if (values.has(node.name)) continue;
        const outputs = built(node, values, weights, fold);
        values.set(node.name, outputs);
        if (outputs.length > 0) border.made(node.name, node.op, outputs[0]);
      }
      for (const end of ends) border.output(nameOf(end), read(values, end, "the outputs"));
    },
  };
}

// ---- reading --------------------------------------------------------------------------------------------------------------

/** The outputs that the signature names; without one, nodes that nobody reads. */
function endsOf(
  list: readonly GraphNode[],
  nodes: ReadonlyMap<string, GraphNode>,
  signature: Json | undefined,
): Source[] {
  const named = signatureNames(signature, "outputs").map((text) => sourceOf(text));
  if (named.length > 0) {
    for (const { node } of named)
      if (!nodes.has(node)) throw new DataError(`The signature's output "${node}" is no node of the graph.`);
    return named;
  }
  const read = new Set(list.flatMap(({ inputs }) => inputs.map(({ node }) => node)));
  return list
    .filter(({ name, op }) => !read.has(name) && op !== "NoOp" && op !== "Const")
    .map(({ name }) => ({ node: name, output: 0 }));
}

function signatureNames(signature: Json | undefined, part: "inputs" | "outputs"): string[] {
  if (signature === undefined) return [];
  const fields = fieldsOf(signature, "The signature");
  if (!fields.has(part)) return [];
  const entries = fields.object(part);
  return entries.names.map((key) => {
    const entry = entries.object(key);
    return entry.has("name") ? entry.text("name") : key;
  });
}

const inputNames = (signature: Json | undefined): string[] =>
  signatureNames(signature, "inputs").map((text) => sourceOf(text).node);

/** The nodes that the ends need, in any order. */
function reachable(nodes: ReadonlyMap<string, GraphNode>, ends: readonly Source[]): GraphNode[] {
  const found = new Map<string, GraphNode>();
  const stack = ends.map(({ node }) => node);
  for (let name = stack.pop(); name !== undefined; name = stack.pop()) {
    const node = nodes.get(name);
    if (!node || found.has(name)) continue;
    found.set(name, node);
    for (const from of node.inputs) stack.push(from.node);
  }
  return [...found.values()];
}

/** The nodes that the ends need, each behind what it reads. No recursion: a graph may be thousands of nodes deep. */
function ordered(nodes: ReadonlyMap<string, GraphNode>, ends: readonly Source[]): GraphNode[] {
  const done = new Set<string>();
  const open = new Set<string>();
  const order: GraphNode[] = [];
  const stack = ends.map(({ node }) => node);
  while (stack.length > 0) {
    const name = stack[stack.length - 1];
    const node = nodes.get(name);
    if (!node) throw new DataError(`The node "${name}", which another reads, is not in the graph.`);
    if (!done.has(name)) {
      const missing = node.inputs.filter((from) => !done.has(from.node));
      if (missing.length > 0) {
        if (open.has(name))
          throw new DataError(`The nodes of the graph go round in a circle at "${name}" (${node.op}).`);
        open.add(name);
        for (const from of missing) stack.push(from.node);
        continue;
      }
      done.add(name);
      order.push(node);
    }
    stack.pop();
  }
  return order;
}

/** Every op without a row, all at once, with the nodes that use it. */
function refuseUnknown(order: readonly GraphNode[]): void {
  const missing = order
    .filter(({ op }) => op !== "Const" && op !== "Placeholder" && !opRow(op))
    .map(({ op, name }) => [op, name] as const);
  refused("op", missing, (name) => {
    const near = nearest(name, opNames);
    return Object.hasOwn(opHints, name)
      ? opHints[name]
      : near
        ? `did you mean ${near}?`
        : "convert the network without it.";
  });
}

// ---- building -------------------------------------------------------------------------------------------------------------

function startOf({ name, attributes }: GraphNode): Start {
  const shape = attributes.part("shape", "shape");
  const unknown = shape?.raw("unknownRank") === true || shape?.raw("unknown_rank") === true;
  const dims = shape && !unknown ? (shape.has("dim") ? shape.list("dim") : []) : undefined;
  const open = dims?.map((dim) => {
    const size = wholeOf(fieldsOf(dim, `The shape of "${name}"`).raw("size") ?? -1);
    if (size === undefined || size < -1) throw new DataError("its shape holds something that is no size.");
    return size === -1 ? undefined : size;
  });
  return { name, shape: open, dtype: attributes.type("dtype") ?? "float32" };
}

type Fold = (value: Value) => Value;

function built(
  node: GraphNode,
  values: ReadonlyMap<string, readonly Value[]>,
  weights: ReadonlyMap<string, NdArray>,
  fold: Fold,
): readonly Value[] {
  return withPath(node.name, () =>
    within({ kind: "node", name: node.name, type: node.op }, () => {
      if (node.op === "Const") return [constant(node, weights)];
      const { required, build } = opRow(node.op)!;
      const inputs = node.inputs.map((from) => read(values, from, `node "${node.name}"`));
      if (inputs.length < required) throw new DataError(`it needs ${required} inputs and has ${inputs.length}.`);
      const result = build(inputs, node.attributes, node);
      const outputs = Array.isArray(result) ? (result as readonly Value[]) : [result as Value];
      return inputs.every(({ known }) => known) ? outputs.map(fold) : outputs;
    }),
  );
}

function read(values: ReadonlyMap<string, readonly Value[]>, { node, output }: Source, where: string): Value {
  const value = values.get(node)?.[output];
  if (!value) throw new DataError(`The output ${output} of "${node}", which ${where} reads, does not exist.`);
  return value;
}

/** Numbers from the shards, or those few that stand in the graph itself. */
function constant({ name, attributes }: GraphNode, weights: ReadonlyMap<string, NdArray>): Value {
  const array = weights.get(name);
  if (array) {
    const trainable = array.dtype === "float32" && sizeOf(array.shape) > 1;
    return trainable ? weightValue(weightOf(name, array)) : knownValue(array);
  }
  const tensor = attributes.part("value", "tensor");
  if (!tensor) throw new NeocogError("its numbers are neither in weightsManifest nor in the graph.");
  const dtype = typeName(tensor.raw("dtype"));
  const field = ({ float32: "floatVal", int32: "intVal", bool: "boolVal" } as const)[dtype as "float32"];
  if (!field) throw new NeocogError(`numbers of type ${dtype} are not supported.`);
  const shape =
    tensor.has("tensorShape") && tensor.object("tensorShape").has("dim")
      ? tensor.object("tensorShape").list("dim")
      : [];
  const sizes = shape.map((dim) => wholeOf(fieldsOf(dim, "its shape").raw("size")) ?? -1);
  const list = tensor.raw(field);
  const count = sizeOf(sizes);
  if (!isList(list) || sizes.some((n) => n < 0) || !(count <= LARGEST_FOLDED) || list.length === 0)
    throw new NeocogError("its numbers are neither in weightsManifest nor in the graph.");
  const numbers = list.map((value) => Number(value));
  // One number stands for all.
  const data = new (storageOf(dtype as DType))(count).map((_, i) => numbers[Math.min(i, numbers.length - 1)]);
  return knownValue({ shape: sizes, dtype: dtype as DType, data });
}

/** Computes what depends on constants alone, up to a sum of elements that keeps building quick. */
function folder(): Fold {
  let left = LARGEST_FOLDED * MOST_FOLDED;
  return (value) => {
    const size = sizeOf(value.shape);
    if (value.known || size > LARGEST_FOLDED || size > left) return value;
    const array = evaluateNow(asPlain(value), LARGEST_FOLDED);
    if (!array) return value;
    left -= Math.max(64, size);
    return knownValue({ shape: array.shape, dtype: array.dtype, data: stored(array) });
  };
}

/** Whole numbers as whole numbers: the definitions compute in float64. */
const stored = ({ data, dtype }: NdArray): NdArray["data"] =>
  data instanceof storageOf(dtype) ? data : new (storageOf(dtype))(data);
