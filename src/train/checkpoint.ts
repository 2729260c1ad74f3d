import { like, type Rule } from "../base/rules.ts";
import type { Layer } from "../nn/layer.ts";
import type { State } from "../run/session.ts";
import type { TaskName } from "../use/tasks/list.ts";
import type { TrainedModel } from "../use/trained.ts";
import type { EpochCursor } from "./cursor.ts";
import type { EpochRecord, MainOf } from "./record.ts";

/** Options that must be the same to go on from a checkpoint. */
export type Settings = Readonly<Record<string, unknown>>;

/** The weights that did best in the validation so far, by the task's main metric, which stands here under its name. */
export type BestEpoch<T extends TaskName = "classification"> = BestWeights & MainOf<T>;

interface BestWeights {
  /** From 1. */
  readonly epoch: number;
  /** Parameters and running statistics by their names in the state dict. */
  readonly weights: State;
}

/** A checkpoint as an argument. */
export const checkpointRule: Rule = like(
  "a checkpoint, as openCheckpoint() or a checkpoint event gives it",
  "trained",
  "variables",
  "settings",
  "history",
);

/** A training run as it stands after an epoch, or in the middle of one: enough to go on. */
export interface Checkpoint<T extends TaskName = "classification"> {
  /** The model as it is used: with averaged weights where averaging is on. */
  readonly trained: TrainedModel<Layer, T>;
  /** Every variable of the training step: weights as trained, running statistics, optimizer state, averages. */
  readonly variables: State;
  /** Whole epochs done. */
  readonly epoch: number;
  /** Optimizer steps done. */
  readonly step: number;
  /** The options that shape the result: a run that goes on must have the same (optionsOf reads them back). */
  readonly settings: Settings;
  /** A record of every whole epoch so far. */
  readonly history: readonly EpochRecord<T>[];
  /** How far the epoch after those is; absent at the end of an epoch. */
  readonly cursor?: EpochCursor;
  /** The pictures that are learnt from, a line of JSON each, [name, pixels, label]; absent where they have no names. */
  readonly pictures?: string;
  /** Absent where no epoch was validated. */
  readonly best?: BestEpoch<T>;
}

/** What a checkpoint holds: whole epochs, and batches of the one after them. */
export interface Kept {
  readonly epoch: number;
  readonly batch: number;
}

/** How far a checkpoint is; without one, nowhere. */
export const keptOf = (checkpoint: Pick<Checkpoint<TaskName>, "epoch" | "cursor"> | undefined): Kept => ({
  epoch: checkpoint?.epoch ?? 0,
  batch: checkpoint?.cursor?.batch ?? 0,
});
