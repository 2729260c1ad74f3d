// Every task: its losses against PyTorch, its metrics against their definitions in numpy, and what it learns, keeps, gives back and
// goes on from, on data made here.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { checkFixture } from "../../../test/check-fixture.ts";
import { readFixtures } from "../../../test/fixtures.ts";
import { type NdArray, ndarray } from "../../base/array.ts";
import { Random } from "../../base/random.ts";
import type { PictureSet } from "../../data/images.ts";
import type { Labels } from "../../data/labels.ts";
import type { Engine } from "../../engines/engine.ts";
import type { Tensor } from "../../graph/graph.ts";
import { openModel as openOnnx } from "../../io/onnx/model.ts";
import type { Layer } from "../../nn/layer.ts";
import { ReLU } from "../../nn/layers/activation.ts";
import { Sequential } from "../../nn/layers/containers.ts";
import { Conv2d } from "../../nn/layers/convolution.ts";
import { Linear } from "../../nn/layers/linear.ts";
import { PixelShuffle } from "../../nn/layers/resize.ts";
import { Flatten } from "../../nn/layers/shape.ts";
import { createModel } from "../../nn/models/list.ts";
import { abs, sub } from "../../ops/arithmetic.ts";
import { mean } from "../../ops/sum.ts";
import { openEngine } from "../../run/engines.ts";
import { evaluate } from "../../use/evaluate.ts";
import { openModel } from "../../use/folder.ts";
import { predict } from "../../use/predict.ts";
import { type AnyTask, type TaskName, taskNames, taskOf } from "../../use/tasks/list.ts";
import type { FinishedEvent } from "../events.ts";
import { fit } from "../fit.ts";
import { openCheckpoint } from "../folder.ts";
import { buildLoss, type LossDescription } from "../loss.ts";
import { Adam, SGD } from "../optimizers/optimizer.ts";
import type { FitOptions } from "../options.ts";
import { optionsOf } from "../resume.ts";
import { learnerOf } from "./list.ts";

let engine: Engine;
let folder: string;
before(async () => {
  engine = await openEngine("auto", { threads: 1 });
  folder = await mkdtemp(join(tmpdir(), "neocog-tasks-"));
});
after(async () => {
  await engine.close();
  await rm(folder, { recursive: true });
});

const fixtures = readFixtures("tasks");
for (const one of fixtures.filter(({ op }) => op === "loss")) {
  const { loss, ignoreIndex } = one.attributes as { readonly loss: LossDescription; readonly ignoreIndex?: number };
  test(`PyTorch: ${one.name}`, () =>
    checkFixture(one, ({ output, target }) => ({ y: buildLoss(loss, output, target, ignoreIndex, undefined) })));
}

const kinds = {
  multilabel: "tags",
  regression: "numbers",
  segmentation: "masks",
  "image-to-image": "pictures",
} as const;

for (const one of fixtures.filter(({ op }) => op === "judge")) {
  test(`by definition: ${one.name}`, () => {
    const name = one.attributes.task as keyof typeof kinds;
    const task: AnyTask = taskOf<TaskName>({ task: name });
    const { output, target } = one.input;
    const [count, ...shape] = output.shape;
    const size = output.data.length / count;
    const labels = { kind: kinds[name], values: target } as Labels;
    const classes = Array.from({ length: shape[0] }, (_, i) => `c${i}`);
    const set = { name: "given", images: ndarray([count, 1, 1, 1], new Float32Array(count)), labels, classes };
    const judge = task.judge(set, { classes }, shape);
    for (let i = 0; i < count; i++) judge.add(i, Float64Array.from(output.data.subarray(i * size, (i + 1) * size)));
    const found = judge.result() as unknown as Record<string, number>;
    const each = (found.perNumber ?? []) as unknown as readonly Record<string, number>[];
    for (const [key, { data }] of Object.entries(one.output)) {
      const [metric, place] = key.split(" ");
      const value = place === undefined ? found[metric] : each[Number(place)][metric];
      assert.ok(Math.abs(value - data[0]) <= 1e-9 * Math.max(1, Math.abs(data[0])), `${key}: ${value}, not ${data[0]}`);
    }
  });
}

/** 6x6 pictures with a bright square, and what is known of each in every kind of labels. */
function squares(count: number, seed: number) {
  const random = new Random(seed, "squares");
  const pixels = Float32Array.from({ length: count * 36 }, () => 0.4 * random.uniform());
  const [places, masks, tags] = [new Float32Array(2 * count), new Uint8Array(36 * count), new Uint8Array(2 * count)];
  for (let i = 0; i < count; i++) {
    const [x, y] = [random.below(5), random.below(5)];
    places.set([100 * x - 30, y / 10], 2 * i);
    tags.set([Number(x < 2), Number(y < 2)], 2 * i);
    for (const at of [0, 1, 6, 7].map((step) => 36 * i + 6 * y + x + step)) {
      pixels[at] = 0.8;
      masks[at] = 1;
    }
    masks[36 * i + 35] = 255;
  }
  const images = ndarray([count, 1, 6, 6], pixels);
  const made = <L extends Labels>(labels: L, classes: readonly string[]): PictureSet<L, NdArray> => {
    return { name: "squares", images, labels, classes };
  };
  return {
    classification: made(
      Int32Array.from({ length: count }, (_, i) => tags[2 * i]),
      ["right", "left"],
    ),
    multilabel: made({ kind: "tags", values: ndarray([count, 2], tags, "uint8") } as const, ["left", "top"]),
    regression: made({ kind: "numbers", values: ndarray([count, 2], places) } as const, ["x", "y"]),
    segmentation: made({ kind: "masks", values: ndarray([count, 6, 6], masks, "uint8") } as const, [
      "ground",
      "square",
    ]),
    "image-to-image": made({ kind: "pictures", values: images } as const, []),
  };
}

const [train, validation, held] = [squares(120, 1), squares(40, 2), squares(40, 3)];
const maps = (channels: number) =>
  Sequential([Conv2d(8, 3, { padding: 1 }), ReLU(), Conv2d(channels, 3, { padding: 1 })]);
const rows = () => Sequential([Conv2d(8, 3, { padding: 1 }), ReLU(), Flatten(), Linear(24), ReLU(), Linear(2)]);
const models: { readonly [T in TaskName]: () => Layer } = {
  ...{ classification: rows, multilabel: rows, regression: rows, segmentation: () => maps(2) },
  "image-to-image": () => maps(1),
};
/** What each must reach. */
const least = { classification: 0.9, multilabel: 0.9, regression: 20, segmentation: 0.9, "image-to-image": 30 };
const settings: FitOptions = { epochs: 12, batch: 16, seed: 3, optimizer: Adam({ lr: 0.01 }) };

type Ended = FinishedEvent<Layer, TaskName>;

async function learn(task: TaskName, options: FitOptions): Promise<Ended> {
  const data = {
    train: train[task] as PictureSet,
    validation: validation[task] as PictureSet,
    test: held[task] as PictureSet,
  };
  for await (const event of fit(models[task](), data, { engine, ...settings, ...options }))
    if (event.kind === "finished") return event;
  throw new Error("The training was stopped.");
}

for (const task of taskNames) {
  test(`${task}: learns, says the same everywhere, is kept, goes on from an epoch and leaves as ONNX`, async () => {
    const out = join(folder, task);
    const whole = await learn(task, { out });
    const { name, better } = taskOf({ task }).main;
    const scoreOf = (score: unknown): number => (score as Record<string, number>)[name];
    const value = scoreOf(whole.test);
    assert.ok(better === "higher" ? value >= least[task] : value <= least[task], `${name} ${value}`);
    const history = whole.history.map(({ validation: score }) => scoreOf(score));
    const best = better === "higher" ? Math.max(...history) : Math.min(...history);
    assert.deepEqual([whole.best!.epoch, scoreOf(whole.best)], [history.indexOf(best) + 1, best]);
    const opened = await openModel(out, { task });
    assert.equal(opened.task ?? "classification", task);
    const found = await evaluate<TaskName>(opened, held[task], { engine });
    assert.equal(scoreOf(found), value);
    assert.ok(Math.abs(found.loss - whole.test!.loss) < 1e-9);
    const shown = await predict<TaskName>(opened, [ndarray([1, 6, 6], held[task].images.data.slice(0, 36))], {
      engine,
    });
    const numbers = (await predict(opened, held[task].images, { engine })) as NdArray;
    assert.equal(numbers.shape[0], 40);
    assert.ok(JSON.stringify(shown[0]).length > 10);
    // Half the way, and on: the bits of the whole way.
    const half = join(folder, `${task}-half`);
    await learn(task, { out: half, epochs: 6 });
    const checkpoint = await openCheckpoint(half, { task });
    const resumed = await learn(task, { ...optionsOf(checkpoint), epochs: 12, resume: checkpoint });
    assert.equal(resumed.weightsHash, whole.weightsHash);
    const { exportOnnx } = await import("../../use/onnx.ts");
    const [{ onnxSource }, { fileModel }] = await Promise.all([
      import("../../io/onnx/source.ts"),
      import("../../use/file.ts"),
    ]);
    const file = fileModel(onnxSource(await openOnnx(exportOnnx(opened))), { task: taskNames });
    assert.equal(file.task ?? "classification", task);
    const again = await evaluate<TaskName>(file, held[task], { engine });
    assert.ok(
      Math.abs(scoreOf(again) - value) < 1e-4 * Math.max(1, Math.abs(value)),
      `${scoreOf(again)}, not ${value}`,
    );
    const description = await readFile(join(out, "model.json"), "utf8");
    assert.equal(/"task"/.test(description), task !== "classification");
  });
}

for (const task of taskNames) {
  test(`${task}: what is summed up in training is what evaluation says of the same weights`, async () => {
    const set = train[task] as PictureSet;
    const still = { engine, epochs: 1, batch: 50, seed: 1, optimizer: SGD({ lr: 1e-12 }) };
    for await (const event of fit(models[task](), { train: set, validation: set }, still)) {
      if (event.kind !== "epoch") continue;
      const { name } = taskOf({ task }).main;
      for (const key of ["loss", name]) {
        const [summed, told] = [event.train, event.validation].map(
          (score) => (score as unknown as Record<string, number>)[key],
        );
        assert.ok(Math.abs(summed - told) <= 1e-4 * Math.max(1, Math.abs(told)), `${key}: ${summed}, not ${told}`);
      }
    }
  });
}

test("a model of another task is opened only where that is told; its labels must be the task's", async () => {
  const out = join(folder, "segmentation");
  await assert.rejects(openModel(out), /segmentation is a model for segmentation; open it with task: "segmentation"\./);
  const trained = await openModel(out, { task: ["regression", "segmentation"] });
  const wrong = held.regression as unknown as typeof held.segmentation;
  await assert.rejects(
    evaluate(trained as Parameters<typeof evaluate<"segmentation">>[0], wrong, { engine }),
    /The model is one for segmentation, which needs masks labels, but squares has numbers labels\./,
  );
  const mixed = { train: train.multilabel, validation: validation.regression as unknown as typeof train.multilabel };
  await assert.rejects(fit(rows(), mixed).next(), /squares has numbers labels, but squares has tags labels\./);
});

test("a loss and metrics of one's own see the numbers as they are; the run ends when nothing becomes better", async () => {
  const off = (said: Tensor, right: Tensor) => mean(abs(sub(said, right)), 1);
  const data = { train: train.regression, validation: validation.regression, test: held.regression };
  const options = {
    engine,
    ...settings,
    metrics: { off },
    loss: off,
    optimizer: Adam({ lr: 1 }),
    patience: 2,
    epochs: 60,
  };
  let ended: FinishedEvent<Layer, "regression"> | undefined;
  for await (const event of fit(rows(), data, options)) if (event.kind === "finished") ended = event;
  const { validation: score, history, trained, best } = ended!;
  // The loss is the mean absolute error itself: three ways to the same number.
  assert.ok(Math.abs(score!.loss - score!.meanAbsoluteError) < 1e-3 * score!.loss, JSON.stringify(score));
  assert.ok(Math.abs(score!.metrics!.off - score!.meanAbsoluteError) < 1e-3 * score!.loss);
  assert.equal(trained.scale, undefined);
  assert.ok(history.length < 60 && history.length === best!.epoch + 2, `${history.length} epochs, best ${best!.epoch}`);
  const silent = fit(rows(), { train: train.regression }, { engine, ...settings, patience: 2 });
  await assert.rejects(silent.next(), /patience has no effect where nothing is scored/);
  const shapeless = fit(rows(), data, { engine, ...settings, loss: (said, right) => sub(said, right) });
  await assert.rejects(
    shapeless.next(),
    /The loss must give one number, or one a picture \[16\], not \[16, 2\]; end it with mean/,
  );
  const foreign = fit(rows(), data, { engine, loss: { name: "crossEntropy" } });
  await assert.rejects(foreign.next(), /Unknown loss "crossEntropy"; .*mse/);
});

test("numbers of any size are learnt on a scale that the model keeps", () => {
  const { labels } = train.regression;
  const { mean: means, std } = learnerOf("regression").scale!(labels);
  const columns = [0, 1].map((c) => [...labels.values.data].filter((_, i) => i % 2 === c));
  columns.forEach((values, c) => {
    const average = values.reduce((a, b) => a + b) / values.length;
    const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - average) ** 2, 0) / values.length);
    assert.ok(
      Math.abs(means[c] - average) < 1e-5 * (1 + Math.abs(average)) && Math.abs(std[c] - spread) < 1e-5 * spread,
    );
  });
  const same = { kind: "numbers", values: ndarray([3, 1], Float32Array.of(7, 7, 7)) } as const;
  assert.deepEqual(learnerOf("regression").scale!(same), { mean: [7], std: [1] });
});

test("a mask of which nothing is known moves nothing, and is no broken loss", async () => {
  const set = squares(16, 4).segmentation;
  const blank = { ...set.labels, values: ndarray([16, 6, 6], new Uint8Array(16 * 36).fill(255), "uint8") };
  const data = { train: { ...set, labels: blank }, validation: set };
  const weights: string[] = [];
  for await (const event of fit(maps(2), data, { engine, epochs: 2, batch: 16 }))
    if (event.kind === "checkpoint")
      weights.push(JSON.stringify([...event.checkpoint.trained.weights.values()][0].data));
    else if (event.kind === "batch") assert.deepEqual([event.loss, event.meanIoU], [0, 0]);
  assert.equal(weights[0], weights[1]);
});

test("sizes that a network cannot halve evenly are told with the nearest that it can", async () => {
  const refused = async (name: string, [height, width]: readonly [number, number], why: RegExp) => {
    const { layer } = createModel(name, { classes: 2, inChannels: 1, inputSize: 64 });
    const images = ndarray([4, 1, height, width], new Float32Array(4 * height * width));
    const values = ndarray([4, height, width], new Uint8Array(4 * height * width), "uint8");
    const data = { name: "made", images, labels: { kind: "masks", values } as const, classes: ["a", "b"] };
    await assert.rejects(
      async () => {
        for await (const _ of fit(layer, { train: data }, { engine, epochs: 1 }));
      },
      { message: why },
    );
  };
  await refused(
    "unet",
    [20, 24],
    /of 24 x 20 pixels, which its layers cannot halve evenly; multiples of 8 fit, such as 24 x 24 or 24 x 16: size: \[24,24\]\.$|multiples of 8 fit, such as 24 x 24 or 24 x 16: .*24.*\.$/,
  );
  await refused("unet", [6, 100], /of 100 x 6 pixels, .*; multiples of 8 fit, such as 104 x 8: /);
  await refused("fcn-resnet18", [40, 64], /of 64 x 40 pixels, .*; multiples of 32 fit, such as 64 x 64 or 64 x 32: /);
});

test("models that do not fit a task are told how they must end", async () => {
  const next = (task: TaskName, model: Layer) => fit(model, { train: train[task] as PictureSet }, { engine }).next();
  await assert.rejects(next("multilabel", maps(2)), /for tags it must give \[batch, tags\]; end it with Flatten\(\)/);
  await assert.rejects(
    next("regression", Sequential([Flatten(), Linear(3)])),
    /gives 3 numbers .* the data has 2 numbers/,
  );
  await assert.rejects(next("segmentation", rows()), /for segmentation it must give \[batch, classes, height, width\]/);
  await assert.rejects(next("segmentation", maps(3)), /gives 3 numbers for each pixel, but the data has 2 classes/);
  const large = Sequential([Conv2d(8, 1), PixelShuffle(2)]);
  await assert.rejects(next("segmentation", large), /gives masks of 12 x 12 pixels for pictures of 6 x 6/);
  await assert.rejects(
    next("image-to-image", large),
    /gives pictures of the form \[2, 12, 12\], but the targets are \[1, 6, 6\]/,
  );
});
