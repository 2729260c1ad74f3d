// Pooling as a user calls it: PyTorch's words, turned into the geometry of the card. The step is the window by default.

import { understand } from "../base/arguments.ts";
import { ShapeError } from "../base/errors.ts";
import {
  above,
  options as byName,
  perAxis as each,
  flag,
  padding,
  type Rules,
  type RuleTable,
  real,
} from "../base/rules.ts";
import { formatShape, sizeOf } from "../base/shape.ts";
import { reachOf } from "../base/window.ts";
import { type Tensor, tensor } from "../graph/graph.ts";
import { constant, multiply, operand } from "../kernel/expression.ts";
import { pow } from "./arithmetic.ts";
import { elementwise } from "./cards/map.ts";
import { averagePoolWith, maxPoolWith, type PoolAttributes, paddingTouched } from "./cards/pooling.ts";
import { type Padding, type PerAxis, perAxis, resolvePadding } from "./geometry.ts";
import { ofRank } from "./ranked.ts";
import { mean } from "./sum.ts";

/** Options of max pooling. */
export interface MaxPoolOptions {
  /** Cells from one window to the next: one number, or one an axis; the window's size unless told. */
  readonly stride?: PerAxis;
  /** Cells around the input, which never win; 0 unless told. */
  readonly padding?: Padding;
  /** Cells from one cell of the window to the next; 1 (no gap) unless told. */
  readonly dilation?: PerAxis;
  /** A last window may hang over the end; false unless told. */
  readonly ceilMode?: boolean;
}

/** Options of average pooling. */
export interface AvgPoolOptions {
  /** Cells from one window to the next: one number, or one an axis; the window's size unless told. */
  readonly stride?: PerAxis;
  /** Cells around the input, which count as zeros; 0 unless told. */
  readonly padding?: Padding;
  /** A last window may hang over the end; false unless told. */
  readonly ceilMode?: boolean;
  /** Divide by the padding's cells too; true unless told. */
  readonly countIncludePad?: boolean;
  /** Divide by this number instead; not 0. */
  readonly divisorOverride?: number;
}

/** Options of power-average pooling. */
export interface LpPoolOptions {
  /** Cells from one window to the next: one number, or one an axis; the window's size unless told. */
  readonly stride?: PerAxis;
  /** A last window may hang over the end; false unless told. */
  readonly ceilMode?: boolean;
}

/** What the options of max pooling may be, for functions and layers alike. */
export const maxPoolRules = (rank?: number): Rules<MaxPoolOptions> => ({
  stride: each(1, rank),
  padding: padding(rank),
  dilation: each(1, rank),
  ceilMode: flag,
});

/** What the options of average pooling may be, for functions and layers alike. */
export const avgPoolRules = (rank?: number): Rules<AvgPoolOptions> => ({
  stride: each(1, rank),
  padding: padding(rank),
  ceilMode: flag,
  countIncludePad: flag,
  divisorOverride: {
    must: "a number that is not 0",
    accepts: (value: unknown) => value !== 0 && real().accepts(value),
  },
});

/** What the options of power-average pooling may be, for functions and layers alike. */
export const lpPoolRules = (rank?: number): Rules<LpPoolOptions> => ({ stride: each(1, rank), ceilMode: flag });

const call = <O extends object>(rules: Rules<O>, rank?: number): RuleTable => ({
  x: tensor,
  kernelSize: each(1, rank),
  options: byName<O>(rules),
});

const maxPoolCall = (rank?: number): RuleTable => call(maxPoolRules(rank), rank);
const avgPoolCall = (rank?: number): RuleTable => call(avgPoolRules(rank), rank);
const lpPoolCall = (rank?: number): RuleTable => ({ x: tensor, normType: above(0), ...call(lpPoolRules(rank), rank) });
const globalCall = (): RuleTable => ({ x: tensor });

function geometry(name: string, x: Tensor, kernelSize: PerAxis, options: MaxPoolOptions): PoolAttributes {
  const rank = x.shape.length - 2;
  if (rank < 1) {
    throw new ShapeError(`${name} needs an input [batch, channels, …sizes]; it got ${formatShape(x.shape)}.`);
  }
  const window = perAxis(kernelSize, rank, `${name}'s kernelSize`);
  const stride = perAxis(options.stride ?? kernelSize, rank, `${name}'s stride`);
  const dilation = perAxis(options.dilation ?? 1, rank, `${name}'s dilation`);
  const { before, after } = resolvePadding(options.padding ?? 0, x.shape.slice(2), window, stride, dilation);
  window.forEach((k, axis) => {
    if (k >= 1 && Math.max(before[axis], after[axis]) >= reachOf(k, dilation[axis])) {
      throw new ShapeError(
        `${name}: padding ${Math.max(before[axis], after[axis])} lets a window of ${k} see nothing but padding; use less padding or a larger window.`,
      );
    }
  });
  return { window, stride, dilation, padBefore: before, padAfter: after, ceilMode: options.ceilMode ?? false };
}

/**
 * Largest value in each window of [N, C, …sizes], [N, C, …outputs], and where in its plane it was found (int32,
 * row-major); any number of spatial axes. Options and errors as in maxPool2d.
 */
export function maxPoolWithIndices(
  x: Tensor,
  kernelSize: PerAxis,
  options: MaxPoolOptions = {},
): { y: Tensor; indices: Tensor } {
  understand("maxPoolWithIndices", arguments, maxPoolCall());
  return maxPoolWith(x, geometry("maxPool", x, kernelSize, options));
}

/**
 * Largest value in each window of [N, C, …sizes], [N, C, …outputs]; any number of spatial axes. Options and errors as
 * in maxPool2d.
 */
export function maxPool(x: Tensor, kernelSize: PerAxis, options: MaxPoolOptions = {}): Tensor {
  understand("maxPool", arguments, maxPoolCall());
  return maxPoolWithIndices(x, kernelSize, options).y;
}

/**
 * Mean of each window of [N, C, …sizes], [N, C, …outputs]; any number of spatial axes. Options and errors as in
 * avgPool2d.
 */
export function avgPool(x: Tensor, kernelSize: PerAxis, options: AvgPoolOptions = {}): Tensor {
  understand("avgPool", arguments, avgPoolCall());
  const { countIncludePad = true, divisorOverride, ...rest } = options;
  const attributes = geometry("avgPool", x, kernelSize, rest);
  if (divisorOverride === undefined) return averagePoolWith(x, { ...attributes, countIncludePad });
  return elementwise("mul", multiply(operand(0), constant(1 / divisorOverride)), [windowSum(x, attributes)], x.dtype);
}

/** Sum of each window: the mean over the whole window, zeros where it leaves the input, times its size. */
function windowSum(x: Tensor, attributes: PoolAttributes): Tensor {
  const { window } = attributes;
  // In ceil mode the last window hangs over: count what it lacks as padding, so that every divisor is the window's size.
  const padAfter = paddingTouched(x.shape, attributes).map((n, axis) => Math.max(attributes.padAfter[axis], n));
  const means = averagePoolWith(x, { ...attributes, padAfter, ceilMode: false, countIncludePad: true });
  return elementwise("mul", multiply(operand(0), constant(sizeOf(window))), [means], x.dtype);
}

/** Power-average pooling over any number of spatial axes: lpPool1d, lpPool2d and lpPool3d with the axes checked. */
export function lpPool(x: Tensor, normType: number, kernelSize: PerAxis, options: LpPoolOptions = {}): Tensor {
  understand("lpPool", arguments, lpPoolCall());
  const attributes = geometry("lpPool", x, kernelSize, options);
  return pow(windowSum(pow(x, normType), attributes), 1 / normType);
}

function spatialAxes(name: string, x: Tensor): number[] {
  if (x.shape.length < 3) {
    throw new ShapeError(`${name} needs an input [batch, channels, …sizes]; it got ${formatShape(x.shape)}.`);
  }
  return x.shape.slice(2).map((_, i) => i + 2);
}

/** Mean of each map, [N, C, …sizes] to [N, C, 1, …]. Throws a ShapeError for an input without spatial axes. */
export function globalAvgPool(x: Tensor): Tensor {
  understand("globalAvgPool", arguments, globalCall());
  return mean(x, spatialAxes("globalAvgPool", x), true);
}

/**
 * Largest value of each map, [N, C, …sizes] to [N, C, 1, …]; the gradient goes to the first maximum, as in every max
 * pooling. Throws a ShapeError for an input without spatial axes.
 */
export function globalMaxPool(x: Tensor): Tensor {
  understand("globalMaxPool", arguments, globalCall());
  return maxPool(x, x.shape.slice(2, spatialAxes("globalMaxPool", x).length + 2));
}

/** Largest value in each window, [N, C, W] to [N, C, W'] (torch.nn.functional.max_pool1d), W' as in maxPool2d. */
export const maxPool1d = ofRank("maxPool1d", 1, maxPool, maxPoolCall);
/**
 * Largest value in each window, [N, C, H, W] to [N, C, H', W'] (torch.nn.functional.max_pool2d), H' = floor((H + p −
 * d (k − 1) − 1) / s) + 1 with p the padding of both sides. The stride is the window, the padding 0 and the dilation
 * 1 unless told. Throws a ShapeError for a window that does not fit or may see nothing but padding.
 */
export const maxPool2d = ofRank("maxPool2d", 2, maxPool, maxPoolCall);
/**
 * Largest value in each window, [N, C, D, H, W] to [N, C, D', H', W'] (torch.nn.functional.max_pool3d), sizes as in
 * maxPool2d.
 */
export const maxPool3d = ofRank("maxPool3d", 3, maxPool, maxPoolCall);
/** Mean of each window, [N, C, W] to [N, C, W'] (torch.nn.functional.avg_pool1d), W' as in avgPool2d. */
export const avgPool1d = ofRank("avgPool1d", 1, avgPool, avgPoolCall);
/**
 * Mean of each window, [N, C, H, W] to [N, C, H', W'] (torch.nn.functional.avg_pool2d), H' = floor((H + p − k) / s) +
 * 1 with p the padding of both sides. The stride is the window and the padding 0 unless told; cells of the padding
 * count as zeros unless told. Throws a ShapeError for a window that does not fit or may see nothing but padding.
 */
export const avgPool2d = ofRank("avgPool2d", 2, avgPool, avgPoolCall);
/**
 * Mean of each window, [N, C, D, H, W] to [N, C, D', H', W'] (torch.nn.functional.avg_pool3d), sizes as in avgPool2d.
 */
export const avgPool3d = ofRank("avgPool3d", 3, avgPool, avgPoolCall);
/**
 * Largest value in each window, [N, C, W] to [N, C, W'], and where in its plane it was found (int32, row-major, the
 * first of equals): torch's max_pool1d_with_indices. Options, sizes and errors as in maxPool1d.
 */
export const maxPool1dWithIndices = ofRank("maxPool1dWithIndices", 1, maxPoolWithIndices, maxPoolCall);
/**
 * Largest value in each window, [N, C, H, W] to [N, C, H', W'], and where in its plane it was found (int32, row-major,
 * the first of equals): torch's max_pool2d_with_indices. Options, sizes and errors as in maxPool2d.
 */
export const maxPool2dWithIndices = ofRank("maxPool2dWithIndices", 2, maxPoolWithIndices, maxPoolCall);
/**
 * Largest value in each window, [N, C, D, H, W] to [N, C, D', H', W'], and where in its plane it was found (int32,
 * row-major, the first of equals): torch's max_pool3d_with_indices. Options, sizes and errors as in maxPool3d.
 */
export const maxPool3dWithIndices = ofRank("maxPool3dWithIndices", 3, maxPoolWithIndices, maxPoolCall);
/**
 * Power-average (Σ x^normType)^(1 / normType) over each window, [N, C, W] to [N, C, W']
 * (torch.nn.functional.lp_pool1d), sizes, options and errors as in lpPool2d.
 */
export const lpPool1d = ofRank("lpPool1d", 1, lpPool, lpPoolCall);
/**
 * Power-average (Σ x^normType)^(1 / normType) over each window, [N, C, H, W] to [N, C, H', W']
 * (torch.nn.functional.lp_pool2d), without torch's sign and relu for odd norms. H' = floor((H − k) / s) + 1; the
 * stride is the window unless told. Throws a ShapeError for a window that does not fit.
 */
export const lpPool2d = ofRank("lpPool2d", 2, lpPool, lpPoolCall);
/**
 * Power-average (Σ x^normType)^(1 / normType) over each window, [N, C, D, H, W] to [N, C, D', H', W']
 * (torch.nn.functional.lp_pool3d), sizes, options and errors as in lpPool2d.
 */
export const lpPool3d = ofRank("lpPool3d", 3, lpPool, lpPoolCall);
/** Mean of each map, [N, C, W] to [N, C, 1]. Throws a ShapeError for an input of other than 3 axes. */
export const globalAvgPool1d = ofRank("globalAvgPool1d", 1, globalAvgPool, globalCall);
/** Mean of each map, [N, C, H, W] to [N, C, 1, 1]. Throws a ShapeError for an input of other than 4 axes. */
export const globalAvgPool2d = ofRank("globalAvgPool2d", 2, globalAvgPool, globalCall);
/** Mean of each map, [N, C, D, H, W] to [N, C, 1, 1, 1]. Throws a ShapeError for an input of other than 5 axes. */
export const globalAvgPool3d = ofRank("globalAvgPool3d", 3, globalAvgPool, globalCall);
/**
 * Largest value of each map, [N, C, W] to [N, C, 1]; the gradient goes to the first of equals. Throws a ShapeError for
 * an input of other than 3 axes.
 */
export const globalMaxPool1d = ofRank("globalMaxPool1d", 1, globalMaxPool, globalCall);
/**
 * Largest value of each map, [N, C, H, W] to [N, C, 1, 1]; the gradient goes to the first of equals. Throws a
 * ShapeError for an input of other than 4 axes.
 */
export const globalMaxPool2d = ofRank("globalMaxPool2d", 2, globalMaxPool, globalCall);
/**
 * Largest value of each map, [N, C, D, H, W] to [N, C, 1, 1, 1]; the gradient goes to the first of equals. Throws a
 * ShapeError for an input of other than 5 axes.
 */
export const globalMaxPool3d = ofRank("globalMaxPool3d", 3, globalMaxPool, globalCall);
