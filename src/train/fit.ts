// Training as an async generator of events: `for await (const event of fit(model, data, { epochs: 5 })) …`. A `break` between
// steps or an AbortSignal within one stops it: the last checkpoint stands, and what came after it is lost. The same seed gives the same weights, bit for bit: batches, masks and initial weights are functions
// of (seed, epoch, place), and going on from a checkpoint gives what an unbroken run gives.

import { clock } from "#host";
import { understand } from "../base/arguments.ts";
import { NeocogError } from "../base/errors.ts";
import { options as byName, isRecord, type OptionsOf, type Rule } from "../base/rules.ts";
import { dataset as checkDataset, datasetRule } from "../data/dataset.ts";
import type { PictureSet } from "../data/images.ts";
import { kindOfLabels, type Labels } from "../data/labels.ts";
import { type Loader, loader, type StreamLoader } from "../data/loader.ts";
import { completePreprocessing, type Preprocessing } from "../data/preprocessing.ts";
import type { Engine } from "../engines/engine.ts";
import { stoppable } from "../engines/stoppable.ts";
import { attributesIf, type Tensor, variableOp } from "../graph/graph.ts";
import type { Layer } from "../nn/layer.ts";
import { layer as layerRule } from "../nn/rules.ts";
import { openEngine } from "../run/engines.ts";
import type { State } from "../run/session.ts";
import { weightsHash } from "../use/hash.ts";
import { checkWeights } from "../use/network.ts";
import { type TaskName, type TaskOf, taskOf, usualTask } from "../use/tasks/list.ts";
import type { TrainedModel } from "../use/trained.ts";
import type { BestEpoch, Settings } from "./checkpoint.ts";
import type { TrainingEvent } from "./events.ts";
import { Keeper } from "./keeper.ts";
import { explainNonFinite, firstNonFinite, type NonFiniteLoss } from "./nonfinite.ts";
import type { FitOptions, TrainingData } from "./options.ts";
import { asMain, type EpochRecord, isBetter, type MainOf, mainIn, type ScoreOf } from "./record.ts";
import { learningRate } from "./schedules.ts";
import { Scorer } from "./scoring.ts";
import { checkSettings, fitRules, longerNow, type Resolved, resolveOptions, settingsOf } from "./settings.ts";
import { averageName, checkState, countParameters, type TrainingStep, trainingStep } from "./step.ts";
import { type Pace, Stepper } from "./stepper.ts";
import { learnerOf } from "./tasks/list.ts";

const dataRule: Rule = {
  must: "{ train, test }: datasets, as openData() gives them",
  accepts: (value) =>
    isRecord(value) &&
    datasetRule.accepts(value.train) &&
    [value.validation, value.test].every((set) => set === undefined || datasetRule.accepts(set)),
};

/**
 * Trains a network and yields what happens, from "started" to "finished" (or "stopped"): `for await (const event of fit(model,
 * data, { epochs: 5 }))`. What is learnt is said by the labels of the data: classes, tags, numbers, masks or pictures. The
 * network takes [batch, channels, height, width] and gives [batch, classes] (or tags, or numbers), for masks [batch, classes,
 * height, width], for pictures those; the same seed gives the same weights, bit for bit. Throws one sentence for data with a label that is no
 * class or a pixel that is no finite number (naming the image), options that cannot be, a model that does not fit the
 * data, an output folder that exists, a checkpoint of another run; a NonFiniteLoss where the numbers break down.
 */
export function fit<L extends Layer, D extends Labels = Int32Array>(
  model: L,
  data: TrainingData<D>,
  options?: FitOptions,
): AsyncGenerator<TrainingEvent<L, TaskOf<D>>, void, undefined>;
export async function* fit(
  model: Layer,
  data: TrainingData<Labels>,
  options: FitOptions = {},
): AsyncGenerator<TrainingEvent<Layer, TaskName>, void, undefined> {
  understand("fit", arguments, { model: layerRule, data: dataRule, options: byName<OptionsOf<typeof fit>>(fitRules) });
  for (const part of [data.train, data.validation, data.test]) if (part) checkDataset(part);
  const resolved = resolveOptions(options, data);
  const keeper = options.out === undefined ? undefined : await Keeper.open(options.out, options);
  const { signal } = options;
  const at: At = { epoch: resolved.resume?.epoch ?? 0, batch: 0 };
  let engine: Engine | undefined;
  let run: Run | undefined;
  try {
    engine = options.engine ?? (await openEngine());
    run = await prepare(model, data, resolved, stoppable(engine, signal));
    yield* epochs(run, at, keeper);
  } catch (error) {
    if (!signal?.aborted || error !== signal.reason) throw error;
    const failure = await keeper?.retry();
    if (failure) yield { kind: "warning", message: `${failure.message} The run had come further than its folder.` };
    const folder = keeper ? { folder: keeper.title } : {};
    yield { kind: "stopped", epoch: at.epoch + 1, batch: at.batch, epochsDone: keeper?.epoch ?? at.epoch, ...folder };
  } finally {
    await closeLoader(run?.loader);
    run?.stepper.release();
    run?.scorer?.release();
    if (!options.engine) await engine?.close();
    await keeper?.close();
  }
}

type Event = TrainingEvent<Layer, TaskName>;
type Trained = TrainedModel<Layer, TaskName>;

/** How far the training is: whole epochs whose checkpoint stands, and batches since. */
interface At {
  epoch: number;
  batch: number;
}

/** All that stays the same during a run. */
interface Run {
  readonly model: Layer;
  readonly data: TrainingData<Labels>;
  readonly options: Resolved;
  readonly engine: Engine;
  readonly settings: Settings;
  readonly loader: Loader | StreamLoader;
  readonly preprocessing: Preprocessing;
  readonly stepper: Stepper;
  /** Absent where nothing is scored. */
  readonly scorer: Scorer | undefined;
  /** Variables before the first step. */
  readonly start: State;
  readonly compileSeconds: number;
}

async function prepare(model: Layer, data: TrainingData<Labels>, options: Resolved, engine: Engine): Promise<Run> {
  const began = clock.now();
  const { task, batch, seed, dropLast, normalization, augment, resume, scale, ignoreIndex } = options;
  const { train } = data;
  const [count, channels, height, width] = train.images.shape;
  checkParts(data);
  const settings = await settingsOf(model, data, options, engine.name);
  if (resume) checkSettings(settings, resume);
  const { epochs, signal } = options;
  const batches = loader(train, { batch, seed, shuffle: true, dropLast, normalization, augment, epochs, signal });
  const build = (size: number): TrainingStep => {
    const step = trainingStep(model, {
      ...{ inputShape: [size, channels, height, width], loss: options.loss, optimizer: options.rule.description },
      ...{ clip: options.clip, average: options.average, seed, init: options.init },
      softTargets: !("kind" in train.labels) && (augment?.some(({ kind }) => kind === "mixup") ?? false),
      ...{ task, scale, ignoreIndex },
    });
    const form = "kind" in train.labels ? train.labels.values.shape.slice(1) : [];
    learnerOf(task).target(step.model.output, {
      ...{ input: [size, channels, height, width], form },
      ...(taskOf({ task }).named ? { names: train.classes.length } : {}),
    });
    return step;
  };
  const rest = count % batch;
  const sizes = count < batch ? [count] : rest > 0 && !dropLast ? [batch, rest] : [batch];
  const state = (step: TrainingStep) => {
    if (resume) checkState(step, resume.variables);
    return resume?.variables ?? startingState(step, options.weights);
  };
  const stepper = await Stepper.open(sizes, build, engine, state).catch(async (error: unknown) => {
    await closeLoader(batches);
    throw error;
  });
  const { mean, std } = normalization;
  const preprocessing = completePreprocessing({ channels, height, width, mean, std, ...train.reading });
  try {
    const start = stepper.readState();
    const weights = usedWeights(stepper.step, start, options);
    const { loss, metrics = {} } = options;
    // A loss of another name than the usual one is told as it is trained; class weights and smoothing are for training alone.
    const own = loss && (typeof loss === "function" || loss.name !== learnerOf(task).losses[0]) ? { loss } : {};
    const shared = { task, model, weights, preprocessing, classes: train.classes, engine, scale, metrics, ignoreIndex };
    const most = Math.max(countOf(data.validation), countOf(data.test));
    const tested = options.evaluateEvery > 0 ? Math.min(Math.max(batch, 100), most) : 0;
    const scorer = tested > 0 ? await Scorer.open({ ...shared, ...own, batch: tested }) : undefined;
    const compileSeconds = (clock.now() - began) / 1000;
    const parts = { model, data, options, engine, settings, loader: batches, preprocessing };
    return { ...parts, stepper, scorer, start, compileSeconds };
  } catch (error) {
    await closeLoader(batches);
    stepper.release();
    throw error;
  }
}

/** Ends the threads that read ahead, where there are any. */
async function closeLoader(from: Loader | StreamLoader | undefined): Promise<void> {
  if (from && "close" in from) await from.close();
}

async function* epochs(run: Run, at: At, keeper: Keeper | undefined): AsyncGenerator<Event, void, undefined> {
  const { data, options, stepper } = run;
  const { epochs: total, resume } = options;
  const folder = keeper ? { folder: keeper.title } : {};
  const began = clock.now();
  let epoch = resume?.epoch ?? 0;
  let history: readonly EpochRecord<TaskName>[] = resume?.history ?? [];
  let variables = run.start;
  let best: BestEpoch<TaskName> | undefined = resume?.best;
  // The epoch that did best is past by so many that no better one is waited for.
  const over = (): boolean =>
    epoch >= total || (best !== undefined && epoch - best.epoch >= (options.patience ?? Infinity));
  yield started(run, epoch);
  const longer = resume && longerNow(run.settings, resume.settings);
  if (longer) yield { kind: "warning", message: `${longer}, at ${paceOf(run, epoch, 0).learningRate.toPrecision(3)}.` };
  const done = { images: 0, ofImages: (total - epoch) * run.loader.images, began };
  while (!over()) {
    const epochBegan = clock.now();
    const train = yield* oneEpoch(run, at, variables, done);
    const next = stepper.readState();
    if (firstNonFinite(next) !== undefined) throw await explain(run, epoch, run.loader.batches, variables);
    variables = next;
    epoch++;
    const trained = trainedModel(run, variables);
    const { evaluateEvery: every } = options;
    const due = every > 0 && (epoch % every === 0 || epoch === total);
    const validation = due ? await scoreOf(run, data.validation, trained.weights) : undefined;
    const { step, learningRate } = paceOf(run, epoch - 1, run.loader.batches - 1);
    const record: EpochRecord<TaskName> = {
      ...{ epoch, step: step + 1, train, ...(validation ? { validation } : {}), learningRate },
      seconds: (clock.now() - epochBegan) / 1000,
    };
    history = [...history, record];
    best = betterOf(options.task, best, record, trained.weights);
    yield { kind: "epoch", ...record, epochs: total, best: bestOf(options.task, history) };
    const checkpoint = {
      ...{ trained, variables, epoch, step: step + 1 },
      ...{ settings: run.settings, history, ...(best ? { best } : {}) },
    };
    const failure = await keeper?.save(checkpoint);
    if (failure && over()) throw failure;
    if (failure) yield { kind: "warning", message: `${failure.message} It is tried again after the next epoch.` };
    at.epoch = epoch;
    at.batch = 0;
    yield { kind: "checkpoint", epoch, checkpoint, ...(failure ? {} : folder) };
  }
  const trained = trainedModel(run, variables);
  const { train, validation } = history[history.length - 1];
  const test = await scoreOf(run, data.test, trained.weights);
  const hash = await weightsHash(trained.weights);
  const seconds = (clock.now() - began) / 1000;
  yield {
    ...{ kind: "finished", trained, history, train, ...(validation ? { validation } : {}), ...(test ? { test } : {}) },
    ...{ ...(best ? { best } : {}), seconds, weightsHash: hash, ...folder },
  };
}

/** Images that this call of fit has trained on, and will have. */
interface Progress {
  images: number;
  readonly ofImages: number;
  readonly began: number;
}

/** The batches of one epoch. `start`: the variables before. */
async function* oneEpoch(
  run: Run,
  at: At,
  start: State,
  progress: Progress,
): AsyncGenerator<Event, ScoreOf<TaskName>, undefined> {
  const { loader: from, stepper, options } = run;
  const { epoch } = at;
  const { batches } = from;
  const began = clock.now();
  const { watch } = learnerOf(options.task);
  const scored = (loss: number, value: number): ScoreOf<TaskName> =>
    ({ loss, ...asMain(options.task, value) }) as ScoreOf<TaskName>;
  let [seen, lost] = [0, 0];
  let sums = new Float64Array();
  let waited = 0;
  let next = await from.batch(epoch, 0);
  // Pictures in memory are waited for by nobody: the batch was made here.
  if ("close" in from) waited = clock.now() - began;
  for (let index = 0; index < batches; index++) {
    at.batch = index;
    const size = next.indices.length;
    const pace = paceOf(run, epoch, index);
    const running = stepper.run(next, pace);
    // The next batch is made while other threads compute.
    const coming = index + 1 < batches ? from.batch(epoch, index + 1) : next;
    // A picture that is gone is told once the step has ended.
    if (coming instanceof Promise) coming.catch(() => undefined);
    const { loss, watched } = await running;
    const idle = clock.now();
    next = await coming;
    waited += clock.now() - idle;
    if (!Number.isFinite(loss)) throw await explain(run, epoch, index, start);
    seen += size;
    lost += loss * size;
    sums = watched.map((sum, i) => sum + (sums[i] ?? 0));
    progress.images += size;
    const now = clock.now();
    yield {
      ...{ kind: "batch", epoch: epoch + 1, epochs: options.epochs, batch: index + 1, batches, step: pace.step + 1 },
      ...scored(loss, watch.finish(watched, size)),
      epochScore: scored(lost / seen, watch.finish(sums, seen)),
      learningRate: pace.learningRate,
      imagesPerSecond: (1000 * seen) / Math.max(now - began, 1e-3),
      waiting: waited / Math.max(now - began, 1e-3),
      secondsLeft: (((now - progress.began) / 1000) * (progress.ofImages - progress.images)) / progress.images,
    };
  }
  return scored(lost / seen, watch.finish(sums, seen));
}

function paceOf({ options, loader: { batches } }: Run, epoch: number, index: number): Pace {
  const { schedule, rule, epochs: total, seed } = options;
  const step = epoch * batches + index;
  return { step, learningRate: learningRate(schedule, rule.lr, step, total * batches), seed };
}

/** Which op broke first. `index`: the batch whose loss was lost, or one past the last where a weight was found broken. */
function explain(run: Run, epoch: number, index: number, start: State): Promise<NonFiniteLoss> {
  const { engine, stepper, loader: from } = run;
  return explainNonFinite({
    ...{ engine, epoch: epoch + 1, index, batches: from.batches, start },
    learningRate: paceOf(run, epoch, Math.min(index, from.batches - 1)).learningRate,
    replay: async (at) => stepper.feed(await from.batch(epoch, at), paceOf(run, epoch, at)),
    async rerun(count) {
      stepper.writeState(start);
      for (let at = 0; at < count; at++) await stepper.run(await from.batch(epoch, at), paceOf(run, epoch, at));
      return stepper.readState();
    },
  });
}

function started({ data, options, engine, stepper, loader: from, compileSeconds }: Run, done: number): Event {
  const { train, validation, test } = data;
  return {
    ...{ kind: "started", engine: engine.name, engineDescription: engine.description, compileSeconds },
    ...{ parameters: countParameters(stepper.step.parameters), classes: train.classes },
    ...{ task: options.task, trainImages: countOf(train), validationImages: countOf(validation) },
    ...{ testImages: countOf(test), epochs: options.epochs },
    ...{ batch: Math.min(options.batch, countOf(train)), batches: from.batches },
    ...{ arenaBytes: stepper.arenaBytes, epochsDone: done },
  };
}

const countOf = (set: PictureSet | undefined): number => set?.images.shape[0] ?? 0;

async function scoreOf({ scorer, options }: Run, part: PictureSet | undefined, weights: State) {
  return scorer && part ? scorer.score(part, weights, options.signal) : undefined;
}

function trainedModel({ model, data, options, stepper, preprocessing }: Run, variables: State): Trained {
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

/** The weights that did best in the validation, of two epochs the earlier. */
function betterOf(
  task: TaskName,
  best: BestEpoch<TaskName> | undefined,
  { epoch, validation }: EpochRecord<TaskName>,
  weights: State,
): BestEpoch<TaskName> | undefined {
  if (!validation) return best;
  const value = mainIn(task, validation);
  if (best && !isBetter(task, value, mainIn(task, best))) return best;
  return { epoch, ...asMain(task, value), weights };
}

/** The best validation so far; of the training where there is none. */
function bestOf(task: TaskName, history: readonly EpochRecord<TaskName>[]): { epoch: number } & MainOf<TaskName> {
  const scored = history.filter(({ validation }) => validation);
  const list = scored.length > 0 ? scored : history;
  const entries = list.map(({ epoch, validation, train }) => ({ epoch, value: mainIn(task, validation ?? train) }));
  const { epoch, value } = entries.reduce((best, one) => (isBetter(task, one.value, best.value) ? one : best));
  return { epoch, ...asMain(task, value) };
}
