// What training refuses, in a sentence that names the picture, the label, the file or the option.
import assert from "node:assert/strict";
import { mkdir, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { finished, Trainings } from "../../test/trainings.ts";
import { type NdArray, ndarray } from "../base/array.ts";
import { evaluate } from "../use/evaluate.ts";
import { openModel, saveModel } from "../use/folder.ts";
import { predict } from "../use/predict.ts";
import { fit } from "./fit.ts";
import { openCheckpoint } from "./folder.ts";
import { NonFiniteLoss } from "./nonfinite.ts";
import { SGD } from "./optimizers/optimizer.ts";
import type { FitOptions } from "./options.ts";
import { bars, tinyNetwork } from "./testing.ts";

const data = { train: bars(50, 1), validation: bars(20, 3), test: bars(30, 2) };

const runs = new Trainings(data);

test("a learning rate that explodes: the op and the batch are named", async () => {
  const error = await runs.collect({ epochs: 3, batch: 16, optimizer: SGD({ lr: 1e30 }) }).then(
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
  await assert.rejects(runs.collect({}, { train: broken(Number.NaN, false) }), { message: told });
  await assert.rejects(
    runs.collect({}, { train: broken(Infinity, true) }),
    /image 7 \(photos\/7\.png\) holds Infinity/,
  );
  await assert.rejects(
    runs.collect({}, { ...data, test: broken(Number.NaN, true) }),
    /image 7 \(photos\/7\.png\) holds NaN/,
  );
  await assert.rejects(runs.collect({}, { ...data, validation: broken(-Infinity, false) }), /image 7 holds -Infinity/);
  const { trained } = finished(await runs.collect({ epochs: 1 }));
  await assert.rejects(evaluate(trained, broken(Number.NaN, false), { engine: runs.engine }), { message: told });
  await assert.rejects(
    predict(trained, broken(Number.NaN, false).images, { engine: runs.engine }),
    /Image 7 holds NaN in channel 0/,
  );
});

test("a label that is no class is refused before anything runs, with its first place", async () => {
  const { trained } = finished(await runs.collect({ epochs: 1 }));
  for (const label of [3, 99, -1, -100, 1e9, Number.NaN, 0.5]) {
    const labels = Float64Array.from(data.train.labels);
    labels[4] = labels[9] = label;
    const train = { ...data.train, labels: labels as unknown as Int32Array };
    const told = {
      message: `bars gives image 4 the label ${label}, which is outside the 3 classes (0 to 2).`,
    };
    await assert.rejects(runs.collect({}, { train }), told);
    await assert.rejects(runs.collect({}, { ...data, test: train }), told);
    await assert.rejects(evaluate(trained, train, { engine: runs.engine }), told);
  }
});

test("weights that are no numbers are named; where they are too large, the picture is", async () => {
  const { trained } = finished(await runs.collect({ epochs: 1 }));
  const filled = (value: number) => {
    const entries = [...trained.weights].map(([name, array]) => [
      name,
      { ...array, data: array.data.map(() => value) },
    ]);
    return { ...trained, weights: new Map(entries as [string, NdArray][]) };
  };
  await assert.rejects(
    evaluate(filled(Number.NaN), data.test, { engine: runs.engine }),
    /The weight "conv\.weight" holds NaN/,
  );
  await assert.rejects(
    evaluate(filled(1e38), data.test, { engine: runs.engine }),
    /answer to image 0 of bars is not a number: its weights are broken, or too large/,
  );
});

test("an output folder that must not be touched is refused before anything runs", async () => {
  const out = join(runs.folder, "other");
  const start = async (options: FitOptions) => {
    for await (const event of fit(tinyNetwork(), data, { engine: runs.engine, ...options })) assert.fail(event.kind);
  };
  await writeFile(join(runs.folder, "file"), "");
  await assert.rejects(start({ out: join(runs.folder, "file") }), /is a file; give the output another name/);
  await saveModel(out, finished(await runs.collect({ epochs: 1 })).trained);
  await assert.rejects(start({ out }), /holds a model; replace it with force, go on from it with resume/);
  const [precious, foreign] = [join(runs.folder, "precious"), join(runs.folder, "foreign")];
  for (const path of [precious, foreign]) await mkdir(path);
  await writeFile(join(foreign, "model.json"), '{"format":"layers-model"}');
  await assert.rejects(
    start({ out: foreign, force: true }),
    /foreign.model\.json is nothing that Neocog wrote and is not replaced; give the output another name\.$/,
  );
  assert.deepEqual(await readdir(foreign), ["model.json"]);
  await assert.rejects(openCheckpoint(out), /has no state\.safetensors: it can be used, but not trained further/);
  await runs.collect({ epochs: 1, out, force: true });
  assert.equal((await openCheckpoint(out)).epoch, 1);
  await writeFile(join(precious, "weights.txt"), "kept");
  await runs.collect({ epochs: 1, out: precious });
  assert.equal(await readFile(join(precious, "weights.txt"), "utf8"), "kept");
  assert.equal((await openCheckpoint(precious)).epoch, 1);
});

test("files that are cut short or contradictory are named in one sentence", async () => {
  const out = join(runs.folder, "broken");
  // Without the manifest, which would find all of it first.
  const reset = async () => {
    await rm(out, { recursive: true, force: true });
    await runs.collect({ epochs: 1, out });
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
  await assert.rejects(openModel(join(runs.folder, "nothing")), /There is no model folder/);
});

test("what cannot be is refused in a sentence", async () => {
  await assert.rejects(runs.collect({ epoch: 3 } as FitOptions), /fit has no option "epoch"; did you mean "epochs"/);
  await assert.rejects(runs.collect({ epochs: 0 }), /epochs must be a whole number of at least 1; it is 0/);
  await assert.rejects(runs.collect({ batch: 1.5 }), /batch must be a whole number/);
  await assert.rejects(
    runs.collect({}, { train: { ...data.train, classes: ["a", "b", "c", "d"] }, test: data.test }),
    /one order/,
  );
  await assert.rejects(
    runs.collect({}, { train: data.train, validation: { ...data.validation, classes: ["a", "b", "c"] } }),
    /one order/,
  );
  const four = { ...data.train, classes: ["a", "b", "c", "d"] };
  await assert.rejects(
    runs.collect({}, { train: four, test: four }),
    /gives 3 numbers for each picture, but the data has 4 classes/,
  );
  const { trained } = finished(await runs.collect({ epochs: 1 }));
  const wrong = ndarray([1, 3, 6, 6], new Float32Array(108));
  await assert.rejects(
    predict(trained, wrong, { engine: runs.engine }),
    /The picture is \[3, 6, 6\], but the network takes \[1, 6, 6\]/,
  );
  await assert.rejects(
    evaluate(trained, four, { engine: runs.engine }),
    /The model knows the classes lying, standing, falling/,
  );
});
