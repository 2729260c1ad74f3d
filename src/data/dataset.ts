// A dataset is plain data: pictures in one array, a class index for each, the classes' names. A split is two of them.

import { understand } from "../base/arguments.ts";
import { type NdArray, ndarray, storageOf } from "../base/array.ts";
import { DataError } from "../base/errors.ts";
import { Random } from "../base/random.ts";
import { above, options as byName, like, numbers, optional, type Rule, type Rules, seed, text } from "../base/rules.ts";
import { formatShape, sizeOf } from "../base/shape.ts";
import type { Preprocessing } from "./preprocessing.ts";

export interface Dataset {
  readonly name: string;
  /** [count, channels, height, width]; uint8 means 0..255, float32 means 0..1. */
  readonly images: NdArray;
  /** The class of each image, an index into `classes`. */
  readonly labels: Int32Array;
  readonly classes: readonly string[];
  /** Where each image came from, for data made of single files. */
  readonly origins?: readonly string[];
  /** How pictures of other sizes were brought to this one: kept with a model, so that it is shown pictures in the same way. */
  readonly reading?: Pick<Preprocessing, "resize" | "crop">;
}

/** A file that was left out, and why. */
export interface Skipped {
  readonly file: string;
  readonly reason: string;
}

export interface Split {
  readonly train: Dataset;
  /** What is looked at while training, and decided by. */
  readonly validation?: Dataset;
  /** What is looked at once, when all is decided. */
  readonly test: Dataset;
  /** Files that could not be used; empty where nothing is skipped. */
  readonly skipped: readonly Skipped[];
}

/** How one set is cut in two. */
/** A dataset as an argument. */
export const datasetRule: Rule = like(
  "a dataset { name, images, labels, classes }, as openData() gives under train and test",
  "images",
  "labels",
  "classes",
);

/** What the options of a split may be. */
export const splitRules = { testFraction: above(0, 1), seed } satisfies Rules<SplitOptions>;

export interface SplitOptions {
  /** Share of the images that are held back for testing, above 0 and below 1; 0.2 unless told. */
  readonly testFraction?: number;
  /** Seed of the split; 0 unless told. */
  readonly seed?: number;
}

/**
 * A dataset whose parts fit together. `labelsName` names the source of the labels in messages.
 * Throws a DataError for images that are not [count, channels, height, width], another number of labels than images,
 * no image at all, a label that is no class, or a pixel that is NaN or infinite: with the first place, by file where known.
 */
export function dataset(parts: Dataset, labelsName = parts.name): Dataset {
  understand("dataset", arguments, { parts: datasetRule, labelsName: optional(text) });
  const { name, images, labels, classes } = parts;
  if (images.shape.length !== 4) {
    throw new DataError(
      `${name} has images of shape ${formatShape(images.shape)}; it must be [count, channels, height, width].`,
    );
  }
  const count = images.shape[0];
  if (sizeOf(images.shape) === 0)
    throw new DataError(`${name} holds no images: its shape is ${formatShape(images.shape)}.`);
  if (images.data.length !== sizeOf(images.shape)) {
    throw new DataError(
      `${name} holds ${images.data.length} numbers, which do not fill images of the shape ${formatShape(images.shape)}.`,
    );
  }
  if (labels.length !== count) {
    throw new DataError(`${name} holds ${count} images, but ${labelsName} holds ${labels.length} labels.`);
  }
  for (let i = 0; i < count; i++) {
    if (!(Number.isInteger(labels[i]) && labels[i] >= 0 && labels[i] < classes.length)) {
      throw new DataError(
        `${labelsName} gives ${imageName(parts, i)} the label ${labels[i]}, which is outside the ${classes.length} classes (0 to ${classes.length - 1}).`,
      );
    }
  }
  checkFinite(images, (i) => `${name}: ${imageName(parts, i)}`);
  return parts;
}

/** The place of an image, and its file where known. */
export function imageName({ origins }: Dataset, i: number): string {
  return origins ? `image ${i} (${origins[i]})` : `image ${i}`;
}

/** Refuses images [count, channels, height, width] with a number that is NaN or infinite. `nameOf` names an image in messages. */
export function checkFinite({ shape, data }: NdArray, nameOf: (image: number) => string): void {
  if (!(data instanceof Float32Array || data instanceof Float64Array)) return;
  // A number minus itself is 0 but for NaN and the infinities.
  let first = 0;
  while (first < data.length && data[first] - data[first] === 0) first++;
  if (first === data.length) return;
  const [channels, height, width] = shape.slice(1);
  const [row, column] = [Math.floor(first / width) % height, first % width];
  const channel = Math.floor(first / (width * height)) % channels;
  throw new DataError(
    `${nameOf(Math.floor(first / sizeOf(shape.slice(1))))} holds ${data[first]} in channel ${channel}, row ${row}, column ${column} (counted from 0); every pixel must be a finite number.`,
  );
}

/** The images at the given places, in that order. */
export function subset(source: Dataset, indices: ArrayLike<number>, name = source.name): Dataset {
  understand("subset", arguments, { source: datasetRule, indices: numbers, name: optional(text) });
  const [, channels, height, width] = source.images.shape;
  const size = channels * height * width;
  const from = source.images.data;
  const images = new (storageOf(source.images.dtype))(indices.length * size);
  const labels = new Int32Array(indices.length);
  const origins: string[] = [];
  for (let i = 0; i < indices.length; i++) {
    const place = indices[i];
    images.set(from.subarray(place * size, (place + 1) * size), i * size);
    labels[i] = source.labels[place];
    if (source.origins) origins.push(source.origins[place]);
  }
  return {
    name,
    images: ndarray([indices.length, channels, height, width], images, source.images.dtype),
    labels,
    classes: source.classes,
    ...(source.origins ? { origins } : {}),
    ...(source.reading ? { reading: source.reading } : {}),
  };
}

/** The number of images of each class. */
export function countClasses(labels: Int32Array, classes: number): Int32Array {
  const counts = new Int32Array(classes);
  for (const label of labels) counts[label]++;
  return counts;
}

/**
 * Places for training and for testing, both ascending: every class gives its share of the test set (largest remainders
 * fill up to exactly `testCount`), drawn at random, but always keeps one image for training.
 */
export function stratify(
  labels: Int32Array,
  classes: number,
  testCount: number,
  seed: number,
): { train: Int32Array; test: Int32Array } {
  const counts = countClasses(labels, classes);
  const fair = Array.from(counts, (count) => (count * testCount) / labels.length);
  const shares = fair.map((share, c) => Math.min(Math.floor(share), Math.max(0, counts[c] - 1)));
  const hungry = fair.map((share, c) => ({ c, rest: share - shares[c] })).sort((a, b) => b.rest - a.rest || a.c - b.c);
  let missing = testCount - shares.reduce((sum, share) => sum + share, 0);
  for (let given = -1; missing > 0 && given !== 0; ) {
    given = 0;
    for (const { c } of hungry) {
      if (missing === 0 || shares[c] >= counts[c] - 1) continue;
      shares[c]++;
      missing--;
      given++;
    }
  }
  const held = new Uint8Array(labels.length);
  for (let c = 0; c < classes; c++) {
    const members = Int32Array.from(labels.keys()).filter((i) => labels[i] === c);
    const order = new Random(seed, `data/split/${c}`).permutation(members.length);
    for (let i = 0; i < shares[c]; i++) held[members[order[i]]] = 1;
  }
  const all = Int32Array.from(labels.keys());
  return { train: all.filter((i) => held[i] === 0), test: all.filter((i) => held[i] === 1) };
}

/** Cuts a dataset in two by `stratify`. Throws where the fraction is impossible or a part would be empty. */
export function split(source: Dataset, options: SplitOptions = {}): Split {
  understand("split", arguments, { source: datasetRule, options: byName(splitRules) });
  const { testFraction = 0.2, seed = 0 } = options;
  const count = source.labels.length;
  const places = stratify(source.labels, source.classes.length, Math.max(1, Math.round(count * testFraction)), seed);
  if (places.train.length === 0 || places.test.length === 0) {
    throw new DataError(`${source.name} holds too few images (${count}) to hold some back for testing.`);
  }
  return {
    train: subset(source, places.train, `${source.name} (training)`),
    test: subset(source, places.test, `${source.name} (test)`),
    skipped: [],
  };
}
