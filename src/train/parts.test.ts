import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { finished, Trainings } from "../../test/trainings.ts";
import { filled } from "../base/array.ts";
import { referenceEngine } from "../engines/reference/engine.ts";
import { variable } from "../graph/graph.ts";
import { build } from "../nn/build.ts";
import { ReLU } from "../nn/layers/activation.ts";
import { Sequential } from "../nn/layers/containers.ts";
import { Linear } from "../nn/layers/linear.ts";
import { Flatten } from "../nn/layers/shape.ts";
import { initialState } from "../nn/state.ts";
import type { State } from "../run/session.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { CheckpointEvery } from "./cursor.ts";
import { fit } from "./fit.ts";
import { openCheckpoint } from "./folder.ts";
import { Adam, SGD } from "./optimizers/optimizer.ts";
import type { FitOptions } from "./options.ts";
import { names, partsOf } from "./parts.ts";
import { optionsOf } from "./resume.ts";
import { bars, tinyNetwork } from "./testing.ts";

const data = { train: bars(50, 1), validation: bars(20, 3) };
const runs = new Trainings(data);
const start = initialState(build(tinyNetwork(), [1, 1, 6, 6]).variables);
const same = (one: State, other: State, name: string): boolean =>
  one.get(name)!.data.every((value, i) => value === other.get(name)!.data[i]);

test("a pattern names layers with all that lies in them", () => {
  const paths: readonly (readonly [string, string, boolean])[] = [
    ["conv1", "conv1.weight", true],
    ["conv1", "layer1.0.conv1.weight", false],
    ["layer1.*", "layer1.0.conv1.weight", true],
    ["layer1.*", "layer10.0.conv1.weight", false],
    ["layer1", "layer1.0", true],
    ["*bn*", "layer1.0.bn1", true],
    ["*.bias", "fc.bias", true],
    ["*.bias", "fc.weight", false],
    ["*", "fc.weight", true],
    ["a+b", "a+b.weight", true],
    ["a.b", "axb", false],
  ];
  for (const [pattern, path, found] of paths) assert.equal(names(pattern, path), found, `${pattern} of ${path}`);
});

test("groups are the outermost names from the last up, a batch norm with the layer before it", () => {
  const parameter = (name: string, rank: number) =>
    variable(name, new Array(rank).fill(1), () => filled(new Array(rank).fill(1)), true);
  const parameters = [
    ...[parameter("conv.weight", 4), parameter("norm.weight", 1), parameter("norm.bias", 1)],
    ...[parameter("body.0.weight", 4), parameter("head.weight", 2), parameter("head.bias", 1)],
  ];
  const { since, stages, frozen } = partsOf({ unfreeze: { every: 1 } }, parameters);
  assert.equal(stages, 3);
  assert.deepEqual(["head.bias", "body.0.weight", "norm.weight", "conv.weight", "dropout"].map(since), [0, 1, 2, 2, 0]);
  assert.deepEqual([frozen("norm"), frozen("head"), frozen("dropout")], [true, false, false]);
  const told = partsOf({ unfreeze: { every: 1, groups: ["head", "conv"] } }, parameters);
  assert.deepEqual(["head.bias", "conv.weight", "norm", "body.0"].map(told.since), [0, 1, 2, 2]);
});

test("what is frozen keeps its numbers, running statistics too; the rest learns", async () => {
  const options: FitOptions = { epochs: 2, batch: 16, weights: start, freeze: ["conv", "norm"] };
  const { trained } = finished(await runs.collect(options));
  for (const name of start.keys()) assert.equal(same(trained.weights, start, name), !name.startsWith("head"), name);
});

test("a network is opened part by part, and going on from any epoch gives the same weights", async () => {
  const options: FitOptions = {
    ...{ epochs: 4, batch: 16, seed: 3, optimizer: Adam({ lr: 0.01 }), unfreeze: { every: 2 }, average: 0.9 },
    ...{ rates: [{ of: "conv", times: 0.5 }] },
  };
  const checkpoints: Checkpoint[] = [];
  const events = await runs.collect({ ...options, weights: start, out: join(runs.folder, "opened") });
  for (const event of events) if (event.kind === "checkpoint") checkpoints.push(event.checkpoint);
  const raw = (i: number): State => checkpoints[i].variables;
  assert.ok(same(raw(1), start, "conv.weight") && same(raw(1), start, "norm.running_mean"));
  assert.ok(!same(raw(1), start, "head.weight"));
  assert.ok(!same(raw(2), raw(1), "conv.weight") && !same(raw(2), raw(1), "norm.running_mean"));
  const whole = finished(events).weightsHash;
  for (const checkpoint of checkpoints.slice(0, 3)) {
    const given = { ...optionsOf(checkpoint), resume: checkpoint };
    assert.equal(finished(await runs.collect(given)).weightsHash, whole, `after epoch ${checkpoint.epoch}`);
  }
  const kept = await openCheckpoint(join(runs.folder, "opened"));
  assert.equal(kept.epoch, 4);
  await assert.rejects(runs.collect({ ...optionsOf(kept), unfreeze: { every: 1 }, resume: kept }), /unfreeze/);
});

const plain = Sequential({ flatten: Flatten(), hidden: Linear(8), relu: ReLU(), head: Linear(3) });

async function weightsOf(options: FitOptions): Promise<State> {
  for await (const event of fit(plain, data, { engine: referenceEngine(), seed: 2, epochs: 2, ...options }))
    if (event.kind === "finished") return event.trained.weights;
  throw new Error("no end");
}

for (const [what, options] of Object.entries({
  plain: { optimizer: SGD({ lr: 0.1, momentum: 0.9 }), schedule: { kind: "oneCycle" } },
  clipped: { optimizer: Adam({ lr: 0.01 }), clip: { norm: 0.1 }, average: 0.9 },
  weighted: { loss: { name: "crossEntropy", classWeights: [1, 3, 0], labelSmoothing: 0.1 } },
} satisfies Record<string, FitOptions>)) {
  test(`gradients of small batches summed move the weights as a large batch does: ${what}`, async () => {
    const large = await weightsOf({ ...options, batch: 24 });
    const small = await weightsOf({ ...options, batch: 6, accumulate: 4 });
    for (const [name, { data: expected }] of large) {
      small.get(name)!.data.forEach((value, i) => {
        assert.ok(Math.abs(value - expected[i]) < 2e-7 * Math.max(1, Math.abs(expected[i])), `${name}[${i}]`);
      });
    }
    const other = await weightsOf({ ...options, batch: 6 });
    assert.ok([...large.keys()].some((name) => !same(other, large, name)));
  });
}

test("accumulating goes on from a checkpoint as if it had not been broken off", async () => {
  const options: FitOptions = { epochs: 3, batch: 6, accumulate: 3, optimizer: Adam({ lr: 0.01 }) };
  const events = await runs.collect(options);
  const [first] = events.flatMap((event) => (event.kind === "checkpoint" ? [event.checkpoint] : []));
  assert.equal(first.step, 3);
  const batches = events.filter((event) => event.kind === "batch").slice(0, 9);
  assert.deepEqual(
    batches.map(({ step }) => step),
    [0, 0, 1, 1, 1, 2, 2, 2, 3],
  );
  const whole = finished(events).weightsHash;
  const again = finished(await runs.collect({ ...optionsOf(first), resume: first }));
  assert.equal(again.weightsHash, whole);
  // In the middle of a step the sums go on too; kept by steps, no checkpoint is in the middle of one.
  const within = (every: CheckpointEvery): Promise<Checkpoint[]> =>
    runs
      .collect({ ...options, epochs: 1, checkpointEvery: every })
      .then((all) => all.flatMap((event) => (event.kind === "checkpoint" ? [event.checkpoint] : [])));
  const often = await within({ minutes: 1e-9 });
  assert.deepEqual(
    often.map(({ cursor }) => cursor?.batch),
    [1, 2, 3, 4, 5, 6, 7, 8, undefined],
  );
  for (const checkpoint of often.slice(3, 6)) {
    const resumed = await runs.collect({ ...optionsOf(checkpoint), epochs: 3, resume: checkpoint });
    assert.equal(finished(resumed).weightsHash, whole, `after batch ${checkpoint.cursor?.batch}`);
  }
  assert.deepEqual(
    (await within({ steps: 1 })).map(({ cursor }) => cursor?.batch),
    [3, 6, undefined],
  );
});

test("what cannot be is refused in a sentence", async () => {
  const wrong: readonly (readonly [FitOptions, RegExp])[] = [
    [
      { freeze: ["convs"] },
      /Nothing that is trained is called "convs"; did you mean "conv"\? The network has conv, norm, head\./,
    ],
    [{ freeze: ["*"] }, /Nothing is left to train: freeze holds every part/],
    [{ rates: [{ of: "head", times: 0 }] }, /rates: times must be a number above 0/],
    [{ rates: [{ of: "heads", times: 1 }] }, /called "heads"/],
    [{ unfreeze: { every: 0 } }, /every must be/],
    [{ unfreeze: { every: 1, groups: ["tail"] } }, /called "tail"/],
    [{ accumulate: 0 }, /accumulate must be/],
  ];
  for (const [options, sentence] of wrong) await assert.rejects(runs.collect(options), sentence);
});
