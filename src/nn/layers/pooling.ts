// Pooling layers: no parameters, each channel by itself, stepping by the window unless told otherwise.
import { perAxis, required } from "../../base/rules.ts";
import type { PerAxis } from "../../ops/geometry.ts";
import {
  type AvgPoolOptions,
  avgPool,
  avgPoolRules,
  globalAvgPool,
  globalMaxPool,
  type MaxPoolOptions,
  maxPool,
  maxPoolRules,
} from "../../ops/pooling.ts";
import { type LayerType, layerOf } from "../layer.ts";
import type { GlobalCall, PoolCall } from "../shapes/calls.ts";
import { checkRank } from "./convolution.ts";

interface MaxPoolData extends MaxPoolOptions {
  readonly kernelSize: PerAxis;
}

function maxPoolType(rank: number): LayerType<MaxPoolData> {
  return {
    name: `MaxPool${rank}d`,
    rules: { kernelSize: required(perAxis(1, rank)), ...maxPoolRules(rank) },
    torch: "kernelSize stride padding dilation returnIndices ceilMode",
    build(x, { options: { kernelSize, ...rest } }) {
      checkRank(x, rank);
      return maxPool(x, kernelSize, rest);
    },
  };
}

const maxPool1d = maxPoolType(1);
const maxPool2d = maxPoolType(2);
const maxPool3d = maxPoolType(3);

/** The largest value of each window, [N, C, W] to [N, C, W']: `MaxPool1d(2)`. Options and errors as in MaxPool2d. */
export const MaxPool1d: PoolCall<"MaxPool1d", 1, MaxPoolOptions> = layerOf(maxPool1d);
/**
 * The largest value of each window, [N, C, H, W] to [N, C, H', W']: `MaxPool2d(3, { stride: 2, padding: 1 })`, H' =
 * floor((H + p − d (k − 1) − 1) / s) + 1 with p the padding of both sides. The stride is the window, the padding 0
 * and the dilation 1 unless told. Throws for an input of other than 4 axes and a window that does not fit.
 */
export const MaxPool2d: PoolCall<"MaxPool2d", 2, MaxPoolOptions> = layerOf(maxPool2d);
/**
 * The largest value of each window, [N, C, D, H, W] to [N, C, D', H', W']: `MaxPool3d(2)`. Options and errors as in
 * MaxPool2d.
 */
export const MaxPool3d: PoolCall<"MaxPool3d", 3, MaxPoolOptions> = layerOf(maxPool3d);

interface AvgPoolData extends AvgPoolOptions {
  readonly kernelSize: PerAxis;
}

function avgPoolType(rank: number): LayerType<AvgPoolData> {
  return {
    name: `AvgPool${rank}d`,
    rules: { kernelSize: required(perAxis(1, rank)), ...avgPoolRules(rank) },
    build(x, { options: { kernelSize, ...rest } }) {
      checkRank(x, rank);
      return avgPool(x, kernelSize, rest);
    },
  };
}

const avgPool1d = avgPoolType(1);
const avgPool2d = avgPoolType(2);
const avgPool3d = avgPoolType(3);

/** The mean of each window, [N, C, W] to [N, C, W']: `AvgPool1d(2)`. Options and errors as in AvgPool2d. */
export const AvgPool1d: PoolCall<"AvgPool1d", 1, AvgPoolOptions> = layerOf(avgPool1d);
/**
 * The mean of each window, [N, C, H, W] to [N, C, H', W']: `AvgPool2d(2)`, H' = floor((H + p − k) / s) + 1 with p the
 * padding of both sides. The stride is the window and the padding 0 unless told; cells of the padding count as zeros.
 * Throws for an input of other than 4 axes and a window that does not fit.
 */
export const AvgPool2d: PoolCall<"AvgPool2d", 2, AvgPoolOptions> = layerOf(avgPool2d);
/**
 * The mean of each window, [N, C, D, H, W] to [N, C, D', H', W']: `AvgPool3d(2)`. Options and errors as in AvgPool2d.
 */
export const AvgPool3d: PoolCall<"AvgPool3d", 3, AvgPoolOptions> = layerOf(avgPool3d);

const globalAvg: LayerType = {
  name: "GlobalAvgPool2d",
  rules: {},
  build(x) {
    checkRank(x, 2);
    return globalAvgPool(x);
  },
};

const globalMax: LayerType = {
  name: "GlobalMaxPool2d",
  rules: {},
  build(x) {
    checkRank(x, 2);
    return globalMaxPool(x);
  },
};

/** The mean of each map, [N, C, H, W] to [N, C, 1, 1]. Throws for an input of other than 4 axes. */
export const GlobalAvgPool2d: GlobalCall<"GlobalAvgPool2d"> = layerOf(globalAvg);
/** The largest value of each map, [N, C, H, W] to [N, C, 1, 1]. Throws for an input of other than 4 axes. */
export const GlobalMaxPool2d: GlobalCall<"GlobalMaxPool2d"> = layerOf(globalMax);

export const poolingTypes = [
  maxPool1d,
  maxPool2d,
  maxPool3d,
  avgPool1d,
  avgPool2d,
  avgPool3d,
  globalAvg,
  globalMax,
] as const;
