// The options of `fit`, all of them optional.

import type { StopSignal } from "../base/web.ts";
import type { Augmentation } from "../data/augment.ts";
import type { PictureSet } from "../data/images.ts";
import type { Labels } from "../data/labels.ts";
import type { Normalization } from "../data/preprocessing.ts";
import type { Engine } from "../engines/engine.ts";
import type { InitRule } from "../nn/layer.ts";
import type { State } from "../run/session.ts";
import type { ModelTarget } from "../use/storage/locate.ts";
import type { TaskName } from "../use/tasks/list.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { ClipOptions } from "./clip.ts";
import type { CheckpointEvery } from "./cursor.ts";
import type { LossDescription, LossFunction } from "./loss.ts";
import type { OptimizerDescription, OptimizerName } from "./optimizers/optimizer.ts";
import type { PartRate, Unfreezing } from "./parts.ts";
import type { Schedule } from "./schedules.ts";
import type { MetricFunction } from "./scoring.ts";

/** What `fit` learns from, what shows how well while it runs, and what it is tested on. */
export interface TrainingData<D extends Labels = Int32Array> {
  /** What is learned from; its labels say what is learnt. */
  readonly train: PictureSet<D>;
  /** Scored after every epoch: what decisions are made by, and no measure of what was never seen. */
  readonly validation?: PictureSet<D>;
  /** Scored once, at the end. */
  readonly test?: PictureSet<D>;
}

/** Options of fit, all of which may be left out. */
export interface FitOptions {
  /** 10 unless told. */
  readonly epochs?: number;
  /** Images in a batch; 64 unless told. */
  readonly batch?: number;
  /** Seed of the weights, the order, the augmentation and dropout; 0 unless told. */
  readonly seed?: number;
  /** A name, or what SGD, Adam, AdamW or RMSprop gives; SGD with rate 0.05, momentum 0.9 and Nesterov unless told. */
  readonly optimizer?: OptimizerDescription | OptimizerName;
  /** Constant unless told. */
  readonly schedule?: Schedule;
  /**
   * What is made small: a loss of the task as data (cross-entropy for classes, with or without label smoothing and class
   * weights), or a function of tensors, (output, target) => loss. The task's usual one unless told.
   */
  readonly loss?: LossDescription | LossFunction;
  /** Metrics of your own by name: functions of tensors, scored with the validation and the test images under `metrics`. */
  readonly metrics?: Readonly<Record<string, MetricFunction>>;
  /** Random changes of the training images. */
  readonly augment?: readonly Augmentation[];
  /** Mean and deviation a channel; those of the training images unless told. */
  readonly normalization?: Normalization;
  /** Clips gradients before each step. */
  readonly clip?: ClipOptions;
  /** Decay of an exponential moving average of the weights, which is then what is evaluated and kept (0.99 …). */
  readonly average?: number;
  /**
   * Patterns of layers and parameters that stay as they are, such as "layer1.*" (* stands for any letters; what is named is named
   * with all below). A frozen batch norm reads its running statistics and leaves them, as PyTorch's eval() does; none unless told.
   */
  readonly freeze?: readonly string[];
  /** How fast parts move: of several patterns that fit a parameter the first counts. All by the learning rate unless told. */
  readonly rates?: readonly PartRate[];
  /** Opens the network part by part from its head down; all that is not frozen moves from the start unless told. */
  readonly unfreeze?: Unfreezing;
  /**
   * Batches whose gradients are summed before the weights move: as one large batch moves them, but in the memory of a small one.
   * Layers that look at a whole batch (batch norm, if not frozen) see the small ones. The last step of an epoch takes those that
   * are left. 1 unless told.
   */
  readonly accumulate?: number;
  /** Initialisers for layers that do not name their own. */
  readonly init?: InitRule;
  /**
   * Shows every class equally often: as many pictures an epoch as there are, drawn with replacement (for classes). Where class
   * weights are given too, both count. False unless told.
   */
  readonly balanced?: boolean;
  /** Leaves out the last batch of an epoch where it is not full. */
  readonly dropLast?: boolean;
  /** Scores the validation images every so many epochs (and after the last); 1 unless told. 0: nothing is ever scored. */
  readonly evaluateEvery?: number;
  /** Ends the run when the main metric of the validation has not become better for so many epochs; never unless told. */
  readonly patience?: number;
  /** Weights to start from instead of the initialisers, by name; every one of the model's must be there. */
  readonly weights?: State;
  /** A model folder by its path, or a directory handle of a page; written after every epoch and within one, locked until the run ends. */
  readonly out?: ModelTarget;
  /**
   * How often a checkpoint is made inside an epoch too, { steps } or { minutes }: with `out` every 10 minutes unless told,
   * otherwise never. It changes no weight.
   */
  readonly checkpointEvery?: CheckpointEvery;
  /** Times some steps before the first and tells what the run will take, as a `forecast` event; the weights do not depend on it. */
  readonly foretell?: boolean;
  /**
   * Replaces the model that stands there; without, `fit` refuses it before anything runs (unless resumed from it). A run
   * that is resumed goes on though its training data has changed.
   */
  readonly force?: boolean;
  /** Goes on from here; options that shape the result must be the same. */
  readonly resume?: Checkpoint<TaskName>;
  /** Where to run; the best engine of this machine unless told. Stays open. */
  readonly engine?: Engine;
  /** Stops within a fraction of a second, inside a step too; the generator ends with a `stopped` event. */
  readonly signal?: StopSignal;
}

/** Options of fit with an optimizer that is written out. */
export interface RecipeOptions extends FitOptions {
  /** What SGD, Adam, AdamW or RMSprop gives: no mere name, so that its learning rate can be read and changed. */
  readonly optimizer?: OptimizerDescription;
}
