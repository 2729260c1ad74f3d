// What happens during a run of `fit`, as a discriminated union: the command line prints these events, the studio plots
// them, tests assert them.
//
//   started (→ forecast) → (batch … batch → epoch → checkpoint) for every epoch → finished
//              │    └ aborted: stopped
//              └ checkpoint: in the middle of an epoch, every so many steps or minutes
//
// A warning may come at any place: something that does not end the run, but should be known.
//
// A broken network or broken numbers throw; a NonFiniteLoss error (nonfinite.ts) names the first op and the batch.
import type { Layer } from "../nn/layer.ts";
import type { TaskName } from "../use/tasks/list.ts";
import type { TrainedModel } from "../use/trained.ts";
import type { BestEpoch, Checkpoint } from "./checkpoint.ts";
import type { EpochRecord, MainOf, ScoreOf } from "./record.ts";

/** Everything is compiled; training begins now. */
export interface StartedEvent {
  /** Told first, once. */
  readonly kind: "started";
  /** Name of the engine, and one sentence on what it found. */
  readonly engine: string;
  /** What the engine found on this machine and what it does without. */
  readonly engineDescription: string;
  /** Trainable numbers of the network. */
  readonly parameters: number;
  /** Images that are learned from. */
  readonly trainImages: number;
  /** Images that every epoch is scored on; 0 where there are none. */
  readonly validationImages: number;
  /** Images that the end is scored on; 0 where there are none. */
  readonly testImages: number;
  /** What is learnt. */
  readonly task: TaskName;
  /** Names of the classes, in the order of their numbers; of tags or numbers. */
  readonly classes: readonly string[];
  /** Epochs of the whole run. */
  readonly epochs: number;
  /** Images in a full batch, batches in an epoch. */
  readonly batch: number;
  /** Batches in an epoch. */
  readonly batches: number;
  /** Bytes of the training step's arena: weights, optimizer state and activations. */
  readonly arenaBytes: number;
  /** Epochs that were done before (0 unless resumed). */
  readonly epochsDone: number;
  /** Seconds spent compiling. */
  readonly compileSeconds: number;
}

/** What the run will take, where `foretell` asks for it: told before the first step. */
export interface ForecastEvent {
  /** Told once, after "started". */
  readonly kind: "forecast";
  /** Of an epoch, with its validation and checkpoints. */
  readonly secondsPerEpoch: number;
  /** From the first step to the end, without compiling. */
  readonly seconds: number;
  /** Steps that were timed, and taken back. */
  readonly steps: number;
  /** What the timing took. */
  readonly probeSeconds: number;
  /** The most bytes of memory that the program takes. */
  readonly memoryBytes: number;
  /** Bytes that were free before the first step was timed; absent where the host does not tell. */
  readonly memoryFree?: number;
  /** Bytes of the model folder; twice as many while it is written. */
  readonly diskBytes: number;
  /** Bytes that are free where the folder is; absent where that is not known, and without `out`. */
  readonly diskFree?: number;
}

/** A batch was trained on: how far it is, with the batch's own loss and main metric, as they were before the step. */
export type BatchEvent<T extends TaskName = "classification"> = BatchProgress<T> & ScoreOf<T>;

/** Where a run is. */
export interface BatchProgress<T extends TaskName = "classification"> {
  /** Told after every batch. */
  readonly kind: "batch";
  /** From 1. */
  readonly epoch: number;
  /** Epochs of the whole run. */
  readonly epochs: number;
  /** From 1. */
  readonly batch: number;
  /** Batches in an epoch. */
  readonly batches: number;
  /** Optimizer steps done so far in the whole run. */
  readonly step: number;
  /** Loss and main metric over the epoch so far. */
  readonly epochScore: ScoreOf<T>;
  /** The rate of this step. */
  readonly learningRate: number;
  /** Over the epoch so far. */
  readonly imagesPerSecond: number;
  /** Share of the epoch's time so far that went by in waiting for pictures, 0 to 1. */
  readonly waiting: number;
  /** Estimated seconds to the end of the run. */
  readonly secondsLeft: number;
}

/** An epoch is over. */
export interface EpochEvent<T extends TaskName = "classification"> extends EpochRecord<T> {
  /** Told after every epoch, when it is scored. */
  readonly kind: "epoch";
  /** Epochs of the whole run. */
  readonly epochs: number;
  /**
   * The epoch (from 1) that did best so far by the task's main metric, with its value: accuracy for classification. In the
   * validation, or in training without validation data.
   */
  readonly best: {
    /** The epoch, from 1. */
    readonly epoch: number;
  } & MainOf<T>;
}

/** Something that does not end the run: a checkpoint that could not be written and is tried again, a stretched schedule. */
export interface WarningEvent {
  /** Told at any place. */
  readonly kind: "warning";
  /** One or two sentences. */
  readonly message: string;
}

/** After every epoch, and within one where `checkpointEvery` says so: enough to go on from here. Already written when `out` was given, unless a warning came before. */
export interface CheckpointEvent<T extends TaskName = "classification"> {
  /** Told after every epoch's event, and between batches. */
  readonly kind: "checkpoint";
  /** Whole epochs done. */
  readonly epoch: number;
  /** Batches of the epoch after them; absent at the end of an epoch. */
  readonly batch?: number;
  /** What `resume` takes. */
  readonly checkpoint: Checkpoint<T>;
  /** The model folder, if it was written. */
  readonly folder?: string;
}

/** The run is over. */
export interface FinishedEvent<L extends Layer = Layer, T extends TaskName = "classification"> {
  /** Told last, where the run came to its end. */
  readonly kind: "finished";
  /** The model after the last epoch (with averaged weights where `average` was given): what evaluate, predict, explain and saveModel take. */
  readonly trained: TrainedModel<L, T>;
  /** A record of every epoch, those before a resumption among them. */
  readonly history: readonly EpochRecord<T>[];
  /** Loss and main metric of the last epoch as it was trained on. */
  readonly train: ScoreOf<T>;
  /** After the last epoch. */
  readonly validation?: ScoreOf<T>;
  /** The one score of the test images. */
  readonly test?: ScoreOf<T>;
  /** The epoch that did best in the validation, with its weights; absent where there was none. */
  readonly best?: BestEpoch<T>;
  /** Of this call, without compiling. */
  readonly seconds: number;
  /** SHA-256 over the names, shapes and float32 bytes of the weights. */
  readonly weightsHash: string;
  /** The model folder, where `out` was given. */
  readonly folder?: string;
}

/** The signal was aborted. Work since the last checkpoint is lost; the checkpoint stays. */
export interface StoppedEvent {
  /** Told last, where the signal was aborted. */
  readonly kind: "stopped";
  /** Where it stopped. */
  readonly epoch: number;
  /** Batches of that epoch that were done. */
  readonly batch: number;
  /** Whole epochs that the last checkpoint holds. */
  readonly epochsDone: number;
  /** Batches of the epoch after those that it holds besides; absent where it is of the end of an epoch. */
  readonly batchesDone?: number;
  /** The model folder, where `out` was given. */
  readonly folder?: string;
}

/** What fit yields, told apart by `kind`. */
export type TrainingEvent<L extends Layer = Layer, T extends TaskName = "classification"> =
  | StartedEvent
  | ForecastEvent
  | BatchEvent<T>
  | EpochEvent<T>
  | CheckpointEvent<T>
  | WarningEvent
  | FinishedEvent<L, T>
  | StoppedEvent;
