// What is kept of every epoch: one line of history.jsonl.
import { understand } from "../base/arguments.ts";
import { like, listOf, real } from "../base/rules.ts";
import { type TaskName, type TaskTypes, taskOf } from "../use/tasks/list.ts";

/** Loss and main metric of a task. */
export type ScoreOf<T extends TaskName> = TaskTypes[T]["score"];

/** The main metric of a task by its name, such as { accuracy }. */
export type MainOf<T extends TaskName> = T extends TaskName ? Omit<ScoreOf<T>, "loss" | "metrics"> : never;

/** Whether one value of a task's main metric is better than another. */
export const isBetter = (task: TaskName, one: number, other: number): boolean =>
  taskOf({ task }).main.better === "higher" ? one > other : one < other;

/** The value of a task's main metric in a score, or in what is kept of one. */
export const mainIn = (task: TaskName, score: object): number =>
  (score as Readonly<Record<string, number>>)[taskOf({ task }).main.name];

/** A task's main metric by its name. */
export const asMain = <T extends TaskName>(task: T, value: number): MainOf<T> =>
  ({ [taskOf({ task }).main.name]: value }) as unknown as MainOf<T>;

/** One line of history.jsonl. */
export interface EpochRecord<T extends TaskName = "classification"> {
  /** From 1. */
  readonly epoch: number;
  /** Optimizer steps done by the end of the epoch. */
  readonly step: number;
  /** Over the epoch's batches as they were trained on. */
  readonly train: ScoreOf<T>;
  /** In evaluation mode; absent without validation data or where this epoch was not evaluated. */
  readonly validation?: ScoreOf<T>;
  /** Learning rate of the last step. */
  readonly learningRate: number;
  /** Seconds for the epoch with its evaluation. */
  readonly seconds: number;
}

/**
 * Seconds of training (with evaluation, by whole epochs) until an accuracy of 0 to 1 was reached on the validation
 * images; undefined where it never was.
 */
export function secondsTo(accuracy: number, history: readonly EpochRecord[]): number | undefined {
  understand("secondsTo", arguments, {
    accuracy: real(0),
    history: listOf(like("a record of an epoch", "epoch", "train"), "the records of the epochs"),
  });
  let seconds = 0;
  for (const record of history) {
    seconds += record.seconds;
    if (record.validation && record.validation.accuracy >= accuracy) return seconds;
  }
  return undefined;
}
