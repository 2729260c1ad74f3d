// Normalisations as a user calls them, with PyTorch's names, defaults and meanings.

import { understand } from "../base/arguments.ts";
import { filled } from "../base/array.ts";
import { ShapeError } from "../base/errors.ts";
import {
  above,
  axis as anyAxis,
  options as byName,
  type OptionsOf,
  type Rules,
  real,
  required,
  whole,
  wholes,
} from "../base/rules.ts";
import { formatShape, normalizeAxis, type Shape, sameShape, sizeOf } from "../base/shape.ts";
import { splitPadding } from "../base/window.ts";
import { constantTensor, floatTensor, type Tensor, tensor } from "../graph/graph.ts";
import { add, binary, constant, divide, maximum, multiply, unary } from "../kernel/expression.ts";
import { abs, mul, pow, square } from "./arithmetic.ts";
import { broadcastMap } from "./cards/arithmetic.ts";
import { batchNormKnown, normalizeOver } from "./cards/normalization.ts";
import { averagePoolWith } from "./cards/pooling.ts";
import { channelShape, perChannel } from "./cards/reshape.ts";
import { reshape } from "./reshape.ts";
import { mean, sum } from "./sum.ts";

/** Options of the normalisations. */
export interface AffineOptions {
  /** Multiplies what was normalised: [C], or the normalised shape for layerNorm; nothing unless told. */
  readonly weight?: Tensor;
  /** Is added to it, of the same shape; nothing unless told. */
  readonly bias?: Tensor;
  /** Added to the variance; 1e-5 unless told. */
  readonly eps?: number;
}

function channelsOf(name: string, x: Tensor, values: Readonly<Record<string, Tensor | undefined>>): number {
  if (x.shape.length < 2) {
    throw new ShapeError(`${name} needs an input [batch, channels, …sizes]; it got ${formatShape(x.shape)}.`);
  }
  for (const [word, t] of Object.entries(values)) {
    if (t && !sameShape(t.shape, [x.shape[1]])) {
      throw new ShapeError(
        `${name}: the ${word} is ${formatShape(t.shape)}, but the input ${formatShape(x.shape)} has ${x.shape[1]} channels.`,
      );
    }
  }
  return x.shape[1];
}

/** What `eps` may be, for functions and layers alike. */
export const epsRule = real(0);

const affine = { weight: tensor, bias: tensor, eps: epsRule };

/** Statistics of a batch, [C] each; the variance is biased (divided by n). */
export interface BatchStatistics {
  /** Mean of each channel. */
  readonly mean: Tensor;
  /** Biased variance of each channel. */
  readonly variance: Tensor;
}

/**
 * Batch normalisation in training (Ioffe & Szegedy 2015): y = (x − mean) / √(variance + eps) · weight + bias for each
 * channel of [N, C, …], the same shape, by the mean and biased variance of this batch, [C] each, which are given too.
 * eps is 1e-5 unless told. Throws a ShapeError for less than two values a channel and for a weight or bias that is
 * not [C].
 */
export function batchNorm(x: Tensor, options: AffineOptions = {}): { readonly y: Tensor } & BatchStatistics {
  understand("batchNorm", arguments, { x: tensor, options: byName<OptionsOf<typeof batchNorm>>(affine) });
  const { weight, bias, eps = 1e-5 } = options;
  const channels = channelsOf("batchNorm", x, { weight, bias });
  if (sizeOf(x.shape) / channels <= 1) {
    throw new ShapeError(
      `batchNorm needs more than one value a channel in training; the input is ${formatShape(x.shape)}: use a larger batch.`,
    );
  }
  const axes = x.shape.map((_, axis) => axis).filter((axis) => axis !== 1);
  const result = normalizeOver(x, axes, eps, weight && perChannel(weight, x.shape), bias && perChannel(bias, x.shape));
  return { y: result.y, mean: reshape(result.mean, [channels]), variance: reshape(result.variance, [channels]) };
}

/** Statistics that batch normalisation keeps for evaluation, [C] each. */
export interface RunningStatistics {
  /** Mean of each channel. */
  readonly runningMean: Tensor;
  /** Unbiased variance of each channel. */
  readonly runningVar: Tensor;
}

/**
 * Moves running statistics towards a batch's, as PyTorch means momentum: running ← (1 − momentum) running + momentum
 * batch, with the unbiased variance (divided by n − 1). `count` is n, the number of values a channel.
 */
export function movedStatistics(
  running: RunningStatistics,
  batch: BatchStatistics,
  count: number,
  momentum = 0.1,
): RunningStatistics {
  const towards = (old: Tensor, target: Tensor, scale: number): Tensor =>
    broadcastMap("moveTowards", [old, target], (a, b) =>
      add(multiply(constant(1 - momentum), a), multiply(constant(momentum * scale), b)),
    );
  return {
    runningMean: towards(running.runningMean, batch.mean, 1),
    runningVar: towards(running.runningVar, batch.variance, count / (count - 1)),
  };
}

/**
 * Batch normalisation in evaluation, [N, C, …] to the same shape: by running statistics [C], one multiplication and
 * one addition a value. eps is 1e-5 unless told. Throws a ShapeError for statistics, weight or bias that are not [C].
 */
export function batchNormInference(x: Tensor, options: AffineOptions & RunningStatistics): Tensor {
  understand("batchNormInference", arguments, {
    x: tensor,
    options: required(
      byName<OptionsOf<typeof batchNormInference>>({
        runningMean: required(tensor),
        runningVar: required(tensor),
        ...affine,
      }),
    ),
  });
  const { runningMean, runningVar, weight, bias, eps = 1e-5 } = options;
  const channels = channelsOf("batchNormInference", x, { runningMean, runningVar, weight, bias });
  return batchNormKnown(
    x,
    [
      runningMean,
      runningVar,
      weight ?? constantTensor(filled([channels], 1)),
      bias ?? constantTensor(filled([channels], 0)),
    ],
    eps,
  );
}

function lastAxes(name: string, x: Tensor, normalizedShape: number | Shape): number[] {
  const shape = typeof normalizedShape === "number" ? [normalizedShape] : normalizedShape;
  const first = x.shape.length - shape.length;
  if (shape.length === 0 || first < 0 || !sameShape(x.shape.slice(first), shape)) {
    throw new ShapeError(
      `${name}: the last axes of ${formatShape(x.shape)} are not the normalised shape ${formatShape(shape)}.`,
    );
  }
  return shape.map((_, i) => first + i);
}

function affineOver(name: string, y: Tensor, shape: Shape, { weight, bias }: AffineOptions): Tensor {
  for (const [word, t] of [["weight", weight] as const, ["bias", bias] as const]) {
    if (t && !sameShape(t.shape, shape)) {
      throw new ShapeError(`${name}: the ${word} is ${formatShape(t.shape)}, but it must be ${formatShape(shape)}.`);
    }
  }
  const scaled = weight ? mul(y, weight) : y;
  return bias ? broadcastMap("add", [scaled, bias], add) : scaled;
}

/**
 * Normalises each sample to mean 0 and variance 1 over its last axes, which must be `normalizedShape`; weight and
 * bias have that shape (Ba, Kiros & Hinton 2016). The same shape; eps is 1e-5 unless told. Throws a ShapeError for
 * other last axes.
 */
export function layerNorm(x: Tensor, normalizedShape: number | Shape, options: AffineOptions = {}): Tensor {
  understand("layerNorm", arguments, {
    x: tensor,
    normalizedShape: wholes(1),
    options: byName<OptionsOf<typeof layerNorm>>(affine),
  });
  const axes = lastAxes("layerNorm", x, normalizedShape);
  const { y } = normalizeOver(x, axes, options.eps ?? 1e-5);
  return affineOver("layerNorm", y, x.shape.slice(axes[0]), options);
}

/**
 * Normalises each group of channels of each image of [N, C, …], the same shape; weight and bias are [C], eps 1e-5
 * unless told (Wu & He 2018). Throws a ShapeError unless the groups divide the channels.
 */
export function groupNorm(x: Tensor, numGroups: number, options: AffineOptions = {}): Tensor {
  understand("groupNorm", arguments, {
    x: tensor,
    numGroups: whole(1),
    options: byName<OptionsOf<typeof groupNorm>>(affine),
  });
  const { weight, bias, eps = 1e-5 } = options;
  const channels = channelsOf("groupNorm", x, { weight, bias });
  if (channels % numGroups !== 0) {
    throw new ShapeError(`groupNorm: ${channels} channels cannot be split into ${numGroups} equal groups.`);
  }
  const grouped = reshape(x, [x.shape[0], numGroups, sizeOf(x.shape.slice(1)) / numGroups]);
  const { y } = normalizeOver(grouped, [2], eps);
  const column = channelShape(channels, x.shape.length);
  return affineOver("groupNorm", reshape(y, x.shape), column, {
    weight: weight && perChannel(weight, x.shape),
    bias: bias && perChannel(bias, x.shape),
  });
}

/**
 * Normalises each map of each image of [N, C, …] by itself, the same shape; weight and bias are [C], eps 1e-5 unless
 * told (Ulyanov et al. 2016). Throws a ShapeError for maps of one place.
 */
export function instanceNorm(x: Tensor, options: AffineOptions = {}): Tensor {
  understand("instanceNorm", arguments, { x: tensor, options: byName<OptionsOf<typeof instanceNorm>>(affine) });
  const { weight, bias, eps = 1e-5 } = options;
  channelsOf("instanceNorm", x, { weight, bias });
  if (sizeOf(x.shape.slice(2)) <= 1) {
    throw new ShapeError(`instanceNorm needs more than one place a map; the input is ${formatShape(x.shape)}.`);
  }
  const axes = x.shape.map((_, axis) => axis).filter((axis) => axis >= 2);
  return normalizeOver(x, axes, eps, weight && perChannel(weight, x.shape), bias && perChannel(bias, x.shape)).y;
}

/** Options of localResponseNorm and LocalResponseNorm. */
export interface LocalResponseNormOptions {
  /** Weight of the mean of squares; 1e-4 unless told. */
  readonly alpha?: number;
  /** Exponent of the divisor; 0.75 unless told. */
  readonly beta?: number;
  /** Added to the divisor's base; 1 unless told. */
  readonly k?: number;
}

/** What the options may be, for the function and the layer alike. */
export const localResponseNormRules: Rules<LocalResponseNormOptions> = { alpha: real(), beta: real(), k: real() };

/**
 * x / (k + alpha · mean of x² over `size` neighbouring channels)^beta for [N, C, …], the same shape, channels outside
 * counting as zero (Krizhevsky, Sutskever & Hinton 2012). alpha is 1e-4, beta 0.75 and k 1 unless told; PyTorch's
 * alpha is divided by `size`, as here.
 */
export function localResponseNorm(x: Tensor, size: number, options: LocalResponseNormOptions = {}): Tensor {
  understand("localResponseNorm", arguments, {
    x: tensor,
    size: whole(1),
    options: byName<OptionsOf<typeof localResponseNorm>>(localResponseNormRules),
  });
  const { alpha = 1e-4, beta = 0.75, k = 1 } = options;
  channelsOf("localResponseNorm", x, {});
  const plane = reshape(square(x), [x.shape[0], 1, x.shape[1], sizeOf(x.shape.slice(2))]);
  const [before, after] = splitPadding(size - 1, true);
  const means = averagePoolWith(plane, {
    window: [size, 1],
    stride: [1, 1],
    dilation: [1, 1],
    padBefore: [before, 0],
    padAfter: [after, 0],
    ceilMode: false,
    countIncludePad: true,
  });
  return broadcastMap("localResponseNorm", [x, reshape(means, x.shape)], (value, m) =>
    multiply(value, binary("power", add(constant(k), multiply(constant(alpha), m)), constant(-beta))),
  );
}

/**
 * x / √(mean of x² over the last axes + eps) · weight, the same shape (Zhang & Sennrich 2019, 1910.07467); the last
 * axes must be `normalizedShape`, eps is 1e-6 unless told. Throws a ShapeError for other last axes.
 */
export function rmsNorm(
  x: Tensor,
  normalizedShape: number | Shape,
  options: {
    /** Multiplies what was normalised, of the normalised shape; nothing unless told. */
    readonly weight?: Tensor;
    /** Added to the mean of squares; 1e-6 unless told. */
    readonly eps?: number;
  } = {},
): Tensor {
  understand("rmsNorm", arguments, {
    x: floatTensor,
    normalizedShape: wholes(1),
    options: byName<OptionsOf<typeof rmsNorm>>({ weight: tensor, eps: epsRule }),
  });
  const axes = lastAxes("rmsNorm", x, normalizedShape);
  const eps = options.eps ?? 1e-6;
  const scale = broadcastMap("scale", [mean(square(x), axes, true)], (v) =>
    unary("reciprocal", unary("sqrt", add(v, constant(eps)))),
  );
  return affineOver("rmsNorm", mul(x, scale), x.shape.slice(axes[0]), { weight: options.weight });
}

/** Options of normalize. */
export interface NormalizeOptions {
  /** Which length: 2, the root of the sum of squares, unless told; 1 for the sum of absolute values. */
  readonly p?: number;
  /** Axis along which the length is taken; 1, the channels, unless told. */
  readonly axis?: number;
  /** The least that is divided by; 1e-12 unless told. */
  readonly eps?: number;
}

/**
 * x / max(length, eps), the same shape, the length being (Σ |x|^p)^(1 / p) along an axis (torch.nn.functional's
 * normalize). Throws for an axis that x lacks.
 */
export function normalize(x: Tensor, options: NormalizeOptions = {}): Tensor {
  const rules = byName<NormalizeOptions>({ p: above(0), axis: anyAxis, eps: epsRule });
  understand("normalize", arguments, { x: floatTensor, options: rules }, "x p axis eps");
  const { p = 2, axis = 1, eps = 1e-12 } = options;
  const total = sum(p === 2 ? square(x) : pow(abs(x), p), normalizeAxis(axis, x.shape.length), true);
  const length = broadcastMap("length", [p === 2 ? total : pow(total, 1 / p)], (value) =>
    maximum(p === 2 ? unary("sqrt", value) : value, constant(eps)),
  );
  return broadcastMap("normalize", [x, length], (value, l) => divide(value, l));
}
