// Normalisation layers. Batch norm keeps running statistics (running_mean, running_var) beside its weight and bias, in
// torch's order, and moves them by momentum while training (Ioffe & Szegedy 2015).
import { NeocogError } from "../../base/errors.ts";
import { formatShape, sizeOf } from "../../base/shape.ts";
import type { Tensor } from "../../graph/graph.ts";
import {
  batchNorm,
  batchNormInference,
  groupNorm,
  instanceNorm,
  layerNorm,
  localResponseNorm,
  movedStatistics,
} from "../../ops/normalization.ts";
import { ones, zeros } from "../init.ts";
import { type Context, createLayer, type Layer, type LayerType } from "../layer.ts";
import { flag, real, required, whole, wholes } from "../options.ts";
import { checkRank } from "./convolution.ts";

export interface BatchNormOptions {
  /** Added to the variance (default 1e-5). */
  readonly eps?: number;
  /** How far running statistics move towards each batch's (default 0.1, as PyTorch means it). */
  readonly momentum?: number;
  /** A learned scale and shift for each channel (default true). */
  readonly affine?: boolean;
  /** Keep running statistics for evaluation (default true); without them a batch's own are always used. */
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
    rules: { eps: real(0), momentum: real(0, 1), affine: flag, trackRunningStats: flag },
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

export const BatchNorm1d = (options: BatchNormOptions = {}): Layer => createLayer(batchNorm1d, options);
/** Each channel to mean 0 and variance 1 over the batch (running statistics in evaluation), then a learned scale and shift. */
export const BatchNorm2d = (options: BatchNormOptions = {}): Layer => createLayer(batchNorm2d, options);
export const BatchNorm3d = (options: BatchNormOptions = {}): Layer => createLayer(batchNorm3d, options);

export interface LayerNormOptions {
  readonly eps?: number;
  readonly elementwiseAffine?: boolean;
}

interface LayerNormData extends LayerNormOptions {
  readonly normalizedShape: number | readonly number[];
}

const layerNormType: LayerType<LayerNormData> = {
  name: "LayerNorm",
  rules: { normalizedShape: required(wholes(1)), eps: real(0), elementwiseAffine: flag },
  build(x, { options: { normalizedShape, eps = 1e-5, elementwiseAffine = true } }, context) {
    const shape = typeof normalizedShape === "number" ? [normalizedShape] : normalizedShape;
    return layerNorm(x, shape, { ...affineOf(context, shape, elementwiseAffine), eps });
  },
};

/** Normalises each example over its last axes, which must be `normalizedShape` (Ba, Kiros & Hinton 2016). */
export const LayerNorm = (normalizedShape: number | readonly number[], options: LayerNormOptions = {}): Layer =>
  createLayer(layerNormType, { normalizedShape, ...options });

export interface GroupNormOptions {
  readonly eps?: number;
  readonly affine?: boolean;
}

interface GroupNormData extends GroupNormOptions {
  readonly numGroups: number;
}

const groupNormType: LayerType<GroupNormData> = {
  name: "GroupNorm",
  rules: { numGroups: required(whole(1)), eps: real(0), affine: flag },
  build(x, { options: { numGroups, eps = 1e-5, affine = true } }, context) {
    if (x.shape.length < 2 || x.shape[1] % numGroups !== 0) {
      throw new NeocogError(`numGroups = ${numGroups} must divide the channels of the input ${formatShape(x.shape)}.`);
    }
    return groupNorm(x, numGroups, { ...affineOf(context, [x.shape[1]], affine), eps });
  },
};

/** Normalises groups of channels within each example (Wu & He 2018). */
export const GroupNorm = (numGroups: number, options: GroupNormOptions = {}): Layer =>
  createLayer(groupNormType, { numGroups, ...options });

function instanceNormType(rank: number): LayerType<GroupNormOptions> {
  return {
    name: `InstanceNorm${rank}d`,
    rules: { eps: real(0), affine: flag },
    build(x, { options: { eps = 1e-5, affine = false } }, context) {
      checkRank(x, rank);
      return instanceNorm(x, { ...affineOf(context, [x.shape[1]], affine), eps });
    },
  };
}

const instanceNorm1d = instanceNormType(1);
const instanceNorm2d = instanceNormType(2);
const instanceNorm3d = instanceNormType(3);

export const InstanceNorm1d = (options: GroupNormOptions = {}): Layer => createLayer(instanceNorm1d, options);
/** Normalises each map of each example by itself (Ulyanov et al. 2016). */
export const InstanceNorm2d = (options: GroupNormOptions = {}): Layer => createLayer(instanceNorm2d, options);
export const InstanceNorm3d = (options: GroupNormOptions = {}): Layer => createLayer(instanceNorm3d, options);

export interface LocalResponseNormLayerOptions {
  readonly alpha?: number;
  readonly beta?: number;
  readonly k?: number;
}

interface LocalResponseNormData extends LocalResponseNormLayerOptions {
  readonly size: number;
}

const localResponseNormType: LayerType<LocalResponseNormData> = {
  name: "LocalResponseNorm",
  rules: { size: required(whole(1)), alpha: real(), beta: real(), k: real() },
  build: (x, { options: { size, ...rest } }) => localResponseNorm(x, size, rest),
};

/** Divides by the power of neighbouring channels (Krizhevsky, Sutskever & Hinton 2012). */
export const LocalResponseNorm = (size: number, options: LocalResponseNormLayerOptions = {}): Layer =>
  createLayer(localResponseNormType, { size, ...options });

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
