import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { Trainings } from "../../../test/trainings.ts";
import type { Dataset } from "../../data/dataset.ts";
import { openModel } from "../../use/folder.ts";
import { weightsHash } from "../../use/hash.ts";
import { SGD } from "../optimizers/optimizer.ts";
import { bars, tinyNetwork } from "../testing.ts";
import type { Tried } from "./space.ts";
import { triedIn } from "./space.ts";
import { roundsOf, type SweepEvent, type SweepOptions, sweep, type Trial } from "./sweep.ts";

const unread = new Proxy(bars(4, 9), {
  get(_target, key): never {
    throw new Error(`the test set was looked at: ${String(key)}`);
  },
}) as Dataset;
const data = { train: bars(48, 1), validation: bars(30, 3) };
const runs = new Trainings(data);

const trial = ({ lr, batch }: Tried): Trial => ({
  model: tinyNetwork(),
  options: {
    batch: Number(batch ?? 16),
    optimizer: SGD({ lr: Number(lr), momentum: 0.9 }),
    schedule: { kind: "oneCycle" },
  },
});

async function all(
  options: Partial<SweepOptions> & Pick<SweepOptions, "out">,
  until = Infinity,
): Promise<SweepEvent[]> {
  const events: SweepEvent[] = [];
  const space = { lr: [0.001, 0.05, 1e9], batch: [8, 16] };
  for await (const event of sweep(data, trial, { space, epochs: 2, engine: runs.engine, ...options })) {
    events.push(event);
    if (events.length === until) break;
  }
  return events;
}

const lastOf = (events: readonly SweepEvent[]) => {
  const last = events.at(-1)!;
  assert.ok(last.kind === "finished");
  return last;
};

test("a grid has every combination, draws are the same for the same seed and for more of them", () => {
  assert.deepEqual(triedIn({ a: [1, 2], b: ["x"] }, undefined, 0), [
    { a: 1, b: "x" },
    { a: 2, b: "x" },
  ]);
  const space = {
    lr: { low: 1e-4, high: 1e-1 },
    batch: { low: 8, high: 64, whole: true, logarithmic: false },
    on: [true],
  };
  const draws = triedIn(space, 200, 3);
  assert.deepEqual(triedIn(space, 50, 3), draws.slice(0, 50));
  assert.ok(draws.every(({ lr, batch }) => Number(lr) >= 1e-4 && Number(lr) <= 0.1 && Number.isInteger(batch)));
  // On a scale of powers half of the draws lie below the geometric mean.
  const below = draws.filter(({ lr }) => Number(lr) < Math.sqrt(1e-5)).length;
  assert.ok(below > 70 && below < 130, String(below));
  assert.throws(
    () => triedIn(space, undefined, 0),
    /lr is a range, of which numbers are drawn: say how many with runs/,
  );
  assert.throws(() => triedIn({ lr: { low: 0, high: 1, logarithmic: true } }, 3, 0), /low must be above 0/);
  assert.throws(() => triedIn({}, 3, 0), /space must name something to try/);
});

test("halving gives the last ones all epochs, and each round before half as many", () => {
  assert.deepEqual(roundsOf(8, 8, true), [1, 2, 4, 8]);
  assert.deepEqual(roundsOf(4, 10, true), [3, 5, 10]);
  assert.deepEqual(roundsOf(8, 2, true), [1, 2]);
  assert.deepEqual(roundsOf(8, 8, false), [8]);
});

test("the best in the validation is told with a table, what broke down stands last, and nothing is run twice", async () => {
  const out = join(runs.folder, "grid");
  const { table, best } = lastOf(await all({ out }));
  assert.equal(table.length, 6);
  assert.deepEqual(
    table.slice(-2).map(({ tried, score }) => [tried.lr, score]),
    [
      [1e9, undefined],
      [1e9, undefined],
    ],
  );
  assert.match(table.at(-1)!.failure!, /Training broke down|The loss is not finite|is not a number/);
  const scores = table.slice(0, 4).map(({ score }) => score!);
  assert.deepEqual(
    scores,
    scores.toSorted((a, b) => b - a),
  );
  assert.equal((await openModel(best!)).classes.length, 3);
  const again = await all({ out });
  assert.deepEqual([again.length, lastOf(again).table], [1, table]);
  await assert.rejects(all({ out, epochs: 3 }), /holds another sweep/);
});

test("a sweep that was broken off anywhere goes on to the same table and the same weights", async () => {
  const options = { space: { lr: [0.005, 0.02, 0.05, 0.1] }, epochs: 4, halving: true };
  const whole = lastOf(await all({ ...options, out: join(runs.folder, "whole") }));
  assert.deepEqual(
    whole.table.map(({ epochs }) => epochs),
    [4, 2, 1, 1],
  );
  const out = join(runs.folder, "broken");
  // Broken off in the first, a middle and a later round: what is left of a run is in its folder.
  for (const until of [4, 11, 16]) await all({ ...options, out }, until);
  const resumed = lastOf(await all({ ...options, out }));
  assert.deepEqual(resumed.table, whole.table);
  const hash = async (folder: string) => weightsHash((await openModel(folder)).weights);
  assert.equal(await hash(resumed.best!), await hash(whole.best!));
  const { rows } = JSON.parse(await readFile(join(out, "sweep.json"), "utf8")) as { readonly rows: unknown[] };
  assert.equal(rows.length, 4);
});

test("the validation decides: without one it is refused, and the test set is not looked at", async () => {
  const options = { space: { lr: [0.1] }, epochs: 1, engine: runs.engine };
  const { validation: _, ...without } = data;
  await assert.rejects(
    sweep(without, trial, { ...options, out: join(runs.folder, "none") }).next(),
    /needs validation data/,
  );
  const guarded = Object.defineProperty({ ...data }, "test", { get: () => unread, enumerable: false });
  for await (const event of sweep(guarded, trial, { ...options, out: join(runs.folder, "guarded") }))
    if (event.kind === "finished") assert.ok(event.table[0].score! > 0);
});
