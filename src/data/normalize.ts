// From stored pixels to what a network sees: x = (pixel - mean) / deviation, per channel, pixels on the scale 0..1.

import { type NdArray, ndarray } from "../base/array.ts";
import { NeocogError } from "../base/errors.ts";

/** One number a channel each, on the scale 0..1. */
export interface Normalization {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** Mean and standard deviation of each channel over all images [count, channels, height, width]; a flat channel gets 1. */
export function measure(images: NdArray): Normalization {
  const [count, channels, height, width] = images.shape;
  const plane = height * width;
  const scale = images.dtype === "uint8" ? 1 / 255 : 1;
  const sums = new Float64Array(channels);
  const squares = new Float64Array(channels);
  for (let i = 0, offset = 0; i < count; i++) {
    for (let c = 0; c < channels; c++) {
      let sum = 0;
      let square = 0;
      for (const end = offset + plane; offset < end; offset++) {
        const pixel = images.data[offset] * scale;
        sum += pixel;
        square += pixel * pixel;
      }
      sums[c] += sum;
      squares[c] += square;
    }
  }
  const mean = Array.from(sums, (sum) => sum / (count * plane));
  const std = Array.from(squares, (square, c) => {
    const deviation = Math.sqrt(Math.max(0, square / (count * plane) - mean[c] ** 2));
    return deviation > 1e-6 ? deviation : 1;
  });
  return { mean, std };
}

/** Refuses a normalization that does not fit the channels. */
export function checkNormalization(normalization: Normalization, channels: number): void {
  const { mean, std } = normalization;
  if (mean.length !== channels || std.length !== channels) {
    throw new NeocogError(
      `The normalization has ${mean.length} means and ${std.length} deviations, but the images have ${channels} ${channels === 1 ? "channel" : "channels"}.`,
    );
  }
  if (![...mean, ...std].every(Number.isFinite) || std.some((deviation) => deviation <= 0)) {
    throw new NeocogError("The normalization needs finite means and deviations above 0.");
  }
}

/** One image of stored pixels (from `offset`) into `target` as float32 of 0..1. */
export function toUnit(images: NdArray, offset: number, target: Float32Array): void {
  const bytes = images.dtype === "uint8";
  for (let i = 0; i < target.length; i++) target[i] = bytes ? images.data[offset + i] / 255 : images.data[offset + i];
}

/** Applies a normalization to pixels of 0..1, in place; `plane` is height x width. */
export function normalizeInPlace(pixels: Float32Array, plane: number, normalization: Normalization): void {
  const { mean, std } = normalization;
  for (let offset = 0, c = 0; offset < pixels.length; c = (c + 1) % mean.length) {
    for (const end = offset + plane; offset < end; offset++) pixels[offset] = (pixels[offset] - mean[c]) / std[c];
  }
}

/** Stored images [count, channels, height, width] as a network's input: float32, normalized (or just 0..1 without). */
export function prepare(images: NdArray, normalization?: Normalization): NdArray {
  const [, channels, height, width] = images.shape;
  if (normalization) checkNormalization(normalization, channels);
  const pixels = new Float32Array(images.data.length);
  toUnit(images, 0, pixels);
  if (normalization) normalizeInPlace(pixels, height * width, normalization);
  return ndarray(images.shape, pixels);
}
