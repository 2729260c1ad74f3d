// What is kept of every epoch: one line of history.jsonl.
import { understand } from "../base/arguments.ts";
import { like, listOf, real } from "../base/rules.ts";
import type { Score } from "../use/evaluate.ts";

/** One line of history.jsonl. */
export interface EpochRecord {
  /** From 1. */
  readonly epoch: number;
  /** Optimizer steps done by the end of the epoch. */
  readonly step: number;
  /** Over the epoch's batches as they were trained on. */
  readonly train: Score;
  /** In evaluation mode; absent without validation data or where this epoch was not evaluated. */
  readonly validation?: Score;
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
