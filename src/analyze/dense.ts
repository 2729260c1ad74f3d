// The same layer as an MLP: what a dense layer between the same two maps would have, so that sharing and locality can be
// weighed. n inputs and m outputs: n m weights, m biases, n m multiply-accumulates. Nothing is allocated: the numbers of a
// layer of 10^9 weights are answered at once.

import { understand } from "../base/arguments.ts";
import { NeocogError } from "../base/errors.ts";
import { shape as shapeRule } from "../base/rules.ts";
import { formatShape, type Shape, sizeOf } from "../base/shape.ts";
import type { Node } from "../graph/graph.ts";

/** What a dense layer of the same shapes would cost. */
export interface DenseEquivalent {
  /** Numbers that go in, for one picture. */
  readonly inputs: number;
  /** Numbers that come out, for one picture. */
  readonly outputs: number;
  /** Inputs times outputs. */
  readonly weights: number;
  /** Weights and biases. */
  readonly parameters: number;
  /** Per picture. */
  readonly macs: number;
  /** Bytes of the weights in float32. */
  readonly weightBytes: number;
  /** Weights, gradients and Adam's two moments: four copies. */
  readonly trainingBytes: number;
}

/**
 * What a dense layer between maps of these shapes would cost; the first axis is the batch, which both have in common.
 * Nothing is allocated. Throws where they have not.
 */
export function denseEquivalent(input: Shape, output: Shape): DenseEquivalent {
  understand("denseEquivalent", arguments, { input: shapeRule(1), output: shapeRule(1) });
  if (input.length < 2 || output.length < 2 || input[0] !== output[0]) {
    throw new NeocogError(
      `A layer's input ${formatShape(input)} and output ${formatShape(output)} must have one batch axis in common.`,
    );
  }
  const inputs = sizeOf(input.slice(1));
  const outputs = sizeOf(output.slice(1));
  const weights = inputs * outputs;
  return {
    inputs,
    outputs,
    weights,
    parameters: weights + outputs,
    macs: weights,
    weightBytes: 4 * weights,
    trainingBytes: 16 * weights,
  };
}

/** Parameters of dense layers in the place of all nodes that multiply weights with maps. */
export function denseParametersOf(nodes: readonly Node[]): number {
  let total = 0;
  for (const { op, inputs, outputs, attributes } of nodes) {
    const [x, y] = [inputs[0]?.shape ?? [], outputs[0].shape];
    const multiplies = (op.macs?.(inputs, attributes, outputs) ?? 0) > 0;
    if (multiplies && x.length > 1 && y.length > 1 && x[0] === y[0]) total += denseEquivalent(x, y).parameters;
  }
  return total;
}
