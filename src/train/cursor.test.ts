// Checkpoints in the middle of an epoch: they change nothing, and going on from any of them ends as if nothing had been.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { finished, Trainings } from "../../test/trainings.ts";
import { referenceEngine } from "../engines/reference/engine.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { TrainingEvent } from "./events.ts";
import { fit } from "./fit.ts";
import { openCheckpoint, saveCheckpoint } from "./folder.ts";
import { NonFiniteLoss } from "./nonfinite.ts";
import { Adam, SGD } from "./optimizers/optimizer.ts";
import type { FitOptions } from "./options.ts";
import { bars, tinyNetwork } from "./testing.ts";

const data = { train: bars(50, 1), validation: bars(20, 3), test: bars(30, 2) };
const runs = new Trainings(data);

const rich: FitOptions = {
  ...{ epochs: 3, batch: 16, seed: 5, optimizer: Adam({ lr: 0.02 }), schedule: { kind: "oneCycle" }, average: 0.9 },
  ...{ augment: [{ kind: "shift", pixels: 1 }], clip: { norm: 5 } },
};
const plain: FitOptions = { epochs: 2, batch: 16, optimizer: SGD({ lr: 0.1, momentum: 0.9 }), dropLast: true };
const cases: Readonly<Record<string, FitOptions>> = {
  rich,
  "mixed up": { ...plain, augment: [{ kind: "mixup", alpha: 0.3 }] },
  "plain, on the reference engine": { ...plain, engine: referenceEngine() },
  "averaged, on the reference engine": { ...rich, epochs: 2, engine: referenceEngine() },
};

/** What must be the same in both: every number but the time. */
const numbersOf = (events: readonly TrainingEvent[]) => {
  const { weightsHash, history, test: score, best } = finished([...events]);
  return { weightsHash, score, best: best?.epoch, history: history.map((record) => ({ ...record, seconds: 0 })) };
};

const checkpointsOf = (events: readonly TrainingEvent[]): Checkpoint[] =>
  events.flatMap((event) => (event.kind === "checkpoint" ? [event.checkpoint] : []));

for (const [name, options] of Object.entries(cases)) {
  test(`a run that goes on from the middle of an epoch has the weights and the history of an unbroken one: ${name}`, async () => {
    const whole = numbersOf(await runs.collect(options));
    const watched = await runs.collect({ ...options, checkpointEvery: { steps: 1 } });
    assert.deepEqual(numbersOf(watched), whole, "checkpoints change nothing");
    const checkpoints = checkpointsOf(watched);
    const batches = options.dropLast ? 3 : 4;
    const cursors = checkpoints.map(({ epoch, cursor }) => epoch * batches + (cursor?.batch ?? 0));
    assert.deepEqual(
      cursors,
      Array.from({ length: options.epochs! * batches }, (_, i) => i + 1),
    );
    for (const checkpoint of checkpoints.filter(({ cursor }) => cursor)) {
      const out = join(runs.folder, "within");
      await saveCheckpoint(out, checkpoint);
      const resume = await openCheckpoint(out);
      assert.deepEqual(resume.cursor, checkpoint.cursor);
      assert.deepEqual(numbersOf(await runs.collect({ ...options, resume })), whole, `step ${checkpoint.step}`);
    }
  });
}

test("a run that is kept says how far its folder is, also where it is stopped in the middle of an epoch", async () => {
  const out = join(runs.folder, "stopped");
  const stop = new AbortController();
  const events: TrainingEvent[] = [];
  const more = { engine: runs.engine, out, checkpointEvery: { steps: 3 }, signal: stop.signal };
  for await (const event of fit(tinyNetwork(), data, { ...rich, ...more })) {
    events.push(event);
    if (event.kind === "batch" && event.step === 8) stop.abort();
  }
  assert.deepEqual(
    events.flatMap((event) => (event.kind === "checkpoint" ? [[event.epoch, event.batch, event.folder]] : [])),
    [
      [0, 3, out],
      [1, undefined, out],
      [1, 2, out],
    ],
  );
  assert.deepEqual(events.at(-1), {
    ...{ kind: "stopped", epoch: 2, batch: 3, epochsDone: 1, batchesDone: 2, folder: out },
  });
  const { epoch, cursor, step, history } = await openCheckpoint(out);
  assert.deepEqual([epoch, cursor?.batch, step, history.length], [1, 2, 6, 1]);
});

test("minutes are counted from the last checkpoint, and never means at the end of an epoch only", async () => {
  const within = async (minutes: number): Promise<number> =>
    checkpointsOf(await runs.collect({ ...rich, checkpointEvery: { minutes } })).filter(({ cursor }) => cursor).length;
  assert.equal(await within(1e-9), 9);
  assert.equal(await within(5), 0);
  assert.equal(await within(Number.POSITIVE_INFINITY), 0);
});

test("an epoch that was begun is ended, whatever the run is to be now", async () => {
  const options: FitOptions = { ...rich, schedule: { kind: "constant" } };
  const checkpoints = checkpointsOf(await runs.collect({ ...options, checkpointEvery: { steps: 1 } }));
  const resume = checkpoints.find(({ epoch, cursor }) => epoch === 1 && cursor?.batch === 2)!;
  await assert.rejects(
    runs.collect({ ...options, epochs: 1, resume }),
    /This run has begun 2 epochs already and cannot end with 1/,
  );
  const short = numbersOf(await runs.collect({ ...options, epochs: 2, resume }));
  assert.deepEqual(short, numbersOf(await runs.collect({ ...options, epochs: 2 })));
});

test("numbers that break down after a run went on are found in the batch that broke them", async () => {
  const options: FitOptions = { epochs: 2, batch: 10, optimizer: SGD({ lr: 1e9 }) };
  const broken = async (resume?: Checkpoint): Promise<NonFiniteLoss> => {
    const found = await runs.collect({ ...options, resume }).catch((error: unknown) => error);
    assert.ok(found instanceof NonFiniteLoss);
    return found;
  };
  const whole = await broken();
  const seen: Checkpoint[] = [];
  const watching = async (): Promise<void> => {
    for await (const event of fit(tinyNetwork(), data, {
      ...options,
      engine: runs.engine,
      checkpointEvery: { steps: 1 },
    }))
      if (event.kind === "checkpoint") seen.push(event.checkpoint);
  };
  await assert.rejects(watching(), { message: whole.message });
  assert.ok(seen.length > 0, "a batch was whole before");
  for (const checkpoint of seen) assert.equal((await broken(checkpoint)).message, whole.message);
});
