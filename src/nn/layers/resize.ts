// Layers that change the number of places: interpolation, pixel shuffles, and blurred sub-sampling.

import { NeocogError } from "../../base/errors.ts";
import type { PerAxis } from "../../ops/geometry.ts";
import { type InterpolateMode, interpolate } from "../../ops/resize.ts";
import { blurPool, channelShuffle, pixelShuffle, pixelUnshuffle } from "../../ops/shuffle.ts";
import { createLayer, type Layer, type LayerType } from "../layer.ts";
import { flag, oneOf, type Rule, required, whole, wholes } from "../options.ts";

export interface UpsampleOptions {
  /** Spatial sizes of the result, or by what they are multiplied: one number, or one an axis. */
  readonly size?: PerAxis;
  readonly scaleFactor?: PerAxis;
  /** "nearest" unless told. */
  readonly mode?: InterpolateMode;
  /** Align the centres of the corner cells (linear and cubic modes). */
  readonly alignCorners?: boolean;
}

const isFactor = (value: unknown): boolean => typeof value === "number" && value > 0;
const factors: Rule = {
  must: "a number above 0, or one an axis",
  accepts: (value) => isFactor(value) || (Array.isArray(value) && value.length > 0 && value.every(isFactor)),
};

const upsample: LayerType<UpsampleOptions> = {
  name: "Upsample",
  rules: {
    size: wholes(1),
    scaleFactor: factors,
    mode: oneOf(["nearest", "nearest-exact", "linear", "bilinear", "trilinear", "bicubic"]),
    alignCorners: flag,
  },
  check({ size, scaleFactor }) {
    if ((size === undefined) === (scaleFactor === undefined)) {
      throw new NeocogError("Upsample needs either size or scaleFactor, and not both.");
    }
  },
  build: (x, { options }) => interpolate(x, options),
};

/** Another size by interpolation: `Upsample({ scaleFactor: 2, mode: "bilinear" })`. */
export const Upsample = (options: UpsampleOptions): Layer => createLayer(upsample, options);

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

/** Channels become places: [N, C·r², H, W] to [N, C, H·r, W·r] (Shi et al. 2016). */
export const PixelShuffle = (upscaleFactor: number): Layer => createLayer(pixelShuffleType, { upscaleFactor });
/** Places become channels: the other way. */
export const PixelUnshuffle = (downscaleFactor: number): Layer => createLayer(pixelUnshuffleType, { downscaleFactor });
/** Mixes the channels of different groups (Zhang et al. 2017). */
export const ChannelShuffle = (groups: number): Layer => createLayer(channelShuffleType, { groups });

export interface BlurPoolLayerOptions {
  /** Every how many cells are kept (default 2). */
  readonly stride?: number;
  /** Cells of the blur along each axis, with binomial weights (default 3: [1, 2, 1] / 4). */
  readonly kernelSize?: number;
  /** What lies beyond the edge (default "reflect"). */
  readonly paddingMode?: "zeros" | "reflect" | "replicate" | "circular";
}

const blurPoolType: LayerType<BlurPoolLayerOptions> = {
  name: "BlurPool",
  rules: {
    stride: whole(1),
    kernelSize: whole(1),
    paddingMode: oneOf(["zeros", "reflect", "replicate", "circular"]),
  },
  build: (x, { options }) => blurPool(x, options),
};

/** Blurs before sub-sampling, so that a shift of the input moves the output smoothly (Zhang 2019, 1904.11486). */
export const BlurPool = (options: BlurPoolLayerOptions = {}): Layer => createLayer(blurPoolType, options);

export const resizeTypes = [upsample, pixelShuffleType, pixelUnshuffleType, channelShuffleType, blurPoolType] as const;
