// A dataset is plain data: pictures in one array, a class index for each, the classes' names. A split is two of them.

import { understand } from "../base/arguments.ts";
import { type NdArray, ndarray, storageOf } from "../base/array.ts";
import { DataError, nearest } from "../base/errors.ts";
import { like, listOf, numbers, optional, type Rule, text, whole } from "../base/rules.ts";
import { formatShape, sizeOf } from "../base/shape.ts";
import type { Choice } from "./choice.ts";
import { type ClassSet, imageName, isStreamed, type PictureSet, takeImages } from "./images.ts";
import { checkLabels, countLabels, takeLabels } from "./labels.ts";

/** Pictures with their classes, in memory. */
export interface Dataset extends PictureSet<Int32Array, NdArray> {
  /** The class of each image, an index into `classes`. */
  readonly labels: Int32Array;
}

/** A file that was left out, and why. */
export interface Skipped {
  /** Its path. */
  readonly file: string;
  /** Why, as the end of a sentence. */
  readonly reason: string;
}

/** Data cut into parts. */
export interface Split<S extends PictureSet = Dataset> {
  /** What is learned from. */
  readonly train: S;
  /** What is looked at while training, and decided by; absent where nothing is held back for it. */
  readonly validation?: S;
  /** What is looked at once, when all is decided; absent where there is no such set. */
  readonly test?: S;
  /** The test set was cut by chance, for the data has none of its own. */
  readonly testByChance?: true;
  /** Files that could not be used; empty where nothing is skipped. */
  readonly skipped: readonly Skipped[];
  /** What was chosen for pictures of files (size, colours), with the reasons; absent where there was nothing to choose. */
  readonly choices?: readonly Choice[];
}

/** A dataset as an argument. */
export const datasetRule: Rule = like(
  "a dataset { name, images, labels, classes }, as openData() gives under train and test",
  "images",
  "labels",
  "classes",
);

/** Data with a test set. */
export interface TestedSplit<S extends PictureSet = Dataset> extends Split<S> {
  /** What is looked at once, when all is decided. */
  readonly test: S;
}

/**
 * A dataset whose parts fit together. `labelsName` names the source of the labels in messages.
 * Throws a DataError for images that are not [count, channels, height, width], another number of labels than images,
 * no image at all, a label that is no class, or a pixel that is NaN or infinite: with the first place, by file where known.
 */
export function dataset<S extends PictureSet = Dataset>(parts: S, labelsName = parts.name): S {
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
  if (!isStreamed(images) && images.data.length !== sizeOf(images.shape)) {
    throw new DataError(
      `${name} holds ${images.data.length} numbers, which do not fill images of the shape ${formatShape(images.shape)}.`,
    );
  }
  if (countLabels(labels) !== count) {
    throw new DataError(`${name} holds ${count} images, but ${labelsName} holds ${countLabels(labels)} labels.`);
  }
  checkLabels(labels, classes, (i) => `${labelsName} gives ${imageName(parts, i)}`, images.shape.slice(2));
  if (!isStreamed(images)) checkFinite(images, (i) => `${name}: ${imageName(parts, i)}`);
  return parts;
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

/**
 * The images at the given places (from 0), in that order, with their labels and the same classes; a place may stand
 * more than once. Streamed pictures stay where they are.
 */
export function subset<S extends PictureSet = Dataset>(source: S, indices: ArrayLike<number>, name = source.name): S {
  understand("subset", arguments, { source: datasetRule, indices: numbers, name: optional(text) });
  const { images, labels, origins } = source;
  return {
    ...source,
    name,
    images: takeImages(images, indices),
    labels: takeLabels(labels, indices),
    ...(origins ? { origins: Array.from(indices, (place) => origins[place]) } : {}),
  };
}

/** The number of images of each class, [classes]. */
export function countClasses(labels: Int32Array, classes: number): Int32Array {
  understand("countClasses", arguments, { labels: numbers, classes: whole(0) });
  const counts = new Int32Array(classes);
  for (const label of labels) counts[label]++;
  return counts;
}

/** The class that most images have, and its share of 0 to 1: the accuracy that always answering it would reach. */
export function majorityOf(dataset: ClassSet): {
  /** Name of the class. */
  readonly name: string;
  /** Its share of the images, 0 to 1. */
  readonly share: number;
} {
  understand("majorityOf", arguments, { dataset: datasetRule });
  const { labels, classes } = dataset;
  const counts = countClasses(labels, classes.length);
  const most = counts.indexOf(Math.max(...counts));
  return { name: classes[most], share: counts[most] / labels.length };
}

/**
 * The same images with labels that count in other classes (of a model), matched by name: some may have no image here. Throws
 * a DataError that names the first class of an image that the others do not have.
 */
export function relabel<S extends ClassSet = Dataset>(source: S, classes: readonly string[]): S {
  understand("relabel", arguments, { source: datasetRule, classes: listOf(text, "a list of names") });
  if (source.classes.length === classes.length && source.classes.every((name, c) => name === classes[c])) return source;
  const places = source.classes.map((name) => classes.indexOf(name));
  const labels = source.labels.map((label) => {
    if (places[label] >= 0) return places[label];
    const name = source.classes[label];
    const near = nearest(name, classes);
    const mend = near ? `did you mean ${near}?` : `it knows ${someOf(classes)}.`;
    throw new DataError(`${source.name} has pictures of the class ${name}, which the model does not know; ${mend}`);
  });
  return { ...source, labels, classes };
}

/** The first dozen names. */
export const someOf = (names: readonly string[]): string =>
  names.length > 12 ? `${names.slice(0, 12).join(", ")}, …` : names.join(", ");

/** Several sets of the same form and classes as one. */
export function joined(name: string, sets: readonly Dataset[]): Dataset {
  const [{ images, classes, reading }] = sets;
  const count = sets.reduce((total, { labels }) => total + labels.length, 0);
  const size = sizeOf(images.shape.slice(1));
  const data = new (storageOf(images.dtype))(count * size);
  const labels = new Int32Array(count);
  let done = 0;
  for (const one of sets) {
    data.set(one.images.data, done * size);
    labels.set(one.labels, done);
    done += one.labels.length;
  }
  const origins = sets.flatMap((one) => one.origins ?? []);
  return {
    ...{ name, images: ndarray([count, ...images.shape.slice(1)], data, images.dtype), labels, classes },
    ...(origins.length === count ? { origins } : {}),
    ...(reading ? { reading } : {}),
  };
}
