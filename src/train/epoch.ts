// The batches of one epoch, as events; and where numbers break down, which op broke first.
import { clock } from "#host";
import type { Layer } from "../nn/layer.ts";
import type { State } from "../run/session.ts";
import type { TaskName } from "../use/tasks/list.ts";
import type { Kept } from "./checkpoint.ts";
import type { EpochCursor } from "./cursor.ts";
import type { TrainingEvent } from "./events.ts";
import { explainNonFinite, type NonFiniteLoss } from "./nonfinite.ts";
import { asMain, type ScoreOf } from "./record.ts";
import { paceOf, type Run } from "./run.ts";
import { learnerOf } from "./tasks/list.ts";

export type Event = TrainingEvent<Layer, TaskName>;

/** How far the training is. */
export interface At {
  /** Whole epochs that are done. */
  epoch: number;
  /** Batches of the epoch after them. */
  batch: number;
  /** What the last checkpoint holds. */
  kept: Kept;
}

/** Images that this call of fit has trained on, and will have. */
export interface Progress {
  images: number;
  readonly ofImages: number;
  readonly began: number;
}

/** Where a part of an epoch begins, and the variables there. */
interface Begin {
  readonly variables: State;
  readonly from: EpochCursor;
}

/** The batches of one epoch, or of what is left of it. `pause`: what is done between two of them. */
export async function* oneEpoch(
  run: Run,
  at: At,
  { variables: start, from: done }: Begin,
  progress: Progress,
  pause: (cursor: EpochCursor) => AsyncGenerator<Event, void, undefined>,
): AsyncGenerator<Event, ScoreOf<TaskName>, undefined> {
  const { loader: from, stepper, options } = run;
  const { epoch } = at;
  const { batches } = from;
  const began = clock.now();
  const { watch } = learnerOf(options.task);
  const scored = (loss: number, value: number): ScoreOf<TaskName> =>
    ({ loss, ...asMain(options.task, value) }) as ScoreOf<TaskName>;
  let { images: seen, loss: lost } = done;
  let sums = Float64Array.from(done.watched);
  let waited = 0;
  let next = await from.batch(epoch, done.batch);
  // Pictures in memory are waited for by nobody: the batch was made here.
  if ("close" in from) waited = clock.now() - began;
  for (let index = done.batch; index < batches; index++) {
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
    if (!Number.isFinite(loss)) throw await explain(run, epoch, index, start, done.batch);
    seen += size;
    lost += loss * size;
    sums = watched.map((sum, i) => sum + (sums[i] ?? 0));
    progress.images += size;
    const now = clock.now();
    yield {
      ...{ kind: "batch", epoch: epoch + 1, epochs: options.epochs, batch: index + 1, batches },
      step: pace.step + (pace.part.last ? 1 : 0),
      ...scored(loss, watch.finish(watched, size)),
      epochScore: scored(lost / seen, watch.finish(sums, seen)),
      learningRate: pace.learningRate,
      imagesPerSecond: (1000 * (seen - done.images)) / Math.max(now - began, 1e-3),
      waiting: waited / Math.max(now - began, 1e-3),
      secondsLeft: (((now - progress.began) / 1000) * (progress.ofImages - progress.images)) / progress.images,
    };
    if (index + 1 === batches) break;
    const seconds = done.seconds + (now - began) / 1000;
    yield* pause({ batch: index + 1, images: seen, loss: lost, watched: [...sums], seconds });
  }
  return scored(lost / seen, watch.finish(sums, seen));
}

/**
 * Which op broke first. `index`: the batch whose loss was lost, or the one after those where a weight was found broken;
 * `start` and `first`: variables that were whole, and the batch that they are before.
 */
export function explain(run: Run, epoch: number, index: number, start: State, first: number): Promise<NonFiniteLoss> {
  const { engine, stepper, loader: from } = run;
  return explainNonFinite({
    ...{ engine, epoch: epoch + 1, index, batches: from.batches, start },
    learningRate: paceOf(run, epoch, Math.min(index, from.batches - 1)).learningRate,
    replay: async (at) => stepper.feed(await from.batch(epoch, at), paceOf(run, epoch, at)),
    async rerun(count) {
      stepper.writeState(start);
      for (let at = first; at < count; at++) await stepper.run(await from.batch(epoch, at), paceOf(run, epoch, at));
      return stepper.readState();
    },
  });
}
