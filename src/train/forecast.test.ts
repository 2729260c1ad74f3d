// What is foretold, and that nothing is changed by it.
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { finished, Trainings } from "../../test/trainings.ts";
import { referenceEngine } from "../engines/reference/engine.ts";
import { fit } from "./fit.ts";
import { SGD } from "./optimizers/optimizer.ts";
import type { FitOptions } from "./options.ts";
import { bars, tinyNetwork } from "./testing.ts";

const data = { train: bars(50, 1), validation: bars(20, 3) };
const runs = new Trainings(data);
const cases: Readonly<Record<string, FitOptions>> = {
  usual: { epochs: 2, batch: 16, average: 0.9, augment: [{ kind: "shift", pixels: 1 }] },
  reference: { epochs: 2, batch: 16, optimizer: SGD({ lr: 0.1, momentum: 0.9 }), engine: referenceEngine() },
};

for (const [name, options] of Object.entries(cases)) {
  test(`a run that was foretold has the weights of one that was not: ${name}`, async () => {
    const out = join(runs.folder, name);
    const plain = await runs.collect(options);
    const events = await runs.collect({ ...options, out, foretell: true });
    assert.equal(finished(events).weightsHash, finished(plain).weightsHash);
    assert.deepEqual(
      events.slice(0, 3).map(({ kind }) => kind),
      ["started", "forecast", "batch"],
    );
    const [, forecast] = events;
    assert.ok(forecast.kind === "forecast");
    const { seconds, secondsPerEpoch, steps, memoryBytes, diskBytes, diskFree } = forecast;
    assert.ok(steps === 3 && seconds > secondsPerEpoch && Math.abs(seconds - 2 * secondsPerEpoch) < 1e-9);
    assert.ok(memoryBytes > 2 ** 20 && diskFree! > diskBytes);
    // What the folder holds in the end, but for the manifest.
    const names = readdirSync(out).filter((file) => file !== "neocog.json");
    const { statSync } = await import("node:fs");
    const size = names.reduce((sum, file) => sum + statSync(join(out, file)).size, 0);
    assert.ok(Math.abs(diskBytes - size) < 0.1 * size, `${diskBytes} foretold, ${size} found`);
  });
}

test("a run that goes on in the middle of an epoch is foretold from there, and ends as it would", async () => {
  const options: FitOptions = { ...cases.usual, epochs: 3, checkpointEvery: { steps: 1 } };
  const whole = await runs.collect(options);
  const middle = whole.find((event) => event.kind === "checkpoint" && event.epoch === 1 && event.batch === 2);
  assert.ok(middle?.kind === "checkpoint");
  const rest = await runs.collect({ ...options, resume: middle.checkpoint, foretell: true });
  assert.equal(finished(rest).weightsHash, finished(whole).weightsHash);
  const forecast = rest.find((event) => event.kind === "forecast");
  assert.ok(forecast?.kind === "forecast");
  // 32 of 50 images of the second epoch are done.
  assert.ok(Math.abs(forecast.seconds / forecast.secondsPerEpoch - (2 - 32 / 50)) < 1e-9);
});

test("a run that is only foretold leaves nothing behind", async () => {
  const out = join(runs.folder, "dry");
  for await (const event of fit(tinyNetwork(), data, { ...cases.usual, engine: runs.engine, out, foretell: true }))
    if (event.kind === "forecast") break;
  assert.equal(existsSync(out), false);
});
