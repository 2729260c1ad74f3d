// Activation functions, a row each (row.ts): names, defaults and values at the kinks are PyTorch's. All that this file exports
// goes through the door, is a name for `activation` and a layer's, and is read and written as the ONNX operator that a row names.
import { understand } from "../base/arguments.ts";
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
  select,
  subtract,
  unary,
} from "../kernel/expression.ts";
import { broadcastMap } from "./cards/arithmetic.ts";
import { row } from "./row.ts";

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

/** max(x, 0), element by element, the same shape (torch.nn.functional.relu), as all activations; its slope at 0 is 0. */
export const relu = row({
  name: "relu",
  ofWhole: true,
  onnx: "Relu",
  layer: "ReLU",
  expression: (x) => maximum(x, zero),
});

/** Between 0 and 6: min(max(x, 0), 6). */
export const relu6 = row({
  name: "relu6",
  ofWhole: true,
  layer: "ReLU6",
  expression: (x) => clampInside(x, 0, 6),
});

/** Options of leakyRelu. */
export interface LeakyReluOptions {
  /** Slope below 0; 0.01 unless told. */
  readonly negativeSlope?: number;
}

/** x where positive, else negativeSlope · x (0.01 unless told; Maas et al. 2013). */
export const leakyRelu = row<LeakyReluOptions>({
  name: "leakyRelu",
  defaults: { negativeSlope: 0.01 },
  onnx: { op: "LeakyRelu", attributes: { alpha: "negativeSlope" } },
  layer: "LeakyReLU",
  expression: (x, p) => select(less(zero, x), x, multiply(x, c(p.negativeSlope))),
});

/** Options of elu and celu. */
export interface EluOptions {
  /** Minus the limit far below 0; 1 unless told. */
  readonly alpha?: number;
}

/** x where positive, else alpha (eˣ − 1), alpha 1 unless told (Clevert et al. 2015). */
export const elu = row<EluOptions>({
  name: "elu",
  defaults: { alpha: 1 },
  onnx: { op: "Elu", attributes: { alpha: "alpha" } },
  layer: "ELU",
  expression: (x, p) => select(less(zero, x), x, exponential(x, p.alpha)),
});

/** x where positive, else alpha (e^(x / alpha) − 1), alpha 1 unless told (Barron 2017). */
export const celu = row<EluOptions>({
  name: "celu",
  defaults: { alpha: 1 },
  onnx: { op: "Celu", attributes: { alpha: "alpha" } },
  layer: "CELU",
  expression: (x, p) => select(less(zero, x), x, exponential(x, p.alpha, p.alpha)),
});

/** ELU with the scale and alpha that keep mean 0 and variance 1 (Klambauer et al. 2017). */
export const selu = row({
  name: "selu",
  onnx: "Selu",
  layer: "SELU",
  expression: (x) => multiply(c(1.0507009873554805), select(less(zero, x), x, exponential(x, 1.6732632423543772))),
});

// 1 + erf(z) = erfc(−z), and 1 + tanh(z) = 2 sigmoid(2 z): nothing cancels far below 0.
/** x Φ(x), with the normal distribution's exact Φ (Hendrycks & Gimpel 2016). */
export const gelu = row({
  name: "gelu",
  layer: "GELU",
  expression: (x) => multiply(multiply(c(0.5), x), unary("erfc", multiply(x, c(-Math.SQRT1_2)))),
});

/** gelu's approximation by tanh (torch's gelu with `approximate="tanh"`). */
export const geluTanh = row({
  name: "geluTanh",
  layer: "GELUTanh",
  expression: (x) => {
    // Beyond 32 the sigmoid is 0 or 1 whatever x: without the limit x² could leave float32.
    const z = clampInside(x, -32, 32);
    const inner = multiply(c(Math.sqrt(2 / Math.PI)), add(z, multiply(c(0.044715), multiply(z, multiply(z, z)))));
    return multiply(x, unary("sigmoid", multiply(c(2), inner)));
  },
});

/** x σ(x), also called swish (Ramachandran et al. 2017). */
export const silu = row({
  name: "silu",
  layer: "SiLU",
  expression: (x) => multiply(x, unary("sigmoid", x)),
});

/** x tanh(softplus(x)) (Misra 2019). */
export const mish = row({
  name: "mish",
  onnx: { op: "Mish", since: 18 },
  expression: (x) => multiply(x, unary("tanh", unary("softplus", x))),
});

/** min(max(x + 3, 0), 6) / 6: a sigmoid of straight lines. */
export const hardsigmoid = row({
  name: "hardsigmoid",
  onnx: { op: "HardSigmoid", attributes: { alpha: 1 / 6, beta: 0.5 } },
  expression: (x) => divide(clampInside(add(x, c(3)), 0, 6), c(6)),
});

// Of the one-sided derivatives at −3 and 3 the outer ones, as in newer PyTorch.
/** x min(max(x + 3, 0), 6) / 6 (Howard et al. 2019). */
export const hardswish = row({
  name: "hardswish",
  onnx: "HardSwish",
  expression: (x) =>
    select(lessEqual(x, c(-3)), zero, select(less(x, c(3)), multiply(x, divide(add(x, c(3)), c(6))), x)),
});

/** Options of hardtanh. */
export interface HardtanhOptions {
  /** Least value; -1 unless told. */
  readonly minVal?: number;
  /** Largest value; 1 unless told. */
  readonly maxVal?: number;
}

/** Between minVal and maxVal, -1 and 1 unless told. */
export const hardtanh = row<HardtanhOptions>({
  name: "hardtanh",
  ofWhole: true,
  defaults: { minVal: -1, maxVal: 1 },
  expression: (x, p) => clampInside(x, p.minVal, p.maxVal),
});

/** 1 / (1 + e⁻ˣ), element by element, the same shape; 0 to 1. */
export const sigmoid = row({
  name: "sigmoid",
  onnx: "Sigmoid",
  expression: (x) => unary("sigmoid", x),
});

/** ln σ(x), without overflow. */
export const logsigmoid = row({
  name: "logsigmoid",
  layer: "LogSigmoid",
  expression: (x) => unary("negate", unary("softplus", unary("negate", x))),
});

/** The hyperbolic tangent, element by element, the same shape; −1 to 1. */
export const tanh = row({
  name: "tanh",
  onnx: "Tanh",
  expression: (x) => unary("tanh", x),
});

/** Options of softplus. */
export interface SoftplusOptions {
  /** How sharp the bend is; 1 unless told. */
  readonly beta?: number;
  /** Above this beta x the result is x itself; 20 unless told. */
  readonly threshold?: number;
}

/** ln(1 + e^(beta x)) / beta; x itself where beta x lies above the threshold (beta 1, threshold 20 unless told). */
export const softplus = row<SoftplusOptions>({
  name: "softplus",
  defaults: { beta: 1, threshold: 20 },
  onnx: "Softplus",
  expression: (x, p) =>
    select(
      less(c(p.threshold), multiply(x, c(p.beta))),
      x,
      divide(unary("softplus", multiply(x, c(p.beta))), c(p.beta)),
    ),
});

/** x / (1 + |x|). */
export const softsign = row({
  name: "softsign",
  onnx: "Softsign",
  expression: (x) => divide(x, add(one, unary("abs", x))),
});

/** x − tanh(x). */
export const tanhshrink = row({
  name: "tanhshrink",
  expression: (x) => subtract(x, unary("tanh", x)),
});

/** Options of softshrink and hardshrink. */
export interface ShrinkOptions {
  /** How far x is moved towards 0, or the largest |x| that becomes 0; 0.5 unless told. */
  readonly lambda?: number;
}

// The last branch is the one that a NaN takes, in this row and the next.
/** x moved towards 0 by lambda (0.5 unless told), 0 where that would pass it. */
export const softshrink = row<ShrinkOptions>({
  name: "softshrink",
  defaults: { lambda: 0.5 },
  expression: (x, p) =>
    select(
      lessEqual(unary("abs", x), c(p.lambda)),
      zero,
      select(less(x, zero), add(x, c(p.lambda)), subtract(x, c(p.lambda))),
    ),
});

/** x, but 0 where |x| is at most lambda (0.5 unless told). */
export const hardshrink = row<ShrinkOptions>({
  name: "hardshrink",
  defaults: { lambda: 0.5 },
  expression: (x, p) => select(lessEqual(unary("abs", x), c(p.lambda)), zero, x),
});

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
