import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type NdArray, ndarray } from "../base/array.ts";
import type { Engine } from "../engines/engine.ts";
import { referenceEngine } from "../engines/reference/engine.ts";
import { openEngine } from "../run/engines.ts";
import { evaluate } from "../use/evaluate.ts";
import { openModel, saveModel } from "../use/folder.ts";
import { weightsHash } from "../use/hash.ts";
import { predict } from "../use/predict.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { FinishedEvent, TrainingEvent } from "./events.ts";
import { fit } from "./fit.ts";
import { openCheckpoint } from "./folder.ts";
import { NonFiniteLoss } from "./nonfinite.ts";
import { Adam, SGD } from "./optimizers/optimizer.ts";
import type { FitOptions, TrainingData } from "./options.ts";
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

let engine: Engine;
let folder: string;
before(async () => {
  engine = await openEngine("auto", { threads: 1 });
  folder = await mkdtemp(join(tmpdir(), "neocog-fit-"));
});
after(async () => {
  await engine.close();
  await rm(folder, { recursive: true });
});

async function collect(options: FitOptions, from: TrainingData = data): Promise<TrainingEvent[]> {
  const events: TrainingEvent[] = [];
  for await (const event of fit(tinyNetwork(), from, { engine, ...options })) events.push(event);
  return events;
}

const finished = (events: readonly TrainingEvent[]): FinishedEvent => {
  const last = events.at(-1)!;
  assert.equal(last.kind, "finished");
  return last as FinishedEvent;
};

test("the events come in order and their numbers fit together", async () => {
  const events = await collect({ ...settings, epochs: 2 });
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
  const events = await collect({ epochs: 3, batch: 16, seed: 2 });
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
    const { accuracy } = await evaluate(trained, part, { engine });
    assert.equal(told!.accuracy, accuracy);
  }
  const best = events.filter((event) => event.kind === "epoch").at(-1)!.best;
  const accuracies = history.map((record) => record.validation!.accuracy);
  assert.deepEqual(best, { epoch: accuracies.indexOf(Math.max(...accuracies)) + 1, accuracy: Math.max(...accuracies) });
  const unwatched = finished(await collect({ epochs: 2, batch: 16, seed: 2 }, { train: data.train, test: data.test }));
  assert.ok(unwatched.history.every((record) => !("validation" in record) && !("test" in record)));
  assert.ok(unwatched.test !== undefined && unwatched.validation === undefined);
  const silent = finished(await collect({ epochs: 1, evaluateEvery: 0 }));
  assert.deepEqual([silent.validation, silent.test], [undefined, undefined]);
});

test("something is learnt, and evaluate says the same as the last epoch", async () => {
  const { trained, test: score } = finished(await collect({ epochs: 12, batch: 10, seed: 1 }));
  assert.ok(score!.accuracy >= 0.9, `accuracy ${score!.accuracy}`);
  const evaluation = await evaluate(trained, data.test, { engine });
  assert.equal(evaluation.accuracy, score!.accuracy);
  assert.ok(Math.abs(evaluation.loss - score!.loss) < 1e-6);
  const counts = evaluation.confusion.map((row) => row.reduce((a, b) => a + b));
  assert.deepEqual(
    counts,
    evaluation.perClass.map(({ images }) => images),
  );
  assert.equal(evaluation.mistakes.length, 30 - Math.round(evaluation.accuracy * 30));
  const probabilities = await predict(trained, data.test.images, { engine, batch: 7 });
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
    finished(await collect(settings)),
    finished(await collect(settings)),
    finished(await collect({ ...settings, seed: 6 })),
  ];
  assert.equal(first.weightsHash, again.weightsHash);
  assert.notEqual(first.weightsHash, other.weightsHash);
  assert.match(first.weightsHash, /^[0-9a-f]{64}$/);
});

test("the number of threads changes nothing", async () => {
  const two = await openEngine("auto", { threads: 2 });
  try {
    const hash = finished(await collect({ ...settings, engine: two })).weightsHash;
    assert.equal(hash, finished(await collect(settings)).weightsHash);
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
  assert.equal(stdout.trim(), finished(await collect(settings)).weightsHash);
});

test("a run that goes on ends where an unbroken run ends", async () => {
  for (const options of [settings, { ...settings, average: undefined, optimizer: SGD({ lr: 0.1, momentum: 0.9 }) }]) {
    const whole = await collect(options);
    const checkpoints = whole.filter((event) => event.kind === "checkpoint").map(({ checkpoint }) => checkpoint);
    const rest = await collect({ ...options, resume: checkpoints[0] });
    assert.equal(rest[0].kind === "started" && rest[0].epochsDone, 1);
    assert.equal(finished(rest).weightsHash, finished(whole).weightsHash);
    const untimed = (events: TrainingEvent[]) => finished(events).history.map((record) => ({ ...record, seconds: 0 }));
    assert.deepEqual(untimed(rest), untimed(whole));
  }
});

test("going on through a model folder, on the reference engine too", async () => {
  const reference = { ...settings, engine: referenceEngine() };
  for (const [name, options] of Object.entries({ wasm: settings, reference })) {
    const out = join(folder, `resume-${name}`);
    const whole = finished(await collect(options));
    for await (const event of fit(tinyNetwork(), data, { engine, ...options, out })) {
      if (event.kind === "checkpoint" && event.epoch === 2) break;
    }
    const resume = await openCheckpoint(out);
    assert.equal(resume.epoch, 2);
    const rest = finished(await collect({ ...options, out, resume }));
    assert.equal(rest.weightsHash, whole.weightsHash, name);
    const opened = await openModel(out);
    assert.equal(await weightsHash(opened.weights), whole.weightsHash);
    const [here, there] = [whole.trained, opened].map((trained) => predict(trained, data.test.images, { engine }));
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
  const [checkpoint] = (await collect(settings)).filter((event) => event.kind === "checkpoint");
  const resume: Checkpoint = checkpoint.checkpoint;
  await assert.rejects(
    collect({ ...settings, batch: 8, resume }),
    /started with batch 16 and cannot be resumed with batch 8/,
  );
  await assert.rejects(
    collect({ ...settings, epochs: 5, resume }),
    /started with epochs 3 and its learning rate follows a schedule of that length; let it end before/,
  );
  await assert.rejects(
    collect({ ...settings, resume }, { train: bars(50, 9), test: data.test }),
    /other training data/,
  );
  const constant: FitOptions = { ...settings, schedule: { kind: "constant" } };
  const [short] = (await collect({ ...constant, epochs: 1 })).filter((event) => event.kind === "checkpoint");
  const longer = finished(await collect({ ...constant, epochs: 2, resume: short.checkpoint }));
  assert.equal(longer.weightsHash, finished(await collect({ ...constant, epochs: 2 })).weightsHash);
});

test("break stops, and so does a signal", async () => {
  let seen = 0;
  for await (const event of fit(tinyNetwork(), data, { ...settings, engine })) {
    if (event.kind === "batch" && ++seen === 3) break;
  }
  assert.equal(seen, 3);
  const controller = new AbortController();
  const events: TrainingEvent[] = [];
  for await (const event of fit(tinyNetwork(), data, { ...settings, engine, signal: controller.signal })) {
    events.push(event);
    if (event.kind === "batch" && event.step === 6) controller.abort();
  }
  assert.deepEqual(events.at(-1), { kind: "stopped", epoch: 2, batch: 2, epochsDone: 1 });
});

test("a batch larger than the data, a last batch left out, a start from given weights", async () => {
  const small = await collect({ epochs: 1, batch: 64 });
  assert.equal(small.filter(({ kind }) => kind === "batch").length, 1);
  const dropped = await collect({ epochs: 1, batch: 16, dropLast: true });
  assert.equal(dropped.filter(({ kind }) => kind === "batch").length, 3);
  const { weights } = finished(small).trained;
  const still = await collect({ epochs: 1, weights, average: 0.5, optimizer: SGD({ lr: 0 }) });
  assert.deepEqual(finished(still).trained.weights.get("head.weight"), weights.get("head.weight"));
  const broken = new Map([...weights].filter(([name]) => name !== "conv.bias"));
  await assert.rejects(collect({ weights: broken }), /The weights lack "conv\.bias" \[4\]/);
});

test("mixup trains on shares of classes", async () => {
  const events = await collect({ epochs: 10, batch: 10, augment: [{ kind: "mixup", alpha: 0.2 }] });
  assert.ok(finished(events).test!.accuracy > 0.8);
});

test("a learning rate that explodes: the op and the batch are named", async () => {
  const error = await collect({ epochs: 3, batch: 16, optimizer: SGD({ lr: 1e30 }) }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof NonFiniteLoss, String(error));
  assert.equal(error.epoch, 1);
  assert.ok(error.batch >= 1 && error.batch <= 3);
  assert.match(error.op ?? "", /^(conv|norm|pool|head|loss)/);
  assert.match(
    error.message,
    /Training broke down in batch \d of epoch 1: the first (NaN|infinity|minus infinity) came out of .* \(now 1e\+30\)/,
  );
});

test("a pixel that is no finite number is refused before anything runs, with the picture named", async () => {
  const broken = (value: number, named: boolean): typeof data.train => {
    const part = bars(20, 3);
    const pixels = Float32Array.from(part.images.data);
    pixels[7 * 36 + 2 * 6 + 5] = value;
    const origins = named ? Array.from({ length: 20 }, (_, i) => `photos/${i}.png`) : undefined;
    return { ...part, images: { ...part.images, data: pixels }, ...(origins ? { origins } : {}) };
  };
  const told =
    /^bars: image 7 holds NaN in channel 0, row 2, column 5 \(counted from 0\); every pixel must be a finite number\.$/;
  await assert.rejects(collect({}, { train: broken(Number.NaN, false) }), { message: told });
  await assert.rejects(collect({}, { train: broken(Infinity, true) }), /image 7 \(photos\/7\.png\) holds Infinity/);
  await assert.rejects(
    collect({}, { ...data, test: broken(Number.NaN, true) }),
    /image 7 \(photos\/7\.png\) holds NaN/,
  );
  await assert.rejects(collect({}, { ...data, validation: broken(-Infinity, false) }), /image 7 holds -Infinity/);
  const { trained } = finished(await collect({ epochs: 1 }));
  await assert.rejects(evaluate(trained, broken(Number.NaN, false), { engine }), { message: told });
  await assert.rejects(
    predict(trained, broken(Number.NaN, false).images, { engine }),
    /Image 7 holds NaN in channel 0/,
  );
});

test("a label that is no class is refused before anything runs, with its first place", async () => {
  const { trained } = finished(await collect({ epochs: 1 }));
  for (const label of [3, 99, -1, -100, 1e9, Number.NaN, 0.5]) {
    const labels = Float64Array.from(data.train.labels);
    labels[4] = labels[9] = label;
    const train = { ...data.train, labels: labels as unknown as Int32Array };
    const told = {
      message: `bars gives image 4 the label ${label}, which is outside the 3 classes (0 to 2).`,
    };
    await assert.rejects(collect({}, { train }), told);
    await assert.rejects(collect({}, { ...data, test: train }), told);
    await assert.rejects(evaluate(trained, train, { engine }), told);
  }
});

test("weights that are no numbers are named; where they are too large, the picture is", async () => {
  const { trained } = finished(await collect({ epochs: 1 }));
  const filled = (value: number) => {
    const entries = [...trained.weights].map(([name, array]) => [
      name,
      { ...array, data: array.data.map(() => value) },
    ]);
    return { ...trained, weights: new Map(entries as [string, NdArray][]) };
  };
  await assert.rejects(evaluate(filled(Number.NaN), data.test, { engine }), /The weight "conv\.weight" holds NaN/);
  await assert.rejects(
    evaluate(filled(1e38), data.test, { engine }),
    /answer to image 0 of bars is not a number: its weights are broken, or too large/,
  );
});

test("an output folder that must not be touched is refused before anything runs", async () => {
  const out = join(folder, "other");
  const start = async (options: FitOptions) => {
    for await (const event of fit(tinyNetwork(), data, { engine, ...options })) assert.fail(event.kind);
  };
  await writeFile(join(folder, "file"), "");
  await assert.rejects(start({ out: join(folder, "file") }), /is a file; give the output another name/);
  await saveModel(out, finished(await collect({ epochs: 1 })).trained);
  await assert.rejects(start({ out }), /holds a model; replace it with force, go on from it with resume/);
  const [precious, foreign] = [join(folder, "precious"), join(folder, "foreign")];
  for (const path of [precious, foreign]) await mkdir(path);
  await writeFile(join(foreign, "model.json"), '{"format":"layers-model"}');
  await assert.rejects(
    start({ out: foreign, force: true }),
    /foreign.model\.json is nothing that Neocog wrote and is not replaced; give the output another name\.$/,
  );
  assert.deepEqual(await readdir(foreign), ["model.json"]);
  await assert.rejects(openCheckpoint(out), /has no state\.safetensors: it can be used, but not trained further/);
  await collect({ epochs: 1, out, force: true });
  assert.equal((await openCheckpoint(out)).epoch, 1);
  await writeFile(join(precious, "weights.txt"), "kept");
  await collect({ epochs: 1, out: precious });
  assert.equal(await readFile(join(precious, "weights.txt"), "utf8"), "kept");
  assert.equal((await openCheckpoint(precious)).epoch, 1);
});

test("files that are cut short or contradictory are named in one sentence", async () => {
  const out = join(folder, "broken");
  // Without the manifest, which would find all of it first.
  const reset = async () => {
    await rm(out, { recursive: true, force: true });
    await collect({ epochs: 1, out });
    await rm(join(out, "neocog.json"));
  };
  const broken = async (file: string, change: (path: string) => Promise<void>, expected: RegExp) => {
    await reset();
    await change(join(out, file));
    await assert.rejects(openCheckpoint(out), (error: Error) => {
      assert.match(error.message, expected);
      assert.ok(!error.message.includes("\n"));
      return true;
    });
  };
  await broken("weights.safetensors", (path) => truncate(path, 700), /weights\.safetensors/);
  await broken("weights.safetensors", (path) => truncate(path, 5), /is not a safetensors file: it has only 5 bytes/);
  await broken("state.safetensors", (path) => truncate(path, 900), /state\.safetensors/);
  await broken("model.json", (path) => truncate(path, 100), /model\.json is not JSON: it is cut short or broken/);
  await broken("model.json", (path) => writeFile(path, "{}"), /model\.json does not describe a model of Neocog/);
  await broken(
    "history.jsonl",
    (path) => truncate(path, 0),
    /history\.jsonl tells of 0 epochs, but .*state\.safetensors of 1/,
  );
  await broken("history.jsonl", (path) => truncate(path, 10), /history\.jsonl line 1 is not JSON/);
  await broken("weights.safetensors", (path) => rm(path), /has no weights\.safetensors: it is no model\./);
  await reset();
  const model = JSON.parse(await readFile(join(out, "model.json"), "utf8"));
  await writeFile(join(out, "model.json"), JSON.stringify({ ...model, version: 2 }));
  await assert.rejects(openModel(out), /has the version 2, but this Neocog reads version 1/);
  await assert.rejects(openModel(join(folder, "nothing")), /There is no model folder/);
});

test("what cannot be is refused in a sentence", async () => {
  await assert.rejects(collect({ epoch: 3 } as FitOptions), /fit has no option "epoch"; did you mean "epochs"/);
  await assert.rejects(collect({ epochs: 0 }), /epochs must be a whole number of at least 1; it is 0/);
  await assert.rejects(collect({ batch: 1.5 }), /batch must be a whole number/);
  await assert.rejects(
    collect({}, { train: { ...data.train, classes: ["a", "b", "c", "d"] }, test: data.test }),
    /one order/,
  );
  await assert.rejects(
    collect({}, { train: data.train, validation: { ...data.validation, classes: ["a", "b", "c"] } }),
    /one order/,
  );
  const four = { ...data.train, classes: ["a", "b", "c", "d"] };
  await assert.rejects(
    collect({}, { train: four, test: four }),
    /gives 3 numbers for each picture, but the data has 4 classes/,
  );
  const { trained } = finished(await collect({ epochs: 1 }));
  const wrong = ndarray([1, 3, 6, 6], new Float32Array(108));
  await assert.rejects(
    predict(trained, wrong, { engine }),
    /The picture is \[3, 6, 6\], but the network takes \[1, 6, 6\]/,
  );
  await assert.rejects(evaluate(trained, four, { engine }), /The model knows the classes lying, standing, falling/);
});
