// The epochs of a run that is ready: batches, scores and checkpoints, as events.
import { clock } from "#host";
import type { State } from "../run/session.ts";
import { weightsHash } from "../use/hash.ts";
import type { TaskName } from "../use/tasks/list.ts";
import { bestOf, betterOf } from "./best.ts";
import { type BestEpoch, type Checkpoint, keptOf } from "./checkpoint.ts";
import { beginning, type EpochCursor, isDue, usualEvery } from "./cursor.ts";
import { type At, type Event, explain, oneEpoch } from "./epoch.ts";
import { foretell } from "./forecast.ts";
import type { Keeper } from "./keeper.ts";
import { firstNonFinite } from "./nonfinite.ts";
import type { EpochRecord } from "./record.ts";
import { countOf, paceOf, type Run, scoreOf, trainedModel } from "./run.ts";
import { longerNow } from "./settings.ts";
import { countParameters } from "./step.ts";
import { rounded, type Stepper } from "./stepper.ts";

const otherData =
  "The training data is no longer what it was: the run goes on from the weights that it has, with an epoch from its beginning.";

export async function* epochs(run: Run, at: At, keeper: Keeper | undefined): AsyncGenerator<Event, void, undefined> {
  const { data, options, resume } = run;
  const { epochs: total } = options;
  const folder = keeper ? { folder: keeper.title } : {};
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
  if (resume && resume.settings.data !== run.settings.data) yield { kind: "warning", message: otherData };
  const every = options.checkpointEvery ?? (keeper && usualEvery);
  if (options.foretell && !over()) yield* foretell(run, keeper, every);
  const began = clock.now();
  let from = resume?.cursor ?? beginning;
  const done = { images: 0, ofImages: (total - epoch) * run.loader.images - from.images, began };
  let lastKept = began;
  const whatStays = { settings: run.settings, ...(run.pictures === undefined ? {} : { pictures: run.pictures }) };
  /** Writes a checkpoint where one is written, and tells it. */
  async function* keep(checkpoint: Checkpoint<TaskName>, later: string): AsyncGenerator<Event, void, undefined> {
    const failure = await keeper?.save(checkpoint);
    lastKept = clock.now();
    if (failure && !checkpoint.cursor && over()) throw failure;
    if (failure) yield { kind: "warning", message: `${failure.message} It is tried again ${later}.` };
    else at.kept = keptOf(checkpoint);
    const within = checkpoint.cursor ? { batch: checkpoint.cursor.batch } : {};
    yield { kind: "checkpoint", epoch: checkpoint.epoch, ...within, checkpoint, ...(failure ? {} : folder) };
  }
  /** Where it is time for it, a checkpoint in the middle of an epoch. */
  async function* pause(cursor: EpochCursor): AsyncGenerator<Event, void, undefined> {
    const { step: begun, part } = paceOf(run, epoch, cursor.batch - 1);
    const step = begun + (part.last ? 1 : 0);
    if (!isDue(every, part.last ? step : undefined, lastKept, clock.now())) return;
    const now = run.stepper.readExactly();
    if (firstNonFinite(now) !== undefined) throw await explain(run, epoch, cursor.batch, variables, from.batch);
    const checkpoint = {
      ...{ trained: trainedModel(run, rounded(now)), variables: now, epoch, step, cursor },
      ...{ ...whatStays, history, ...(best ? { best } : {}) },
    };
    yield* keep(checkpoint, "later");
  }
  while (from.batch > 0 || !over()) {
    const epochBegan = clock.now();
    const stepper = await inStage(run, epoch, variables);
    const train = yield* oneEpoch(run, at, { variables, from }, done, pause);
    const next = stepper.readState();
    if (firstNonFinite(next) !== undefined) throw await explain(run, epoch, run.loader.batches, variables, from.batch);
    variables = next;
    epoch++;
    const trained = trainedModel(run, variables);
    const { evaluateEvery } = options;
    const due = evaluateEvery > 0 && (epoch % evaluateEvery === 0 || epoch === total);
    const validation = due ? await scoreOf(run, data.validation, trained.weights) : undefined;
    const { step, learningRate } = paceOf(run, epoch - 1, run.loader.batches - 1);
    const record: EpochRecord<TaskName> = {
      ...{ epoch, step: step + 1, train, ...(validation ? { validation } : {}), learningRate },
      seconds: from.seconds + (clock.now() - epochBegan) / 1000,
    };
    history = [...history, record];
    best = betterOf(options.task, best, record, trained.weights);
    yield { kind: "epoch", ...record, epochs: total, best: bestOf(options.task, history) };
    const checkpoint = {
      ...{ trained, variables, epoch, step: step + 1 },
      ...{ ...whatStays, history, ...(best ? { best } : {}) },
    };
    at.epoch = epoch;
    at.batch = 0;
    from = beginning;
    yield* keep(checkpoint, "after the next epoch");
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

/** The step that an epoch is trained with: another one where a further part of the network moves from now on. */
async function inStage(run: Run, epoch: number, variables: State): Promise<Stepper> {
  const opened = await run.openStage(epoch, variables);
  if (opened) {
    run.stepper.release();
    run.stepper = opened;
  }
  return run.stepper;
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
