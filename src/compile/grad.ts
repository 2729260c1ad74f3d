// Reverse-mode differentiation, graph to graph. Nodes are visited from the outputs back; each op's card tells what flows
// to its inputs; contributions to one tensor are added in the order of its users, so the result is one fixed graph.
// An op that is only an expansion is differentiated through that expansion; common parts are merged later (fold.ts).
import { understand } from "../base/arguments.ts";
import { isFloat } from "../base/dtype.ts";
import { NeocogError, ShapeError } from "../base/errors.ts";
import { optional } from "../base/rules.ts";
import { formatShape, sameShape } from "../base/shape.ts";
import { atPath, constantTensor, type Node, type Tensor, tensorList } from "../graph/graph.ts";
import { walk } from "../graph/walk.ts";
import { plus } from "../ops/cards/arithmetic.ts";
import { stretched } from "../ops/cards/sum.ts";

/** Zeros of a tensor's shape, as a broadcast scalar. */
export function zerosLike({ shape, dtype }: Tensor): Tensor {
  return stretched(constantTensor({ shape: [], dtype, data: Float64Array.of(0) }), shape);
}

/** Ones of a tensor's shape, as a broadcast scalar. */
export function onesLike({ shape, dtype }: Tensor): Tensor {
  return stretched(constantTensor({ shape: [], dtype, data: Float64Array.of(1) }), shape);
}

/**
 * Gradients of Σ_i ⟨outputs[i], seeds[i]⟩ with respect to `inputs`; zeros where an input has no influence.
 * Without seeds every output must be a scalar, and its seed is 1.
 */
export function gradients(outputs: readonly Tensor[], inputs: readonly Tensor[], seeds?: readonly Tensor[]): Tensor[] {
  understand("gradients", arguments, { outputs: tensorList, inputs: tensorList, seeds: optional(tensorList) });
  outputs.forEach((output, i) => {
    const seed = seeds?.[i];
    if (!seed && output.shape.length > 0) {
      throw new ShapeError(
        `Only a scalar can be differentiated without a seed; this output is ${formatShape(output.shape)}. Take its sum or mean.`,
      );
    }
    if (seed && !sameShape(seed.shape, output.shape)) {
      throw new ShapeError(
        `The seed ${formatShape(seed.shape)} must have the output's shape ${formatShape(output.shape)}.`,
      );
    }
  });
  const flowing = backpropagate(
    outputs,
    inputs,
    outputs.map((output, i) => seeds?.[i] ?? onesLike(output)),
  );
  return inputs.map((tensor, i) => flowing[i] ?? zerosLike(tensor));
}

function backpropagate(
  outputs: readonly Tensor[],
  inputs: readonly Tensor[],
  seeds: readonly (Tensor | undefined)[],
): (Tensor | undefined)[] {
  const nodes = walk(outputs);
  const needed = influenced(nodes, inputs);
  const flow = new Map<Tensor, Tensor>();
  const send = (tensor: Tensor, gradient: Tensor | undefined): void => {
    if (!gradient) return;
    const sofar = flow.get(tensor);
    flow.set(tensor, sofar ? plus(sofar, gradient) : gradient);
  };
  outputs.forEach((output, i) => {
    send(output, seeds[i]);
  });
  const wanted = new Set(inputs);
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i];
    if (!needed.has(node) || node.outputs.every((tensor) => wanted.has(tensor))) continue;
    const arriving = node.outputs.map((tensor) => flow.get(tensor));
    if (arriving.every((gradient) => !gradient)) continue;
    atPath(node.path, () => {
      inputGradients(node, arriving).forEach((gradient, k) => {
        const tensor = node.inputs[k];
        if (gradient && isFloat(tensor.dtype) && (needed.has(tensor.node) || wanted.has(tensor)))
          send(tensor, gradient);
      });
    });
  }
  return inputs.map((tensor) => flow.get(tensor));
}

function inputGradients(node: Node, arriving: readonly (Tensor | undefined)[]): readonly (Tensor | undefined)[] {
  if (node.op.gradient) return node.op.gradient(node, arriving, node.attributes);
  const expanded = node.op.expand?.(node.inputs, node.attributes);
  if (expanded) {
    const live = expanded.map((_, i) => i).filter((i) => arriving[i]);
    return backpropagate(
      live.map((i) => expanded[i]),
      node.inputs,
      live.map((i) => arriving[i]),
    );
  }
  throw new NeocogError(`${node.op.name}${node.path ? ` in layer "${node.path}"` : ""} has no gradient.`);
}

/** Nodes on some way from `inputs` to the outputs. */
function influenced(nodes: readonly Node[], inputs: readonly Tensor[]): Set<Node> {
  const set = new Set<Node>(inputs.map((tensor) => tensor.node));
  for (const node of nodes) {
    if (node.inputs.some((tensor) => set.has(tensor.node))) set.add(node);
  }
  return set;
}
