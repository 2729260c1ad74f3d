// What happens during a run of `fit`, as a discriminated union: the command line prints these events, the studio plots
// them, tests assert them.
//
//   started → (batch … batch → epoch → checkpoint) for every epoch → finished
//                   └ aborted: stopped
//
// A warning may come at any place: something that does not end the run, but should be known.
//
// A broken network or broken numbers throw; a NonFiniteLoss error (nonfinite.ts) names the first op and the batch.
import type { Layer } from "../nn/layer.ts";
import type { BestEpoch, Checkpoint } from "./checkpoint.ts";
import type { EpochRecord, Score } from "./record.ts";
import type { TrainedModel } from "./trained.ts";

/** Everything is compiled; training begins now. */
export interface StartedEvent {
  readonly kind: "started";
  /** Name of the engine, and one sentence on what it found. */
  readonly engine: string;
  readonly engineDescription: string;
  /** Trainable numbers of the network. */
  readonly parameters: number;
  readonly trainImages: number;
  readonly validationImages: number;
  readonly testImages: number;
  readonly classes: readonly string[];
  readonly epochs: number;
  /** Images in a full batch, batches in an epoch. */
  readonly batch: number;
  readonly batches: number;
  /** Bytes of the training step's arena: weights, optimizer state and activations. */
  readonly arenaBytes: number;
  /** Epochs that were done before (0 unless resumed). */
  readonly epochsDone: number;
  /** Seconds spent compiling. */
  readonly compileSeconds: number;
}

/** A batch was trained on. */
export interface BatchEvent {
  readonly kind: "batch";
  /** From 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** From 1. */
  readonly batch: number;
  readonly batches: number;
  /** Optimizer steps done so far in the whole run. */
  readonly step: number;
  /** Of this batch. */
  readonly loss: number;
  readonly accuracy: number;
  /** Mean over the epoch so far. */
  readonly epochLoss: number;
  readonly epochAccuracy: number;
  readonly learningRate: number;
  /** Over the epoch so far. */
  readonly imagesPerSecond: number;
  /** Estimated seconds to the end of the run. */
  readonly secondsLeft: number;
}

/** An epoch is over. */
export interface EpochEvent extends EpochRecord {
  readonly kind: "epoch";
  readonly epochs: number;
  /** Best validation accuracy so far (training accuracy without validation data), and its epoch. */
  readonly best: { readonly epoch: number; readonly accuracy: number };
}

/** Something that does not end the run: a checkpoint that could not be written and is tried again, a stretched schedule. */
export interface WarningEvent {
  readonly kind: "warning";
  /** One or two sentences. */
  readonly message: string;
}

/** After every epoch: enough to go on from here. Already written when `out` was given, unless a warning came before. */
export interface CheckpointEvent {
  readonly kind: "checkpoint";
  readonly epoch: number;
  readonly checkpoint: Checkpoint;
  /** The model folder, if it was written. */
  readonly folder?: string;
}

/** The run is over. */
export interface FinishedEvent<L extends Layer = Layer> {
  readonly kind: "finished";
  readonly trained: TrainedModel<L>;
  readonly history: readonly EpochRecord[];
  readonly train: Score;
  /** After the last epoch. */
  readonly validation?: Score;
  /** The one score of the test images. */
  readonly test?: Score;
  /** The epoch that did best in the validation, with its weights; absent where there was none. */
  readonly best?: BestEpoch;
  /** Of this call, without compiling. */
  readonly seconds: number;
  /** SHA-256 over the names, shapes and float32 bytes of the weights. */
  readonly weightsHash: string;
  readonly folder?: string;
}

/** The signal was aborted. Work since the last checkpoint is lost; the checkpoint stays. */
export interface StoppedEvent {
  readonly kind: "stopped";
  /** Where it stopped. */
  readonly epoch: number;
  readonly batch: number;
  /** Epochs that the last checkpoint holds. */
  readonly epochsDone: number;
  readonly folder?: string;
}

/** What fit yields, told apart by `kind`. */
export type TrainingEvent<L extends Layer = Layer> =
  | StartedEvent
  | BatchEvent
  | EpochEvent
  | CheckpointEvent
  | WarningEvent
  | FinishedEvent<L>
  | StoppedEvent;
