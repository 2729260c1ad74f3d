// The epochs of a run that is ready: batches, scores and checkpoints, as events.
import { clock } from "#host";
import type { Layer } from "../nn/layer.ts";
import type { State } from "../run/session.ts";
import { weightsHash } from "../use/hash.ts";
import type { TaskName } from "../use/tasks/list.ts";
import { bestOf, betterOf } from "./best.ts";
import type { BestEpoch } from "./checkpoint.ts";
import type { TrainingEvent } from "./events.ts";
import type { Keeper } from "./keeper.ts";
import { explainNonFinite, firstNonFinite, type NonFiniteLoss } from "./nonfinite.ts";
import { asMain, type EpochRecord, type ScoreOf } from "./record.ts";
import { countOf, paceOf, type Run, scoreOf, trainedModel } from "./run.ts";
import { longerNow } from "./settings.ts";
import { countParameters } from "./step.ts";
import { learnerOf } from "./tasks/list.ts";

type Event = TrainingEvent<Layer, TaskName>;

/** How far the training is: whole epochs whose checkpoint stands, and batches since. */
export interface At {
  epoch: number;
  batch: number;
}
export async function* epochs(run: Run, at: At, keeper: Keeper | undefined): AsyncGenerator<Event, void, undefined> {
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
