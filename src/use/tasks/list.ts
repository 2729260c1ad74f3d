// All tasks, the usual one first. Whoever needs something of a task takes its card from here, and asks no name what it means.

import { DataError, NeocogError, unknownName } from "../../base/errors.ts";
import { either, listOf, oneOf, type Rule } from "../../base/rules.ts";
import {
  kindOfLabels,
  type Labels,
  type MaskLabels,
  type NumberLabels,
  type PictureLabels,
  type TagLabels,
} from "../../data/labels.ts";
import { classification, type Evaluation, type Prediction, type Score } from "./classification.ts";
import { imageToImage, type PictureEvaluation, type PicturePrediction, type PictureScore } from "./imageToImage.ts";
import { multilabel, type TagEvaluation, type TagPrediction, type TagScore } from "./multilabel.ts";
import { type NumberEvaluation, type NumberPrediction, type NumberScore, regression } from "./regression.ts";
import { type MaskEvaluation, type MaskPrediction, type MaskScore, segmentation } from "./segmentation.ts";
import type { Task } from "./task.ts";

/** What belongs to each task: labels that it reads, scores, what evaluate gives, what predict says of a picture. */
export interface TaskTypes {
  /** One class a picture. */
  readonly classification: Of<Int32Array, Score, Evaluation, Prediction>;
  /** Several labels a picture. */
  readonly multilabel: Of<TagLabels, TagScore, TagEvaluation, TagPrediction>;
  /** One or more numbers a picture. */
  readonly regression: Of<NumberLabels, NumberScore, NumberEvaluation, NumberPrediction>;
  /** A class for every pixel. */
  readonly segmentation: Of<MaskLabels, MaskScore, MaskEvaluation, MaskPrediction>;
  /** Another picture for each. */
  readonly "image-to-image": Of<PictureLabels, PictureScore, PictureEvaluation, PicturePrediction>;
}

interface Of<L, S, E, P> {
  readonly labels: L;
  readonly score: S;
  readonly evaluation: E;
  readonly prediction: P;
}

/** The name of a task: what a network learns to say of a picture. */
export type TaskName = keyof TaskTypes;

/** The task that learns from such labels. */
export type TaskOf<L extends Labels, T extends TaskName = TaskName> = T extends TaskName
  ? L extends TaskTypes[T]["labels"]
    ? T
    : never
  : never;

type Cards = {
  readonly [T in TaskName]: Task<TaskTypes[T]["labels"], TaskTypes[T]["evaluation"], TaskTypes[T]["prediction"]>;
};

/** A task of whatever labels and answers. */
export type AnyTask = Task;

const cards: Cards = { classification, multilabel, regression, segmentation, "image-to-image": imageToImage };

/** The names of the tasks, the usual one first. */
export const taskNames: readonly TaskName[] = Object.keys(cards) as TaskName[];

/** The task of models and labels that say nothing else. */
export const usualTask: TaskName = taskNames[0];

/** The card of a task; an unknown name is refused with the nearest right one. */
export function taskOf<T extends TaskName = "classification">({
  task = usualTask as T,
}: {
  readonly task?: T;
}): Cards[T] {
  if (!Object.hasOwn(cards, task)) throw unknownName("task", String(task), taskNames);
  return cards[task];
}

/** Which tasks are taken: one, or several. */
export type TaskChoice<T extends TaskName> = T | readonly T[];

/** What a choice of tasks may be. */
export const taskRule: Rule = either(oneOf(taskNames), listOf(oneOf(taskNames), "a list of names of tasks", 1));

/** Refuses a model of another task than is taken: of the usual one, unless told. `title`: the model in messages. */
export function checkTask(title: string, found: TaskName, chosen: TaskChoice<TaskName> = usualTask): void {
  if ([chosen].flat().includes(found)) return;
  throw new NeocogError((name) => `${title} is a model for ${found}; open it with ${name("task", found)}.`);
}

/** The task that learns from labels. */
export function taskFor(labels: Labels): TaskName {
  const kind = kindOfLabels(labels);
  const found = taskNames.find((name) => cards[name].labels === kind);
  if (!found)
    throw new DataError(`Labels can be ${taskNames.map((name) => cards[name].labels).join(", ")}, not "${kind}".`);
  return found;
}
