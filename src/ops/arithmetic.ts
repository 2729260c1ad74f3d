// Arithmetic and comparison with NumPy broadcasting: rows of scalar expressions over the map op.

import { understand } from "../base/arguments.ts";
import { type DType, dtypeRule } from "../base/dtype.ts";
import { optional, real } from "../base/rules.ts";
import { type Tensor, tensor } from "../graph/graph.ts";
import { binary, constant, operand, select, unary } from "../kernel/expression.ts";
import { broadcastMap, castTo, type Operand, over, promote } from "./cards/arithmetic.ts";
import { elementwise } from "./cards/map.ts";
import { operandRule, pair, row } from "./row.ts";

/**
 * a + b, tensors or plain numbers, broadcast against each other by NumPy's rule ([2, 1] with [3] gives [2, 3]), as in
 * all functions of two operands. Throws a ShapeError where the shapes do not fit.
 */
export const add = pair({ name: "add", expression: (a, b) => binary("add", a, b), onnx: "Add" });

/** a − b, broadcast against each other. */
export const sub = pair({ name: "sub", expression: (a, b) => binary("subtract", a, b), onnx: "Sub" });

/** a · b, broadcast against each other. */
export const mul = pair({ name: "mul", expression: (a, b) => binary("multiply", a, b), onnx: "Mul" });

/** The larger of the two, broadcast against each other; NaN where either is. */
export const maximum = pair({ name: "maximum", expression: (a, b) => binary("maximum", a, b) });

/** The smaller of the two, broadcast against each other; NaN where either is. */
export const minimum = pair({ name: "minimum", expression: (a, b) => binary("minimum", a, b) });

/** a to the power of b, broadcast against each other. */
export const pow = pair({ name: "pow", expression: (a, b) => binary("power", a, b) });

/** The angle in radians of the point (b, a), from −π to π, broadcast against each other. */
export const atan2 = pair({ name: "atan2", expression: (a, b) => binary("atan2", a, b) });

/** a < b as bool, broadcast against each other. */
export const lt = pair({ name: "lt", expression: (a, b) => binary("less", a, b), dtype: "bool", onnx: "Less" });

/** a ≤ b as bool, broadcast against each other. */
export const le = pair({
  name: "le",
  expression: (a, b) => binary("lessEqual", a, b),
  dtype: "bool",
  onnx: "LessOrEqual",
});

/** a = b as bool, broadcast against each other; false where either is NaN. */
export const eq = pair({ name: "eq", expression: (a, b) => binary("equal", a, b), dtype: "bool", onnx: "Equal" });

/** a > b as bool, broadcast against each other. */
export function gt(a: Operand, b: Operand): Tensor {
  understand("gt", arguments, { a: operandRule, b: operandRule });
  return lt(b, a);
}

/** a ≥ b as bool, broadcast against each other. */
export function ge(a: Operand, b: Operand): Tensor {
  understand("ge", arguments, { a: operandRule, b: operandRule });
  return le(b, a);
}

/** a / b, broadcast against each other; integers divide towards zero, as in C and ONNX. */
export function div(a: Operand, b: Operand): Tensor {
  understand("div", arguments, { a: operandRule, b: operandRule });
  return over(a, b);
}

/** Remainder of a / b with the divisor's sign (torch.remainder, Python's %), broadcast against each other. */
export const remainder = pair({ name: "remainder", expression: (a, b) => binary("modulo", a, b) });

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

/** −x, element by element. */
export const neg = row({ name: "neg", ofWhole: true, expression: (x) => unary("negate", x), onnx: "Neg" });

/** |x|, element by element. */
export const abs = row({ name: "abs", ofWhole: true, expression: (x) => unary("abs", x), onnx: "Abs" });

/** −1, 0 or 1, element by element. */
export const sign = row({ name: "sign", ofWhole: true, expression: (x) => unary("sign", x), onnx: "Sign" });

/** eˣ, element by element. */
export const exp = row({ name: "exp", expression: (x) => unary("exp", x), onnx: "Exp" });

/** eˣ − 1, element by element, with its digits where x is small (torch.expm1). */
export const expm1 = row({ name: "expm1", expression: (x) => unary("expm1", x) });

/** The natural logarithm, element by element; −∞ at 0, NaN below. */
export const log = row({ name: "log", expression: (x) => unary("log", x), onnx: "Log" });

/** ln(1 + x), element by element, with its digits where x is small (torch.log1p); −∞ at −1, NaN below. */
export const log1p = row({ name: "log1p", expression: (x) => unary("log1p", x) });

/** The square root, element by element; NaN below 0. */
export const sqrt = row({ name: "sqrt", expression: (x) => unary("sqrt", x), onnx: "Sqrt" });

/** 1 / x, element by element; infinite at 0. */
export const reciprocal = row({ name: "reciprocal", expression: (x) => unary("reciprocal", x), onnx: "Reciprocal" });

/** The error function 2/√π ∫₀ˣ e^(−t²) dt, element by element. */
export const erf = row({ name: "erf", expression: (x) => unary("erf", x), onnx: "Erf" });

/** 1 − erf(x), with its digits where it is small (torch.special.erfc). */
export const erfc = row({ name: "erfc", expression: (x) => unary("erfc", x) });

/** The whole number at or below, element by element. */
export const floor = row({ name: "floor", ofWhole: true, expression: (x) => unary("floor", x), onnx: "Floor" });

/** The whole number at or above, element by element. */
export const ceil = row({ name: "ceil", ofWhole: true, expression: (x) => unary("ceil", x), onnx: "Ceil" });

/** The nearest whole number, element by element; halves go to the even one, as in torch.round. */
export const round = row({ name: "round", ofWhole: true, expression: (x) => unary("round", x), onnx: "Round" });

/** The sine of x radians, element by element. */
export const sin = row({ name: "sin", expression: (x) => unary("sin", x), onnx: "Sin" });

/** The cosine of x radians, element by element. */
export const cos = row({ name: "cos", expression: (x) => unary("cos", x), onnx: "Cos" });

/** The tangent of x radians, element by element. */
export const tan = row({ name: "tan", expression: (x) => unary("tan", x), onnx: "Tan" });

/** The arc sine in radians, element by element; NaN outside −1 … 1. */
export const asin = row({ name: "asin", expression: (x) => unary("asin", x), onnx: "Asin" });

/** The arc cosine in radians, element by element; NaN outside −1 … 1. */
export const acos = row({ name: "acos", expression: (x) => unary("acos", x), onnx: "Acos" });

/** The arc tangent in radians, element by element. */
export const atan = row({ name: "atan", expression: (x) => unary("atan", x), onnx: "Atan" });

/** The hyperbolic sine, element by element. */
export const sinh = row({ name: "sinh", expression: (x) => unary("sinh", x), onnx: "Sinh" });

/** The hyperbolic cosine, element by element. */
export const cosh = row({ name: "cosh", expression: (x) => unary("cosh", x), onnx: "Cosh" });

/** The inverse hyperbolic sine, element by element. */
export const asinh = row({ name: "asinh", expression: (x) => unary("asinh", x), onnx: "Asinh" });

/** The inverse hyperbolic cosine, element by element; NaN below 1. */
export const acosh = row({ name: "acosh", expression: (x) => unary("acosh", x), onnx: "Acosh" });

/** The inverse hyperbolic tangent, element by element; NaN outside −1 … 1. */
export const atanh = row({ name: "atanh", expression: (x) => unary("atanh", x), onnx: "Atanh" });

/** Whether x is NaN, element by element, as bool. */
export const isnan = row({
  name: "isnan",
  ofWhole: true,
  expression: (x) => unary("isNaN", x),
  dtype: "bool",
  onnx: "IsNaN",
});

/** Whether x is neither NaN nor infinite, element by element, as bool. */
export const isfinite = row({
  name: "isfinite",
  ofWhole: true,
  expression: (x) => unary("isFinite", x),
  dtype: "bool",
});

/** x², element by element, as one multiplication. */
export const square = row({ name: "square", ofWhole: true, expression: (x) => binary("multiply", x, x) });

/** 1 / √x, element by element; infinite at 0, NaN below. */
export const rsqrt = row({ name: "rsqrt", expression: (x) => unary("reciprocal", unary("sqrt", x)) });

/** Whether x is 0 (false), element by element, as bool. */
export const logicalNot = row({
  name: "logicalNot",
  ofWhole: true,
  expression: (x) => binary("equal", x, constant(0)),
  dtype: "bool",
  onnx: "Not",
});

/** Whether neither is 0 (false), as bool, broadcast against each other. */
export const logicalAnd = pair({
  name: "logicalAnd",
  expression: (a, b) => select(a, select(b, constant(1), constant(0)), constant(0)),
  dtype: "bool",
  onnx: "And",
});

/** Whether at least one is not 0 (false), as bool, broadcast against each other. */
export const logicalOr = pair({
  name: "logicalOr",
  expression: (a, b) => select(a, constant(1), select(b, constant(1), constant(0))),
  dtype: "bool",
  onnx: "Or",
});

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
