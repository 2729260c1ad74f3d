// Using a trained model: the score on a data set, with the confusion matrix, and the probabilities of single images.
import { type NdArray, ndarray } from "../base/array.ts";
import { checkOptions, NeocogError } from "../base/errors.ts";
import type { Dataset } from "../data/dataset.ts";
import type { Engine } from "../engines/engine.ts";
import { openEngine } from "../run/engines.ts";
import { type Classifier, openClassifier } from "./classifier.ts";
import type { Score } from "./record.ts";
import type { ClassifierModel } from "./trained.ts";

export interface EvaluateOptions {
  /** The best engine of this machine unless told. Stays open. */
  readonly engine?: Engine;
  /** Images in a batch; 100 unless told. */
  readonly batch?: number;
}

/** How well one class is told from the others. */
export interface ClassScore {
  readonly name: string;
  /** Images of the class. */
  readonly images: number;
  /** Share of its images that were recognised (the class's accuracy). */
  readonly recall: number;
  /** Share of right ones among the images that were taken for it; 0 where there are none. */
  readonly precision: number;
  /** Harmonic mean of the two. */
  readonly f1: number;
}

/** An image that was taken for another class. */
export interface Mistake {
  readonly index: number;
  readonly label: number;
  readonly predicted: number;
  /** Probability that the model gave to the wrong class. */
  readonly probability: number;
}

export interface Evaluation extends Score {
  readonly images: number;
  readonly classes: readonly string[];
  /** confusion[label][predicted] counts images. */
  readonly confusion: readonly (readonly number[])[];
  readonly perClass: readonly ClassScore[];
  /** The surest first. */
  readonly mistakes: readonly Mistake[];
}

const defaultBatch = 100;

/** Loss, accuracy, confusion matrix and the scores of single classes, in evaluation mode. */
export async function evaluate(
  trained: ClassifierModel,
  dataset: Dataset,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  checkOptions("evaluate", options, ["engine", "batch"]);
  checkClasses(trained.classes, dataset);
  return withClassifier(trained, dataset.labels.length, options, (classifier) =>
    score(classifier, dataset, trained.classes),
  );
}

/** Probabilities [images, classes] of images [images, channels, height, width], uint8 of 0..255 or floats of 0..1. */
export async function predict(
  trained: ClassifierModel,
  images: NdArray,
  options: EvaluateOptions = {},
): Promise<NdArray> {
  checkOptions("predict", options, ["engine", "batch"]);
  const classes = trained.classes.length;
  return withClassifier(trained, images.shape[0], options, async (classifier) => {
    const logits = await classifier.logits(images);
    const probabilities = new Float32Array(logits.length);
    for (let i = 0; i < logits.length; i += classes) {
      probabilities.set(softmaxRow(logits.subarray(i, i + classes)), i);
    }
    return ndarray([images.shape[0], classes], probabilities);
  });
}

async function withClassifier<T>(
  { model, weights, preprocessing, classes }: ClassifierModel,
  images: number,
  { engine: given, batch = defaultBatch }: EvaluateOptions,
  use: (classifier: Classifier) => Promise<T>,
): Promise<T> {
  if (!Number.isInteger(batch) || batch < 1)
    throw new NeocogError(`The batch must be a whole number of at least 1, not ${batch}.`);
  const engine = given ?? (await openEngine());
  try {
    const size = Math.min(batch, Math.max(1, images));
    const options = { model, weights, preprocessing, classes, engine, batch: size, frozen: true };
    const classifier = await openClassifier(options);
    try {
      return await use(classifier);
    } finally {
      classifier.release();
    }
  } finally {
    if (!given) await engine.close();
  }
}

/** Refuses data whose classes are not the model's, in the model's order. */
function checkClasses(classes: readonly string[], dataset: Dataset): void {
  if (dataset.classes.length === classes.length && dataset.classes.every((name, i) => name === classes[i])) return;
  throw new NeocogError(
    `The model knows the classes ${classes.join(", ")}, but ${dataset.name} has ${dataset.classes.join(", ")}.`,
  );
}

/** Runs a data set through a classifier. */
export async function score(
  classifier: Classifier,
  { images, labels }: Dataset,
  classes: readonly string[],
): Promise<Evaluation> {
  const logits = await classifier.logits(images);
  const confusion = classes.map(() => new Array<number>(classes.length).fill(0));
  const mistakes: Mistake[] = [];
  let loss = 0;
  labels.forEach((label, index) => {
    const row = softmaxRow(logits.subarray(index * classes.length, (index + 1) * classes.length));
    const predicted = row.reduce((best, p, c) => (p > row[best] ? c : best), 0);
    confusion[label][predicted]++;
    loss -= logSoftmaxAt(logits, index * classes.length, classes.length, label);
    if (predicted !== label) mistakes.push({ index, label, predicted, probability: row[predicted] });
  });
  const right = confusion.reduce((total, row, c) => total + row[c], 0);
  return {
    images: labels.length,
    classes,
    loss: loss / labels.length,
    accuracy: right / labels.length,
    confusion,
    perClass: classes.map((name, c) => classScore(name, c, confusion)),
    mistakes: mistakes.sort((a, b) => b.probability - a.probability || a.index - b.index),
  };
}

function classScore(name: string, c: number, confusion: readonly (readonly number[])[]): ClassScore {
  const images = confusion[c].reduce((total, n) => total + n, 0);
  const taken = confusion.reduce((total, row) => total + row[c], 0);
  const right = confusion[c][c];
  const recall = images === 0 ? 0 : right / images;
  const precision = taken === 0 ? 0 : right / taken;
  return { name, images, recall, precision, f1: right === 0 ? 0 : (2 * recall * precision) / (recall + precision) };
}

function softmaxRow(logits: Float64Array): Float64Array {
  const top = Math.max(...logits);
  const powers = logits.map((value) => Math.exp(value - top));
  const total = powers.reduce((sum, value) => sum + value, 0);
  return powers.map((value) => value / total);
}

function logSoftmaxAt(logits: Float64Array, offset: number, classes: number, label: number): number {
  const row = logits.subarray(offset, offset + classes);
  const top = Math.max(...row);
  return row[label] - top - Math.log(row.reduce((sum, value) => sum + Math.exp(value - top), 0));
}
