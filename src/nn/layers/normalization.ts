// Normalisation layers. Batch norm keeps running statistics (running_mean, running_var) beside its weight and bias, in
// torch's order, and moves them by momentum while training (Ioffe & Szegedy 2015).
import { NeocogError } from "../../base/errors.ts";
import { flag, real, required, whole, wholes } from "../../base/rules.ts";
import { formatShape, sizeOf } from "../../base/shape.ts";
import type { Tensor } from "../../graph/graph.ts";
import {
  batchNorm,
  batchNormInference,
  epsRule,
  groupNorm,
  instanceNorm,
  type LocalResponseNormOptions,
  layerNorm,
  localResponseNorm,
  localResponseNormRules,
  movedStatistics,
} from "../../ops/normalization.ts";
import { ones, zeros } from "../init.ts";
import { type Context, type LayerType, layerOf } from "../layer.ts";
import type { KeepCall } from "../shapes/calls.ts";
import { checkRank } from "./convolution.ts";

/** Options of the batch norm layers. */
export interface BatchNormOptions {
  /** Added to the variance; 1e-5 unless told. */
  readonly eps?: number;
  /** How far running statistics move towards each batch's, as PyTorch means it; 0.1 unless told. */
  readonly momentum?: number;
  /** A learned scale and shift for each channel; true unless told. */
  readonly affine?: boolean;
  /** Keep running statistics for evaluation; true unless told. Without them a batch's own are always used. */
  readonly trackRunningStats?: boolean;
}

interface Affine {
  readonly weight?: Tensor;
  readonly bias?: Tensor;
}

function affineOf(context: Context, shape: readonly number[], wanted: boolean): Affine {
  if (!wanted) return {};
  return { weight: context.parameter("weight", shape, ones), bias: context.parameter("bias", shape, zeros) };
}

function batchNormType(rank: number): LayerType<BatchNormOptions> {
  return {
    name: `BatchNorm${rank}d`,
    rules: { eps: epsRule, momentum: real(0, 1), affine: flag, trackRunningStats: flag },
    torch: "numFeatures eps momentum affine trackRunningStats",
    build(x, { options: { eps = 1e-5, momentum = 0.1, affine = true, trackRunningStats = true } }, context) {
      // Torch's BatchNorm1d takes [N, C] as well.
      if (rank !== 1 || x.shape.length !== 2) checkRank(x, rank);
      const channels = [x.shape[1]];
      const learned = affineOf(context, channels, affine);
      if (!trackRunningStats) return batchNorm(x, { ...learned, eps }).y;
      const runningMean = context.parameter("running_mean", channels, zeros, false);
      const runningVar = context.parameter("running_var", channels, ones, false);
      if (!context.training) return batchNormInference(x, { ...learned, runningMean, runningVar, eps });
      const { y, mean, variance } = batchNorm(x, { ...learned, eps });
      const before = { runningMean: context.latest(runningMean), runningVar: context.latest(runningVar) };
      const after = movedStatistics(before, { mean, variance }, sizeOf(x.shape) / x.shape[1], momentum);
      context.update(runningMean, after.runningMean);
      context.update(runningVar, after.runningVar);
      return y;
    },
  };
}

const batchNorm1d = batchNormType(1);
const batchNorm2d = batchNormType(2);
const batchNorm3d = batchNormType(3);

/** BatchNorm2d for [N, C] or [N, C, W], the same shape. */
export const BatchNorm1d: KeepCall<"BatchNorm1d", [options?: BatchNormOptions]> = layerOf(batchNorm1d);
/**
 * Each channel of [N, C, H, W] to mean 0 and variance 1 over the batch (by running statistics in evaluation), then a
 * learned scale and shift, the same shape (Ioffe & Szegedy 2015). The number of channels comes from the input; eps is
 * 1e-5 and momentum 0.1 unless told. Throws for an input of other than 4 axes, and in training for less than two
 * values a channel.
 */
export const BatchNorm2d: KeepCall<"BatchNorm2d", [options?: BatchNormOptions], 2> = layerOf(batchNorm2d);
/** BatchNorm2d for [N, C, D, H, W], the same shape. */
export const BatchNorm3d: KeepCall<"BatchNorm3d", [options?: BatchNormOptions], 3> = layerOf(batchNorm3d);

/** Options of LayerNorm. */
export interface LayerNormOptions {
  /** Added to the variance; 1e-5 unless told. */
  readonly eps?: number;
  /** A learned scale and shift for each element of the normalised shape; true unless told. */
  readonly elementwiseAffine?: boolean;
}

interface LayerNormData extends LayerNormOptions {
  readonly normalizedShape: number | readonly number[];
}

const layerNormType: LayerType<LayerNormData> = {
  name: "LayerNorm",
  rules: { normalizedShape: required(wholes(1)), eps: epsRule, elementwiseAffine: flag },
  build(x, { options: { normalizedShape, eps = 1e-5, elementwiseAffine = true } }, context) {
    const shape = typeof normalizedShape === "number" ? [normalizedShape] : normalizedShape;
    return layerNorm(x, shape, { ...affineOf(context, shape, elementwiseAffine), eps });
  },
};

/**
 * Normalises each example to mean 0 and variance 1 over its last axes, which must be `normalizedShape`, then a
 * learned scale and shift, the same shape (Ba, Kiros & Hinton 2016): `LayerNorm([64, 7, 7])`. eps is 1e-5 unless
 * told. Throws for other last axes.
 */
export const LayerNorm: KeepCall<
  "LayerNorm",
  [normalizedShape: number | readonly number[], options?: LayerNormOptions]
> = layerOf(layerNormType);

/** Options of GroupNorm and of the instance norms. */
export interface GroupNormOptions {
  /** Added to the variance; 1e-5 unless told. */
  readonly eps?: number;
  /** A learned scale and shift for each channel; true unless told for GroupNorm, false for instance norms (as PyTorch). */
  readonly affine?: boolean;
}

interface GroupNormData extends GroupNormOptions {
  readonly numGroups: number;
}

const groupNormType: LayerType<GroupNormData> = {
  name: "GroupNorm",
  rules: { numGroups: required(whole(1)), eps: epsRule, affine: flag },
  torch: "numGroups numChannels eps affine",
  build(x, { options: { numGroups, eps = 1e-5, affine = true } }, context) {
    if (x.shape.length < 2 || x.shape[1] % numGroups !== 0) {
      throw new NeocogError(`numGroups = ${numGroups} must divide the channels of the input ${formatShape(x.shape)}.`);
    }
    return groupNorm(x, numGroups, { ...affineOf(context, [x.shape[1]], affine), eps });
  },
};

/**
 * Normalises groups of channels of [N, C, …] within each example, then a learned scale and shift, the same shape (Wu
 * & He 2018): `GroupNorm(8)`. eps is 1e-5 unless told. Throws unless the groups divide the channels.
 */
export const GroupNorm: KeepCall<"GroupNorm", [numGroups: number, options?: GroupNormOptions]> = layerOf(groupNormType);

function instanceNormType(rank: number): LayerType<GroupNormOptions> {
  return {
    name: `InstanceNorm${rank}d`,
    rules: { eps: epsRule, affine: flag },
    torch: "numFeatures eps momentum affine",
    build(x, { options: { eps = 1e-5, affine = false } }, context) {
      checkRank(x, rank);
      return instanceNorm(x, { ...affineOf(context, [x.shape[1]], affine), eps });
    },
  };
}

const instanceNorm1d = instanceNormType(1);
const instanceNorm2d = instanceNormType(2);
const instanceNorm3d = instanceNormType(3);

/** InstanceNorm2d for [N, C, W], the same shape. */
export const InstanceNorm1d: KeepCall<"InstanceNorm1d", [options?: GroupNormOptions], 1> = layerOf(instanceNorm1d);
/**
 * Normalises each map of [N, C, H, W] by itself, the same shape (Ulyanov et al. 2016); a learned scale and shift only
 * with `affine`, eps 1e-5 unless told. Throws for an input of other than 4 axes and for maps of one place.
 */
export const InstanceNorm2d: KeepCall<"InstanceNorm2d", [options?: GroupNormOptions], 2> = layerOf(instanceNorm2d);
/** InstanceNorm2d for [N, C, D, H, W], the same shape. */
export const InstanceNorm3d: KeepCall<"InstanceNorm3d", [options?: GroupNormOptions], 3> = layerOf(instanceNorm3d);

interface LocalResponseNormData extends LocalResponseNormOptions {
  readonly size: number;
}

const localResponseNormType: LayerType<LocalResponseNormData> = {
  name: "LocalResponseNorm",
  rules: { size: required(whole(1)), ...localResponseNormRules },
  build: (x, { options: { size, ...rest } }) => localResponseNorm(x, size, rest),
};

/**
 * Divides by (k + alpha · mean of squares over `size` neighbouring channels)^beta, [N, C, …] to the same shape
 * (Krizhevsky, Sutskever & Hinton 2012): `LocalResponseNorm(5)`. alpha is 1e-4, beta 0.75 and k 1 unless told.
 */
export const LocalResponseNorm: KeepCall<"LocalResponseNorm", [size: number, options?: LocalResponseNormOptions]> =
  layerOf(localResponseNormType);

export const normalizationTypes = [
  batchNorm1d,
  batchNorm2d,
  batchNorm3d,
  layerNormType,
  groupNormType,
  instanceNorm1d,
  instanceNorm2d,
  instanceNorm3d,
  localResponseNormType,
] as const;
