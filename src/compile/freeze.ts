// For inference: variables become constants, so that all that depends on weights alone (the scale and shift of a batch
// norm) is computed once, and engines may pack the weights for good.
import type { NdArray } from "../base/array.ts";
import { apply, atPath, attributesIf, constantTensor, variableOp } from "../graph/graph.ts";
import { rewrite } from "../graph/walk.ts";
import { mapRoots, type Program, rootsOf } from "./program.ts";

/** `numbersOf` gives the numbers of a variable by name; undefined leaves it a variable. */
export function freeze(
  program: Program,
  numbersOf: (name: string, initial: () => NdArray) => NdArray | undefined,
): Program {
  const replaced = rewrite(rootsOf(program), (node, inputs) => {
    const variable = attributesIf(node, variableOp);
    const value = variable && numbersOf(variable.name, variable.initial);
    if (value) return [constantTensor(value)];
    if (inputs.every((tensor, i) => tensor === node.inputs[i])) return node.outputs;
    return atPath(node.path, () => apply(node.op, inputs, node.attributes));
  });
  return mapRoots(program, (tensor) => replaced.get(tensor.node)![tensor.output]);
}
