// Scalar expressions over tensors that broadcast, and the few of them that gradients and expansions are written in. Broadcasting
// is an explicit op that is inserted here; numbers may stand in for tensors and are folded into the expression.

import type { DType } from "../../base/dtype.ts";
import { isFloat } from "../../base/dtype.ts";
import { ShapeError } from "../../base/errors.ts";
import { broadcastShapes, formatShape } from "../../base/shape.ts";
import type { Tensor } from "../../graph/graph.ts";
import {
  add,
  constant,
  divide,
  type Expression,
  less,
  multiply,
  operand,
  select,
  subtract,
  unary,
} from "../../kernel/expression.ts";
import { elementwise } from "./map.ts";
import { stretched } from "./sum.ts";

/** A tensor, or a plain number. */
export type Operand = Tensor | number;

/** Applies a scalar expression after broadcasting its operands against each other. */
export function broadcastMap(
  name: string,
  operands: readonly Operand[],
  build: (...x: Expression[]) => Expression,
  dtype?: DType,
  parameters: Readonly<Record<string, number>> = {},
): Tensor {
  const tensors = operands.filter((x): x is Tensor => typeof x !== "number");
  if (tensors.length === 0) throw new ShapeError(`${name} needs at least one tensor.`);
  let shape = tensors[0].shape;
  for (const t of tensors) {
    const joint = broadcastShapes(shape, t.shape);
    if (!joint) {
      throw new ShapeError(
        `${name} of ${formatShape(shape)} and ${formatShape(t.shape)}: aligned at the last axis, sizes must be equal or 1; reshape or broadcast one of them.`,
      );
    }
    shape = joint;
  }
  let next = 0;
  const leaves = operands.map((x) => (typeof x === "number" ? constant(x) : operand(next++)));
  return elementwise(
    name,
    build(...leaves),
    tensors.map((t) => stretched(t, shape)),
    dtype ?? promote(tensors),
    parameters,
  );
}

/** The wider of the operands' types: floats beat integers, integers beat bool. */
export function promote(tensors: readonly Tensor[]): DType {
  const order: DType[] = ["bool", "uint8", "int32", "int64", "float32", "float64"];
  return tensors.map((t) => t.dtype).reduce((a, b) => (order.indexOf(a) >= order.indexOf(b) ? a : b));
}

// What gradients and expansions are written in.

/** a + b */
export const plus = (a: Tensor, b: Tensor): Tensor => broadcastMap("add", [a, b], add);
/** a − b */
export const minus = (a: Tensor, b: Tensor): Tensor => broadcastMap("sub", [a, b], subtract);
/** a · b */
export const times = (a: Tensor, b: Tensor): Tensor => broadcastMap("mul", [a, b], multiply);
/** a / b; integers divide towards zero. */
export function over(a: Operand, b: Operand): Tensor {
  const truncate = [a, b].every((x) => (typeof x === "number" ? Number.isInteger(x) : !isFloat(x.dtype)));
  return broadcastMap("div", [a, b], (x, y) => (truncate ? towardsZero(divide(x, y)) : divide(x, y)));
}
/** eˣ */
export const exponential = (x: Tensor): Tensor => elementwise("exp", unary("exp", operand(0)), [x]);
/** ln x */
export const logarithm = (x: Tensor): Tensor => elementwise("log", unary("log", operand(0)), [x]);

/** Another element type: floats become integers by dropping the fraction, anything becomes bool by "is not 0". */
export function castTo(x: Tensor, dtype: DType): Tensor {
  if (x.dtype === dtype) return x;
  const value = operand(0);
  if (dtype === "bool") return elementwise("cast", select(value, constant(1), constant(0)), [x], dtype);
  return elementwise("cast", !isFloat(dtype) && isFloat(x.dtype) ? towardsZero(value) : value, [x], dtype);
}

const towardsZero = (value: Expression): Expression =>
  select(less(value, constant(0)), unary("ceil", value), unary("floor", value));
