// Arithmetic, comparisons and activations of TensorFlow: rows that keep the order in which their inputs are held.

import type { DType } from "../../../base/dtype.ts";
import { DataError } from "../../../base/errors.ts";
import { formatShape } from "../../../base/shape.ts";
import type { Tensor } from "../../../graph/graph.ts";
import * as a from "../../../ops/arithmetic.ts";
import { activation } from "../../../ops/named.ts";
import { logSoftmax, softmax } from "../../../ops/softmax.ts";
import { alongAxis } from "../layers/activation.ts";
import { aligned, like, type Value } from "../value.ts";
import { constantOf, type OpRow, type OpTable, row, unsupported } from "./row.ts";

const unary = (apply: (x: Tensor) => Tensor) => row(1, ([x]) => like(x, apply(x.held())));

const all =
  (apply: (...tensors: Tensor[]) => Tensor): OpRow =>
  (inputs) => {
    const { tensors, wrap } = aligned(inputs);
    return wrap(apply(...tensors));
  };
const binary = (apply: (x: Tensor, y: Tensor) => Tensor) =>
  row(2, ([x, y], attributes, node) => all(apply)([x, y], attributes, node) as Value);

/** Select picks whole rows where its condition is a vector. */
const select: OpRow = (inputs, attributes, node) => {
  const [condition, x] = inputs;
  if (node.op === "Select" && condition.shape.length === 1 && x.shape.length > 1)
    throw unsupported("a condition a row");
  return all(a.where)(inputs, attributes, node);
};

const types: Readonly<Record<string, DType>> = { float32: "float32", int32: "int32", bool: "bool" };

const cast: OpRow = ([x], attributes) => {
  const name = attributes.type("DstT") ?? "float32";
  const dtype = Object.hasOwn(types, name) ? types[name] : undefined;
  if (!dtype) throw unsupported(`casting to ${name}`);
  return like(x, a.cast(x.held(), dtype));
};

/** One number of known value. */
function numberOf(value: Value, what: string): number {
  const { data } = constantOf(value, what);
  if (data.length !== 1) throw new DataError(`${what} should be one number, not ${formatShape(value.shape)}.`);
  return data[0];
}

const clip: OpRow = ([x, low, high]) => {
  if (low.known?.data.length === 1 && high.known?.data.length === 1)
    return like(x, a.clamp(x.held(), numberOf(low, "its minimum"), numberOf(high, "its maximum")));
  const { tensors, wrap } = aligned([x, low, high]);
  return wrap(a.minimum(a.maximum(tensors[0], tensors[1]), tensors[2]));
};

const addAll: OpRow = (inputs) => {
  const { tensors, wrap } = aligned(inputs);
  return wrap(tensors.reduce((x, y) => a.add(x, y)));
};

const filledLike =
  (value: number): OpRow =>
  ([x]) =>
    like(x, a.cast(a.add(a.mul(a.cast(x.held(), "float32"), 0), value), x.held().dtype));

const softmaxRow =
  (apply: (x: Tensor, axis: number) => Tensor): OpRow =>
  ([x]) =>
    alongAxis(apply)(x, -1);

/** Identity of any kind: the value itself, a weight included. */
const same: OpRow = (inputs) => inputs;

export const elementwiseTable: OpTable = {
  Identity: row(1, same),
  IdentityN: row(1, same),
  StopGradient: row(1, same),
  PreventGradient: row(1, same),
  Snapshot: row(1, same),
  CheckNumerics: row(1, same),
  PlaceholderWithDefault: row(1, same),
  Add: binary(a.add),
  AddV2: binary(a.add),
  AddN: row(1, addAll),
  Sub: binary(a.sub),
  Mul: binary(a.mul),
  RealDiv: binary(a.div),
  Div: binary(a.div),
  DivNoNan: binary((x, y) => a.where(a.eq(y, 0), 0, a.div(x, a.where(a.eq(y, 0), 1, y)))),
  FloorDiv: binary((x, y) => floorDivided(x, y)),
  FloorMod: binary((x, y) => a.remainder(x, y)),
  Maximum: binary(a.maximum),
  Minimum: binary(a.minimum),
  Pow: binary(a.pow),
  Atan2: binary(a.atan2),
  SquaredDifference: binary((x, y) => a.square(a.sub(x, y))),
  Greater: binary(a.gt),
  GreaterEqual: binary(a.ge),
  Less: binary(a.lt),
  LessEqual: binary(a.le),
  Equal: binary(a.eq),
  NotEqual: binary((x, y) => a.logicalNot(a.eq(x, y))),
  LogicalAnd: binary(a.logicalAnd),
  LogicalOr: binary(a.logicalOr),
  LogicalNot: unary(a.logicalNot),
  Select: row(3, select),
  SelectV2: row(3, select),
  Cast: row(1, cast),
  ClipByValue: row(3, clip),
  ZerosLike: row(1, filledLike(0)),
  OnesLike: row(1, filledLike(1)),
  Abs: unary(a.abs),
  Neg: unary(a.neg),
  Sign: unary(a.sign),
  Square: unary(a.square),
  Sqrt: unary(a.sqrt),
  Rsqrt: unary(a.rsqrt),
  Reciprocal: unary(a.reciprocal),
  Inv: unary(a.reciprocal),
  Exp: unary(a.exp),
  Log: unary(a.log),
  Log1p: unary(a.log1p),
  Erf: unary(a.erf),
  Floor: unary(a.floor),
  Ceil: unary(a.ceil),
  Round: unary(a.round),
  Sin: unary(a.sin),
  Cos: unary(a.cos),
  Tan: unary(a.tan),
  Tanh: unary((x) => activation("tanh", x)),
  Relu: unary((x) => activation("relu", x)),
  Relu6: unary((x) => activation("relu6", x)),
  Elu: unary((x) => activation("elu", x)),
  Selu: unary((x) => activation("selu", x)),
  Sigmoid: unary((x) => activation("sigmoid", x)),
  Softplus: unary((x) => activation("softplus", x)),
  LeakyRelu: row(1, ([x], attributes) =>
    like(x, activation("leakyRelu", x.held(), { negativeSlope: attributes.float("alpha", 0.2) })),
  ),
  Softmax: row(1, softmaxRow(softmax)),
  LogSoftmax: row(1, softmaxRow(logSoftmax)),
};

function floorDivided(x: Tensor, y: Tensor): Tensor {
  const quotient = a.floor(a.div(a.cast(x, "float32"), a.cast(y, "float32")));
  return a.cast(quotient, x.dtype);
}
