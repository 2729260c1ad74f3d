// Every task in every command that takes a model: it works, or refuses with one sentence. The models are small and untrained; what
// commands write is held against predict of the library.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { build, loadState } from "../src/doors/graph.ts";
import {
  type ClassifierModel,
  Conv2d,
  completePreprocessing,
  encodePng,
  Flatten,
  fileModel,
  fitMask,
  Linear,
  type NdArray,
  ndarray,
  openFile,
  openModel,
  predict,
  ReLU,
  Sequential,
  saveModel,
  type TaskName,
  taskNames,
} from "../src/doors/neocog.ts";
import { commands } from "./commands/list.ts";
import type { Context } from "./context.ts";
import { paintFor } from "./paint.ts";

const place = mkdtempSync(join(tmpdir(), "neocog-every-"));
after(() => rmSync(place, { recursive: true }));

const side = 8;
const pixels = Uint8Array.from({ length: side * side }, (_, i) => (i * 53 + ((i * i) % 31)) % 256);
const picture = join(place, "picture.png");
writeFileSync(picture, await encodePng(ndarray([side, side], pixels, "uint8")));

const rows = (count: number) => Sequential([Conv2d(4, 3, { padding: 1 }), ReLU(), Flatten(), Linear(count)]);
const maps = (count: number) => Sequential([Conv2d(4, 3, { padding: 1 }), ReLU(), Conv2d(count, 1)]);
const forms = {
  classification: { layer: rows(3), classes: ["cat", "dog", "owl"] },
  multilabel: { layer: rows(3), classes: ["left", "top", "round"] },
  regression: { layer: rows(2), classes: ["age", "height"], scale: { mean: [10, -5], std: [2, 30] } },
  segmentation: { layer: maps(3), classes: ["ground", "cell", "edge"] },
  "image-to-image": { layer: maps(1), classes: [] as string[] },
};

const context: Context = {
  ...{ json: true, signal: new AbortController().signal, stream: process.stderr, terminal: false, width: 80 },
  ...{ paint: paintFor(process.stderr), say: () => undefined },
};

/** What a command answers, by its name; its lines are made too. */
async function call(
  name: string,
  given: readonly string[],
  options: Readonly<Record<string, unknown>> = {},
): Promise<Readonly<Record<string, unknown>>> {
  const command = commands.find((one) => one.name === name)!;
  const answer = await command.run(given, options, context);
  assert.ok(answer.lines().length > 0, name);
  assert.equal(answer.code ?? 0, 0, name);
  return answer.json as Readonly<Record<string, unknown>>;
}

async function folderOf(task: TaskName): Promise<string> {
  const { layer, ...known } = forms[task];
  const { variables } = build(layer, [1, 1, side, side], { seed: 3 });
  const { state } = loadState(variables, {}, { strict: false });
  const folder = join(place, task);
  await saveModel(folder, {
    ...{ model: layer, weights: state, task, ...known },
    preprocessing: completePreprocessing({ channels: 1, height: side, width: side }),
  });
  return folder;
}

const numbersIn = (value: unknown): number[] => {
  if (typeof value === "number") return [value];
  if (ArrayBuffer.isView(value)) return Array.from(value as Float32Array);
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(numbersIn) : [];
};

function near(a: unknown, b: unknown, tolerance: number): void {
  const [x, y] = [numbersIn(a), numbersIn(b)];
  assert.equal(x.length, y.length);
  for (const [i, value] of x.entries())
    assert.ok(Math.abs(value - y[i]) <= tolerance * (1 + Math.abs(value)), `${value} and ${y[i]}`);
}

for (const task of taskNames) {
  test(`${task}: every command takes its model folder and its ONNX file, or says why not`, async () => {
    const folder = await folderOf(task);
    const onnx = join(place, `${task}.onnx`);
    const trained = (await openModel(folder, { task })) as ClassifierModel<TaskName>;
    const said = await predict<TaskName>(trained, picture);

    const converted = await call("convert", [folder, onnx]);
    assert.ok((converted.difference as number) < 1e-4, `${converted.difference}`);
    const again = join(place, `${task}-again.onnx`);
    assert.equal((await call("convert", [onnx, again])).difference, 0);
    const copy = join(place, `${task}-copy`);
    assert.equal((await call("convert", [folder, copy])).difference, 0);
    for (const file of [onnx, again]) {
      const content = await openFile(file);
      assert.ok(content.kind === "network");
      const model = fileModel(content.network, { task: taskNames });
      assert.equal(model.task ?? "classification", task);
      assert.deepEqual(task === "image-to-image" ? [] : model.classes, trained.classes);
      near(await predict<TaskName>(model, picture), said, 1e-5);
    }
    assert.deepEqual(await predict<TaskName>(await openModel(copy, { task }), picture), said);

    for (const model of [folder, onnx]) {
      await call("inspect", [model]);
      assert.equal((await call("verify", [model])).passed, true);
      const found = await call("predict", [model, picture]);
      assert.equal(found.task, task);
      if (task === "image-to-image") {
        await assert.rejects(
          call("explain", [model, picture], { out: join(place, "why") }),
          /makes pictures: it has no class, tag or number/,
        );
        continue;
      }
      const options = { out: join(place, "why"), method: ["saliency", "gradCam", "occlusion", "integratedGradients"] };
      const why = await call("explain", [model, picture], { ...options, class: forms[task].classes[1] });
      assert.equal((why.class as { name: string }).name, forms[task].classes[1]);
      await assert.rejects(
        call("explain", [model, picture], { ...options, class: "none" }),
        /the model has no class "none"/,
      );
    }

    const module = join(place, `${task}.mjs`);
    await call("bundle", [folder], { out: module, plain: true });
    const { predict: ask } = (await import(pathToFileURL(module).href)) as { predict(image: object): Promise<object> };
    const answer = await ask({ data: pixels, width: side, height: side });
    await checkBundled(task, answer, said);
    assert.match(readFileSync(module.replace(".mjs", ".d.mts"), "utf8"), /export declare const predict/);
  });
}

/** Bundles answer as predict does, in their own form. */
async function checkBundled(task: TaskName, answer: object, said: object): Promise<void> {
  if (task === "classification" || task === "multilabel") {
    const { classes } = said as { classes: readonly { name: string; probability: number }[] };
    assert.deepEqual(
      (answer as { label: string }[]).map(({ label }) => label),
      classes.map(({ name }) => name),
    );
    near(
      (answer as { probability: number }[]).map(({ probability }) => probability),
      classes.map(({ probability }) => probability),
      1e-5,
    );
  } else if (task === "regression") {
    near(answer, (said as { numbers: object }).numbers, 1e-5);
  } else {
    const { data, ...size } = answer as { data: ArrayLike<number>; width: number; height: number };
    assert.deepEqual(size, { width: side, height: side });
    const whole = { channels: 1, height: side, width: side };
    if (task === "segmentation") {
      const { mask } = said as { mask: NdArray };
      assert.deepEqual([...Array.from(data)], [...fitMask(mask, whole, whole).data]);
    } else {
      const drawn = (said as { picture: NdArray }).picture.data;
      for (let i = 0; i < side * side; i++) {
        assert.ok(Math.abs(data[4 * i] - 255 * drawn[i]) <= 1, `${data[4 * i]} and ${255 * drawn[i]}`);
        assert.deepEqual([data[4 * i + 1], data[4 * i + 2], data[4 * i + 3]], [data[4 * i], data[4 * i], 255]);
      }
    }
  }
}
