// Product, maximum, minimum and their places, as a user calls them.
import { understand } from "../base/arguments.ts";
import { axes, axis, flag, optional } from "../base/rules.ts";
import { type Tensor, tensor } from "../graph/graph.ts";
import { reduced } from "./cards/reduce.ts";
import type { Axes } from "./cards/sum.ts";

const axesCall = { x: tensor, axes: optional(axes), keepDims: optional(flag) };

const axisCall = { x: tensor, axis: optional(axis), keepDims: optional(flag) };

/**
 * Product over the axes (all of them if left out): [2, 3] over 1 gives [2], or [2, 1] with `keepDims`. Throws for an
 * axis that x lacks.
 */
export function prod(x: Tensor, axes?: Axes, keepDims = false): Tensor {
  understand("prod", arguments, axesCall);
  return reduced(x, "product", axes, keepDims);
}

/**
 * Maximum over the axes (torch.amax; all of them if left out): [2, 3] over 1 gives [2], or [2, 1] with `keepDims`.
 * NaN where one is among them. Throws for an axis that x lacks.
 */
export function amax(x: Tensor, axes?: Axes, keepDims = false): Tensor {
  understand("amax", arguments, axesCall);
  return reduced(x, "maximum", axes, keepDims);
}

/**
 * Minimum over the axes (torch.amin; all of them if left out): [2, 3] over 1 gives [2], or [2, 1] with `keepDims`.
 * NaN where one is among them. Throws for an axis that x lacks.
 */
export function amin(x: Tensor, axes?: Axes, keepDims = false): Tensor {
  understand("amin", arguments, axesCall);
  return reduced(x, "minimum", axes, keepDims);
}

/**
 * Place of the first maximum along one axis (int32), or in the flattened tensor where none is told; a NaN counts as
 * the largest. The axis goes, or becomes 1 with `keepDims`.
 */
export function argmax(x: Tensor, axis?: number, keepDims = false): Tensor {
  understand("argmax", arguments, axisCall);
  return reduced(x, "argMaximum", axis, keepDims);
}

/**
 * Place of the first minimum along one axis (int32), or in the flattened tensor where none is told; a NaN counts as
 * the smallest. The axis goes, or becomes 1 with `keepDims`.
 */
export function argmin(x: Tensor, axis?: number, keepDims = false): Tensor {
  understand("argmin", arguments, axisCall);
  return reduced(x, "argMinimum", axis, keepDims);
}
