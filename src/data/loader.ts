// Batches from a dataset: shuffled, augmented, normalized. A batch is a pure function of (seed, epoch, index): it can be
// asked for in any order and again, which is all that resuming needs.

import { understand } from "../base/arguments.ts";
import type { NdArray } from "../base/array.ts";
import { NeocogError } from "../base/errors.ts";
import {
  options as byName,
  flag,
  listOf,
  type OptionsOf,
  type Rules,
  record,
  required,
  seed as seedRule,
  signal,
  whole,
} from "../base/rules.ts";
import type { Shape } from "../base/shape.ts";
import type { StopSignal } from "../base/web.ts";
import { type Augmentation, type Augmenter, augmenter } from "./augment.ts";
import { type Batch, type BatchWish, batchMaker } from "./batch.ts";
import { datasetRule } from "./dataset.ts";
import { isStreamed, type PictureSet, type StreamedImages } from "./images.ts";
import { batchLabels, ignoredIn, type Labels } from "./labels.ts";
import { toRange } from "./normalize.ts";
import { asTheyStand, balancedOrder, type OrderOf, shuffled } from "./order.ts";
import { checkNormalization, type Normalization, normalizationRule } from "./preprocessing.ts";
import { Ahead, inMemory, streamed } from "./stream/ahead.ts";
import { usualReaders } from "./stream/readers.ts";

/** Options of loader. */
export interface LoaderOptions {
  /** Images in a batch. */
  readonly batch: number;
  /** Seed of the order and of the augmentation; 0 unless told. */
  readonly seed?: number;
  /** A new order in every epoch; false unless told. */
  readonly shuffle?: boolean;
  /**
   * As many pictures an epoch as there are, drawn with replacement so that every class comes equally often (for classes); false
   * unless told. A picture that comes again is changed anew.
   */
  readonly balanced?: boolean;
  /** Leaves out the last batch where it is not full; false unless told. */
  readonly dropLast?: boolean;
  /** Mean and deviation per channel on the scale 0..1 (`measure` of the training set); pixels stay 0..1 without. */
  readonly normalization?: Normalization;
  /** Random changes of the images, in this order; none unless told. */
  readonly augment?: readonly Augmentation[];
  /** For streamed pictures: epochs that will be asked for, so that nothing is read ahead for later ones; no end unless told. */
  readonly epochs?: number;
  /** For streamed pictures: stops the reading, and what is waited for is rejected. */
  readonly signal?: StopSignal;
}

/** What every loader tells of its epochs. */
interface Epochs {
  /** Images in a full batch. */
  readonly size: number;
  /** Batches in an epoch. */
  readonly batches: number;
  /** Images that an epoch gives out. */
  readonly images: number;
}

/** Gives the batches of any epoch, of pictures in memory. */
export interface Loader extends Epochs {
  /** Batch `index` (from 0) of an epoch, whatever was asked for before. Throws for an index that the epoch does not have. */
  batch(epoch: number, index: number): Batch;
  /** The batches of an epoch, from the given one on. */
  epoch(epoch: number, from?: number): Generator<Batch>;
}

/** Gives the batches of any epoch, of streamed pictures: the next ones are read ahead by other threads. */
export interface StreamLoader extends Epochs {
  /**
   * Batch `index` (from 0) of an epoch, whatever was asked for before. Rejects with a DataError for a picture that is no
   * longer what it was, and with the signal's reason once that is aborted.
   */
  batch(epoch: number, index: number): Promise<Batch>;
  /** The batches of an epoch, from the given one on. */
  epoch(epoch: number, from?: number): AsyncGenerator<Batch>;
  /** Ends the threads. */
  close(): Promise<void>;
}

/** What the options of a loader may be; also read by fit. */
export const loaderRules = {
  batch: required(whole(1)),
  seed: seedRule,
  shuffle: flag,
  balanced: flag,
  dropLast: flag,
  normalization: normalizationRule,
  augment: listOf(record, 'a list of augmentations, such as [{ kind: "flip" }]'),
  epochs: whole(1),
  signal,
} satisfies Rules<LoaderOptions>;

/**
 * Batches of any epoch of a data set, float32 [batch, channels, height, width] with int32 labels [batch]: in order,
 * of pixels 0..1 and with a smaller last batch unless told. The same seed, epoch and index give the same batch.
 * Throws a NeocogError for options that are unknown or impossible.
 */
export function loader(dataset: PictureSet<Labels, NdArray>, options: LoaderOptions): Loader;
/** The same batches of a set that is streamed, as promises; close it at the end. */
export function loader(dataset: PictureSet<Labels, StreamedImages>, options: LoaderOptions): StreamLoader;
export function loader(dataset: PictureSet, options: LoaderOptions): Loader | StreamLoader;
export function loader(dataset: PictureSet, options: LoaderOptions): Loader | StreamLoader {
  understand("loader", arguments, {
    dataset: datasetRule,
    options: required(byName<OptionsOf<typeof loader>>(loaderRules)),
  });
  return open(dataset, options, 0);
}

/**
 * What `loader` gives; pictures in memory whose changes take long are changed by other threads too, ahead of whoever takes
 * the batches, which are then promises. `workers`: how many threads; none of them where it is 0.
 */
export const loaderAhead = (
  dataset: PictureSet,
  options: LoaderOptions,
  workers = usualReaders(false),
): Loader | StreamLoader => open(dataset, options, workers);

/** Numbers of a picture from which on changing it takes longer than handing it to a thread and back: one of 3 x 32 x 32. */
const worthHanding = 3072;

function open(dataset: PictureSet, options: LoaderOptions, workers: number): Loader | StreamLoader {
  const {
    batch: size,
    seed = 0,
    shuffle = false,
    balanced = false,
    dropLast = false,
    normalization,
    epochs = Infinity,
  } = options;
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
  checkMoves(change, labels, images.shape);
  const ignoreIndex = ignoredIn(labels);
  const recipe = {
    ...{ seed, channels, height, width, classes: dataset.classes.length, augment: change.list },
    ...(normalization ? { normalization } : {}),
    ...(ignoreIndex === undefined ? {} : { ignoreIndex }),
  };
  const orderOf = balanced ? balancedOf(dataset, seed) : shuffle ? shuffled(seed, count) : asTheyStand(count);
  const wish = (epoch: number, index: number): BatchWish => {
    if (!Number.isInteger(index) || index < 0 || index >= batches) {
      throw new NeocogError(`There is no batch ${index}: an epoch has the batches 0 to ${batches - 1}.`);
    }
    const order = orderOf(epoch);
    const [first, end] = [index * size, Math.min(count, (index + 1) * size)];
    const indices = order.indices.slice(first, end);
    const again = order.again?.slice(first, end);
    return { epoch, index, indices, labels: batchLabels(labels, indices), ...(again ? { again } : {}) };
  };
  const shared = { size, batches, images: dropLast ? batches * size : count };
  const imageSize = channels * height * width;
  const handed = workers > 0 && change.list.length > 0 && imageSize >= worthHanding;
  if (isStreamed(images) || handed) {
    const pictures = isStreamed(images) ? streamed(images) : inMemory(images, workers);
    const ahead = new Ahead(pictures, { recipe, batches, epochs, wish }, options.signal);
    return {
      ...shared,
      batch: async (epoch, index) => ahead.batch(epoch, index),
      async *epoch(epoch, from = 0) {
        for (let index = from; index < batches; index++) yield await ahead.batch(epoch, index);
      },
      close: () => ahead.close(),
    };
  }
  const make = batchMaker(recipe);
  const batch = (epoch: number, index: number): Batch => {
    const wanted = wish(epoch, index);
    return make(wanted, (i, target) => toRange(images, wanted.indices[i] * imageSize, target));
  };
  return {
    ...shared,
    batch,
    *epoch(epoch, from = 0) {
      for (let index = from; index < batches; index++) yield batch(epoch, index);
    },
  };
}

/** An order that shows every class equally often. */
function balancedOf({ name, labels }: PictureSet, seed: number): OrderOf {
  if (labels instanceof Int32Array) return balancedOrder(seed, labels);
  throw new NeocogError(
    (option) => `${option("balanced")} is for pictures of one class each, which those of ${name} are not.`,
  );
}

/** Refuses changes that labels cannot follow. */
function checkMoves({ blends, ofOneSize }: Augmenter, labels: Labels, shape: Shape): void {
  if (!("kind" in labels)) return;
  if (labels.kind === "numbers" && blends.some(({ kind }) => kind === "cutmix")) {
    throw new NeocogError(
      "Augmentation cutmix pastes a part of another picture, and what numbers are true of both is not known; leave it out, or blend whole pictures with mixup.",
    );
  }
  if (labels.kind !== "masks" && labels.kind !== "pictures") return;
  if (blends.length > 0) {
    throw new NeocogError(
      `Augmentation ${blends[0].kind} blends labels, which ${labels.kind} cannot follow; leave it out.`,
    );
  }
  const [height, width] = labels.values.shape.slice(-2);
  if (ofOneSize.length === 0 || (height === shape[2] && width === shape[3])) return;
  throw new NeocogError(
    `Augmentation ${ofOneSize[0]} moves pixels, which target pictures of another size (${width} x ${height} for ${shape[3]} x ${shape[2]}) cannot follow; of those that move only flip can be used.`,
  );
}
