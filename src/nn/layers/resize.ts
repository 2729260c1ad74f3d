// Layers that change the number of places: interpolation, pixel shuffles, and blurred sub-sampling.

import { NeocogError } from "../../base/errors.ts";
import { required, whole } from "../../base/rules.ts";
import { type InterpolateOptions, interpolate, interpolateRules } from "../../ops/resize.ts";
import {
  type BlurPoolOptions,
  blurPool,
  blurPoolRules,
  channelShuffle,
  pixelShuffle,
  pixelUnshuffle,
} from "../../ops/shuffle.ts";
import { type LayerType, layerOf } from "../layer.ts";
import type { AnyCall, KeepCall, PixelShuffleCall, PixelUnshuffleCall, UpsampleCall } from "../shapes/calls.ts";

const upsample: LayerType<InterpolateOptions> = {
  name: "Upsample",
  rules: interpolateRules,
  check({ size, scaleFactor }) {
    if ((size === undefined) === (scaleFactor === undefined)) {
      throw new NeocogError("Upsample needs either size or scaleFactor, and not both.");
    }
  },
  build: (x, { options }) => interpolate(x, options),
};

/**
 * Another size by interpolation, [N, C, …sizes] to [N, C, …size]: `Upsample({ scaleFactor: 2, mode: "bilinear" })`. Throws
 * unless either `size` or `scaleFactor` is given.
 */
export const Upsample: UpsampleCall<InterpolateOptions> = layerOf(upsample);

interface PixelShuffleData {
  readonly upscaleFactor: number;
}
interface PixelUnshuffleData {
  readonly downscaleFactor: number;
}
interface ChannelShuffleData {
  readonly groups: number;
}

const pixelShuffleType: LayerType<PixelShuffleData> = {
  name: "PixelShuffle",
  rules: { upscaleFactor: required(whole(1)) },
  build: (x, { options }) => pixelShuffle(x, options.upscaleFactor),
};

const pixelUnshuffleType: LayerType<PixelUnshuffleData> = {
  name: "PixelUnshuffle",
  rules: { downscaleFactor: required(whole(1)) },
  build: (x, { options }) => pixelUnshuffle(x, options.downscaleFactor),
};

const channelShuffleType: LayerType<ChannelShuffleData> = {
  name: "ChannelShuffle",
  rules: { groups: required(whole(1)) },
  build: (x, { options }) => channelShuffle(x, options.groups),
};

/**
 * Channels become places: [N, C·r², H, W] to [N, C, H·r, W·r] with r the factor (Shi et al. 2016, 1609.05158). Throws
 * unless r² divides the channels.
 */
export const PixelShuffle: PixelShuffleCall = layerOf(pixelShuffleType);
/** Places become channels: [N, C, H·r, W·r] to [N, C·r², H, W]. Throws unless r divides height and width. */
export const PixelUnshuffle: PixelUnshuffleCall = layerOf(pixelUnshuffleType);
/**
 * Deals out the channels of different groups in turn, [N, C, …] to the same shape (Zhang et al. 2018, 1707.01083).
 * Throws unless the groups divide the channels.
 */
export const ChannelShuffle: KeepCall<"ChannelShuffle", [groups: number]> = layerOf(channelShuffleType);

const blurPoolType: LayerType<BlurPoolOptions> = {
  name: "BlurPool",
  rules: blurPoolRules,
  build: (x, { options }) => blurPool(x, options),
};

/**
 * Blurs before sub-sampling, so that a shift of the input moves the output smoothly, [N, C, …sizes] to [N, C,
 * …ceil(sizes / stride)] (Zhang 2019, 1904.11486). The stride is 2 and the blur [1, 2, 1] / 4 unless told; beyond the
 * edge the map is mirrored unless told.
 */
export const BlurPool: AnyCall<[options?: BlurPoolOptions]> = layerOf(blurPoolType);

export const resizeTypes = [upsample, pixelShuffleType, pixelUnshuffleType, channelShuffleType, blurPoolType] as const;
