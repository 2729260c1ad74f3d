// What a run will take, before its first step: a few real steps are timed and taken back, a batch is scored, a checkpoint is
// written beside the folder's files and removed. The bits of the run do not depend on it.
import { clock, memory } from "#host";
import { subset } from "../data/dataset.ts";
import type { PictureSet } from "../data/images.ts";
import type { TaskName } from "../use/tasks/list.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { checkpointContents } from "./contents.ts";
import { beginning, type CheckpointEvery, type EpochCursor } from "./cursor.ts";
import type { Event } from "./epoch.ts";
import type { ForecastEvent } from "./events.ts";
import type { Keeper } from "./keeper.ts";
import { paceOf, type Run, scoreOf, trainedModel } from "./run.ts";
import { rounded } from "./stepper.ts";

/** Of the time that a run takes, so much is spent on timing its steps; no more seconds than `most`. */
const share = 0.03;
const most = 20;
/** Steps that are timed at least; short ones until the code is warm. */
const least = 4;
const warm = 12;

/** Tells first where memory will not suffice, then what the run takes. */
export async function* foretell(
  run: Run,
  keeper: Keeper | undefined,
  every: CheckpointEvery | undefined,
): AsyncGenerator<Event, void, undefined> {
  const needed = run.stepper.memoryBytes;
  const memoryFree = memory.free();
  if (memoryFree !== undefined && needed > memoryFree) {
    yield {
      kind: "warning",
      message: `The network's plans need ${gigabytes(needed)} of memory, and ${gigabytes(memoryFree)} are free; take a smaller batch.`,
    };
  }
  const { options, resume, loader } = run;
  const [epochsDone, from] = [resume?.epoch ?? 0, resume?.cursor ?? beginning];
  const began = clock.now();
  const step = await timeSteps(run, epochsDone, from, options.epochs);
  const scoring = await timeScoring(run);
  const { seconds: keeping, bytes: diskBytes } = await timeKeeping(run, keeper, epochsDone);
  const training = step.seconds * (loader.images / loader.size);
  const within =
    every === undefined ? 0 : "steps" in every ? loader.batches / every.steps : training / (60 * every.minutes);
  const epoch = training + scoring + keeping * (1 + Math.floor(within));
  const left = options.epochs - epochsDone - from.images / loader.images;
  const diskFree = await keeper?.freeSpace();
  const peak = memory.peak();
  const forecast: ForecastEvent = {
    kind: "forecast",
    ...{ secondsPerEpoch: epoch, seconds: epoch * left, steps: step.count, probeSeconds: (clock.now() - began) / 1000 },
    memoryBytes: Math.max(peak ?? 0, needed),
    ...(memoryFree === undefined ? {} : { memoryFree }),
    diskBytes,
    ...(diskFree === undefined ? {} : { diskFree }),
  };
  // A new generation is written beside the old one.
  if (diskFree !== undefined && 2 * diskBytes > diskFree) {
    yield {
      kind: "warning",
      message: `${keeper!.title} needs ${gigabytes(2 * diskBytes)} while it is written, and ${gigabytes(diskFree)} of its disk are free.`,
    };
  }
  yield forecast;
}

const gigabytes = (bytes: number): string =>
  bytes < 2 ** 30 ? `${(bytes / 2 ** 20).toFixed(1)} MiB` : `${(bytes / 2 ** 30).toFixed(1)} GiB`;

/** Takes some steps, as an epoch does, and takes them back. */
async function timeSteps(
  run: Run,
  epoch: number,
  from: EpochCursor,
  epochs: number,
): Promise<{ seconds: number; count: number }> {
  const { loader, stepper } = run;
  const last = loader.batches;
  const times: number[] = [];
  try {
    const first = clock.now();
    let next = await loader.batch(epoch, from.batch);
    let began = clock.now();
    for (let index = from.batch; index < last; index++) {
      // A last batch that is not full says little of the others.
      if (times.length > 0 && next.indices.length < loader.size) break;
      const running = stepper.run(next, paceOf(run, epoch, index));
      const coming = index + 1 < last ? loader.batch(epoch, index + 1) : next;
      if (coming instanceof Promise) coming.catch(() => undefined);
      await running;
      next = await coming;
      const now = clock.now();
      times.push((now - began) / 1000);
      began = now;
      const elapsed = (now - first) / 1000;
      const whole = typical(times) * last * (epochs - epoch);
      const enough = times.length >= least && (times.length >= warm || elapsed > 1);
      if (enough && elapsed > Math.min(most, share * whole)) break;
    }
    return { seconds: typical(times), count: times.length };
  } finally {
    stepper.writeState(run.start);
  }
}

/** The mean of those that come once code is warm: of the latter half. */
function typical(times: readonly number[]): number {
  const rest = times.slice(Math.floor(times.length / 2));
  return rest.reduce((sum, time) => sum + time, 0) / rest.length;
}

/** Seconds of the validation after an epoch, of those that have one. */
async function timeScoring(run: Run): Promise<number> {
  const { scorer, options, data, start } = run;
  const { validation } = data;
  if (!scorer || !validation) return 0;
  const [count] = validation.images.shape;
  const size = Math.min(count, 2 * scorer.batch);
  const part = subset<PictureSet>(
    validation,
    Array.from({ length: size }, (_, i) => i),
  );
  const { weights } = trainedModel(run, rounded(start));
  let seconds = 0;
  for (let turn = 0; turn < 2; turn++) {
    const began = clock.now();
    await scoreOf(run, part, weights);
    seconds = (clock.now() - began) / 1000;
  }
  return (seconds * count) / size / options.evaluateEvery;
}

/** Seconds and bytes of a checkpoint: of the start, which is as large as those to come. */
async function timeKeeping(
  run: Run,
  keeper: Keeper | undefined,
  epochsDone: number,
): Promise<{ seconds: number; bytes: number }> {
  const variables = rounded(run.stepper.readExactly());
  const trained = trainedModel(run, variables);
  const { settings, pictures, scorer, data, options, resume } = run;
  const scored = scorer && data.validation ? { best: resume?.best ?? { epoch: 1, weights: trained.weights } } : {};
  const checkpoint = {
    ...{ trained, variables, epoch: epochsDone, step: 0, settings, history: resume?.history ?? [] },
    ...(pictures === undefined ? {} : { pictures }),
    ...scored,
  } as Checkpoint<TaskName>;
  let contents = checkpointContents(checkpoint);
  let seconds = 0;
  // The first time is slower than those to come; where it takes long it has to do.
  for (let turn = 0; keeper && turn < 3 && seconds < 0.3; turn++) {
    const began = clock.now();
    contents = checkpointContents(checkpoint);
    await keeper.rehearse(contents);
    seconds = (clock.now() - began) / 1000;
  }
  const sizes = Object.values(contents).map((content) =>
    typeof content === "string" ? new TextEncoder().encode(content).length : content.length,
  );
  const history = 250 * (options.epochs - epochsDone);
  return { seconds, bytes: sizes.reduce((sum, size) => sum + size, history) };
}
