// Pooling layers: no parameters, each channel by itself, stepping by the window unless told otherwise.
import { above, perAxis, required } from "../../base/rules.ts";
import type { Tensor } from "../../graph/graph.ts";
import type { PerAxis } from "../../ops/geometry.ts";
import {
  type AvgPoolOptions,
  avgPool,
  avgPoolRules,
  globalAvgPool,
  globalMaxPool,
  type LpPoolOptions,
  lpPool,
  lpPoolRules,
  type MaxPoolOptions,
  maxPool,
  maxPoolRules,
} from "../../ops/pooling.ts";
import { type LayerType, layerOf, ofRanks } from "../layer.ts";
import type { GlobalCall, LpPoolCall, PoolCall } from "../shapes/calls.ts";
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

const [maxPool1d, maxPool2d, maxPool3d] = ofRanks(maxPoolType);

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

const [avgPool1d, avgPool2d, avgPool3d] = ofRanks(avgPoolType);

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

interface LpPoolData extends LpPoolOptions {
  readonly normType: number;
  readonly kernelSize: PerAxis;
}

const [lpPool1d, lpPool2d, lpPool3d] = ofRanks(
  (rank): LayerType<LpPoolData> => ({
    name: `LPPool${rank}d`,
    rules: { normType: required(above(0)), kernelSize: required(perAxis(1, rank)), ...lpPoolRules(rank) },
    build(x, { options: { normType, kernelSize, ...rest } }) {
      checkRank(x, rank);
      return lpPool(x, normType, kernelSize, rest);
    },
  }),
);

/**
 * The power average (Σ x^normType)^(1 / normType) of each window, [N, C, W] to [N, C, W']: `LPPool1d(2, 3)`. Options
 * and errors as in LPPool2d.
 */
export const LPPool1d: LpPoolCall<"LPPool1d", 1, LpPoolOptions> = layerOf(lpPool1d);
/**
 * The power average (Σ x^normType)^(1 / normType) of each window, [N, C, H, W] to [N, C, H', W']: `LPPool2d(2, 3)`, H'
 * = floor((H − k) / s) + 1. The stride is the window unless told. Throws for an input of other than 4 axes and a
 * window that does not fit.
 */
export const LPPool2d: LpPoolCall<"LPPool2d", 2, LpPoolOptions> = layerOf(lpPool2d);
/**
 * The power average (Σ x^normType)^(1 / normType) of each window, [N, C, D, H, W] to [N, C, D', H', W']: `LPPool3d(2,
 * 3)`. Options and errors as in LPPool2d.
 */
export const LPPool3d: LpPoolCall<"LPPool3d", 3, LpPoolOptions> = layerOf(lpPool3d);

const globalTypes = (family: string, pool: (x: Tensor) => Tensor) =>
  ofRanks(
    (rank): LayerType => ({
      name: `${family}${rank}d`,
      rules: {},
      build(x) {
        checkRank(x, rank);
        return pool(x);
      },
    }),
  );

const [globalAvg1d, globalAvg2d, globalAvg3d] = globalTypes("GlobalAvgPool", globalAvgPool);
const [globalMax1d, globalMax2d, globalMax3d] = globalTypes("GlobalMaxPool", globalMaxPool);

/** The mean of each map, [N, C, W] to [N, C, 1]. Throws for an input of other than 3 axes. */
export const GlobalAvgPool1d: GlobalCall<"GlobalAvgPool1d", 1> = layerOf(globalAvg1d);
/** The mean of each map, [N, C, H, W] to [N, C, 1, 1]. Throws for an input of other than 4 axes. */
export const GlobalAvgPool2d: GlobalCall<"GlobalAvgPool2d", 2> = layerOf(globalAvg2d);
/** The mean of each map, [N, C, D, H, W] to [N, C, 1, 1, 1]. Throws for an input of other than 5 axes. */
export const GlobalAvgPool3d: GlobalCall<"GlobalAvgPool3d", 3> = layerOf(globalAvg3d);
/** The largest value of each map, [N, C, W] to [N, C, 1]. Throws for an input of other than 3 axes. */
export const GlobalMaxPool1d: GlobalCall<"GlobalMaxPool1d", 1> = layerOf(globalMax1d);
/** The largest value of each map, [N, C, H, W] to [N, C, 1, 1]. Throws for an input of other than 4 axes. */
export const GlobalMaxPool2d: GlobalCall<"GlobalMaxPool2d", 2> = layerOf(globalMax2d);
/** The largest value of each map, [N, C, D, H, W] to [N, C, 1, 1, 1]. Throws for an input of other than 5 axes. */
export const GlobalMaxPool3d: GlobalCall<"GlobalMaxPool3d", 3> = layerOf(globalMax3d);

export const poolingTypes = [
  maxPool1d,
  maxPool2d,
  maxPool3d,
  avgPool1d,
  avgPool2d,
  avgPool3d,
  lpPool1d,
  lpPool2d,
  lpPool3d,
  globalAvg1d,
  globalAvg2d,
  globalAvg3d,
  globalMax1d,
  globalMax2d,
  globalMax3d,
] as const;
