// All that stays the same during a run, made ready: the loader, the compiled step, what scores, the first numbers.
import { clock } from "#host";
import { NeocogError } from "../base/errors.ts";
import { blendsLabels } from "../data/augment.ts";
import { someOf } from "../data/dataset.ts";
import type { PictureSet } from "../data/images.ts";
import { kindOfLabels, type Labels } from "../data/labels.ts";
import { type Loader, loaderAhead, type StreamLoader } from "../data/loader.ts";
import { completePreprocessing, type Preprocessing } from "../data/preprocessing.ts";
import type { Engine } from "../engines/engine.ts";
import { attributesIf, type Tensor, variableOp } from "../graph/graph.ts";
import type { Layer } from "../nn/layer.ts";
import type { State } from "../run/session.ts";
import { checkWeights } from "../use/network.ts";
import { type TaskName, taskOf, usualTask } from "../use/tasks/list.ts";
import type { TrainedModel } from "../use/trained.ts";
import type { Checkpoint, Settings } from "./checkpoint.ts";
import { checkMapSize } from "./mapSize.ts";
import type { TrainingData } from "./options.ts";
import { listPictures } from "./pictures.ts";
import { learningRate } from "./schedules.ts";
import { Scorer } from "./scoring.ts";
import { type Resolved, resumable, settingsOf } from "./settings.ts";
import { type OpenStage, stageAt } from "./stages.ts";
import { averageName, checkState, stepOf, type TrainingStep } from "./step.ts";
import { type Pace, Stepper } from "./stepper.ts";
import { learnerOf } from "./tasks/list.ts";

type Trained = TrainedModel<Layer, TaskName>;

/** All that stays the same during a run. */
export interface Run {
  readonly model: Layer;
  readonly data: TrainingData<Labels>;
  readonly options: Resolved;
  readonly engine: Engine;
  readonly settings: Settings;
  readonly loader: Loader | StreamLoader;
  readonly preprocessing: Preprocessing;
  /** The compiled step of the stage that the run is in. */
  stepper: Stepper;
  /** Opens the part of the network that moves from an epoch on, where another did before. */
  readonly openStage: (epoch: number, variables: State) => Promise<Stepper | undefined>;
  /** The checkpoint that the run goes on from. */
  readonly resume: Checkpoint<TaskName> | undefined;
  /** The training pictures, as a checkpoint has them. */
  readonly pictures: string | undefined;
  /** Absent where nothing is scored. */
  readonly scorer: Scorer | undefined;
  /** Variables before the first step. */
  readonly start: State;
  readonly compileSeconds: number;
}

export async function prepare(
  model: Layer,
  data: TrainingData<Labels>,
  options: Resolved,
  engine: Engine,
): Promise<Run> {
  const began = clock.now();
  const { task, batch, seed, dropLast, normalization, augment, scale, ignoreIndex } = options;
  const { train } = data;
  const [count, channels, height, width] = train.images.shape;
  checkParts(data);
  if (learnerOf(task).maps) checkMapSize(model, [channels, height, width]);
  const settings = await settingsOf(model, data, options, engine.name);
  const pictures = listPictures(train);
  const resume = options.resume && resumable(settings, pictures, options.resume, options.force);
  if (resume && resume.trained.classes.join("\n") !== train.classes.join("\n")) {
    throw new NeocogError(
      `This run cannot be resumed: it learns ${someOf(resume.trained.classes)}, but ${train.name} has ${someOf(train.classes)}.`,
    );
  }
  const { epochs, signal } = options;
  const { balanced } = options;
  const reading = { dropLast, normalization, augment, epochs, signal };
  const batches = loaderAhead(train, { batch, seed, shuffle: true, balanced, ...reading });
  const steps = stepsOf(batches.batches, options);
  const stageOf = (epoch: number): OpenStage => stageAt(model, [1, channels, height, width], options, epoch, steps);
  const build = (size: number, stage: OpenStage): TrainingStep => {
    const given = {
      ...{ inputShape: [size, channels, height, width], loss: options.loss, optimizer: options.rule.description },
      ...{ clip: options.clip, average: options.average, seed, init: options.init },
      softTargets: !("kind" in train.labels) && blendsLabels(augment),
      ...{ task, scale, ignoreIndex },
      ...{ freeze: options.freeze, rates: options.rates, accumulate: options.accumulate },
    };
    const step = stepOf(model, given, stage);
    const form = "kind" in train.labels ? train.labels.values.shape.slice(1) : [];
    learnerOf(task).target(step.model.output, {
      ...{ input: [size, channels, height, width], form },
      ...(taskOf({ task }).named ? { names: train.classes.length } : {}),
    });
    return step;
  };
  const rest = count % batch;
  const sizes = count < batch ? [count] : rest > 0 && !dropLast ? [batch, rest] : [batch];
  const open = (stage: OpenStage, from?: State): Promise<Stepper> => {
    const state = (step: TrainingStep): State | undefined => {
      if (from) checkState(step, from, stage.opening);
      return from ?? startingState(step, options.weights);
    };
    return Stepper.open(sizes, (size) => build(size, stage), engine, state);
  };
  let stage = stageOf(resume?.epoch ?? 0);
  const openStage = async (epoch: number, variables: State): Promise<Stepper | undefined> => {
    const next = stageOf(epoch);
    if (next.stage === stage.stage) return undefined;
    stage = next;
    return open(stage, variables);
  };
  const stepper = await open(stage, resume?.variables).catch(async (error: unknown) => {
    await closeLoader(batches);
    throw error;
  });
  const { mean, std } = normalization;
  const preprocessing = completePreprocessing({ channels, height, width, mean, std, ...train.reading });
  try {
    // In the middle of an epoch nothing was rounded, and nothing is now.
    const start = resume?.cursor ? stepper.readExactly() : stepper.readState();
    const weights = usedWeights(stepper.step, start, options);
    const { loss, metrics = {} } = options;
    // A loss of another name than the usual one is told as it is trained; class weights and smoothing are for training alone.
    const own = loss && (typeof loss === "function" || loss.name !== learnerOf(task).losses[0]) ? { loss } : {};
    const shared = { task, model, weights, preprocessing, classes: train.classes, engine, scale, metrics, ignoreIndex };
    const most = Math.max(countOf(data.validation), countOf(data.test));
    const tested = options.evaluateEvery > 0 ? Math.min(Math.max(batch, 100), most) : 0;
    const scorer = tested > 0 ? await Scorer.open({ ...shared, ...own, batch: tested }) : undefined;
    const compileSeconds = (clock.now() - began) / 1000;
    const parts = { model, data, options, engine, settings, loader: batches, preprocessing, resume, pictures };
    return { ...parts, stepper, openStage, scorer, start, compileSeconds };
  } catch (error) {
    await closeLoader(batches);
    stepper.release();
    throw error;
  }
}

/** Ends the threads that read ahead, where there are any. */
export async function closeLoader(from: Loader | StreamLoader | undefined): Promise<void> {
  if (from && "close" in from) await from.close();
}

export function paceOf({ options, loader: { batches } }: Run, epoch: number, index: number): Pace {
  const { schedule, rule, epochs: total, seed, accumulate = 1 } = options;
  const steps = stepsOf(batches, options);
  const step = epoch * steps + Math.floor(index / accumulate);
  const last = (index + 1) % accumulate === 0 || index === batches - 1;
  const part = { batch: epoch * batches + index, last };
  return { step, learningRate: learningRate(schedule, rule.lr, step, total * steps), seed, part };
}

/** Steps in an epoch of so many batches. */
const stepsOf = (batches: number, { accumulate = 1 }: Resolved): number => Math.ceil(batches / accumulate);

export const countOf = (set: PictureSet | undefined): number => set?.images.shape[0] ?? 0;

export async function scoreOf({ scorer, options }: Run, part: PictureSet | undefined, weights: State) {
  return scorer && part ? scorer.score(part, weights, options.signal) : undefined;
}

export function trainedModel({ model, data, options, stepper, preprocessing }: Run, variables: State): Trained {
  const weights = usedWeights(stepper.step, variables, options);
  const { task, scale } = options;
  const learnt = { ...(task === usualTask ? {} : { task }), ...(scale ? { scale } : {}) };
  return { model, weights, classes: data.train.classes, ...learnt, preprocessing };
}

function checkParts({ train, validation, test }: TrainingData<Labels>): void {
  for (const part of [validation, test]) {
    if (!part) continue;
    if (kindOfLabels(part.labels) !== kindOfLabels(train.labels)) {
      throw new NeocogError(
        `${part.name} has ${kindOfLabels(part.labels)} labels, but ${train.name} has ${kindOfLabels(train.labels)} labels.`,
      );
    }
    const fits = part.images.shape.slice(1).every((n, axis) => n === train.images.shape[axis + 1]);
    if (!fits || part.classes.join("\n") !== train.classes.join("\n")) {
      throw new NeocogError(
        `${part.name} does not fit ${train.name}: their images must have one size and their classes one order.`,
      );
    }
  }
}

const nameOf = ({ node }: Tensor): string => attributesIf(node, variableOp)!.name;

/** Given weights, which must be all of the model's; an average starts from them too. */
function startingState({ model }: TrainingStep, weights: State | undefined): State | undefined {
  if (!weights) return undefined;
  checkWeights(weights, model.variables);
  return new Map(
    [...weights].flatMap(([name, value]) => [
      [name, value],
      [averageName(name), value],
    ]),
  );
}

/** The weights to evaluate and keep, under the names of the state dict: the averaged ones where there are any. */
function usedWeights({ model }: TrainingStep, variables: State, { average }: Resolved): State {
  const names = model.variables.map(nameOf);
  return new Map(names.map((name) => [name, variables.get(average === undefined ? name : averageName(name))!]));
}
