// Arithmetic and comparison with NumPy broadcasting: rows of scalar expressions over the map op. Numbers may stand in for
// tensors and are folded into the expression. Broadcasting is an explicit op that these functions insert.
import { type DType, isFloat } from "../base/dtype.ts";
import { ShapeError } from "../base/errors.ts";
import { broadcastShapes, formatShape } from "../base/shape.ts";
import type { Tensor } from "../graph/graph.ts";
import {
  type BinaryName,
  binary,
  constant,
  type Expression,
  operand,
  select,
  type UnaryName,
  unary,
} from "../kernel/expression.ts";
import { elementwise } from "./map.ts";
import { broadcastTo } from "./sum.ts";

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
    tensors.map((t) => broadcastTo(t, shape)),
    dtype ?? promote(tensors),
    parameters,
  );
}

/** The wider of the operands' types: floats beat integers, integers beat bool. */
function promote(tensors: readonly Tensor[]): DType {
  const order: DType[] = ["bool", "uint8", "int32", "int64", "float32", "float64"];
  return tensors.map((t) => t.dtype).reduce((a, b) => (order.indexOf(a) >= order.indexOf(b) ? a : b));
}

const binaryRow =
  (name: string, primitive: BinaryName, dtype?: DType) =>
  (a: Operand, b: Operand): Tensor =>
    broadcastMap(name, [a, b], (x, y) => binary(primitive, x, y), dtype);

export const add = binaryRow("add", "add");
export const sub = binaryRow("sub", "subtract");
export const mul = binaryRow("mul", "multiply");
export const maximum = binaryRow("maximum", "maximum");
export const minimum = binaryRow("minimum", "minimum");
export const pow = binaryRow("pow", "power");
export const atan2 = binaryRow("atan2", "atan2");
export const lt = binaryRow("lt", "less", "bool");
export const le = binaryRow("le", "lessEqual", "bool");
export const eq = binaryRow("eq", "equal", "bool");
export const gt = (a: Operand, b: Operand): Tensor => lt(b, a);
export const ge = (a: Operand, b: Operand): Tensor => le(b, a);

/** Division; integers divide towards zero, as in C and ONNX. */
export function div(a: Operand, b: Operand): Tensor {
  const truncate = [a, b].every((x) => (typeof x === "number" ? Number.isInteger(x) : !isFloat(x.dtype)));
  return broadcastMap("div", [a, b], (x, y) => {
    const quotient = binary("divide", x, y);
    if (!truncate) return quotient;
    return select(binary("less", quotient, constant(0)), unary("ceil", quotient), unary("floor", quotient));
  });
}

/** Remainder with the divisor's sign (torch.remainder, Python's %). */
export const remainder = binaryRow("remainder", "modulo");

/** `a` where the condition is not zero, else `b` (torch.where). */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  const values = [a, b].filter((x): x is Tensor => typeof x !== "number");
  return broadcastMap(
    "where",
    [condition, a, b],
    (c, x, y) => select(c, x, y),
    values.length > 0 ? promote(values) : "float32",
  );
}

const unaryRow =
  (name: string, primitive: UnaryName, dtype?: DType) =>
  (x: Tensor): Tensor =>
    elementwise(name, unary(primitive, operand(0)), [x], dtype);

export const neg = unaryRow("neg", "negate");
export const abs = unaryRow("abs", "abs");
export const sign = unaryRow("sign", "sign");
export const exp = unaryRow("exp", "exp");
/** e^x − 1, with its digits where it is small (torch.expm1). */
export const expm1 = unaryRow("expm1", "expm1");
export const log = unaryRow("log", "log");
/** ln(1 + x), with its digits where it is small (torch.log1p). */
export const log1p = unaryRow("log1p", "log1p");
export const sqrt = unaryRow("sqrt", "sqrt");
export const reciprocal = unaryRow("reciprocal", "reciprocal");
export const erf = unaryRow("erf", "erf");
/** 1 − erf(x), with its digits where it is small (torch.special.erfc). */
export const erfc = unaryRow("erfc", "erfc");
export const floor = unaryRow("floor", "floor");
export const ceil = unaryRow("ceil", "ceil");
/** Rounds halves to even. */
export const round = unaryRow("round", "round");
export const sin = unaryRow("sin", "sin");
export const cos = unaryRow("cos", "cos");
export const tan = unaryRow("tan", "tan");
export const asin = unaryRow("asin", "asin");
export const acos = unaryRow("acos", "acos");
export const atan = unaryRow("atan", "atan");
export const sinh = unaryRow("sinh", "sinh");
export const cosh = unaryRow("cosh", "cosh");
export const asinh = unaryRow("asinh", "asinh");
export const acosh = unaryRow("acosh", "acosh");
export const atanh = unaryRow("atanh", "atanh");
export const isnan = unaryRow("isNaN", "isNaN", "bool");
export const isfinite = unaryRow("isFinite", "isFinite", "bool");

/** x² as one multiplication. */
export const square = (x: Tensor): Tensor => elementwise("square", binary("multiply", operand(0), operand(0)), [x]);
export const rsqrt = (x: Tensor): Tensor => elementwise("rsqrt", unary("reciprocal", unary("sqrt", operand(0))), [x]);

/** Not, and, or of truth values (0 is false). */
export const logicalNot = (x: Tensor): Tensor =>
  elementwise("not", binary("equal", operand(0), constant(0)), [x], "bool");
export const logicalAnd = (a: Operand, b: Operand): Tensor =>
  broadcastMap("and", [a, b], (x, y) => select(x, select(y, constant(1), constant(0)), constant(0)), "bool");
export const logicalOr = (a: Operand, b: Operand): Tensor =>
  broadcastMap("or", [a, b], (x, y) => select(x, constant(1), select(y, constant(1), constant(0))), "bool");

/** Changes the element type; floats become integers by dropping the fraction, anything becomes bool by "is not 0". */
export function cast(x: Tensor, dtype: DType): Tensor {
  if (x.dtype === dtype) return x;
  const value = operand(0);
  const parameters = {};
  if (dtype === "bool") return elementwise("cast", select(value, constant(1), constant(0)), [x], dtype, parameters);
  if (!isFloat(dtype) && isFloat(x.dtype)) {
    const whole = select(binary("less", value, constant(0)), unary("ceil", value), unary("floor", value));
    return elementwise("cast", whole, [x], dtype, parameters);
  }
  return elementwise("cast", value, [x], dtype, parameters);
}

/**
 * Limits values to [low, high]; either may be left out. The gradient passes at the limits, as torch.clamp's does; where low
 * is above high, everything becomes high.
 */
export function clamp(x: Tensor, least = -Infinity, high = Infinity): Tensor {
  const low = Math.min(least, high);
  const value = operand(0);
  const above = low === -Infinity ? value : select(binary("less", value, constant(low)), constant(low), value);
  const both = high === Infinity ? above : select(binary("less", constant(high), value), constant(high), above);
  return elementwise("clamp", both, [x], x.dtype, { low, high });
}
