// Replaces every op that is made of other ops by those ops, until only loops of the waist and host functions are left.
import { apply, atPath, type Node, type Tensor } from "../graph/graph.ts";
import { walk } from "../graph/walk.ts";
import { mapRoots, type Program, rootsOf } from "./program.ts";

export function expand(program: Program): Program {
  const replaced = expandInto(rootsOf(program), new Map());
  return mapRoots(program, replaced);
}

/** Expands below `roots`; tensors in `known` stand for themselves. */
function expandInto(roots: readonly Tensor[], known: Map<Tensor, Tensor>): (tensor: Tensor) => Tensor {
  const find = (tensor: Tensor): Tensor => known.get(tensor) ?? tensor;
  for (const node of walk(roots)) {
    if (node.outputs.every((tensor) => known.has(tensor))) continue;
    const inputs = node.inputs.map(find);
    const outputs = atPath(node.path, () => expandNode(node, inputs));
    node.outputs.forEach((tensor, i) => {
      known.set(tensor, outputs[i]);
    });
  }
  return find;
}

function expandNode(node: Node, inputs: readonly Tensor[]): readonly Tensor[] {
  const parts = node.op.lower ? undefined : node.op.expand?.(inputs, node.attributes);
  if (parts) {
    const known = new Map<Tensor, Tensor>(inputs.map((tensor) => [tensor, tensor]));
    return parts.map(expandInto(parts, known));
  }
  return inputs.every((tensor, i) => tensor === node.inputs[i])
    ? node.outputs
    : apply(node.op, inputs, node.attributes);
}
