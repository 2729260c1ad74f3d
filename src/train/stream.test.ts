// Training on streamed pictures: the same weights as in memory, begun with one and gone on with the other.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ndarray } from "../base/array.ts";
import { DataError } from "../base/errors.ts";
import type { Split } from "../data/dataset.ts";
import type { ClassSet } from "../data/images.ts";
import { encodePng } from "../data/png.ts";
import { openData } from "../data/source.ts";
import { createModel } from "../nn/models/list.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { TrainingEvent } from "./events.ts";
import { fit } from "./fit.ts";
import type { FitOptions } from "./options.ts";

const root = mkdtempSync(join(tmpdir(), "neocog-fit-stream-"));
after(() => rmSync(root, { recursive: true }));
let inMemory: Split;
let streamed: Split<ClassSet>;

before(async () => {
  for (const [c, name] of ["a", "b"].entries()) {
    mkdirSync(join(root, name));
    for (let i = 0; i < 30; i++) {
      const pixels = Uint8Array.from({ length: 64 }, (_, p) => (p * (c + 3) + i * 29 + ((p * i) % 11)) % 256);
      writeFileSync(join(root, name, `${i}.png`), await encodePng(ndarray([8, 8], pixels, "uint8")));
    }
  }
  inMemory = await openData(root);
  streamed = await openData(root, { stream: true, workers: 2 });
});

const options: FitOptions = {
  ...{ epochs: 3, batch: 9, seed: 4, optimizer: "adam" },
  augment: [
    { kind: "shift", pixels: 1 },
    { kind: "noise", deviation: 0.05 },
  ],
};
const { layer } = createModel("mlp", { classes: 2, inChannels: 1, inputSize: 8 });

/** The last event; with `epochs` the checkpoint after so many. */
async function train(data: Split<ClassSet>, more: FitOptions = {}, epochs = 0): Promise<TrainingEvent> {
  for await (const event of fit(layer, data, { ...options, ...more })) {
    if (event.kind === "finished" || event.kind === "stopped") return event;
    if (event.kind === "checkpoint" && event.epoch === epochs) return event;
    if (event.kind === "batch") assert.ok(event.waiting >= 0 && event.waiting <= 1, `${event.waiting} of the time`);
  }
  throw new Error("no last event");
}

test("streamed and in memory give the same weights and scores, also where one goes on from the other", async () => {
  const wanted = await train(inMemory);
  assert.ok(wanted.kind === "finished");
  const checkpoints: Checkpoint[] = [];
  for (const data of [inMemory, streamed]) {
    const stopped = await train(data, {}, 1);
    assert.ok(stopped.kind === "checkpoint");
    checkpoints.push(stopped.checkpoint);
  }
  const others = [
    await train(streamed),
    await train(streamed, { resume: checkpoints[0] }),
    await train(inMemory, { resume: checkpoints[1] }),
  ];
  for (const found of others) {
    assert.ok(found.kind === "finished");
    assert.equal(found.weightsHash, wanted.weightsHash);
    assert.deepEqual([found.train, found.validation, found.test], [wanted.train, wanted.validation, wanted.test]);
  }
});

test("a picture that goes in the middle of a training ends it in one sentence, with what stood before", async () => {
  const own = join(root, "..", `${root.split("/").at(-1)}-gone`);
  for (const name of ["a", "b"]) {
    mkdirSync(join(own, name), { recursive: true });
    for (let i = 0; i < 12; i++) {
      const pixels = Uint8Array.from({ length: 64 }, (_, p) => (p * 3 + i * 29 + (name === "a" ? 0 : 90)) % 256);
      writeFileSync(join(own, name, `${i}.png`), await encodePng(ndarray([8, 8], pixels, "uint8")));
    }
  }
  after(() => rmSync(own, { recursive: true, force: true }));
  const data = await openData(own, { stream: true });
  let epochs = 0;
  const training = async (): Promise<void> => {
    for await (const event of fit(layer, data, { ...options, epochs: 50, augment: [] })) {
      if (event.kind !== "checkpoint") continue;
      epochs = event.epoch;
      if (epochs === 2) for (let i = 0; i < 12; i++) rmSync(join(own, "a", `${i}.png`));
    }
  };
  await assert.rejects(training(), (error: Error) => {
    assert.ok(error instanceof DataError);
    assert.match(error.message, /a.\d+\.png was there when .* cannot be read any more; put it back, or start anew\.$/);
    return true;
  });
  assert.ok(epochs >= 2 && epochs < 50);
});

test("a signal ends a training on streamed pictures", async () => {
  const stop = new AbortController();
  let last: TrainingEvent | undefined;
  for await (const event of fit(layer, streamed, { ...options, epochs: 50, signal: stop.signal })) {
    last = event;
    if (event.kind === "batch" && event.epoch === 2) stop.abort();
  }
  assert.equal(last?.kind, "stopped");
});

test("nobody waits for pictures in memory, and the wait for streamed ones is told", async () => {
  const told = async (data: Split<ClassSet>): Promise<number[]> => {
    const found: number[] = [];
    for await (const event of fit(layer, data, { ...options, epochs: 1 }))
      if (event.kind === "batch") found.push(event.waiting);
    return found;
  };
  assert.ok((await told(inMemory)).every((share) => share < 0.05));
  // A cold start: the first step is quick, and its pictures are yet to be read.
  assert.ok((await told(streamed))[0] > 0);
});
