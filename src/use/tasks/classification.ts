// One class a picture.

import { NeocogError } from "../../base/errors.ts";
import type { ClassSet } from "../../data/images.ts";
import { checkLogits, scoresOf } from "../../nn/source.ts";
import { mergedLogits } from "../logMean.ts";
import { softmaxRow } from "../softmax.ts";
import { type BaseScore, brokenAnswer, type Judge, type Known, listed, type Task } from "./task.ts";

/** Loss (mean over images) and share of right answers. */
export interface Score extends BaseScore {
  /** Mean cross-entropy over the images, in nats. */
  readonly loss: number;
  /** Share of right answers, 0 to 1. */
  readonly accuracy: number;
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

/** A class with its probability. */
export interface ClassProbability {
  /** Name of the class. */
  readonly name: string;
  /** Its place among the model's classes. */
  readonly label: number;
  /** 0 to 1; those of all classes sum to 1. */
  readonly probability: number;
}

/** What a model takes a picture for. */
export interface Prediction {
  /** The likeliest class. */
  readonly name: string;
  /** How sure the model is of it, 0 to 1. */
  readonly probability: number;
  /** The likeliest classes, the surest first. */
  readonly classes: readonly ClassProbability[];
}

export const classification: Task<Int32Array, Evaluation, Prediction> = {
  name: "classification",
  about: "one class a picture",
  labels: "class",
  main: { name: "accuracy", better: "higher", of: ({ accuracy }) => accuracy },
  named: true,
  head(output, { classes }) {
    const logits = scoresOf(output);
    checkLogits(logits, classes.length);
    return logits;
  },
  exported: (output) => ({ logits: output }),
  scores: scoresOf,
  matched: labelsAmong,
  judge: (set, { classes: known }) => judge(set, namedClasses(known, set)),
  meant: softmaxRow,
  merged: (one, other) => mergedLogits(one, other, 1),
  answer: (row, _shape, { classes }, top) => likeliest(row, classes, top),
};

/** The model's classes; where they are only numbers and the data has as many, the data's names for them. */
function namedClasses(classes: readonly string[], set: ClassSet): readonly string[] {
  const numbered = classes.every((name, i) => name === String(i));
  return numbered && set.classes.length === classes.length ? set.classes : classes;
}

/** The data's labels as places among the model's classes. */
function labelsAmong<S extends ClassSet>(set: S, known: Known): S {
  const classes = namedClasses(known.classes, set);
  const places = set.classes.map((name) => classes.indexOf(name));
  const unknown = set.classes.filter((_, i) => places[i] < 0);
  if (unknown.length > 0) {
    throw new NeocogError(
      `The model knows the classes ${listed(classes)}, but ${set.name} has ${listed(set.classes)}: ${listed(unknown)} ${unknown.length === 1 ? "is" : "are"} not among the model's.`,
    );
  }
  return { ...set, labels: set.labels.map((label) => places[label]), classes };
}

function judge(set: ClassSet, classes: readonly string[]): Judge<Evaluation> {
  const { labels } = set;
  const confusion = classes.map(() => new Array<number>(classes.length).fill(0));
  const mistakes: Mistake[] = [];
  let loss = 0;
  return {
    add(index, logits) {
      const label = labels[index];
      const row = softmaxRow(logits);
      if (row.some(Number.isNaN)) throw brokenAnswer(set, index);
      const predicted = row.reduce((best, p, c) => (p > row[best] ? c : best), 0);
      confusion[label][predicted]++;
      loss -= logSoftmaxAt(logits, label);
      if (predicted !== label) mistakes.push({ index, label, predicted, probability: row[predicted] });
    },
    result() {
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
    },
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

function logSoftmaxAt(row: Float64Array, label: number): number {
  const top = Math.max(...row);
  return row[label] - top - Math.log(row.reduce((sum, value) => sum + Math.exp(value - top), 0));
}

function likeliest(row: Float64Array, classes: readonly string[], top: number): Prediction {
  const all = classes.map((name, label) => ({ name, label, probability: row[label] }));
  const sorted = all.sort((a, b) => b.probability - a.probability || a.label - b.label).slice(0, top);
  return { name: sorted[0].name, probability: sorted[0].probability, classes: sorted };
}
