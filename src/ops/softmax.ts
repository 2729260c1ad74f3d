// softmax, logSoftmax and logsumexp as a user calls them.
import { understand } from "../base/arguments.ts";
import { axes as axesRule, axis as axisRule, flag, optional } from "../base/rules.ts";
import { normalizeAxis } from "../base/shape.ts";
import { apply1, type Tensor, tensor } from "../graph/graph.ts";
import { logSoftmaxOp, logSumExpOp, softmaxOp } from "./cards/softmax.ts";
import { type Axes, normalizeAxes } from "./cards/sum.ts";

/**
 * exp(x) / Σ exp(x) along an axis, the same shape, without overflow: values that add up to 1. Throws for an axis that
 * x lacks or that is empty.
 */
export function softmax(x: Tensor, axis: number): Tensor {
  understand("softmax", arguments, { x: tensor, axis: axisRule });
  return apply1(softmaxOp, [x], { axis: normalizeAxis(axis, x.shape.length) });
}

/**
 * ln softmax(x) along an axis, the same shape, without the loss of accuracy of taking a logarithm of it. Throws for
 * an axis that x lacks or that is empty.
 */
export function logSoftmax(x: Tensor, axis: number): Tensor {
  understand("logSoftmax", arguments, { x: tensor, axis: axisRule });
  return apply1(logSoftmaxOp, [x], { axis: normalizeAxis(axis, x.shape.length) });
}

/**
 * ln Σ exp(x) over the axes (all of them if left out), without overflow: [2, 3] over 1 gives [2], or [2, 1] with
 * `keepDims`. Throws for an axis that x lacks or that is empty.
 */
export function logsumexp(x: Tensor, axes?: Axes, keepDims = false): Tensor {
  understand("logsumexp", arguments, { x: tensor, axes: optional(axesRule), keepDims: optional(flag) });
  return apply1(logSumExpOp, [x], { axes: normalizeAxes(axes, x.shape.length), keepDims });
}
