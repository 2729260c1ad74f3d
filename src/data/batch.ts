// One batch from stored pixels: augmented, mixed, normalized. Made in the calling thread or in one that reads ahead, of the same
// numbers either way: a pure function of the recipe, the epoch, the place of the batch and the pictures.

import { type NdArray, ndarray } from "../base/array.ts";
import { sizeOf } from "../base/shape.ts";
import { type Augmentation, type Augmenter, augmenter, streamFor } from "./augment.ts";
import { blend } from "./blend.ts";
import { normalizeInPlace } from "./normalize.ts";
import type { Normalization } from "./preprocessing.ts";

/** One batch of an epoch. */
export interface Batch {
  /** Which batch of the epoch this is, from 0. */
  readonly index: number;
  /** The epoch that was asked for: it decides the order and the augmentation. */
  readonly epoch: number;
  /** float32 [batch, channels, height, width]. */
  readonly images: NdArray;
  /**
   * int32 [batch] for classes, [batch, height, width] for masks; float32 [batch, tags], [batch, numbers] or, for pictures,
   * [batch, channels, height, width].
   */
  readonly labels: NdArray;
  /** float32 [batch, classes]: shares that sum to 1. Only with mixup and cutmix. */
  readonly targets?: NdArray;
  /** The places of the images in the dataset. */
  readonly indices: Int32Array;
}

/** What all batches of a run share, as plain data. */
export interface BatchRecipe {
  readonly seed: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly classes: number;
  readonly augment: readonly Augmentation[];
  readonly normalization?: Normalization;
  /** What stands in masks for pixels that count for nothing, and so for those that come in from beyond the edge. */
  readonly ignoreIndex?: number;
}

/** Which batch, of which pictures with which labels. */
export interface BatchWish extends Pick<Batch, "epoch" | "index" | "indices" | "labels"> {
  /** How often each picture came before in the epoch; absent where each comes once. */
  readonly again?: Int32Array;
}

/** Pictures have streams of chance of their own up to here; beyond, some share one. */
const mostStreams = 2 ** 28;
/** Far from the places of pictures that come for the first time: a prime, so that few streams are shared. */
const stride = 15_485_863;

/** What names the stream of chance of each picture: its place in the set, and another each time it comes again. */
const streamsOf = ({ indices, again }: BatchWish): ArrayLike<number> =>
  again ? Array.from(indices, (place, i) => (place + again[i] * stride) % mostStreams) : indices;

/** Makes batches by a recipe. `fill` writes the pixels (0..1) of the i-th picture of the batch. */
export function batchMaker(
  recipe: BatchRecipe,
): (wish: BatchWish, fill: (i: number, target: Float32Array) => void) => Batch {
  const { seed, channels, height, width, classes, normalization } = recipe;
  const change: Augmenter = augmenter(recipe.augment);
  const plane = height * width;
  const size = channels * plane;
  return (wish, fill) => {
    const { epoch, index, indices, labels: given } = wish;
    const streams = streamsOf(wish);
    const pixels = new Float32Array(indices.length * size);
    for (let i = 0; i < indices.length; i++) {
      const target = pixels.subarray(i * size, (i + 1) * size);
      fill(i, target);
      const changed = change.apply({ pixels: target, channels, height, width }, seed, epoch, streams[i]);
      if (changed !== target) target.set(changed);
    }
    const labels = change.list.length === 0 ? given : augmented(given, change, recipe, epoch, streams);
    const { blends } = change;
    const random = streamFor(seed, "data/mixup", epoch, index);
    const chosen = blends[blends.length > 1 ? random.below(blends.length) : 0];
    const mixed = chosen && blend(chosen, { pixels, channels, height, width }, labels, classes, random);
    if (normalization) normalizeInPlace(pixels, plane, normalization);
    return {
      index,
      epoch,
      images: ndarray([indices.length, channels, height, width], pixels),
      labels: mixed && labels.dtype !== "int32" ? mixed : labels,
      ...(mixed && labels.dtype === "int32" ? { targets: mixed } : {}),
      indices,
    };
  };
}

/** Labels as they are for changed pictures: maps move with them, numbers turn where that is told. */
function augmented(
  labels: NdArray,
  change: Augmenter,
  { seed, ignoreIndex }: BatchRecipe,
  epoch: number,
  streams: ArrayLike<number>,
): NdArray {
  const [count, ...sizes] = labels.shape;
  if (sizes.length === 0) return labels;
  const [height, width] = sizes.slice(-2);
  const size = sizeOf(sizes);
  const data = Float32Array.from(labels.data);
  for (let i = 0; i < count; i++) {
    const row = data.subarray(i * size, (i + 1) * size);
    if (sizes.length === 1) change.turn(row, seed, epoch, streams[i]);
    else {
      const map = { pixels: row, channels: size / (height * width), height, width };
      const outside = ignoreIndex === undefined ? {} : { outside: ignoreIndex };
      const moved = change.move({ ...map, ...outside }, seed, epoch, streams[i]);
      if (moved !== row) row.set(moved);
    }
  }
  return ndarray(labels.shape, labels.dtype === "int32" ? Int32Array.from(data) : data, labels.dtype);
}
