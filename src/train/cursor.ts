// Where in an epoch a run is: the next batch, and what the epoch's score has so far. A batch is a function of (seed, epoch,
// index), so this and the variables are all that going on from the middle of an epoch needs.
import { DataError, NeocogError } from "../base/errors.ts";

/** How far a running epoch is. */
export interface EpochCursor {
  /** Batches of the epoch that are done: the index of the next. */
  readonly batch: number;
  /** Images in them. */
  readonly images: number;
  /** Sum of the losses of these images, as they were trained on. */
  readonly loss: number;
  /** Sums of which the task's main metric is made. */
  readonly watched: readonly number[];
  /** Seconds that they took. */
  readonly seconds: number;
}

/** The beginning of an epoch. */
export const beginning: EpochCursor = { batch: 0, images: 0, loss: 0, watched: [], seconds: 0 };

/** A cursor from its JSON; `name` tells where it stood. */
export function readCursor(found: Readonly<Record<string, unknown>>, name: string): EpochCursor {
  const { batch, images, loss, watched, seconds } = found;
  const whole = [batch, images].every((n) => Number.isInteger(n) && (n as number) > 0);
  const finite = Array.isArray(watched) && [loss, seconds, ...watched].every(Number.isFinite);
  if (!whole || !finite) throw new DataError(`${name} does not say how far the running epoch was.`);
  return found as unknown as EpochCursor;
}

/** How often a checkpoint is made inside an epoch: after so many optimizer steps, or so many minutes. */
export type CheckpointEvery =
  | {
      /** Optimizer steps, counted over the whole run. */
      readonly steps: number;
    }
  | {
      /** Minutes since the last checkpoint; Infinity: at the end of an epoch only. */
      readonly minutes: number;
    };

/** Refuses two intervals at once, and none. */
export function checkEvery(every: CheckpointEvery): void {
  if (Object.keys(every).length === 1) return;
  throw new NeocogError((name) => `${name("checkpointEvery")} must be either { steps } or { minutes }.`);
}

/** What a run that is kept has unless told. */
export const usualEvery: CheckpointEvery = { minutes: 10 };

/**
 * Whether it is time for a checkpoint. `step`: steps done, undefined in the middle of one; `last`: the time of the one before, in
 * milliseconds.
 */
export function isDue(
  every: CheckpointEvery | undefined,
  step: number | undefined,
  last: number,
  now: number,
): boolean {
  if (!every) return false;
  return "steps" in every ? step !== undefined && step % every.steps === 0 : now - last >= every.minutes * 60_000;
}
