import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { finished, Trainings } from "../../test/trainings.ts";
import { referenceEngine } from "../engines/reference/engine.ts";
import { openEngine } from "../run/engines.ts";
import { evaluate } from "../use/evaluate.ts";
import { openModel } from "../use/folder.ts";
import { weightsHash } from "../use/hash.ts";
import { predict } from "../use/predict.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { TrainingEvent } from "./events.ts";
import { fit } from "./fit.ts";
import { openCheckpoint } from "./folder.ts";
import { Adam, SGD } from "./optimizers/optimizer.ts";
import type { FitOptions } from "./options.ts";
import { secondsTo } from "./record.ts";
import { bars, tinyNetwork } from "./testing.ts";

const data = { train: bars(50, 1), validation: bars(20, 3), test: bars(30, 2) };
const settings: FitOptions = {
  ...{ epochs: 3, batch: 16, seed: 5, optimizer: Adam({ lr: 0.02 }), schedule: { kind: "cosine" } },
  ...{
    augment: [{ kind: "shift", pixels: 1 }],
    average: 0.9,
    clip: { norm: 5 },
    loss: { name: "crossEntropy", labelSmoothing: 0.05 },
  },
};

const runs = new Trainings(data);

test("the events come in order and their numbers fit together", async () => {
  const events = await runs.collect({ ...settings, epochs: 2 });
  const epoch = [...new Array<string>(4).fill("batch"), "epoch", "checkpoint"];
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ["started", ...epoch, ...epoch, "finished"],
  );
  const [started] = events;
  assert.ok(started.kind === "started");
  assert.deepEqual(
    [started.trainImages, started.validationImages, started.testImages, started.batches, started.batch],
    [50, 20, 30, 4, 16],
  );
  // conv 4·9 + 4, norm 4 + 4, head 36·3 + 3
  assert.equal(started.parameters, 159);
  const batches = events.filter((event) => event.kind === "batch");
  assert.deepEqual(
    batches.map(({ step }) => step),
    [1, 2, 3, 4, 5, 6, 7, 8],
  );
  assert.ok(batches.every(({ loss, learningRate }) => loss > 0 && learningRate > 0));
  assert.equal(batches.at(-1)!.secondsLeft, 0);
  const weighted = batches.slice(0, 4).reduce((sum, { loss }, i) => sum + loss * (i < 3 ? 16 : 2), 0) / 50;
  const [first] = events.filter((event) => event.kind === "epoch");
  assert.ok(Math.abs(first.train.loss - weighted) < 1e-9);
  const { history } = finished(events);
  assert.equal(history.length, 2);
  assert.deepEqual([started.epochs, started.epochsDone], [2, 0]);
  const { accuracy } = history[1].validation!;
  assert.equal(secondsTo(1.01, history), undefined);
  assert.equal(
    secondsTo(accuracy, history),
    history[0].validation!.accuracy >= accuracy ? history[0].seconds : history[0].seconds + history[1].seconds,
  );
});

test("the validation images are scored every epoch, the test images once, at the end", async () => {
  const events = await runs.collect({ epochs: 3, batch: 16, seed: 2 });
  const { history, trained, validation, test: score } = finished(events);
  assert.deepEqual(
    history.map((record) => Object.keys(record).filter((key) => key === "validation" || key === "test")),
    new Array(3).fill(["validation"]),
  );
  assert.deepEqual(validation, history[2].validation);
  for (const [part, told] of [
    [data.validation, validation],
    [data.test, score],
  ] as const) {
    const { accuracy } = await evaluate(trained, part, { engine: runs.engine });
    assert.equal(told!.accuracy, accuracy);
  }
  const best = events.filter((event) => event.kind === "epoch").at(-1)!.best;
  const accuracies = history.map((record) => record.validation!.accuracy);
  assert.deepEqual(best, { epoch: accuracies.indexOf(Math.max(...accuracies)) + 1, accuracy: Math.max(...accuracies) });
  const unwatched = finished(
    await runs.collect({ epochs: 2, batch: 16, seed: 2 }, { train: data.train, test: data.test }),
  );
  assert.ok(unwatched.history.every((record) => !("validation" in record) && !("test" in record)));
  assert.ok(unwatched.test !== undefined && unwatched.validation === undefined);
  const silent = finished(await runs.collect({ epochs: 1, evaluateEvery: 0 }));
  assert.deepEqual([silent.validation, silent.test], [undefined, undefined]);
});

test("something is learnt, and evaluate says the same as the last epoch", async () => {
  const { trained, test: score } = finished(await runs.collect({ epochs: 12, batch: 10, seed: 1 }));
  assert.ok(score!.accuracy >= 0.9, `accuracy ${score!.accuracy}`);
  const evaluation = await evaluate(trained, data.test, { engine: runs.engine });
  assert.equal(evaluation.accuracy, score!.accuracy);
  assert.ok(Math.abs(evaluation.loss - score!.loss) < 1e-6);
  const counts = evaluation.confusion.map((row) => row.reduce((a, b) => a + b));
  assert.deepEqual(
    counts,
    evaluation.perClass.map(({ images }) => images),
  );
  assert.equal(evaluation.mistakes.length, 30 - Math.round(evaluation.accuracy * 30));
  const probabilities = await predict(trained, data.test.images, { engine: runs.engine, batch: 7 });
  assert.deepEqual(probabilities.shape, [30, 3]);
  const right = data.test.labels.filter((label, i) => {
    const row = [...probabilities.data.subarray(i * 3, i * 3 + 3)];
    assert.ok(Math.abs(row.reduce((a, b) => a + b) - 1) < 1e-6);
    return row.indexOf(Math.max(...row)) === label;
  });
  assert.equal(right.length / 30, evaluation.accuracy);
});

test("the same seed gives the same weights, another seed others", async () => {
  const [first, again, other] = [
    finished(await runs.collect(settings)),
    finished(await runs.collect(settings)),
    finished(await runs.collect({ ...settings, seed: 6 })),
  ];
  assert.equal(first.weightsHash, again.weightsHash);
  assert.notEqual(first.weightsHash, other.weightsHash);
  assert.match(first.weightsHash, /^[0-9a-f]{64}$/);
});

test("the number of threads changes nothing", async () => {
  const two = await openEngine("auto", { threads: 2 });
  try {
    const hash = finished(await runs.collect({ ...settings, engine: two })).weightsHash;
    assert.equal(hash, finished(await runs.collect(settings)).weightsHash);
  } finally {
    await two.close();
  }
});

test("another process gives the same weights", async () => {
  const script = `
    const { fit } = await import("./fit.js");
    const { bars, tinyNetwork } = await import("./testing.js");
    const data = { train: bars(50, 1), test: bars(30, 2) };
    for await (const event of fit(tinyNetwork(), data, ${JSON.stringify(settings)})) {
      if (event.kind === "finished") console.log(event.weightsHash);
    }`;
  const cwd = dirname(fileURLToPath(import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], { cwd });
  assert.equal(stdout.trim(), finished(await runs.collect(settings)).weightsHash);
});

test("a run that goes on ends where an unbroken run ends", async () => {
  for (const options of [settings, { ...settings, average: undefined, optimizer: SGD({ lr: 0.1, momentum: 0.9 }) }]) {
    const whole = await runs.collect(options);
    const checkpoints = whole.filter((event) => event.kind === "checkpoint").map(({ checkpoint }) => checkpoint);
    const rest = await runs.collect({ ...options, resume: checkpoints[0] });
    assert.equal(rest[0].kind === "started" && rest[0].epochsDone, 1);
    assert.equal(finished(rest).weightsHash, finished(whole).weightsHash);
    const untimed = (events: TrainingEvent[]) => finished(events).history.map((record) => ({ ...record, seconds: 0 }));
    assert.deepEqual(untimed(rest), untimed(whole));
  }
});

test("going on through a model folder, on the reference engine too", async () => {
  const reference = { ...settings, engine: referenceEngine() };
  for (const [name, options] of Object.entries({ wasm: settings, reference })) {
    const out = join(runs.folder, `resume-${name}`);
    const whole = finished(await runs.collect(options));
    for await (const event of fit(tinyNetwork(), data, { engine: runs.engine, ...options, out })) {
      if (event.kind === "checkpoint" && event.epoch === 2) break;
    }
    const resume = await openCheckpoint(out);
    assert.equal(resume.epoch, 2);
    const rest = finished(await runs.collect({ ...options, out, resume }));
    assert.equal(rest.weightsHash, whole.weightsHash, name);
    const opened = await openModel(out);
    assert.equal(await weightsHash(opened.weights), whole.weightsHash);
    const [here, there] = [whole.trained, opened].map((trained) =>
      predict(trained, data.test.images, { engine: runs.engine }),
    );
    assert.deepEqual(await here, await there);
    assert.deepEqual((await readdir(out)).sort(), [
      "best.safetensors",
      "history.jsonl",
      "model.json",
      "neocog.json",
      "state.safetensors",
      "weights.safetensors",
    ]);
    assert.equal((await readFile(join(out, "history.jsonl"), "utf8")).trim().split("\n").length, 3);
  }
});

test("a run of other options is not gone on with", async () => {
  const [checkpoint] = (await runs.collect(settings)).filter((event) => event.kind === "checkpoint");
  const resume: Checkpoint = checkpoint.checkpoint;
  await assert.rejects(
    runs.collect({ ...settings, batch: 8, resume }),
    /started with batch 16 and cannot be resumed with batch 8/,
  );
  await assert.rejects(
    runs.collect({ ...settings, epochs: 5, resume }),
    /started with epochs 3 and its learning rate follows a schedule of that length; let it end before/,
  );
  await assert.rejects(
    runs.collect({ ...settings, resume }, { train: bars(50, 9), test: data.test }),
    /other training data/,
  );
  const constant: FitOptions = { ...settings, schedule: { kind: "constant" } };
  const [short] = (await runs.collect({ ...constant, epochs: 1 })).filter((event) => event.kind === "checkpoint");
  const longer = finished(await runs.collect({ ...constant, epochs: 2, resume: short.checkpoint }));
  assert.equal(longer.weightsHash, finished(await runs.collect({ ...constant, epochs: 2 })).weightsHash);
});

test("break stops, and so does a signal", async () => {
  let seen = 0;
  for await (const event of fit(tinyNetwork(), data, { ...settings, engine: runs.engine })) {
    if (event.kind === "batch" && ++seen === 3) break;
  }
  assert.equal(seen, 3);
  const controller = new AbortController();
  const events: TrainingEvent[] = [];
  for await (const event of fit(tinyNetwork(), data, { ...settings, engine: runs.engine, signal: controller.signal })) {
    events.push(event);
    if (event.kind === "batch" && event.step === 6) controller.abort();
  }
  assert.deepEqual(events.at(-1), { kind: "stopped", epoch: 2, batch: 2, epochsDone: 1 });
});

test("a batch larger than the data, a last batch left out, a start from given weights", async () => {
  const small = await runs.collect({ epochs: 1, batch: 64 });
  assert.equal(small.filter(({ kind }) => kind === "batch").length, 1);
  const dropped = await runs.collect({ epochs: 1, batch: 16, dropLast: true });
  assert.equal(dropped.filter(({ kind }) => kind === "batch").length, 3);
  const { weights } = finished(small).trained;
  const still = await runs.collect({ epochs: 1, weights, average: 0.5, optimizer: SGD({ lr: 0 }) });
  assert.deepEqual(finished(still).trained.weights.get("head.weight"), weights.get("head.weight"));
  const broken = new Map([...weights].filter(([name]) => name !== "conv.bias"));
  await assert.rejects(runs.collect({ weights: broken }), /The weights lack "conv\.bias" \[4\]/);
});

test("mixup trains on shares of classes", async () => {
  const events = await runs.collect({ epochs: 10, batch: 10, augment: [{ kind: "mixup", alpha: 0.2 }] });
  assert.ok(finished(events).test!.accuracy > 0.8);
});
