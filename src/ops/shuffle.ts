// Moving between channels and places, and blurring before sub-sampling.
//
//   pixelShuffle    [N, C r², H, W] → [N, C, H r, W r]     (Shi et al. 2016, 1609.05158)
//   channelShuffle  channels of g groups are dealt out like cards (Zhang et al. 2018, 1707.01083)
//   blurPool        [1, 2, 1]/4 and its like, then every s-th cell (Zhang 2019, 1904.11486)

import { understand } from "../base/arguments.ts";
import { ndarray } from "../base/array.ts";
import { ShapeError } from "../base/errors.ts";
import { options as byName, type OptionsOf, type Rules, whole } from "../base/rules.ts";
import { formatShape, sizeOf } from "../base/shape.ts";
import { constantTensor, type Tensor, tensor } from "../graph/graph.ts";
import { type ConvolveOptions, conv, edgeModes } from "./convolution.ts";
import { permute } from "./copy.ts";
import { reshape } from "./reshape.ts";

function planes(name: string, { shape }: Tensor): readonly [number, number, number, number] {
  if (shape.length !== 4) throw new ShapeError(`${name} needs an input [N, C, H, W]; it got ${formatShape(shape)}.`);
  return [shape[0], shape[1], shape[2], shape[3]];
}

/**
 * Channels to places: [N, C r², H, W] to [N, C, H r, W r] with r the factor (Shi et al. 2016, 1609.05158;
 * torch.nn.functional.pixel_shuffle). Throws a ShapeError unless r² divides the channels.
 */
export function pixelShuffle(x: Tensor, upscaleFactor: number): Tensor {
  understand("pixelShuffle", arguments, { x: tensor, upscaleFactor: whole(1) });
  const r = upscaleFactor;
  const [n, c, h, w] = planes("pixelShuffle", x);
  if (c % (r * r) !== 0)
    throw new ShapeError(`pixelShuffle by ${r} needs channels in multiples of ${r * r}, not ${c}.`);
  const split = reshape(x, [n, c / (r * r), r, r, h, w]);
  return reshape(permute(split, [0, 1, 4, 2, 5, 3]), [n, c / (r * r), h * r, w * r]);
}

/**
 * Places to channels: [N, C, H r, W r] to [N, C r², H, W], the way back from pixelShuffle. Throws a ShapeError unless
 * r divides height and width.
 */
export function pixelUnshuffle(x: Tensor, downscaleFactor: number): Tensor {
  understand("pixelUnshuffle", arguments, { x: tensor, downscaleFactor: whole(1) });
  const r = downscaleFactor;
  const [n, c, h, w] = planes("pixelUnshuffle", x);
  if (h % r !== 0 || w % r !== 0) {
    throw new ShapeError(`pixelUnshuffle by ${r} needs a height and width in multiples of ${r}, not ${h} x ${w}.`);
  }
  const split = reshape(x, [n, c, h / r, r, w / r, r]);
  return reshape(permute(split, [0, 1, 3, 5, 2, 4]), [n, c * r * r, h / r, w / r]);
}

/**
 * Deals the channels of `groups` groups out in turn, [a0 a1 b0 b1] to [a0 b0 a1 b1], the same shape [N, C, …] (Zhang
 * et al. 2018, 1707.01083). Throws a ShapeError unless the groups divide the channels.
 */
export function channelShuffle(x: Tensor, groups: number): Tensor {
  understand("channelShuffle", arguments, { x: tensor, groups: whole(1) });
  const [n, c, ...rest] = x.shape;
  if (x.shape.length < 2 || c % groups !== 0) {
    throw new ShapeError(`channelShuffle: ${formatShape(x.shape)} cannot be split into ${groups} groups of channels.`);
  }
  const split = reshape(x, [n, groups, c / groups, sizeOf(rest)]);
  return reshape(permute(split, [0, 2, 1, 3]), x.shape);
}

/** Options of blurPool and BlurPool. */
export interface BlurPoolOptions {
  /** Every how many cells are kept; 2 unless told. */
  readonly stride?: number;
  /** Cells of the blur along each axis, with binomial weights; 3 ([1, 2, 1] / 4) unless told. */
  readonly kernelSize?: number;
  /** What lies beyond the edge; "reflect" unless told. */
  readonly paddingMode?: ConvolveOptions["paddingMode"];
}

/** What the options may be, for the function and the layer alike. */
export const blurPoolRules: Rules<BlurPoolOptions> = { stride: whole(1), kernelSize: whole(1), paddingMode: edgeModes };

/**
 * Blurs each map by itself and keeps every stride-th cell (2 unless told), [N, C, …sizes] to [N, C, …ceil(sizes /
 * stride)] (Zhang 2019, 1904.11486). The blur is binomial, [1, 2, 1] / 4 along each axis unless told; beyond the edge
 * the map is mirrored unless told. Throws a ShapeError for an input without spatial axes or a map too small to
 * mirror.
 */
export function blurPool(x: Tensor, options: BlurPoolOptions = {}): Tensor {
  understand("blurPool", arguments, { x: tensor, options: byName<OptionsOf<typeof blurPool>>(blurPoolRules) });
  const { stride = 2, kernelSize = 3, paddingMode = "reflect" } = options;
  const rank = x.shape.length - 2;
  if (rank < 1)
    throw new ShapeError(`blurPool needs an input [batch, channels, …sizes]; it got ${formatShape(x.shape)}.`);
  const line = binomial(kernelSize);
  const weights = Array.from({ length: rank }).reduce<number[]>(
    (all) => all.flatMap((a) => line.map((b) => a * b)),
    [1],
  );
  const channels = x.shape[1];
  const shape = [channels, 1, ...Array.from({ length: rank }, () => kernelSize)];
  const kernel = ndarray(shape, Array.from({ length: channels }, () => weights).flat());
  const before = Math.floor((kernelSize - 1) / 2);
  return conv(x, constantTensor(kernel), {
    stride,
    groups: channels,
    paddingMode,
    padding: Array.from({ length: rank }, () => [before, kernelSize - 1 - before] as const),
  });
}

/** A row of Pascal's triangle, divided by its sum. */
function binomial(count: number): number[] {
  let row = [1];
  while (row.length < count) row = [...row, 0].map((value, i) => (value + (row[i - 1] ?? 0)) / 2);
  return row;
}
