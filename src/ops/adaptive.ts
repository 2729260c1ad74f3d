// Adaptive pooling as a user calls it: the output size is told, the windows follow from it.
import { understand } from "../base/arguments.ts";
import { NeocogError, ShapeError } from "../base/errors.ts";
import { perAxis as each, type RuleTable } from "../base/rules.ts";
import { formatShape } from "../base/shape.ts";
import { apply, apply1, type Tensor, tensor } from "../graph/graph.ts";
import { adaptiveAveragePoolOp, adaptiveMaxPoolOp } from "./cards/adaptive.ts";
import { type PerAxis, perAxis } from "./geometry.ts";
import { ofRank } from "./ranked.ts";

const call = (rank?: number): RuleTable => ({ x: tensor, outputSize: each(1, rank) });

function checked(name: string, x: Tensor, outputSize: PerAxis): number[] {
  if (x.shape.length < 3) {
    throw new ShapeError(`${name} needs an input [batch, channels, …sizes]; it got ${formatShape(x.shape)}.`);
  }
  if (x.shape.slice(2).includes(0)) {
    throw new ShapeError(`${name} needs at least one place along every spatial axis; it got ${formatShape(x.shape)}.`);
  }
  const sizes = perAxis(outputSize, x.shape.length - 2, `${name}'s outputSize`);
  if (sizes.some((n) => !Number.isInteger(n) || n < 1)) {
    throw new NeocogError(`${name}: output sizes must be whole numbers of at least 1, not ${formatShape(sizes)}.`);
  }
  return sizes;
}

/**
 * Means of outputSize windows that together cover the map, [N, C, …sizes] to [N, C, …outputSize] (torch's
 * adaptive_avg_pool1d, 2d, 3d): window i of m over n cells holds cells floor(i n / m) to ceil((i + 1) n / m) − 1. One
 * number stands for all spatial axes. Throws a ShapeError for an input without spatial axes or without cells.
 */
export function adaptiveAvgPool(x: Tensor, outputSize: PerAxis): Tensor {
  understand("adaptiveAvgPool", arguments, call());
  const sizes = checked("adaptiveAvgPool", x, outputSize);
  if (sizes.every((n, axis) => n === x.shape[axis + 2])) return x;
  return apply1(adaptiveAveragePoolOp, [x], { outputSize: sizes });
}

/** Largest value of each of outputSize windows, and its place in the plane. */
export function adaptiveMaxPoolWithIndices(x: Tensor, outputSize: PerAxis): { y: Tensor; indices: Tensor } {
  const [y, indices] = apply(adaptiveMaxPoolOp, [x], { outputSize: checked("adaptiveMaxPool", x, outputSize) });
  return { y, indices };
}

/**
 * Largest values of outputSize windows that together cover the map, [N, C, …sizes] to [N, C, …outputSize] (torch's
 * adaptive_max_pool1d, 2d, 3d), with the windows of adaptiveAvgPool. Throws a ShapeError for an input without spatial
 * axes or without cells.
 */
export function adaptiveMaxPool(x: Tensor, outputSize: PerAxis): Tensor {
  understand("adaptiveMaxPool", arguments, call());
  return adaptiveMaxPoolWithIndices(x, outputSize).y;
}

/**
 * Means of outputSize windows that together cover the map, [N, C, W] to [N, C, outputSize]
 * (torch.nn.functional.adaptive_avg_pool1d), windows and errors as in adaptiveAvgPool2d.
 */
export const adaptiveAvgPool1d = ofRank("adaptiveAvgPool1d", 1, adaptiveAvgPool, call);
/**
 * Means of outputSize windows that together cover the map, [N, C, H, W] to [N, C, …outputSize]
 * (torch.nn.functional.adaptive_avg_pool2d): window i of m over n cells holds cells floor(i n / m) to ceil((i + 1) n /
 * m) − 1. One number stands for both axes. Throws a ShapeError for an input of other than 4 axes or without cells.
 */
export const adaptiveAvgPool2d = ofRank("adaptiveAvgPool2d", 2, adaptiveAvgPool, call);
/**
 * Means of outputSize windows that together cover the map, [N, C, D, H, W] to [N, C, …outputSize]
 * (torch.nn.functional.adaptive_avg_pool3d), windows and errors as in adaptiveAvgPool2d.
 */
export const adaptiveAvgPool3d = ofRank("adaptiveAvgPool3d", 3, adaptiveAvgPool, call);

/**
 * Largest values of outputSize windows that together cover the map, [N, C, W] to [N, C, outputSize]
 * (torch.nn.functional.adaptive_max_pool1d), windows and errors as in adaptiveMaxPool2d.
 */
export const adaptiveMaxPool1d = ofRank("adaptiveMaxPool1d", 1, adaptiveMaxPool, call);
/**
 * Largest values of outputSize windows that together cover the map, [N, C, H, W] to [N, C, …outputSize]
 * (torch.nn.functional.adaptive_max_pool2d): window i of m over n cells holds cells floor(i n / m) to ceil((i + 1) n /
 * m) − 1. One number stands for both axes. Throws a ShapeError for an input of other than 4 axes or without cells.
 */
export const adaptiveMaxPool2d = ofRank("adaptiveMaxPool2d", 2, adaptiveMaxPool, call);
/**
 * Largest values of outputSize windows that together cover the map, [N, C, D, H, W] to [N, C, …outputSize]
 * (torch.nn.functional.adaptive_max_pool3d), windows and errors as in adaptiveMaxPool2d.
 */
export const adaptiveMaxPool3d = ofRank("adaptiveMaxPool3d", 3, adaptiveMaxPool, call);
