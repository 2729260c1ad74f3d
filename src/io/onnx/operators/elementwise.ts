// Activations, arithmetic, comparisons, logic, Where and Cast: one value from the values at one place.

import type { DType } from "../../../base/dtype.ts";
import { isFloat } from "../../../base/dtype.ts";
import { DataError } from "../../../base/errors.ts";
import { normalizeAxis } from "../../../base/shape.ts";
import type { Tensor } from "../../../graph/graph.ts";
import {
  add,
  binary,
  constant,
  divide,
  type Expression,
  less,
  maximum,
  minimum,
  multiply,
  operand,
  select,
  subtract,
  unary,
} from "../../../kernel/expression.ts";
import * as activations from "../../../ops/activations.ts";
import * as arithmetic from "../../../ops/arithmetic.ts";
import { broadcastMap, type Operand } from "../../../ops/cards/arithmetic.ts";
import { elementwise } from "../../../ops/cards/map.ts";
import { activation } from "../../../ops/named.ts";
import { reshape } from "../../../ops/reshape.ts";
import { type Pointwise, pairsOf, rowsOf } from "../../../ops/row.ts";
import {
  type Attributes,
  type Context,
  type Inputs,
  optional,
  type Row,
  row,
  shortest,
  type Table,
  unsupported,
} from "../row.ts";
import { dtypeOf } from "../tensor.ts";

const c = constant;

/** A row of one input and no attributes. */
const plain = (apply: (x: Tensor) => Tensor): Row => row(1, ([x]) => apply(x));

/** A row of one input whose expression depends on float attributes. */
function formula(
  name: string,
  defaults: Readonly<Record<string, number>>,
  build: (x: Expression, p: Record<string, number>) => Expression,
): Row {
  return row(1, ([x], attributes) => {
    const p = Object.fromEntries(Object.entries(defaults).map(([key, value]) => [key, attributes.float(key, value)]));
    return elementwise(name, build(operand(0), p), [x], x.dtype, p);
  });
}

/** A single number if the tensor is one and known and not a weight, so that it becomes part of the expression. */
function numberOr(x: Tensor, other: Tensor, context: Context): Operand {
  return x.dtype === other.dtype ? (numberIn(x, other, context) ?? x) : x;
}

/** The number in a constant of one element that does not add axes to what it is combined with. */
function numberIn(x: Tensor, other: Tensor, context: Context): number | undefined {
  if (x.node.op.name !== "constant" || x.shape.some((n) => n !== 1) || x.shape.length > other.shape.length)
    return undefined;
  const value = context.known(x)?.data[0];
  return value === undefined || !isFloat(x.dtype) ? value : shortest(value);
}

/** Before operator set 7 the second operand was aligned at an axis that an attribute named. */
function aligned([a, b]: Inputs, attributes: Attributes, { opset }: Context): Tensor {
  const broadcast = attributes.int("broadcast", 0);
  const axis = attributes.int("axis", -1);
  if (opset >= 7 || broadcast === 0 || axis === -1) return b;
  const first = normalizeAxis(axis, a.shape.length);
  return reshape(b, [...b.shape, ...a.shape.slice(first + b.shape.length).map(() => 1)]);
}

function two(apply: (a: Operand, b: Operand) => Tensor): Row {
  return row(2, (inputs, attributes, context) => {
    const [a] = inputs;
    const b = aligned(inputs, attributes, context);
    const right = numberOr(b, a, context);
    return typeof right === "number" ? apply(a, right) : apply(numberOr(a, b, context), b);
  });
}

/** Any number of operands, combined from the left. */
function many(apply: (a: Tensor, b: Tensor) => Tensor): Row {
  return row(Infinity, (inputs) => inputs.reduce((total, x) => apply(total, x)));
}

const xor = (a: Operand, b: Operand): Tensor =>
  broadcastMap("xor", [a, b], (x, y) => select(x, select(y, c(0), c(1)), select(y, c(1), c(0))), "bool");

const towardsZero = (x: Expression): Expression => select(less(x, c(0)), unary("ceil", x), unary("floor", x));

/** The remainder with the dividend's sign, as C's fmod. */
const fmod = (a: Tensor, b: Tensor): Tensor =>
  broadcastMap("fmod", [a, b], (x, y) => subtract(x, multiply(towardsZero(divide(x, y)), y)), a.dtype);

function pow([a, b]: Inputs, attributes: Attributes, context: Context): Tensor {
  const exponent = aligned([a, b], attributes, context);
  // The result has the base's type, whatever the exponent's is.
  const build = (x: Expression, y: Expression): Expression =>
    isFloat(a.dtype) ? binary("power", x, y) : towardsZero(binary("power", x, y));
  const fixed = numberIn(exponent, a, context);
  return broadcastMap("pow", [a, fixed ?? exponent], build, a.dtype);
}

function clip(inputs: Inputs, attributes: Attributes, context: Context): Tensor {
  const [x] = inputs;
  if (context.opset < 11)
    return arithmetic.clamp(x, attributes.float("min", -Infinity), attributes.float("max", Infinity));
  const low = optional(inputs, 1);
  const high = optional(inputs, 2);
  const lowNumber = low ? context.known(low)?.data[0] : -Infinity;
  const highNumber = high ? context.known(high)?.data[0] : Infinity;
  if (lowNumber === 0 && highNumber === 6 && isFloat(x.dtype)) return activation("relu6", x);
  if (lowNumber !== undefined && highNumber !== undefined) return arithmetic.clamp(x, lowNumber, highNumber);
  const above = low ? arithmetic.maximum(x, low) : x;
  return high ? arithmetic.minimum(above, high) : above;
}

function cast([x]: Inputs, attributes: Attributes, context: Context): Tensor {
  // Only 8-bit floats saturate, and those are refused.
  attributes.int("saturate", 1);
  return castTo(x, attributes.int("to", 0), context);
}

function castTo(x: Tensor, to: number, context: Context): Tensor {
  const y = wrapped(arithmetic.cast(x, dtypeOf(to, "the result of the cast")), to);
  if (y !== x) context.setElementType(y, to);
  return y;
}

/** Small integers wrap around as they do in C: int8 and friends live in int32 here. */
function wrapped(x: Tensor, to: number): Tensor {
  const bits = to === 2 || to === 3 ? 8 : to === 4 || to === 5 ? 16 : 0;
  if (bits === 0) return x;
  const range = c(2 ** bits);
  const low = to === 3 || to === 5 ? -(2 ** (bits - 1)) : 0;
  return elementwise("wrap", add(binary("modulo", subtract(operand(0), c(low)), range), c(low)), [x]);
}

function isInf([x]: Inputs, attributes: Attributes): Tensor {
  const above = attributes.int("detect_positive", 1) ? c(1) : c(0);
  const below = attributes.int("detect_negative", 1) ? c(1) : c(0);
  const infinite = (sign: number): Expression => binary("equal", operand(0), c(sign * Infinity));
  return elementwise("isinf", select(infinite(1), above, select(infinite(-1), below, c(0))), [x], "bool");
}

/** A slope for all, or one a channel: [C] is aligned with axis 1 in files of before operator set 7. */
function prelu([x, slope]: Inputs, _attributes: Attributes, { opset }: Context): Tensor {
  const perChannel = opset < 7 && slope.shape.length === 1 && x.shape.length > 2;
  const shaped = perChannel ? reshape(slope, [slope.shape[0], ...x.shape.slice(2).map(() => 1)]) : slope;
  return broadcastMap(
    "prelu",
    [x, shaped],
    (value, w) => select(less(value, c(0)), multiply(value, w), value),
    x.dtype,
  );
}

function mean(inputs: Inputs): Tensor {
  return arithmetic.div(
    inputs.reduce((a, b) => arithmetic.add(a, b)),
    inputs.length,
  );
}

/** max(0, min(1, alpha x + beta)); with 1/6 and 1/2 it is PyTorch's, which exporters write so. */
function hardSigmoid([x]: Inputs, attributes: Attributes): Tensor {
  const alpha = attributes.float("alpha", 0.2);
  const beta = attributes.float("beta", 0.5);
  if (Math.abs(alpha - 1 / 6) < 1e-7 && beta === 0.5) return activation("hardsigmoid", x);
  const line = add(multiply(c(alpha), operand(0)), c(beta));
  return elementwise("hardSigmoid", maximum(c(0), minimum(c(1), line)), [x], x.dtype, { alpha, beta });
}

function gelu([x]: Inputs, attributes: Attributes): Tensor {
  const approximate = attributes.text("approximate", "none");
  if (approximate !== "none" && approximate !== "tanh") throw unsupported(`approximate = "${approximate}"`);
  return activation(approximate === "tanh" ? "geluTanh" : "gelu", x);
}

function shift(inputs: Inputs, attributes: Attributes): Tensor {
  const direction = attributes.text("direction", "");
  if (direction !== "LEFT" && direction !== "RIGHT")
    throw new DataError(`the direction must be LEFT or RIGHT, not "${direction}".`);
  return broadcastMap("shift", inputs, (x, n) =>
    direction === "LEFT" ? multiply(x, binary("power", c(2), n)) : unary("floor", divide(x, binary("power", c(2), n))),
  );
}

const ofDtype = (x: Tensor, dtype: DType): Tensor => (x.dtype === dtype ? x : arithmetic.cast(x, dtype));

/** A row read by its ONNX operator, whose attributes are the row's options. */
function readRow(apply: Pointwise): Row {
  const { onnx, defaults } = apply.row;
  const named = Object.entries(onnx?.attributes ?? {}).flatMap(([key, option]) =>
    typeof option === "string" ? [[key, option] as const] : [],
  );
  if (named.length === 0) return plain(apply);
  const withOptions = apply as Pointwise<Record<string, number>>;
  return row(1, ([x], attributes) =>
    withOptions(x, Object.fromEntries(named.map(([key, option]) => [option, attributes.float(key, defaults[option])]))),
  );
}

/** The functions whose rows name an ONNX operator. */
const ownRows: Table = Object.fromEntries([
  ...[...rowsOf(activations), ...rowsOf(arithmetic)].flatMap((apply) =>
    apply.row.onnx ? [[apply.row.onnx.op, readRow(apply)]] : [],
  ),
  ...pairsOf(arithmetic).flatMap((apply) => (apply.pair.onnx ? [[apply.pair.onnx, two(apply)]] : [])),
]);

export const elementwiseTable: Table = {
  ...ownRows,

  PRelu: row(2, prelu),
  Selu: formula("selu", { alpha: 1.6732632423543772, gamma: 1.0507009873554805 }, (x, { alpha, gamma }) =>
    multiply(c(gamma), select(less(c(0), x), x, multiply(c(alpha), unary("expm1", minimum(x, c(0)))))),
  ),
  ThresholdedRelu: formula("thresholdedRelu", { alpha: 1 }, (x, { alpha }) => select(less(c(alpha), x), x, c(0))),
  HardSigmoid: row(1, hardSigmoid),
  Gelu: row(1, gelu),
  Shrink: formula("shrink", { bias: 0, lambd: 0.5 }, (x, { bias, lambd }) =>
    select(less(x, c(-lambd)), add(x, c(bias)), select(less(c(lambd), x), subtract(x, c(bias)), c(0))),
  ),
  Clip: row(1, clip),

  Div: two(arithmetic.div),
  Pow: row(2, pow),
  Mod: row(2, ([a, b], attributes) => (attributes.int("fmod", 0) ? fmod(a, b) : arithmetic.remainder(a, b))),
  BitShift: row(2, shift),
  Min: many(arithmetic.minimum),
  Max: many(arithmetic.maximum),
  Sum: many(arithmetic.add),
  Mean: row(Infinity, mean),

  Greater: two(arithmetic.gt),
  GreaterOrEqual: two(arithmetic.ge),
  Xor: two(xor),
  IsInf: row(1, isInf),
  Where: row(3, ([condition, a, b]) => ofDtype(arithmetic.where(condition, a, b), a.dtype)),
  Cast: row(1, cast),
  CastLike: row(2, ([x, like], _attributes, context) => {
    const type = context.elementType(like);
    return type === undefined ? arithmetic.cast(x, like.dtype) : castTo(x, type, context);
  }),
};
