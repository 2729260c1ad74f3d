// What a graph costs, known before anything runs: parameters, multiply-accumulates (1 MAC = 2 FLOPs), bytes.
import { bytesOf } from "../base/dtype.ts";
import { sizeOf } from "../base/shape.ts";
import { attributesIf, type Node, type Tensor, variableOp } from "../graph/graph.ts";
import type { LayerRecord } from "../nn/build.ts";

/** Multiply-accumulates of some nodes. */
export function macsOf(nodes: Iterable<Node>): number {
  let total = 0;
  for (const { op, inputs, attributes, outputs } of nodes) total += op.macs?.(inputs, attributes, outputs) ?? 0;
  return total;
}

export interface Counts {
  /** Trained numbers. */
  readonly parameters: number;
  /** Kept but not trained: running statistics. */
  readonly buffers: number;
}

/** Sizes of the variables among some tensors. */
export function countVariables(tensors: Iterable<Tensor>): Counts {
  let parameters = 0;
  let buffers = 0;
  for (const { node, shape } of tensors) {
    const variable = attributesIf(node, variableOp);
    if (variable?.trainable) parameters += sizeOf(shape);
    else if (variable) buffers += sizeOf(shape);
  }
  return { parameters, buffers };
}

export const bytesOfTensor = ({ shape, dtype }: Tensor): number => sizeOf(shape) * bytesOf(dtype);

/** The nodes that a layer made: all between what it gave and what it read. */
export function nodesOf({ input, output }: LayerRecord): Set<Node> {
  const found = new Set<Node>();
  const stack = [output.node];
  for (let node = stack.pop(); node; node = stack.pop()) {
    // What is older than the layer's input was made by others (a tensor that a block brought along).
    if (node === input.node || node.id < input.node.id || found.has(node)) continue;
    found.add(node);
    for (const tensor of node.inputs) stack.push(tensor.node);
  }
  return found;
}
