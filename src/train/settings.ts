// What shapes the result of a run, as JSON: it stands in every checkpoint, and a run that goes on must have the same.
import { stateRule } from "../base/array.ts";
import { NeocogError } from "../base/errors.ts";
import {
  above,
  options as byName,
  callback,
  flag,
  type Rules,
  record,
  recordOf,
  seed as seedRule,
  share,
  signal,
  whole,
} from "../base/rules.ts";
import { augmenter } from "../data/augment.ts";
import { countClasses } from "../data/dataset.ts";
import type { PictureSet } from "../data/images.ts";
import { ignoredIn, type Labels } from "../data/labels.ts";
import { loaderRules } from "../data/loader.ts";
import { measure } from "../data/normalize.ts";
import { checkNormalization, type Normalization, normalizationRule } from "../data/preprocessing.ts";
import { engineRule } from "../engines/engine.ts";
import { toJSON } from "../nn/json.ts";
import type { Layer } from "../nn/layer.ts";
import { initRule } from "../nn/rules.ts";
import { dataHash } from "../use/hash.ts";
import { targetRule } from "../use/storage/locate.ts";
import { type TaskName, taskFor } from "../use/tasks/list.ts";
import type { NumberScale } from "../use/tasks/task.ts";
import { type Checkpoint, checkpointRule, type Settings } from "./checkpoint.ts";
import { checkClip, clipRules } from "./clip.ts";
import { checkEvery } from "./cursor.ts";
import { checkLoss, type LossDescription, type LossFunction, lossRule } from "./loss.ts";
import { SGD } from "./optimizers/optimizer.ts";
import { type Optimizer, openOptimizer, optimizerRule } from "./optimizers/update.ts";
import type { FitOptions, TrainingData } from "./options.ts";
import { partRules, unfreezingRule } from "./parts.ts";
import { changesOf } from "./pictures.ts";
import { checkSchedule, type Schedule } from "./schedules.ts";
import { usualLoss } from "./step.ts";
import { learnerOf } from "./tasks/list.ts";
import { balanced } from "./weigh.ts";

/** What the options of `fit` may be; what is data of its own (a schedule, say) is looked into below. */
export const fitRules = {
  epochs: whole(1),
  batch: whole(1),
  seed: seedRule,
  optimizer: optimizerRule,
  schedule: record,
  loss: lossRule,
  metrics: recordOf(callback, "functions by name, (output, target) => a number"),
  patience: whole(1),
  ...{ augment: loaderRules.augment, normalization: normalizationRule, clip: byName(clipRules), average: share() },
  ...{ ...partRules, unfreeze: unfreezingRule, accumulate: whole(1) },
  init: initRule,
  dropLast: flag,
  balanced: flag,
  evaluateEvery: whole(0),
  weights: stateRule,
  out: targetRule,
  checkpointEvery: byName<{ steps?: number; minutes?: number }>({ steps: whole(1), minutes: above(0) }),
  foretell: flag,
  force: flag,
  resume: checkpointRule,
  engine: engineRule,
  signal,
} satisfies Rules<FitOptions>;

/** Options of `fit` with their defaults filled in, each checked. */
export interface Resolved extends FitOptions {
  readonly task: TaskName;
  /** On which numbers are learnt; a loss of the caller's own sees them as they are. */
  readonly scale?: NumberScale;
  readonly ignoreIndex?: number;
  readonly epochs: number;
  readonly batch: number;
  readonly seed: number;
  readonly rule: Optimizer;
  readonly schedule: Schedule;
  readonly normalization: Normalization;
  readonly dropLast: boolean;
  readonly evaluateEvery: number;
}

export function resolveOptions(options: FitOptions, { train, validation }: TrainingData<Labels>): Resolved {
  const { epochs = 10, batch = 64, seed = 0, schedule = { kind: "constant" }, dropLast = false } = options;
  const { evaluateEvery = 1, optimizer = SGD({ lr: 0.05, momentum: 0.9, nesterov: true }) } = options;
  checkSchedule(schedule);
  const task = taskFor(train.labels);
  const { losses, scale: scaleOf } = learnerOf(task);
  if (options.loss) checkLoss(options.loss, losses);
  const loss = options.loss && weighed(options.loss, train);
  if (options.patience !== undefined && (!validation || evaluateEvery === 0)) {
    throw new NeocogError(
      (name) =>
        `${name("patience")} has no effect where nothing is scored while the run goes on; give it validation data.`,
    );
  }
  if (options.checkpointEvery) checkEvery(options.checkpointEvery);
  if (options.clip) checkClip(options.clip);
  if (options.resume && options.weights) {
    throw new NeocogError("fit: give either resume or weights; a checkpoint has its own weights.");
  }
  // A run that goes on sees pictures as it did before.
  const before = options.resume?.settings.normalization as Normalization | undefined;
  const normalization = options.normalization ?? before ?? measure(train.images);
  checkNormalization(normalization, train.images.shape[1]);
  const augment = options.augment && augmenter(options.augment).list;
  const rule = openOptimizer(optimizer);
  const scale = typeof options.loss === "function" ? undefined : scaleOf?.(train.labels);
  const ignoreIndex = ignoredIn(train.labels);
  return {
    ...{ ...options, task, epochs, batch, seed, rule, schedule, normalization, augment, dropLast, evaluateEvery },
    ...(loss ? { loss } : {}),
    ...(scale ? { scale } : {}),
    ...(ignoreIndex === undefined ? {} : { ignoreIndex }),
  };
}

/** A loss with balanced class weights as numbers. */
function weighed(loss: LossDescription | LossFunction, { name, labels, classes }: PictureSet): typeof loss {
  if (typeof loss === "function" || loss.name !== "crossEntropy" || loss.classWeights !== "balanced") return loss;
  if (labels instanceof Int32Array)
    return { ...loss, classWeights: balanced(Array.from(countClasses(labels, classes.length))) };
  throw new NeocogError(
    (option) =>
      `${option("classWeights")} can be balanced for pictures of one class each, which those of ${name} are not; give a number for each class.`,
  );
}

/** All that shapes the weights, as JSON values. */
export async function settingsOf(
  model: Layer,
  { train }: TrainingData<Labels>,
  options: Resolved,
  engine: string,
): Promise<Settings> {
  const { epochs, batch, seed, rule, schedule, loss, augment, normalization, clip, average, init, dropLast } = options;
  const { freeze, rates, unfreeze, accumulate } = options;
  // Left out where it is off, as in the settings of older runs.
  const balanced = options.balanced || undefined;
  const settings = {
    ...{ model: toJSON(model), data: await dataHash(train), engine, epochs, batch, seed, schedule, normalization },
    ...{
      optimizer: rule.description,
      loss: lossAsData(loss ?? usualLoss(options.task)),
      augment: augment ?? [],
      dropLast,
    },
    ...{ clip: clip ?? null, average: average ?? null, init: init ?? null },
    ...{ freeze, rates, unfreeze, accumulate, balanced },
  };
  return JSON.parse(JSON.stringify(settings)) as Settings;
}

/** A function is none: that there was one is all that is kept of it. */
const lossAsData = (loss: LossDescription | LossFunction): object =>
  typeof loss === "function" ? { name: functionName } : loss;

/** What stands in settings for a loss of the caller's own. */
export const functionName = "function";

/**
 * The checkpoint to go on from, which must be of this run; other training data of the same classes is taken where that is
 * `allowed`, and then the epoch that was running is begun anew.
 */
export function resumable(
  now: Settings,
  pictures: string | undefined,
  checkpoint: Checkpoint<TaskName>,
  allowed = false,
): Checkpoint<TaskName> {
  const { settings: then, pictures: before, trained, ...rest } = checkpoint;
  if (then.data === now.data || !allowed) {
    checkSettings(now, checkpoint, before && pictures ? changesOf(before, pictures) : undefined);
    return checkpoint;
  }
  checkSettings({ ...now, data: then.data }, checkpoint);
  const { cursor: _, ...whole } = rest;
  return { ...whole, trained, settings: then };
}

/** Refuses to go on from a checkpoint of another run, and says which setting differs. */
function checkSettings(now: Settings, { settings: then, epoch, cursor }: Checkpoint<TaskName>, changes?: string): void {
  // One that was begun is to be ended.
  const done = cursor ? epoch + 1 : epoch;
  if (Number(now.epochs) < done) {
    throw new NeocogError(
      (name) =>
        `This run has ${cursor ? "begun" : "done"} ${done} epochs already and cannot end with ${now.epochs}; give more ${name("epochs")}.`,
    );
  }
  for (const key of new Set([...Object.keys(then), ...Object.keys(now)])) {
    const [was, is] = [then[key], now[key]].map((value) => JSON.stringify(value));
    if (was === is) continue;
    // A run may be made longer where the length changes nothing that was done, or once it has come to its end.
    if (key === "epochs" && (!dependsOnTotal(now.schedule as Schedule) || done >= Number(then.epochs))) continue;
    if (key === "model") throw new NeocogError("This run cannot be resumed: it was started with another network.");
    if (key === "data") {
      throw new NeocogError(
        (name) =>
          `This run cannot be resumed: it was started with other training data${changes ? ` (now ${changes})` : ""}; put back what it was, or go on all the same with ${name("force")}.`,
      );
    }
    if (key === "epochs") {
      throw new NeocogError(
        (name) =>
          `This run was started with ${name("epochs")} ${was} and its learning rate follows a schedule of that length; let it end before it goes on to ${name("epochs")} ${is}.`,
      );
    }
    throw new NeocogError(
      (name) =>
        `This run was started with ${name(key)} ${was} and cannot be resumed with ${name(key)} ${is}; give the same value, or start afresh.`,
    );
  }
}

/** Says that a run which had ended goes on with its schedule stretched; undefined where that is not so. */
export function longerNow(now: Settings, then: Settings): string | undefined {
  const schedule = now.schedule as Schedule;
  if (now.epochs === then.epochs || !dependsOnTotal(schedule)) return undefined;
  return `The ${schedule.kind} schedule of ${then.epochs} epochs is stretched to ${now.epochs}: the learning rate goes on where the longer one is`;
}

/** Whether the rate of a step depends on how many steps there will be. */
function dependsOnTotal(schedule: Schedule): boolean {
  switch (schedule.kind) {
    case "cosine":
    case "oneCycle":
    case "linear":
      return schedule.steps === undefined;
    case "warmUp":
      return dependsOnTotal(schedule.after);
    case "sequence":
      return dependsOnTotal(schedule.schedules.at(-1)!);
    default:
      return false;
  }
}
