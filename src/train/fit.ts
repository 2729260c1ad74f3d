// Training as an async generator of events: `for await (const event of fit(model, data, { epochs: 5 })) …`. A `break` between
// steps or an AbortSignal within one stops it: the last checkpoint stands, and what came after it is lost. The same seed gives the same weights, bit for bit: batches, masks and initial weights are functions
// of (seed, epoch, place), and going on from a checkpoint gives what an unbroken run gives.

import { clock } from "#host";
import { understand } from "../base/arguments.ts";
import { NeocogError } from "../base/errors.ts";
import { options as byName, isRecord, type Rule } from "../base/rules.ts";
import { dataset as checkDataset, datasetRule } from "../data/dataset.ts";
import type { ClassSet } from "../data/images.ts";
import { type Loader, loader, type StreamLoader } from "../data/loader.ts";
import { completePreprocessing, type Preprocessing } from "../data/preprocessing.ts";
import type { Engine } from "../engines/engine.ts";
import { stoppable } from "../engines/stoppable.ts";
import { attributesIf, type Tensor, variableOp } from "../graph/graph.ts";
import type { Layer } from "../nn/layer.ts";
import { layer as layerRule } from "../nn/rules.ts";
import { checkLogits } from "../nn/source.ts";
import { openEngine } from "../run/engines.ts";
import type { State } from "../run/session.ts";
import { type Classifier, checkWeights, openClassifier } from "../use/classifier.ts";
import { type Score, score } from "../use/evaluate.ts";
import { weightsHash } from "../use/hash.ts";
import type { TrainedModel } from "../use/trained.ts";
import type { BestEpoch, Settings } from "./checkpoint.ts";
import type { TrainingEvent } from "./events.ts";
import { Keeper } from "./keeper.ts";
import { explainNonFinite, firstNonFinite, type NonFiniteLoss } from "./nonfinite.ts";
import type { FitOptions, TrainingData } from "./options.ts";
import type { EpochRecord } from "./record.ts";
import { learningRate } from "./schedules.ts";
import { checkSettings, fitRules, longerNow, type Resolved, resolveOptions, settingsOf } from "./settings.ts";
import { averageName, checkState, countParameters, type TrainingStep, trainingStep } from "./step.ts";
import { type Pace, Stepper } from "./stepper.ts";

const dataRule: Rule = {
  must: "{ train, test }: datasets, as openData() gives them",
  accepts: (value) =>
    isRecord(value) &&
    datasetRule.accepts(value.train) &&
    [value.validation, value.test].every((set) => set === undefined || datasetRule.accepts(set)),
};

/**
 * Trains a classifier and yields what happens, from "started" to "finished" (or "stopped"): `for await (const event
 * of fit(model, data, { epochs: 5 }))`. The network takes [batch, channels, height, width] and gives [batch,
 * classes]; the same seed gives the same weights, bit for bit. Throws one sentence for data with a label that is no
 * class or a pixel that is no finite number (naming the image), options that cannot be, a model that does not fit the
 * data, an output folder that exists, a checkpoint of another run; a NonFiniteLoss where the numbers break down.
 */
export function fit<L extends Layer>(
  model: L,
  data: TrainingData,
  options?: FitOptions,
): AsyncGenerator<TrainingEvent<L>, void, undefined>;
export async function* fit(
  model: Layer,
  data: TrainingData,
  options: FitOptions = {},
): AsyncGenerator<TrainingEvent, void, undefined> {
  understand("fit", arguments, { model: layerRule, data: dataRule, options: byName(fitRules) });
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
    run?.classifier?.release();
    if (!options.engine) await engine?.close();
    await keeper?.close();
  }
}

/** How far the training is: whole epochs whose checkpoint stands, and batches since. */
interface At {
  epoch: number;
  batch: number;
}

/** All that stays the same during a run. */
interface Run {
  readonly model: Layer;
  readonly data: TrainingData;
  readonly options: Resolved;
  readonly engine: Engine;
  readonly settings: Settings;
  readonly loader: Loader | StreamLoader;
  readonly preprocessing: Preprocessing;
  readonly stepper: Stepper;
  /** Absent where nothing is scored. */
  readonly classifier: Classifier | undefined;
  /** Variables before the first step. */
  readonly start: State;
  readonly compileSeconds: number;
}

async function prepare(model: Layer, data: TrainingData, options: Resolved, engine: Engine): Promise<Run> {
  const began = clock.now();
  const { batch, seed, dropLast, normalization, augment, resume } = options;
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
      softTargets: augment?.some(({ kind }) => kind === "mixup") ?? false,
    });
    checkLogits(step.model.output, train.classes.length);
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
    const shared = { model, weights, preprocessing, classes: train.classes, engine, frozen: false };
    const most = Math.max(data.validation?.labels.length ?? 0, data.test?.labels.length ?? 0);
    const tested = options.evaluateEvery > 0 ? Math.min(Math.max(batch, 100), most) : 0;
    const classifier = tested > 0 ? await openClassifier({ ...shared, batch: tested }) : undefined;
    const compileSeconds = (clock.now() - began) / 1000;
    const parts = { model, data, options, engine, settings, loader: batches, preprocessing };
    return { ...parts, stepper, classifier, start, compileSeconds };
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

async function* epochs(run: Run, at: At, keeper: Keeper | undefined): AsyncGenerator<TrainingEvent, void, undefined> {
  const { data, options, stepper } = run;
  const { epochs: total, resume } = options;
  const folder = keeper ? { folder: keeper.title } : {};
  const began = clock.now();
  let epoch = resume?.epoch ?? 0;
  let history = resume?.history ?? [];
  let variables = run.start;
  let best = resume?.best;
  yield started(run, epoch);
  const longer = resume && longerNow(run.settings, resume.settings);
  if (longer) yield { kind: "warning", message: `${longer}, at ${paceOf(run, epoch, 0).learningRate.toPrecision(3)}.` };
  const done = { images: 0, ofImages: (total - epoch) * run.loader.images, began };
  while (epoch < total) {
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
    const record: EpochRecord = {
      ...{ epoch, step: step + 1, train, ...(validation ? { validation } : {}), learningRate },
      seconds: (clock.now() - epochBegan) / 1000,
    };
    history = [...history, record];
    best = betterOf(best, record, trained.weights);
    yield { kind: "epoch", ...record, epochs: total, best: bestOf(history) };
    const checkpoint = {
      ...{ trained, variables, epoch, step: step + 1 },
      ...{ settings: run.settings, history, ...(best ? { best } : {}) },
    };
    const failure = await keeper?.save(checkpoint);
    if (failure && epoch === total) throw failure;
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
): AsyncGenerator<TrainingEvent, Score, undefined> {
  const { loader: from, stepper, options } = run;
  const { epoch } = at;
  const { batches } = from;
  const began = clock.now();
  let [seen, lost, right] = [0, 0, 0];
  let waited = 0;
  let next = await from.batch(epoch, 0);
  waited += clock.now() - began;
  for (let index = 0; index < batches; index++) {
    at.batch = index;
    const size = next.indices.length;
    const pace = paceOf(run, epoch, index);
    const running = stepper.run(next, pace);
    // The next batch is made while other threads compute.
    const coming = index + 1 < batches ? from.batch(epoch, index + 1) : next;
    // A picture that is gone is told once the step has ended.
    if (coming instanceof Promise) coming.catch(() => undefined);
    const { loss, correct } = await running;
    const idle = clock.now();
    next = await coming;
    waited += clock.now() - idle;
    if (!Number.isFinite(loss)) throw await explain(run, epoch, index, start);
    seen += size;
    lost += loss * size;
    right += correct;
    progress.images += size;
    const now = clock.now();
    yield {
      ...{ kind: "batch", epoch: epoch + 1, epochs: options.epochs, batch: index + 1, batches, step: pace.step + 1 },
      ...{ loss, accuracy: correct / size, epochLoss: lost / seen, epochAccuracy: right / seen },
      learningRate: pace.learningRate,
      imagesPerSecond: (1000 * seen) / Math.max(now - began, 1e-3),
      waiting: waited / Math.max(now - began, 1e-3),
      secondsLeft: (((now - progress.began) / 1000) * (progress.ofImages - progress.images)) / progress.images,
    };
  }
  return { loss: lost / seen, accuracy: right / seen };
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

function started({ data, options, engine, stepper, loader: from, compileSeconds }: Run, done: number): TrainingEvent {
  const { train, validation, test } = data;
  return {
    ...{ kind: "started", engine: engine.name, engineDescription: engine.description, compileSeconds },
    ...{ parameters: countParameters(stepper.step.parameters), classes: train.classes },
    ...{ trainImages: train.labels.length, validationImages: validation?.labels.length ?? 0 },
    ...{ testImages: test?.labels.length ?? 0, epochs: options.epochs },
    ...{ batch: Math.min(options.batch, train.labels.length), batches: from.batches },
    ...{ arenaBytes: stepper.arenaBytes, epochsDone: done },
  };
}

async function scoreOf(
  { classifier, options }: Run,
  part: ClassSet | undefined,
  weights: State,
): Promise<Score | undefined> {
  if (!classifier || !part) return undefined;
  classifier.load(weights);
  const { loss, accuracy } = await score(classifier, part, part.classes, options.signal);
  return { loss, accuracy };
}

function trainedModel({ model, data, options, stepper, preprocessing }: Run, variables: State): TrainedModel {
  const weights = usedWeights(stepper.step, variables, options);
  return { model, weights, classes: data.train.classes, preprocessing };
}

function checkParts({ train, validation, test }: TrainingData): void {
  for (const part of [validation, test]) {
    if (!part) continue;
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
  best: BestEpoch | undefined,
  { epoch, validation }: EpochRecord,
  weights: State,
): BestEpoch | undefined {
  if (!validation || (best && best.accuracy >= validation.accuracy)) return best;
  return { epoch, accuracy: validation.accuracy, weights };
}

/** The best validation accuracy so far; of the training where there is none. */
function bestOf(history: readonly EpochRecord[]): { epoch: number; accuracy: number } {
  const scored = history.filter(({ validation }) => validation);
  const list = scored.length > 0 ? scored : history;
  const entries = list.map(({ epoch, validation, train }) => ({ epoch, accuracy: (validation ?? train).accuracy }));
  return entries.reduce((best, one) => (one.accuracy > best.accuracy ? one : best));
}
