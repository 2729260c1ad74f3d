// From stored pixels [count, channels, height, width] (uint8 of 0..255, or floats of 0..1; red, green, blue) to what a network
// sees, as a preprocessing says (preprocessing.ts).

import { understand } from "../base/arguments.ts";
import { type NdArray, ndarray, ndarrayRule, storageOf } from "../base/array.ts";
import { type DType, isFloat } from "../base/dtype.ts";
import { NeocogError } from "../base/errors.ts";
import { optional, record } from "../base/rules.ts";
import { formatShape } from "../base/shape.ts";
import { type Images, isStreamed, type StreamedImages } from "./images.ts";
import {
  checkNormalization,
  completePreprocessing,
  inputShape,
  type Normalization,
  type Preprocessing,
  type PreprocessingOptions,
} from "./preprocessing.ts";

/** Mean and standard deviation of each channel over all images [count, channels, height, width]; a flat channel gets 1. */
export function measure(images: Images): Normalization {
  const [count, , height, width] = images.shape;
  const plane = height * width;
  const [sums, squares] = isStreamed(images) ? sumsRead(images) : sumsOf(images);
  const mean = Array.from(sums, (sum) => sum / (count * plane));
  const std = Array.from(squares, (square, c) => {
    const deviation = Math.sqrt(Math.max(0, square / (count * plane) - mean[c] ** 2));
    return deviation > 1e-6 ? deviation : 1;
  });
  return { mean, std };
}

/** Sums and sums of squares of each channel, picture by picture: equal sums of pictures give equal bits, however they came. */
function sumsOf(images: NdArray): [Float64Array, Float64Array] {
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
  return [sums, squares];
}

/** The same, of what was summed up when the files were looked through. */
function sumsRead({ shape: [, channels], places, store }: StreamedImages): [Float64Array, Float64Array] {
  const sums = new Float64Array(channels);
  const squares = new Float64Array(channels);
  for (const place of places) {
    for (let c = 0; c < channels; c++) {
      sums[c] += store.sums[2 * (place * channels + c)];
      squares[c] += store.sums[2 * (place * channels + c) + 1];
    }
  }
  return [sums, squares];
}

/** One image of stored pixels (from `offset`) into `target` as float32 of 0..range. */
export function toRange(
  images: Pick<NdArray, "data" | "dtype">,
  offset: number,
  target: Float32Array,
  range: 1 | 255 = 1,
): void {
  const { data } = images;
  if (images.dtype === "uint8" && range === 1) {
    for (let i = 0; i < target.length; i++) target[i] = units[data[offset + i]];
    return;
  }
  const times = images.dtype === "uint8" ? 1 : range;
  for (let i = 0; i < target.length; i++) target[i] = data[offset + i] * times;
}

/** Bytes as 0..1. */
const units = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);

/** Applies a normalization to pixels of 0..1, in place; `plane` is height x width. */
export function normalizeInPlace(pixels: Float32Array, plane: number, normalization: Normalization): void {
  const { mean, std } = normalization;
  for (let offset = 0, c = 0; offset < pixels.length; c = (c + 1) % mean.length) {
    const [middle, spread] = [mean[c], std[c]];
    for (const end = offset + plane; offset < end; offset++) pixels[offset] = (pixels[offset] - middle) / spread;
  }
}

/**
 * Stored images [count, channels, height, width] as a network's input. A whole preprocessing gives its colours, scale, layout
 * and element type; mean and deviation alone give float32 [count, channels, height, width], and nothing at all pixels of 0..1.
 */
export function prepare(images: NdArray, how: PreprocessingOptions | Normalization | undefined = undefined): NdArray {
  understand("prepare", arguments, { images: ndarrayRule, how: optional(record) });
  const [count, channels, height, width] = images.shape;
  if (images.shape.length !== 4)
    throw new NeocogError(`Images are [count, channels, height, width], not ${formatShape(images.shape)}.`);
  if (how && !("channels" in how)) checkNormalization(how, channels);
  const whole = completePreprocessing({ ...{ channels, height, width }, ...how });
  if (whole.channels !== channels || whole.height !== height || whole.width !== width) {
    throw new NeocogError(
      `The images are ${formatShape(images.shape)}, but the model takes [count, ${whole.channels}, ${whole.height}, ${whole.width}]; resize them or convert their colours first.`,
    );
  }
  return ndarray(inputShape(whole, count), inputNumbers(images, whole), whole.dtype);
}

/** The numbers of an input from stored images of the size that is wanted. */
export function inputNumbers(images: Pick<NdArray, "data" | "dtype">, whole: Preprocessing): NdArray["data"] {
  const { channels, height, width } = whole;
  const plane = height * width;
  const pixels = new Float32Array(images.data.length);
  toRange(images, 0, pixels, whole.range);
  if (whole.colour === "bgr") swapEnds(pixels, plane);
  const { mean, std } = whole;
  if (mean.some((value) => value !== 0) || std.some((value) => value !== 1)) normalizeInPlace(pixels, plane, whole);
  return typed(whole.layout === "NHWC" ? channelsLast(pixels, channels, plane) : pixels, whole.dtype);
}

/**
 * The way back, for drawing: a network's input [channels, height, width] of floats as float32 of 0..1 of the same
 * shape, red first; x · std + mean, divided by the range.
 */
export function unprepare(input: NdArray, how: PreprocessingOptions): NdArray {
  understand("unprepare", arguments, { input: ndarrayRule, how: record });
  const { shape, data } = input;
  const { mean, std, range, colour } = completePreprocessing(how);
  const plane = shape[1] * shape[2];
  const seen = Float32Array.from(data, (value, i) => {
    const c = Math.floor(i / plane);
    return (value * std[c] + mean[c]) / range;
  });
  if (colour === "bgr") swapEnds(seen, plane);
  return ndarray(shape, seen);
}

/** Red, green, blue to blue, green, red. */
function swapEnds(pixels: Float32Array, plane: number): void {
  for (let start = 0; start < pixels.length; start += 3 * plane) {
    const red = pixels.slice(start, start + plane);
    pixels.copyWithin(start, start + 2 * plane, start + 3 * plane);
    pixels.set(red, start + 2 * plane);
  }
}

function channelsLast(pixels: Float32Array, channels: number, plane: number): Float32Array {
  const size = channels * plane;
  const result = new Float32Array(pixels.length);
  for (let start = 0; start < pixels.length; start += size) {
    for (let c = 0; c < channels; c++)
      for (let i = 0; i < plane; i++) result[start + i * channels + c] = pixels[start + c * plane + i];
  }
  return result;
}

const ends: Readonly<Partial<Record<DType, readonly [number, number]>>> = {
  uint8: [0, 255],
  bool: [0, 1],
  int32: [-(2 ** 31), 2 ** 31 - 1],
};

function typed(pixels: Float32Array, dtype: Preprocessing["dtype"]): NdArray["data"] {
  if (isFloat(dtype)) return dtype === "float32" ? pixels : Float64Array.from(pixels);
  const [low, high] = ends[dtype] ?? [-(2 ** 53), 2 ** 53];
  const whole = new (storageOf(dtype))(pixels.length);
  for (let i = 0; i < whole.length; i++) whole[i] = Math.min(high, Math.max(low, Math.round(pixels[i])));
  return whole;
}
