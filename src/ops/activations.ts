// Activation functions: one row each, a scalar expression from which value, derivative and engine code are made.
// Names, defaults and values at the kinks are PyTorch's.
import { understand } from "../base/arguments.ts";
import { unknownOption } from "../base/errors.ts";
import { oneOf, optional, real, recordOf } from "../base/rules.ts";
import { type Tensor, tensor } from "../graph/graph.ts";
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
} from "../kernel/expression.ts";
import { broadcastMap } from "./cards/arithmetic.ts";
import { elementwise } from "./cards/map.ts";

/** A row: default arguments and the expression of one element. */
export interface Activation {
  readonly defaults: Readonly<Record<string, number>>;
  readonly expression: (x: Expression, p: Readonly<Record<string, number>>) => Expression;
}

const c = constant;
const zero = c(0);
const one = c(1);
const clampInside = (x: Expression, low: number, high: number): Expression => minimum(maximum(x, c(low)), c(high));
const lessEqual = (a: Expression, b: Expression): Expression => binary("lessEqual", a, b);
/** x, at most 0; unlike minimum(x, 0) it passes the gradient at 0. */
const belowZero = (x: Expression): Expression => select(less(zero, x), zero, x);
/** alpha (e^(x / scale) − 1) below 0. */
const exponential = (x: Expression, alpha: number, scale = 1): Expression =>
  multiply(c(alpha), unary("expm1", divide(belowZero(x), c(scale))));

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
    expression: (x, p) => select(less(zero, x), x, exponential(x, p.alpha)),
  },
  celu: {
    defaults: { alpha: 1 },
    expression: (x, p) => select(less(zero, x), x, exponential(x, p.alpha, p.alpha)),
  },
  selu: {
    defaults: {},
    expression: (x) => multiply(c(1.0507009873554805), select(less(zero, x), x, exponential(x, 1.6732632423543772))),
  },
  // 1 + erf(z) = erfc(−z), and 1 + tanh(z) = 2 sigmoid(2 z): nothing cancels far below 0.
  gelu: {
    defaults: {},
    expression: (x) => multiply(multiply(c(0.5), x), unary("erfc", multiply(x, c(-Math.SQRT1_2)))),
  },
  geluTanh: {
    defaults: {},
    expression: (x) => {
      // Beyond 32 the sigmoid is 0 or 1 whatever x: without the limit x² could leave float32.
      const z = clampInside(x, -32, 32);
      const inner = multiply(c(Math.sqrt(2 / Math.PI)), add(z, multiply(c(0.044715), multiply(z, multiply(z, z)))));
      return multiply(x, unary("sigmoid", multiply(c(2), inner)));
    },
  },
  silu: { defaults: {}, expression: (x) => multiply(x, unary("sigmoid", x)) },
  mish: { defaults: {}, expression: (x) => multiply(x, unary("tanh", unary("softplus", x))) },
  hardSigmoid: { defaults: {}, expression: (x) => divide(clampInside(add(x, c(3)), 0, 6), c(6)) },
  // Of the one-sided derivatives at −3 and 3 the outer ones, as in newer PyTorch.
  hardSwish: {
    defaults: {},
    expression: (x) =>
      select(lessEqual(x, c(-3)), zero, select(less(x, c(3)), multiply(x, divide(add(x, c(3)), c(6))), x)),
  },
  hardTanh: { defaults: { minVal: -1, maxVal: 1 }, expression: (x, p) => clampInside(x, p.minVal, p.maxVal) },
  sigmoid: { defaults: {}, expression: (x) => unary("sigmoid", x) },
  logSigmoid: { defaults: {}, expression: (x) => unary("negate", unary("softplus", unary("negate", x))) },
  tanh: { defaults: {}, expression: (x) => unary("tanh", x) },
  softplus: {
    defaults: { beta: 1, threshold: 20 },
    expression: (x, p) =>
      select(
        less(c(p.threshold), multiply(x, c(p.beta))),
        x,
        divide(unary("softplus", multiply(x, c(p.beta))), c(p.beta)),
      ),
  },
  softsign: { defaults: {}, expression: (x) => divide(x, add(one, unary("abs", x))) },
  tanhshrink: { defaults: {}, expression: (x) => subtract(x, unary("tanh", x)) },
  // The last branch is the one that a NaN takes, in this row and the next.
  softshrink: {
    defaults: { lambda: 0.5 },
    expression: (x, p) =>
      select(
        lessEqual(unary("abs", x), c(p.lambda)),
        zero,
        select(less(x, zero), add(x, c(p.lambda)), subtract(x, c(p.lambda))),
      ),
  },
  hardshrink: {
    defaults: { lambda: 0.5 },
    expression: (x, p) => select(lessEqual(unary("abs", x), c(p.lambda)), zero, x),
  },
} as const satisfies Record<string, Activation>;

/** The names of the activations: "relu", "leakyRelu", "gelu", … */
export type ActivationName = keyof typeof activations;
/** The names of the activations, for lists. */
export const activationNames = Object.keys(activations) as ActivationName[];

/**
 * Applies an activation by name, element by element, the same shape: `activation("leakyRelu", x, { negativeSlope: 0.2
 * })`. Parameters left out take PyTorch's defaults. Throws for an unknown name or parameter, with the nearest right
 * one.
 */
export function activation(name: ActivationName, x: Tensor, parameters: Readonly<Record<string, number>> = {}): Tensor {
  understand("activation", arguments, {
    name: oneOf(activationNames),
    x: tensor,
    parameters: optional(recordOf(real(), "parameters by name, such as { negativeSlope: 0.2 }")),
  });
  const row: Activation = activations[name];
  for (const key of Object.keys(parameters)) {
    if (!Object.hasOwn(row.defaults, key)) throw unknownOption(name, key, Object.keys(row.defaults));
  }
  const full = { ...row.defaults, ...parameters };
  return elementwise(name, row.expression(operand(0), full), [x], x.dtype, full);
}

/** max(x, 0), element by element, the same shape (torch.nn.functional.relu); its slope at 0 is 0. */
export function relu(x: Tensor): Tensor {
  understand("relu", arguments, { x: tensor });
  return activation("relu", x);
}
/** 1 / (1 + e⁻ˣ), element by element, the same shape; 0 to 1. */
export function sigmoid(x: Tensor): Tensor {
  understand("sigmoid", arguments, { x: tensor });
  return activation("sigmoid", x);
}
/** The hyperbolic tangent, element by element, the same shape; −1 to 1. */
export function tanh(x: Tensor): Tensor {
  understand("tanh", arguments, { x: tensor });
  return activation("tanh", x);
}

/**
 * x where positive, else slope · x, the same shape (He et al. 2015; torch.nn.functional.prelu). The slope is a tensor
 * that broadcasts against x: one number, or [1, C, 1, …] for one a channel. Throws where it does not.
 */
export function prelu(x: Tensor, slope: Tensor): Tensor {
  understand("prelu", arguments, { x: tensor, slope: tensor });
  return broadcastMap("prelu", [x, slope], (value, weight) =>
    select(less(zero, value), value, multiply(value, weight)),
  );
}
