// Batches from a dataset: shuffled, augmented, normalized. A batch is a pure function of (seed, epoch, index): it can be
// asked for in any order and again, which is all that resuming needs.

import { understand } from "../base/arguments.ts";
import { type NdArray, ndarray } from "../base/array.ts";
import { NeocogError } from "../base/errors.ts";
import { Random } from "../base/random.ts";
import {
  options as byName,
  flag,
  listOf,
  type Rules,
  record,
  required,
  seed as seedRule,
  whole,
} from "../base/rules.ts";
import { type Augmentation, augmenter, streamFor } from "./augment.ts";
import { type Dataset, datasetRule } from "./dataset.ts";
import { normalizeInPlace, toRange } from "./normalize.ts";
import { checkNormalization, type Normalization, normalizationRule } from "./preprocessing.ts";

/** Options of loader. */
export interface LoaderOptions {
  /** Images in a batch. */
  readonly batch: number;
  /** Seed of the order and of the augmentation; 0 unless told. */
  readonly seed?: number;
  /** A new order in every epoch; false unless told. */
  readonly shuffle?: boolean;
  /** Leaves out the last batch where it is not full; false unless told. */
  readonly dropLast?: boolean;
  /** Mean and deviation per channel on the scale 0..1 (`measure` of the training set); pixels stay 0..1 without. */
  readonly normalization?: Normalization;
  /** Random changes of the images, in this order; none unless told. */
  readonly augment?: readonly Augmentation[];
}

/** One batch of an epoch. */
export interface Batch {
  /** Which batch of the epoch this is, from 0. */
  readonly index: number;
  /** The epoch that was asked for: it decides the order and the augmentation. */
  readonly epoch: number;
  /** float32 [batch, channels, height, width]. */
  readonly images: NdArray;
  /** int32 [batch]. */
  readonly labels: NdArray;
  /** float32 [batch, classes]: shares that sum to 1. Only with mixup. */
  readonly targets?: NdArray;
  /** The places of the images in the dataset. */
  readonly indices: Int32Array;
}

/** Gives the batches of any epoch. */
export interface Loader {
  /** Images in a full batch. */
  readonly size: number;
  /** Batches in an epoch. */
  readonly batches: number;
  /** Images that an epoch gives out. */
  readonly images: number;
  /** Batch `index` (from 0) of an epoch, whatever was asked for before. Throws for an index that the epoch does not have. */
  batch(epoch: number, index: number): Batch;
  /** The batches of an epoch, from the given one on. */
  epoch(epoch: number, from?: number): Generator<Batch>;
}

/** What the options of a loader may be; also read by fit. */
export const loaderRules = {
  batch: required(whole(1)),
  seed: seedRule,
  shuffle: flag,
  dropLast: flag,
  normalization: normalizationRule,
  augment: listOf(record, 'a list of augmentations, such as [{ kind: "flip" }]'),
} satisfies Rules<LoaderOptions>;

/**
 * Batches of any epoch of a data set, float32 [batch, channels, height, width] with int32 labels [batch]: in order,
 * of pixels 0..1 and with a smaller last batch unless told. The same seed, epoch and index give the same batch.
 * Throws a NeocogError for options that are unknown or impossible.
 */
export function loader(dataset: Dataset, options: LoaderOptions): Loader {
  understand("loader", arguments, { dataset: datasetRule, options: required(byName(loaderRules)) });
  const { batch: size, seed = 0, shuffle = false, dropLast = false, normalization } = options;
  const { images, labels } = dataset;
  const [count, channels, height, width] = images.shape;
  if (normalization) checkNormalization(normalization, channels);
  const change = augmenter(options.augment ?? []);
  const batches = dropLast ? Math.floor(count / size) : Math.ceil(count / size);
  if (batches === 0) {
    throw new NeocogError(
      `A batch of ${size} is larger than ${dataset.name} with its ${count} images; nothing is left with dropLast.`,
    );
  }
  const plane = height * width;
  const imageSize = channels * plane;

  let known: { readonly epoch: number; readonly order: Int32Array } = { epoch: -1, order: new Int32Array() };
  const orderOf = (epoch: number): Int32Array => {
    if (known.epoch !== epoch) {
      const order = shuffle
        ? new Random(seed, `data/shuffle/${epoch}`).permutation(count)
        : Int32Array.from({ length: count }, (_, i) => i);
      known = { epoch, order };
    }
    return known.order;
  };

  const batch = (epoch: number, index: number): Batch => {
    if (!Number.isInteger(index) || index < 0 || index >= batches) {
      throw new NeocogError(`There is no batch ${index}: an epoch has the batches 0 to ${batches - 1}.`);
    }
    const indices = orderOf(epoch).slice(index * size, Math.min(count, (index + 1) * size));
    const pixels = new Float32Array(indices.length * imageSize);
    indices.forEach((place, i) => {
      const target = pixels.subarray(i * imageSize, (i + 1) * imageSize);
      toRange(images, place * imageSize, target);
      const changed = change.apply({ pixels: target, channels, height, width }, seed, epoch, place);
      if (changed !== target) target.set(changed);
    });
    const chosen = Int32Array.from(indices, (place) => labels[place]);
    const mixed =
      change.mixup &&
      mix(pixels, chosen, dataset.classes.length, change.mixup.alpha, streamFor(seed, "data/mixup", epoch, index));
    if (normalization) normalizeInPlace(pixels, plane, normalization);
    return {
      index,
      epoch,
      images: ndarray([indices.length, channels, height, width], pixels),
      labels: ndarray([indices.length], chosen, "int32"),
      ...(mixed ? { targets: mixed } : {}),
      indices,
    };
  };

  return {
    size,
    batches,
    images: dropLast ? batches * size : count,
    batch,
    *epoch(epoch, from = 0) {
      for (let index = from; index < batches; index++) yield batch(epoch, index);
    },
  };
}

/** Blends every image with another of the batch, in place, and gives the blended labels. */
function mix(pixels: Float32Array, labels: Int32Array, classes: number, alpha: number, random: Random): NdArray {
  const count = labels.length;
  const share = beta(random, alpha);
  const partner = random.permutation(count);
  const original = pixels.slice();
  const size = pixels.length / count;
  const targets = new Float32Array(count * classes);
  for (let i = 0; i < count; i++) {
    for (let p = 0; p < size; p++) {
      pixels[i * size + p] = share * original[i * size + p] + (1 - share) * original[partner[i] * size + p];
    }
    targets[i * classes + labels[i]] += share;
    targets[i * classes + labels[partner[i]]] += 1 - share;
  }
  return ndarray([count, classes], targets);
}

/** A draw from Beta(alpha, alpha): the share of one of two gamma draws. */
function beta(random: Random, alpha: number): number {
  const [one, other] = [gamma(random, alpha), gamma(random, alpha)];
  return one + other === 0 ? random.below(2) : one / (one + other);
}

/** A draw from Gamma(shape, 1): Marsaglia and Tsang 2000, raised from below 1 by a power of a uniform draw. */
function gamma(random: Random, shape: number): number {
  if (shape < 1) return gamma(random, shape + 1) * (1 - random.uniform()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}
