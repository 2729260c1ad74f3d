// How good a model is: the score on a data set, with the confusion matrix.

import { understand } from "../base/arguments.ts";
import { NeocogError } from "../base/errors.ts";
import { options as byName, type Rules, signal as signalRule, whole } from "../base/rules.ts";
import type { StopSignal } from "../base/web.ts";
import { dataset as checkDataset, datasetRule } from "../data/dataset.ts";
import { type ClassSet, imageName } from "../data/images.ts";
import { type Engine, engineRule } from "../engines/engine.ts";
import { stoppable } from "../engines/stoppable.ts";
import { openEngine } from "../run/engines.ts";
import { type Classifier, openClassifier } from "./classifier.ts";
import { type ClassifierModel, trainedRule } from "./trained.ts";

/** Loss (mean over images) and share of right answers. */
export interface Score {
  /** Mean cross-entropy over the images, in nats. */
  readonly loss: number;
  /** Share of right answers, 0 to 1. */
  readonly accuracy: number;
}

/** Options of evaluate and predict. */
export interface EvaluateOptions {
  /** The best engine of this machine unless told. Stays open. */
  readonly engine?: Engine;
  /** Images in a batch; 100 unless told. */
  readonly batch?: number;
  /** Stops the work, within a batch too; the promise is then rejected with the signal's reason. */
  readonly signal?: StopSignal;
}

/** How well one class is told from the others. */
export interface ClassScore {
  /** Name of the class. */
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
  /** Place of the image in the data set. */
  readonly index: number;
  /** Its class, a place among the evaluation's classes. */
  readonly label: number;
  /** The class that it was taken for. */
  readonly predicted: number;
  /** Probability that the model gave to the wrong class. */
  readonly probability: number;
}

/** How well a model does on a data set. */
export interface Evaluation extends Score {
  /** How many images were looked at. */
  readonly images: number;
  /** Names of the classes, in the order of the confusion matrix. */
  readonly classes: readonly string[];
  /** confusion[label][predicted] counts images. */
  readonly confusion: readonly (readonly number[])[];
  /** Each class by itself, in the order of `classes`. */
  readonly perClass: readonly ClassScore[];
  /** The surest first. */
  readonly mistakes: readonly Mistake[];
}

const defaultBatch = 100;

/**
 * Loss, accuracy, confusion matrix, the scores of single classes and the mistakes on a data set, in evaluation mode
 * and with the model's own preprocessing. The data may lack classes that the model knows, but must have no others; a
 * model whose classes are but numbered takes as many in the data's order. Throws for unknown classes, for pictures
 * that do not fit, and where an answer is not a number (naming the image); rejects with the signal's reason once it
 * is aborted.
 */
export async function evaluate(
  trained: ClassifierModel,
  dataset: ClassSet,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  understand("evaluate", arguments, { trained: trainedRule, dataset: datasetRule, options: byName(useRules) });
  checkDataset(dataset);
  const classes = namedClasses(trained.classes, dataset);
  const labels = labelsAmong(classes, dataset);
  return withClassifier(trained, dataset.labels.length, options, (classifier) =>
    score(classifier, { ...dataset, labels, classes }, classes, options.signal),
  );
}

/** What the options of evaluate and predict may be. */
export const useRules = { engine: engineRule, batch: whole(1), signal: signalRule } satisfies Rules<EvaluateOptions>;

/** Opens a classifier for so many images, and an engine where none is given; both are closed behind it. `alone` as there. */
export async function withClassifier<T>(
  { model, weights, preprocessing, classes }: ClassifierModel,
  images: number,
  { engine: given, batch = defaultBatch, signal, alone }: EvaluateOptions & { readonly alone?: boolean },
  use: (classifier: Classifier, batch: number) => Promise<T>,
): Promise<T> {
  const engine = given ?? (await openEngine());
  try {
    const size = Math.min(batch, Math.max(1, images));
    const stopping = stoppable(engine, signal);
    const options = { model, weights, preprocessing, classes, engine: stopping, batch: size, frozen: true, alone };
    const classifier = await openClassifier(options);
    try {
      return await use(classifier, size);
    } finally {
      classifier.release();
    }
  } finally {
    if (!given) await engine.close();
  }
}

/** The model's classes; where they are only numbers and the data has as many, the data's names for them. */
function namedClasses(classes: readonly string[], dataset: ClassSet): readonly string[] {
  const numbered = classes.every((name, i) => name === String(i));
  return numbered && dataset.classes.length === classes.length ? dataset.classes : classes;
}

/** The data's labels as places among the model's classes. */
function labelsAmong(classes: readonly string[], dataset: ClassSet): Int32Array {
  const places = dataset.classes.map((name) => classes.indexOf(name));
  const unknown = dataset.classes.filter((_, i) => places[i] < 0);
  if (unknown.length > 0) {
    throw new NeocogError(
      `The model knows the classes ${listed(classes)}, but ${dataset.name} has ${listed(dataset.classes)}: ${listed(unknown)} ${unknown.length === 1 ? "is" : "are"} not among the model's.`,
    );
  }
  return dataset.labels.map((label) => places[label]);
}

const listed = (names: readonly string[]): string =>
  names.length <= 12 ? names.join(", ") : `${names.slice(0, 10).join(", ")} and ${names.length - 10} more`;

/** Runs a data set through a classifier. */
export async function score(
  classifier: Classifier,
  dataset: ClassSet,
  classes: readonly string[],
  signal?: StopSignal,
): Promise<Evaluation> {
  const { images, labels } = dataset;
  const logits = await classifier.logits(images, signal);
  const confusion = classes.map(() => new Array<number>(classes.length).fill(0));
  const mistakes: Mistake[] = [];
  let loss = 0;
  labels.forEach((label, index) => {
    const row = softmaxRow(logits.subarray(index * classes.length, (index + 1) * classes.length));
    if (row.some(Number.isNaN)) {
      throw new NeocogError(
        `The network's answer to ${imageName(dataset, index)} of ${dataset.name} is not a number: its weights are broken, or too large.`,
      );
    }
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

export function softmaxRow(logits: Float64Array): Float64Array {
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
