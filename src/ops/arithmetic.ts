// Arithmetic and comparison with NumPy broadcasting: rows of scalar expressions over the map op.

import { understand } from "../base/arguments.ts";
import { type DType, dtypeRule } from "../base/dtype.ts";
import { anyNumber, either, optional, type Rule, real } from "../base/rules.ts";
import { type Tensor, tensor } from "../graph/graph.ts";
import { type BinaryName, binary, constant, operand, select, type UnaryName, unary } from "../kernel/expression.ts";
import { broadcastMap, castTo, type Operand, over, promote } from "./cards/arithmetic.ts";
import { elementwise } from "./cards/map.ts";

const operandRule: Rule = { ...either(tensor, anyNumber), must: "a tensor or a number" };

const pairCall = { a: operandRule, b: operandRule };

const binaryRow = (name: string, primitive: BinaryName, dtype?: DType) =>
  function row(a: Operand, b: Operand): Tensor {
    understand(name, arguments, pairCall);
    return broadcastMap(name, [a, b], (x, y) => binary(primitive, x, y), dtype);
  };

/**
 * a + b, tensors or plain numbers, broadcast against each other by NumPy's rule ([2, 1] with [3] gives [2, 3]), as in
 * all functions of two operands. Throws a ShapeError where the shapes do not fit.
 */
export const add = binaryRow("add", "add");

/** a − b, broadcast against each other. */
export const sub = binaryRow("sub", "subtract");

/** a · b, broadcast against each other. */
export const mul = binaryRow("mul", "multiply");

/** The larger of the two, broadcast against each other; NaN where either is. */
export const maximum = binaryRow("maximum", "maximum");

/** The smaller of the two, broadcast against each other; NaN where either is. */
export const minimum = binaryRow("minimum", "minimum");

/** a to the power of b, broadcast against each other. */
export const pow = binaryRow("pow", "power");

/** The angle in radians of the point (b, a), from −π to π, broadcast against each other. */
export const atan2 = binaryRow("atan2", "atan2");

/** a < b as bool, broadcast against each other. */
export const lt = binaryRow("lt", "less", "bool");

/** a ≤ b as bool, broadcast against each other. */
export const le = binaryRow("le", "lessEqual", "bool");

/** a = b as bool, broadcast against each other; false where either is NaN. */
export const eq = binaryRow("eq", "equal", "bool");

/** a > b as bool, broadcast against each other. */
export function gt(a: Operand, b: Operand): Tensor {
  understand("gt", arguments, pairCall);
  return lt(b, a);
}

/** a ≥ b as bool, broadcast against each other. */
export function ge(a: Operand, b: Operand): Tensor {
  understand("ge", arguments, pairCall);
  return le(b, a);
}

/** a / b, broadcast against each other; integers divide towards zero, as in C and ONNX. */
export function div(a: Operand, b: Operand): Tensor {
  understand("div", arguments, { a: operandRule, b: operandRule });
  return over(a, b);
}

/** Remainder of a / b with the divisor's sign (torch.remainder, Python's %), broadcast against each other. */
export const remainder = binaryRow("remainder", "modulo");

/**
 * `a` where the condition is not zero, else `b` (torch.where); all three broadcast against each other. Throws a
 * ShapeError where the shapes do not fit.
 */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  understand("where", arguments, { condition: tensor, a: operandRule, b: operandRule });
  const values = [a, b].filter((x): x is Tensor => typeof x !== "number");
  return broadcastMap(
    "where",
    [condition, a, b],
    (c, x, y) => select(c, x, y),
    values.length > 0 ? promote(values) : "float32",
  );
}

const unaryRow = (name: string, primitive: UnaryName, dtype?: DType, word = name) =>
  function row(x: Tensor): Tensor {
    understand(word, arguments, { x: tensor });
    return elementwise(name, unary(primitive, operand(0)), [x], dtype);
  };

/** −x, element by element. */
export const neg = unaryRow("neg", "negate");

/** |x|, element by element. */
export const abs = unaryRow("abs", "abs");

/** −1, 0 or 1, element by element. */
export const sign = unaryRow("sign", "sign");

/** eˣ, element by element. */
export const exp = unaryRow("exp", "exp");

/** eˣ − 1, element by element, with its digits where x is small (torch.expm1). */
export const expm1 = unaryRow("expm1", "expm1");

/** The natural logarithm, element by element; −∞ at 0, NaN below. */
export const log = unaryRow("log", "log");

/** ln(1 + x), element by element, with its digits where x is small (torch.log1p); −∞ at −1, NaN below. */
export const log1p = unaryRow("log1p", "log1p");

/** The square root, element by element; NaN below 0. */
export const sqrt = unaryRow("sqrt", "sqrt");

/** 1 / x, element by element; infinite at 0. */
export const reciprocal = unaryRow("reciprocal", "reciprocal");

/** The error function 2/√π ∫₀ˣ e^(−t²) dt, element by element. */
export const erf = unaryRow("erf", "erf");

/** 1 − erf(x), with its digits where it is small (torch.special.erfc). */
export const erfc = unaryRow("erfc", "erfc");

/** The whole number at or below, element by element. */
export const floor = unaryRow("floor", "floor");

/** The whole number at or above, element by element. */
export const ceil = unaryRow("ceil", "ceil");

/** The nearest whole number, element by element; halves go to the even one, as in torch.round. */
export const round = unaryRow("round", "round");

/** The sine of x radians, element by element. */
export const sin = unaryRow("sin", "sin");

/** The cosine of x radians, element by element. */
export const cos = unaryRow("cos", "cos");

/** The tangent of x radians, element by element. */
export const tan = unaryRow("tan", "tan");

/** The arc sine in radians, element by element; NaN outside −1 … 1. */
export const asin = unaryRow("asin", "asin");

/** The arc cosine in radians, element by element; NaN outside −1 … 1. */
export const acos = unaryRow("acos", "acos");

/** The arc tangent in radians, element by element. */
export const atan = unaryRow("atan", "atan");

/** The hyperbolic sine, element by element. */
export const sinh = unaryRow("sinh", "sinh");

/** The hyperbolic cosine, element by element. */
export const cosh = unaryRow("cosh", "cosh");

/** The inverse hyperbolic sine, element by element. */
export const asinh = unaryRow("asinh", "asinh");

/** The inverse hyperbolic cosine, element by element; NaN below 1. */
export const acosh = unaryRow("acosh", "acosh");

/** The inverse hyperbolic tangent, element by element; NaN outside −1 … 1. */
export const atanh = unaryRow("atanh", "atanh");

/** Whether x is NaN, element by element, as bool. */
export const isnan = unaryRow("isNaN", "isNaN", "bool", "isnan");

/** Whether x is neither NaN nor infinite, element by element, as bool. */
export const isfinite = unaryRow("isFinite", "isFinite", "bool", "isfinite");

/** x², element by element, as one multiplication. */
export function square(x: Tensor): Tensor {
  understand("square", arguments, { x: tensor });
  return elementwise("square", binary("multiply", operand(0), operand(0)), [x]);
}

/** 1 / √x, element by element; infinite at 0, NaN below. */
export function rsqrt(x: Tensor): Tensor {
  understand("rsqrt", arguments, { x: tensor });
  return elementwise("rsqrt", unary("reciprocal", unary("sqrt", operand(0))), [x]);
}

/** Whether x is 0 (false), element by element, as bool. */
export function logicalNot(x: Tensor): Tensor {
  understand("logicalNot", arguments, { x: tensor });
  return elementwise("not", binary("equal", operand(0), constant(0)), [x], "bool");
}

/** Whether neither is 0 (false), as bool, broadcast against each other. */
export function logicalAnd(a: Operand, b: Operand): Tensor {
  understand("logicalAnd", arguments, pairCall);
  return broadcastMap("and", [a, b], (x, y) => select(x, select(y, constant(1), constant(0)), constant(0)), "bool");
}

/** Whether at least one is not 0 (false), as bool, broadcast against each other. */
export function logicalOr(a: Operand, b: Operand): Tensor {
  understand("logicalOr", arguments, pairCall);
  return broadcastMap("or", [a, b], (x, y) => select(x, constant(1), select(y, constant(1), constant(0))), "bool");
}

/**
 * Another element type, the same shape; floats become integers by dropping the fraction, anything becomes bool by "is
 * not 0".
 */
export function cast(x: Tensor, dtype: DType): Tensor {
  understand("cast", arguments, { x: tensor, dtype: dtypeRule });
  return castTo(x, dtype);
}

/**
 * Limits values to [low, high]; either may be left out. The gradient passes at the limits, as torch.clamp's does; where low
 * is above high, everything becomes high.
 */
export function clamp(x: Tensor, low = -Infinity, high = Infinity): Tensor {
  understand("clamp", arguments, { x: tensor, low: optional(real()), high: optional(real()) });
  low = Math.min(low, high);
  const value = operand(0);
  const above = low === -Infinity ? value : select(binary("less", value, constant(low)), constant(low), value);
  const both = high === Infinity ? above : select(binary("less", constant(high), value), constant(high), above);
  return elementwise("clamp", both, [x], x.dtype, { low, high });
}
