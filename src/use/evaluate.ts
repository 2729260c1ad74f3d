// How good a model is on a data set, as its task measures it.

import { understand } from "../base/arguments.ts";
import { NeocogError } from "../base/errors.ts";
import {
  options as byName,
  callback,
  flag,
  type OptionsOf,
  type Rules,
  signal as signalRule,
  whole,
} from "../base/rules.ts";
import { sizeOf } from "../base/shape.ts";
import type { StopSignal } from "../base/web.ts";
import { dataset as checkDataset, datasetRule } from "../data/dataset.ts";
import { type PictureSet, partsOf } from "../data/images.ts";
import { kindOfLabels, type Labels } from "../data/labels.ts";
import { type Engine, engineRule } from "../engines/engine.ts";
import { stoppable } from "../engines/stoppable.ts";
import { openEngine } from "../run/engines.ts";
import { withFlips } from "./flips.ts";
import { type Network, openNetwork } from "./network.ts";
import { type AnyTask, type TaskName, type TaskTypes, taskOf } from "./tasks/list.ts";
import type { BaseScore, Known, Task } from "./tasks/task.ts";
import { type ClassifierModel, trainedRule } from "./trained.ts";

/** Options of evaluate and predict. */
export interface EvaluateOptions {
  /** The best engine of this machine unless told. Stays open. */
  readonly engine?: Engine;
  /** Images in a batch; 100 unless told. */
  readonly batch?: number;
  /**
   * Averages what is said of each picture and of its mirror image (left and right change sides; a map is turned back), which takes
   * twice the time; false unless told. Refused for regression, where a mirror image may have other numbers.
   */
  readonly flips?: boolean;
  /** Stops the work, within a batch too; the promise is then rejected with the signal's reason. */
  readonly signal?: StopSignal;
  /** Told after each batch how many pictures are done, and of how many. */
  readonly onProgress?: (done: number, total: number) => void;
}

const defaultBatch = 100;

/**
 * How good a model is on a data set, in evaluation mode and with the model's own preprocessing: the loss and what the model's
 * task measures. For classification accuracy, confusion matrix, the scores of single classes and the mistakes; the data may
 * lack classes that the model knows, but must have no others; a model whose classes are but numbered takes as many in the
 * data's order. Throws for unknown classes, for labels of another task, for pictures that do not fit, and where an answer is
 * not a number (naming the image); rejects with the signal's reason once it is aborted.
 */
export async function evaluate<T extends TaskName = "classification">(
  trained: ClassifierModel<T>,
  dataset: PictureSet<TaskTypes[T]["labels"]>,
  options: EvaluateOptions = {},
): Promise<TaskTypes[T]["evaluation"]> {
  understand("evaluate", arguments, {
    trained: trainedRule,
    dataset: datasetRule,
    options: byName<OptionsOf<typeof evaluate>>(useRules),
  });
  checkDataset(dataset);
  const task: AnyTask = taskOf(trained);
  checkLabelKind(task, dataset);
  const set = task.matched(dataset, trained);
  const found = await withNetwork(trained, dataset.images.shape[0], options, (network) =>
    score(network, task, set, trained, options),
  );
  return found as TaskTypes[T]["evaluation"];
}

/** Refuses labels that a task does not read. */
export function checkLabelKind({ name, labels }: AnyTask, set: PictureSet): void {
  const kind = kindOfLabels(set.labels);
  if (kind === labels) return;
  throw new NeocogError(
    `The model is one for ${name}, which needs ${labels} labels, but ${set.name} has ${kind} labels.`,
  );
}

/** What the options of evaluate and predict may be. */
export const useRules = {
  engine: engineRule,
  batch: whole(1),
  flips: flag,
  signal: signalRule,
  onProgress: callback,
} satisfies Rules<EvaluateOptions>;

/** Opens a network for so many images, and an engine where none is given; both are closed behind it. `alone` as there. */
export async function withNetwork<R>(
  trained: ClassifierModel<TaskName>,
  images: number,
  { engine: given, batch = defaultBatch, flips, signal, alone }: EvaluateOptions & { readonly alone?: boolean },
  use: (network: Network, batch: number) => Promise<R>,
): Promise<R> {
  const engine = given ?? (await openEngine());
  try {
    const size = Math.min(batch, Math.max(1, images));
    const stopping = stoppable(engine, signal);
    const options = { ...trained, task: taskOf(trained), engine: stopping, batch: size, frozen: true, alone };
    const network = await openNetwork(options);
    try {
      return await use(flips ? withFlips(network, taskOf(trained)) : network, size);
    } finally {
      network.release();
    }
  } finally {
    if (!given) await engine.close();
  }
}

/** Shows a data set to a network, a batch at a time. */
export async function score<E extends BaseScore>(
  network: Network,
  task: Task<Labels, E>,
  set: PictureSet,
  known: Known,
  { signal, onProgress }: Pick<EvaluateOptions, "signal" | "onProgress"> = {},
): Promise<E> {
  const { shape, batch } = network;
  const judge = task.judge(set, known, shape);
  const width = sizeOf(shape);
  let first = 0;
  for await (const part of partsOf(set.images, batch, signal)) {
    const [taken] = part.shape;
    const answers = await network.answers(part);
    for (let i = 0; i < taken; i++) judge.add(first + i, answers.subarray(i * width, (i + 1) * width));
    first += taken;
    onProgress?.(first, set.images.shape[0]);
  }
  return judge.result();
}
