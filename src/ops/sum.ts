// Broadcasting, sums and means, as a user calls them.
import { understand } from "../base/arguments.ts";
import { axes as axesRule, flag, optional, shape as shapeRule } from "../base/rules.ts";
import type { Shape } from "../base/shape.ts";
import { type Tensor, tensor } from "../graph/graph.ts";
import { type Axes, averaged, stretched, summed } from "./cards/sum.ts";

/**
 * Stretches axes of size 1 and adds leading ones (NumPy's rule): [3, 1] to [2, 3, 4]; x itself where nothing changes.
 * Throws a ShapeError where the shape cannot be reached.
 */
export function broadcastTo(x: Tensor, shape: Shape): Tensor {
  understand("broadcastTo", arguments, { x: tensor, shape: shapeRule() });
  return stretched(x, shape);
}

const sumCall = { x: tensor, axes: optional(axesRule), keepDims: optional(flag) };

/**
 * Sum over the axes (all of them if left out): [2, 3] over 1 gives [2], or [2, 1] with `keepDims`. Throws for an axis
 * that x lacks.
 */
export function sum(x: Tensor, axes?: Axes, keepDims = false): Tensor {
  understand("sum", arguments, sumCall);
  return summed(x, axes, keepDims);
}

/**
 * Arithmetic mean over the axes (all of them if left out): [2, 3] over 1 gives [2], or [2, 1] with `keepDims`. Throws
 * for an axis that x lacks.
 */
export function mean(x: Tensor, axes?: Axes, keepDims = false): Tensor {
  understand("mean", arguments, sumCall);
  return averaged(x, axes, keepDims);
}
