// Pooling as a user calls it: PyTorch's words, turned into the geometry of the card. The step is the window by default.

import { understand } from "../base/arguments.ts";
import { ShapeError } from "../base/errors.ts";
import {
  above,
  options as byName,
  perAxis as each,
  flag,
  type OptionsOf,
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

const call = <O extends object>(rules: Rules<O>, rank?: number): RuleTable => ({
  x: tensor,
  kernelSize: each(1, rank),
  options: byName<O>(rules),
});

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
  understand("maxPoolWithIndices", arguments, call(maxPoolRules()));
  return maxPoolWith(x, geometry("maxPool", x, kernelSize, options));
}

/**
 * Largest value in each window of [N, C, …sizes], [N, C, …outputs]; any number of spatial axes. Options and errors as
 * in maxPool2d.
 */
export function maxPool(x: Tensor, kernelSize: PerAxis, options: MaxPoolOptions = {}): Tensor {
  understand("maxPool", arguments, call(maxPoolRules()));
  return maxPoolWithIndices(x, kernelSize, options).y;
}

/**
 * Mean of each window of [N, C, …sizes], [N, C, …outputs]; any number of spatial axes. Options and errors as in
 * avgPool2d.
 */
export function avgPool(x: Tensor, kernelSize: PerAxis, options: AvgPoolOptions = {}): Tensor {
  understand("avgPool", arguments, call(avgPoolRules()));
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

/**
 * Power-average (Σ x^norm)^(1 / norm) over each window, [N, C, …sizes] to [N, C, …outputs], as torch's lp_pool
 * (without its sign and relu tricks for odd norms). The stride is the window unless told. Throws a ShapeError for a
 * window that does not fit.
 */
export function lpPool(
  x: Tensor,
  norm: number,
  kernelSize: PerAxis,
  options: {
    /** Cells from one window to the next; the window's size unless told. */
    readonly stride?: PerAxis;
    /** A last window may hang over the end; false unless told. */
    readonly ceilMode?: boolean;
  } = {},
): Tensor {
  understand("lpPool", arguments, {
    x: tensor,
    norm: above(0),
    kernelSize: each(1),
    options: byName<OptionsOf<typeof lpPool>>({ stride: each(1), ceilMode: flag }),
  });
  const attributes = geometry("lpPool", x, kernelSize, options);
  return pow(windowSum(pow(x, norm), attributes), 1 / norm);
}

function spatialAxes(name: string, x: Tensor): number[] {
  if (x.shape.length < 3) {
    throw new ShapeError(`${name} needs an input [batch, channels, …sizes]; it got ${formatShape(x.shape)}.`);
  }
  return x.shape.slice(2).map((_, i) => i + 2);
}

/** Mean of each map, [N, C, …sizes] to [N, C, 1, …]. Throws a ShapeError for an input without spatial axes. */
export function globalAvgPool(x: Tensor): Tensor {
  understand("globalAvgPool", arguments, { x: tensor });
  return mean(x, spatialAxes("globalAvgPool", x), true);
}

/**
 * Largest value of each map, [N, C, …sizes] to [N, C, 1, …]; the gradient goes to the first maximum, as in every max
 * pooling. Throws a ShapeError for an input without spatial axes.
 */
export function globalMaxPool(x: Tensor): Tensor {
  understand("globalMaxPool", arguments, { x: tensor });
  return maxPool(x, x.shape.slice(2, spatialAxes("globalMaxPool", x).length + 2));
}

type Pooling<O> = (x: Tensor, kernelSize: PerAxis, options?: O) => Tensor;

function ofRank<O extends object>(
  name: string,
  rank: number,
  pool: Pooling<O>,
  rules: (rank: number) => Rules<O>,
): Pooling<O> {
  return function pooling(x, kernelSize, options) {
    understand(name, arguments, call(rules(rank), rank));
    if (x.shape.length !== rank + 2) {
      throw new ShapeError(
        `${name} needs an input of ${rank + 2} axes [batch, channels${", size".repeat(rank)}]; it got ${formatShape(x.shape)}.`,
      );
    }
    return pool(x, kernelSize, options);
  };
}

/** Largest value in each window, [N, C, W] to [N, C, W'] (torch.nn.functional.max_pool1d), W' as in maxPool2d. */
export const maxPool1d = ofRank<MaxPoolOptions>("maxPool1d", 1, maxPool, maxPoolRules);
/**
 * Largest value in each window, [N, C, H, W] to [N, C, H', W'] (torch.nn.functional.max_pool2d), H' = floor((H + p −
 * d (k − 1) − 1) / s) + 1 with p the padding of both sides. The stride is the window, the padding 0 and the dilation
 * 1 unless told. Throws a ShapeError for a window that does not fit or may see nothing but padding.
 */
export const maxPool2d = ofRank<MaxPoolOptions>("maxPool2d", 2, maxPool, maxPoolRules);
/**
 * Largest value in each window, [N, C, D, H, W] to [N, C, D', H', W'] (torch.nn.functional.max_pool3d), sizes as in
 * maxPool2d.
 */
export const maxPool3d = ofRank<MaxPoolOptions>("maxPool3d", 3, maxPool, maxPoolRules);
/** Mean of each window, [N, C, W] to [N, C, W'] (torch.nn.functional.avg_pool1d), W' as in avgPool2d. */
export const avgPool1d = ofRank<AvgPoolOptions>("avgPool1d", 1, avgPool, avgPoolRules);
/**
 * Mean of each window, [N, C, H, W] to [N, C, H', W'] (torch.nn.functional.avg_pool2d), H' = floor((H + p − k) / s) +
 * 1 with p the padding of both sides. The stride is the window and the padding 0 unless told; cells of the padding
 * count as zeros unless told. Throws a ShapeError for a window that does not fit or may see nothing but padding.
 */
export const avgPool2d = ofRank<AvgPoolOptions>("avgPool2d", 2, avgPool, avgPoolRules);
/**
 * Mean of each window, [N, C, D, H, W] to [N, C, D', H', W'] (torch.nn.functional.avg_pool3d), sizes as in avgPool2d.
 */
export const avgPool3d = ofRank<AvgPoolOptions>("avgPool3d", 3, avgPool, avgPoolRules);
