// Activation functions: one row each, a scalar expression from which value, derivative and engine code are made.
// Names, defaults and values at the kinks are PyTorch's.
import { NeocogError } from "../base/errors.ts";
import type { Tensor } from "../graph/graph.ts";
import {
  add,
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
} from "../kernel/expression.ts";
import { broadcastMap } from "./arithmetic.ts";
import { elementwise } from "./map.ts";

/** A row: default arguments and the expression of one element. */
export interface Activation {
  readonly defaults: Readonly<Record<string, number>>;
  readonly expression: (x: Expression, p: Readonly<Record<string, number>>) => Expression;
}

const c = constant;
const zero = c(0);
const one = c(1);
const exp = (x: Expression): Expression => unary("exp", x);
const clampInside = (x: Expression, low: number, high: number): Expression => minimum(maximum(x, c(low)), c(high));
const minusOne = (x: Expression): Expression => subtract(exp(x), one);
/** x, at most 0; unlike minimum(x, 0) it passes the gradient at 0. */
const belowZero = (x: Expression): Expression => select(less(zero, x), zero, x);
/** x between 0 and 6, both of which pass the gradient. */
const insideSix = (x: Expression): Expression => select(less(c(6), x), c(6), select(less(x, zero), zero, x));
/** ln(1 + e^x) = (x + |x|) / 2 + ln(1 + e^-|x|): never overflows, and its derivative is right at 0 too. */
const softplusOf = (x: Expression): Expression => {
  const size = unary("abs", x);
  return add(multiply(c(0.5), add(x, size)), unary("log", add(one, exp(unary("negate", size)))));
};
const gelu = (x: Expression): Expression =>
  multiply(multiply(c(0.5), x), add(one, unary("erf", multiply(x, c(Math.SQRT1_2)))));

/** All activations by name. */
export const activations = {
  relu: { defaults: {}, expression: (x) => maximum(x, zero) },
  relu6: { defaults: {}, expression: (x) => clampInside(x, 0, 6) },
  leakyRelu: {
    defaults: { negativeSlope: 0.01 },
    expression: (x, p) => select(less(zero, x), x, multiply(x, c(p.negativeSlope))),
  },
  elu: {
    defaults: { alpha: 1 },
    expression: (x, p) => select(less(zero, x), x, multiply(c(p.alpha), minusOne(belowZero(x)))),
  },
  celu: {
    defaults: { alpha: 1 },
    expression: (x, p) => select(less(zero, x), x, multiply(c(p.alpha), minusOne(divide(belowZero(x), c(p.alpha))))),
  },
  selu: {
    defaults: {},
    expression: (x) =>
      multiply(
        c(1.0507009873554805),
        select(less(zero, x), x, multiply(c(1.6732632423543772), minusOne(belowZero(x)))),
      ),
  },
  gelu: { defaults: {}, expression: gelu },
  geluTanh: {
    defaults: {},
    expression: (x) => {
      const inner = multiply(c(Math.sqrt(2 / Math.PI)), add(x, multiply(c(0.044715), multiply(x, multiply(x, x)))));
      return multiply(multiply(c(0.5), x), add(one, unary("tanh", inner)));
    },
  },
  silu: { defaults: {}, expression: (x) => multiply(x, unary("sigmoid", x)) },
  mish: { defaults: {}, expression: (x) => multiply(x, unary("tanh", softplusOf(x))) },
  hardSigmoid: { defaults: {}, expression: (x) => divide(clampInside(add(x, c(3)), 0, 6), c(6)) },
  hardSwish: {
    defaults: {},
    expression: (x) => multiply(x, divide(insideSix(add(x, c(3))), c(6))),
  },
  hardTanh: { defaults: { minVal: -1, maxVal: 1 }, expression: (x, p) => clampInside(x, p.minVal, p.maxVal) },
  sigmoid: { defaults: {}, expression: (x) => unary("sigmoid", x) },
  logSigmoid: { defaults: {}, expression: (x) => unary("negate", softplusOf(unary("negate", x))) },
  tanh: { defaults: {}, expression: (x) => unary("tanh", x) },
  softplus: {
    defaults: { beta: 1, threshold: 20 },
    expression: (x, p) =>
      select(less(c(p.threshold), multiply(x, c(p.beta))), x, divide(softplusOf(multiply(x, c(p.beta))), c(p.beta))),
  },
  softsign: { defaults: {}, expression: (x) => divide(x, add(one, unary("abs", x))) },
  tanhshrink: { defaults: {}, expression: (x) => subtract(x, unary("tanh", x)) },
  softshrink: {
    defaults: { lambda: 0.5 },
    expression: (x, p) =>
      select(less(c(p.lambda), x), subtract(x, c(p.lambda)), select(less(x, c(-p.lambda)), add(x, c(p.lambda)), zero)),
  },
  hardshrink: {
    defaults: { lambda: 0.5 },
    expression: (x, p) => select(less(c(p.lambda), unary("abs", x)), x, zero),
  },
} as const satisfies Record<string, Activation>;

export type ActivationName = keyof typeof activations;
export const activationNames = Object.keys(activations) as ActivationName[];

/** Applies an activation by name; parameters left out take PyTorch's defaults. */
export function activation(name: ActivationName, x: Tensor, parameters: Readonly<Record<string, number>> = {}): Tensor {
  const row: Activation = activations[name];
  for (const key of Object.keys(parameters)) {
    if (!(key in row.defaults)) throw new NeocogError(`${name} has no parameter "${key}".`);
  }
  const full = { ...row.defaults, ...parameters };
  return elementwise(name, row.expression(operand(0), full), [x], x.dtype, full);
}

export const relu = (x: Tensor): Tensor => activation("relu", x);
export const sigmoid = (x: Tensor): Tensor => activation("sigmoid", x);
export const tanh = (x: Tensor): Tensor => activation("tanh", x);

/** x where positive, else slope * x, with a learned slope (one, or one a channel along axis 1, already broadcastable). */
export const prelu = (x: Tensor, slope: Tensor): Tensor =>
  broadcastMap("prelu", [x, slope], (value, weight) => select(less(zero, value), value, multiply(value, weight)));
