import assert from "node:assert/strict";
import { test } from "node:test";
import { referenceEngine } from "../engines/reference/engine.ts";
import { Sequential } from "../nn/layers/containers.ts";
import { Linear } from "../nn/layers/linear.ts";
import { Flatten } from "../nn/layers/shape.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { fit } from "./fit.ts";
import { SGD } from "./optimizers/optimizer.ts";
import type { FitOptions } from "./options.ts";
import { optionsOf } from "./resume.ts";

test("a checkpoint tells the options of its run, and a run goes on with them alone", async () => {
  const model = Sequential([Flatten(), Linear(2)]);
  const images = {
    shape: [8, 1, 2, 2],
    dtype: "uint8",
    data: Uint8Array.from({ length: 32 }, (_, i) => (i * 37) % 256),
  } as const;
  const labels = Int32Array.from({ length: 8 }, (_, i) => i % 2);
  const train = { name: "dots", images, labels, classes: ["even", "odd"] };
  const options: FitOptions = {
    epochs: 3,
    batch: 4,
    seed: 7,
    optimizer: SGD({ lr: 0.2, momentum: 0.5 }),
    schedule: { kind: "cosine" },
    augment: [{ kind: "flip" }],
  };
  const engine = referenceEngine();
  const checkpoints: Checkpoint[] = [];
  let whole = "";
  for await (const event of fit(model, { train }, { ...options, engine })) {
    if (event.kind === "checkpoint") checkpoints.push(event.checkpoint);
    if (event.kind === "finished") whole = event.weightsHash;
  }
  const [first] = checkpoints;
  const found = optionsOf(first);
  assert.deepEqual(
    { epochs: found.epochs, batch: found.batch, seed: found.seed, schedule: found.schedule },
    { epochs: 3, batch: 4, seed: 7, schedule: { kind: "cosine" } },
  );
  let resumed = "";
  for await (const event of fit(first.trained.model, { train }, { ...found, resume: first, engine })) {
    if (event.kind === "finished") resumed = event.weightsHash;
  }
  assert.equal(resumed, whole);
});
