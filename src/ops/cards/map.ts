// The element-wise op: one scalar expression applied at every place of equally shaped inputs. All of arithmetic and all
// activations are rows over this one card (arithmetic.ts, activations.ts); its derivative is another expression.
import { zeros64 } from "../../base/array.ts";
import { type DType, isFloat } from "../../base/dtype.ts";
import { ShapeError } from "../../base/errors.ts";
import { threefry } from "../../base/random.ts";
import { formatShape, sameShape, sizeOf, stridesOf } from "../../base/shape.ts";
import { apply1, type Tensor } from "../../graph/graph.ts";
import type { Op } from "../../graph/op.ts";
import { differentiate } from "../../kernel/derivative.ts";
import { type Expression, evaluate, multiply, operand, select } from "../../kernel/expression.ts";
import { operandsOf, substitute } from "../../kernel/walk.ts";

export interface MapAttributes {
  /** The row's name: relu, add, … or "derivative of …". */
  readonly name: string;
  readonly expression: Expression;
  readonly dtype: DType;
  /** The row's own arguments, for printing and export. */
  readonly parameters: Readonly<Record<string, number>>;
}

export const mapOp: Op<MapAttributes> = {
  name: "map",
  infer(inputs, { name, dtype }) {
    for (const { shape } of inputs) {
      if (!sameShape(shape, inputs[0].shape)) {
        throw new ShapeError(
          `${name} got ${formatShape(inputs[0].shape)} and ${formatShape(shape)}, which must be equal.`,
        );
      }
    }
    return [{ shape: inputs[0].shape, dtype }];
  },
  reference(inputs, { expression }, [type]) {
    const out = zeros64(type.shape, type.dtype);
    const strides = stridesOf(type.shape);
    let i = 0;
    const value = (k: number): number => inputs[k].data[i];
    const index = (axis: number): number => Math.floor(i / strides[axis]) % type.shape[axis];
    const random = (leaf: { seed: number; step: number; stream: number }): number =>
      (threefry(inputs[leaf.seed].data[0] | 0, leaf.stream, i, inputs[leaf.step].data[0] | 0)[0] >>> 8) * 2 ** -24;
    for (; i < out.data.length; i++) out.data[i] = evaluate(expression, value, index, random);
    return [out];
  },
  lower(inputs, { expression }, [type]) {
    const strides = stridesOf(type.shape);
    return {
      kind: "map",
      shape: type.shape,
      operands: inputs.map(() => ({ strides, offset: 0 })),
      outputs: [expression],
    };
  },
  gradient(node, [dy], { name, expression }) {
    if (!dy) return node.inputs.map(() => undefined);
    const n = node.inputs.length;
    // Operands of the derivative: the inputs, the output's own value, and the gradient that comes in.
    const operands = [...node.inputs, node.outputs[0], dy];
    return node.inputs.map((x, i) => {
      if (!isFloat(x.dtype)) return undefined;
      const slope = differentiate(expression, i, operand(n));
      if (slope.kind === "constant" && slope.value === 0) return undefined;
      if (slope.kind === "constant" && slope.value === 1) return dy;
      return prunedMap(`derivative of ${name}`, timesSlope(operand(n + 1), slope), operands, x.dtype);
    });
  },
};

/**
 * The gradient times the slope. Where the slope is chosen the product is chosen, so that a slope of 0 lets nothing through:
 * not the NaN of 0 · ∞ either.
 */
function timesSlope(gradient: Expression, slope: Expression): Expression {
  if (slope.kind === "constant" && slope.value === 0) return slope;
  if (slope.kind !== "select") return multiply(gradient, slope);
  return select(slope.condition, timesSlope(gradient, slope.a), timesSlope(gradient, slope.b));
}

/** A map over only those operands that its expression reads. */
function prunedMap(name: string, expression: Expression, operands: readonly Tensor[], dtype: DType): Tensor {
  const used = [...operandsOf(expression)].sort((a, b) => a - b);
  const renamed = substitute(expression, (i) => operand(used.indexOf(i)));
  return elementwise(
    name,
    renamed,
    used.map((i) => operands[i]),
    dtype,
  );
}

/** Applies an expression to equally shaped tensors; operand i of the expression is input i. */
export function elementwise(
  name: string,
  expression: Expression,
  inputs: readonly Tensor[],
  dtype: DType = inputs[0].dtype,
  parameters: Readonly<Record<string, number>> = {},
): Tensor {
  if (
    expression.kind === "operand" &&
    inputs[expression.index].dtype === dtype &&
    sizeOf(inputs[expression.index].shape) >= 0
  ) {
    return inputs[expression.index];
  }
  return apply1(mapOp, inputs, { name, expression, dtype, parameters });
}
