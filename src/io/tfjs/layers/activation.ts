// Activations of Keras, by name inside other layers or as layers of their own.
import { DataError, NeocogError } from "../../../base/errors.ts";
import { normalizeAxis } from "../../../base/shape.ts";
import type { Tensor } from "../../../graph/graph.ts";
import { add, constant, type Expression, maximum, minimum, multiply, operand } from "../../../kernel/expression.ts";
import { prelu } from "../../../ops/activations.ts";
import { clamp, exp, minimum as least, lt, mul, sub, where } from "../../../ops/arithmetic.ts";
import { elementwise } from "../../../ops/cards/map.ts";
import { activation } from "../../../ops/named.ts";
import { logSoftmax, softmax } from "../../../ops/softmax.ts";
import type { Fields } from "../fields.ts";
import { aligned, asPlain, heldAxis, like, plain, type Value, weightValue } from "../value.ts";
import type { LayerRow, LayerTable } from "./row.ts";

/** Keras 2's: the line 0.2 x + 0.5 between 0 and 1. */
const hardSigmoid = (x: Tensor): Tensor => {
  const line: Expression = add(multiply(constant(0.2), operand(0)), constant(0.5));
  return elementwise("hardSigmoid02", maximum(constant(0), minimum(constant(1), line)), [x], x.dtype);
};

const places: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  relu: (x) => activation("relu", x),
  relu6: (x) => activation("relu6", x),
  elu: (x) => activation("elu", x),
  selu: (x) => activation("selu", x),
  sigmoid: (x) => activation("sigmoid", x),
  tanh: (x) => activation("tanh", x),
  softplus: (x) => activation("softplus", x),
  softsign: (x) => activation("softsign", x),
  swish: (x) => activation("silu", x),
  silu: (x) => activation("silu", x),
  mish: (x) => activation("mish", x),
  gelu: (x) => activation("gelu", x),
  gelu_new: (x) => activation("geluTanh", x),
  exponential: (x) => exp(x),
  hard_sigmoid: hardSigmoid,
};

/** Applies the activation that a layer names. */
export function activate(x: Value, name: string): Value {
  // Python writes hard_sigmoid, TensorFlow.js sometimes hardSigmoid.
  const word = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace(/^_/, "");
  if (word === "linear") return x;
  if (word === "softmax") return alongAxis(softmax)(x, -1);
  if (word === "log_softmax") return alongAxis(logSoftmax)(x, -1);
  const apply = Object.hasOwn(places, word) ? places[word] : undefined;
  if (!apply)
    throw new NeocogError(
      `the activation "${name}" is not supported; there are linear, softmax, ${Object.keys(places).join(", ")}.`,
    );
  return like(x, apply(x.held()));
}

/** Does something along an axis of the file's order, wherever that lies. */
export const alongAxis =
  (apply: (x: Tensor, axis: number) => Tensor) =>
  (x: Value, axis: number): Value => {
    const place = normalizeAxis(axis, x.shape.length);
    if (x.order !== "flat") return like(x, apply(x.held(), heldAxis(x, place)));
    return plain(apply(asPlain(x), place));
  };

/** max_value above, negative_slope · (x − threshold) below the threshold. */
const relu: LayerRow = ([x], config) => {
  const slope = config.number("negative_slope", 0);
  const threshold = config.number("threshold", 0);
  const most = config.number("max_value", Number.POSITIVE_INFINITY);
  const held = x.held();
  if (slope === 0 && threshold === 0 && most === Number.POSITIVE_INFINITY) return like(x, activation("relu", held));
  if (slope === 0 && threshold === 0 && most === 6) return like(x, activation("relu6", held));
  if (threshold === 0 && slope === 0) return like(x, clamp(held, 0, most));
  const below = mul(sub(held, threshold), slope);
  return like(x, where(lt(held, threshold), below, most === Number.POSITIVE_INFINITY ? held : least(held, most)));
};

/** The slopes are one a place of the input, 1 along axes that share them. */
const parametric: LayerRow = ([x], _config, context) => {
  const alpha = weightValue(context.weight("alpha"));
  if (alpha.shape.length !== x.shape.length - 1)
    throw new DataError(`its alpha should have ${x.shape.length - 1} axes, not ${alpha.shape.length}.`);
  const slopes = plain(alpha.weight!.take({ shape: [1, ...alpha.shape] }));
  const { tensors, wrap } = aligned([x, slopes]);
  return wrap(prelu(tensors[0], tensors[1]));
};

const numbered =
  (apply: (x: Tensor, value: number) => Tensor, otherwise: number, ...names: readonly string[]): LayerRow =>
  ([x], config: Fields) => {
    const name = names.find((one) => config.has(one)) ?? names[0];
    return like(x, apply(x.held(), config.number(name, otherwise)));
  };

export const activationTable: LayerTable = {
  Activation: ([x], config) => activate(x, config.text("activation")),
  ReLU: relu,
  LeakyReLU: numbered(
    (x, negativeSlope) => activation("leakyRelu", x, { negativeSlope }),
    0.3,
    "alpha",
    "negative_slope",
  ),
  ELU: numbered((x, alpha) => activation("elu", x, { alpha }), 1, "alpha"),
  ThresholdedReLU: numbered((x, theta) => where(lt(theta, x), x, 0), 1, "theta"),
  PReLU: parametric,
  Softmax: ([x], config) => alongAxis(softmax)(x, config.whole("axis", -1)),
};
