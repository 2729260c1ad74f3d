// Two clean-ups in one walk: nodes whose inputs are all constants are computed now (by their float64 definition), and
// equal nodes (same op, same attributes, same inputs) become one.
import { exactText } from "../base/exact.ts";
import { sizeOf } from "../base/shape.ts";
import {
  apply,
  atPath,
  attributesIf,
  constantOp,
  constantTensor,
  inputOp,
  type Node,
  type Tensor,
  variableOp,
} from "../graph/graph.ts";
import { rewrite } from "../graph/walk.ts";
import { naming } from "../kernel/places.ts";
import { labelOf } from "./lower.ts";
import { mapRoots, type Program, rootsOf } from "./program.ts";

/** Larger results stay unfolded when they would take more room than what they are made of. */
const LARGEST_GROWTH = 4096;

export function fold(program: Program): Program {
  const seen = new Map<string, readonly Tensor[]>();
  const identities = new Map<object, number>();
  const replaced = rewrite(rootsOf(program), (node, inputs) => {
    const folded = foldNode(node, inputs);
    if (folded) return folded.map((tensor) => merge(seen, identities, tensor.node, () => [tensor])[0]);
    const unchanged = inputs.every((tensor, i) => tensor === node.inputs[i]);
    const build = (): readonly Tensor[] =>
      unchanged ? node.outputs : atPath(node.path, () => apply(node.op, inputs, node.attributes));
    return merge(seen, identities, { ...node, inputs }, build);
  });
  return mapRoots(program, (tensor) => replaced.get(tensor.node)![tensor.output]);
}

function foldNode(node: Node, inputs: readonly Tensor[]): Tensor[] | undefined {
  if (inputs.length === 0 || !node.op.reference) return undefined;
  const values = inputs.map((tensor) => attributesIf(tensor.node, constantOp)?.value);
  if (values.some((value) => !value)) return undefined;
  const before = inputs.reduce((total, tensor) => total + sizeOf(tensor.shape), 0);
  const after = node.outputs.reduce((total, tensor) => total + sizeOf(tensor.shape), 0);
  if (after > before && after > LARGEST_GROWTH) return undefined;
  const { reference } = node.op;
  const known = values.map((value) => value!);
  const results = naming(labelOf(node), () => reference(known, node.attributes, node.outputs));
  return results.map((value) => constantTensor(value));
}

function merge(
  seen: Map<string, readonly Tensor[]>,
  identities: Map<object, number>,
  node: Node,
  build: () => readonly Tensor[],
): readonly Tensor[] {
  if (node.op === inputOp || node.op === variableOp) return build();
  const tag = (object: object): string => {
    if (!identities.has(object)) identities.set(object, identities.size);
    return `#${identities.get(object)}`;
  };
  // Arrays of numbers count as equal when they are the same object, or scalars of the same value.
  const attributes = exactText(node.attributes, (value) => {
    if (ArrayBuffer.isView(value)) {
      const numbers = value as Float64Array;
      return numbers.length === 1 ? [numbers[0]] : tag(value);
    }
    return typeof value === "function" ? tag(value) : value;
  });
  const key = `${tag(node.op)}(${node.inputs.map((tensor) => `${tag(tensor.node)}.${tensor.output}`).join()})${attributes}`;
  const known = seen.get(key);
  if (known) return known;
  const built = build();
  seen.set(key, built);
  return built;
}
