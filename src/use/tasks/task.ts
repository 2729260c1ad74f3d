// What a network has learnt to say of a picture, as a card: which labels it reads, how its numbers become an answer, and how
// good the answers are. What is made small in training stands apart (train/tasks), so that using a model carries none of it.

import { NeocogError } from "../../base/errors.ts";
import type { Shape } from "../../base/shape.ts";
import { imageName, type PictureSet } from "../../data/images.ts";
import type { LabelKind, Labels } from "../../data/labels.ts";
import type { Tensor } from "../../graph/graph.ts";

/** The loss, and metrics of one's own where there are some; every task adds its main metric. */
export interface BaseScore {
  /** Mean over the pictures of what is made small. */
  readonly loss: number;
  /** What the functions under `metrics` of fit gave, by their names. */
  readonly metrics?: Readonly<Record<string, number>>;
}

/** The number by which epochs are compared. */
export interface Metric<E> {
  /** Its name in scores, events and files. */
  readonly name: string;
  /** Which of two values is the better. */
  readonly better: "higher" | "lower";
  /** Its value in an evaluation. */
  of(evaluation: E): number;
}

/** Goes over the answers to a set's pictures, one after the other, and sums up. */
export interface Judge<E> {
  /** The numbers that the network gave for the picture at a place of the set. */
  add(index: number, numbers: Float64Array): void;
  result(): E;
}

/** How the numbers of a network become those that are meant: times the deviation, plus the mean, one each a number. */
export interface NumberScale {
  /** Mean of each number over the training pictures. */
  readonly mean: readonly number[];
  /** Their standard deviations. */
  readonly std: readonly number[];
}

/** What is known of a network beside its layers. */
export interface Known {
  /** Names of the classes, tags or numbers. */
  readonly classes: readonly string[];
  /** Of numbers that the network gives on a scale of their own. */
  readonly scale?: NumberScale;
}

/** One task. `L`: the labels it reads, `E`: what evaluate gives, `P`: what predict says of a picture. */
export interface Task<L extends Labels = Labels, E extends BaseScore = BaseScore, P = unknown> {
  readonly name: string;
  /** One line for lists. */
  readonly about: string;
  /** The labels that it reads. */
  readonly labels: LabelKind;
  /** What epochs are compared by. */
  readonly main: Metric<E>;
  /** Whether its classes, tags or numbers have names. */
  readonly named: boolean;
  /** What is read of a network's output, [batch, …]; throws where the output is none of this task. */
  head(output: Tensor, known: Known): Tensor;
  /** The outputs of a file that others run, by name. */
  exported(output: Tensor, known: Known): Readonly<Record<string, Tensor>>;
  /** One number for each class, tag or number, [batch, names], which explaining follows; throws where there is none. */
  scores(output: Tensor, known: Known): Tensor;
  /** The labels as a model counts them, by names; throws for names that it does not know. */
  matched<S extends PictureSet<L>>(set: S, known: Known): S;
  /** `shape`: of one picture's answer. */
  judge(set: PictureSet<L>, known: Known, shape: Shape): Judge<E>;
  /** What the numbers of one picture mean: probabilities, or the numbers themselves. */
  meant(numbers: Float64Array, shape: Shape): Float64Array;
  /**
   * The numbers that mean the mean of what two answers mean: those to a picture and to its mirror image, the second turned back
   * where it is a map. Absent where a mirror image has another answer.
   */
  readonly merged?: (one: Float64Array, other: Float64Array, shape: Shape) => Float64Array;
  /** What is said of one picture, of what its numbers mean. `top`: how many classes are named. */
  answer(meant: Float64Array, shape: Shape, known: Known, top: number): P;
}

export const brokenAnswer = (set: PictureSet, index: number): NeocogError =>
  new NeocogError(
    `The network's answer to ${imageName(set, index)} of ${set.name} is not a number: its weights are broken, or too large.`,
  );

/** Refuses another number of names than the model has, or others; where a model only numbers them, the data's hold. */
export function sameNames<S extends PictureSet>(set: S, { classes }: Known, what: string): S {
  const numbered = classes.every((name, i) => name === String(i));
  const same =
    set.classes.length === classes.length && (numbered || set.classes.every((name, i) => name === classes[i]));
  if (same) return set;
  throw new NeocogError(
    `The model knows the ${what} ${listed(classes)}, but ${set.name} has ${listed(set.classes)}; they must be the same, in the same order.`,
  );
}

export const listed = (names: readonly string[]): string =>
  names.length <= 12 ? names.join(", ") : `${names.slice(0, 10).join(", ")} and ${names.length - 10} more`;
