import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { Trainings } from "../../test/trainings.ts";
import { openModel as openOnnx } from "../io/onnx/model.ts";
import { onnxSource } from "../io/onnx/source.ts";
import { build } from "../nn/build.ts";
import type { Layer } from "../nn/layer.ts";
import { ReLU } from "../nn/layers/activation.ts";
import { AdaptiveAvgPool2d } from "../nn/layers/adaptive.ts";
import { Sequential } from "../nn/layers/containers.ts";
import { Conv2d } from "../nn/layers/convolution.ts";
import { Linear } from "../nn/layers/linear.ts";
import { BatchNorm2d } from "../nn/layers/normalization.ts";
import { Flatten } from "../nn/layers/shape.ts";
import { Softmax } from "../nn/layers/softmax.ts";
import { createModel } from "../nn/models/list.ts";
import { initialState } from "../nn/state.ts";
import { evaluate } from "../use/evaluate.ts";
import { fileModel } from "../use/file.ts";
import { openModel, saveModel } from "../use/folder.ts";
import { exportOnnx } from "../use/onnx.ts";
import { predict } from "../use/predict.ts";
import type { ClassifierModel, TrainedModel } from "../use/trained.ts";
import { fineTune } from "./fineTune.ts";
import { fit } from "./fit.ts";
import { openCheckpoint } from "./folder.ts";
import type { FitOptions } from "./options.ts";
import { bars, tinyNetwork } from "./testing.ts";

const data = { train: bars(48, 1), validation: bars(20, 3) };
const runs = new Trainings(data);
const { classes } = data.train;

const form = { channels: 1, height: 6, width: 6, mean: [0.25], std: [0.5] };
function untrained(
  model: Layer,
  names = ["a", "b", "c", "d"],
): Omit<TrainedModel, "preprocessing"> & { preprocessing: typeof form } {
  return {
    model,
    weights: initialState(build(model, [1, 1, 6, 6], { seed: 9 }).variables),
    classes: names,
    preprocessing: form,
  };
}

async function learn(model: Layer, options: FitOptions) {
  for await (const event of fit(model, data, { engine: runs.engine, epochs: 2, batch: 16, ...options }))
    if (event.kind === "finished") return event;
  throw new Error("no end");
}

const widened = (): Layer =>
  Sequential({
    ...{ conv: Conv2d(4, 3, { padding: 1 }), norm: BatchNorm2d(), relu: ReLU(), flatten: Flatten() },
    ...{ head: Linear(4), softmax: Softmax() },
  });

test("the head of layers is replaced, all else and the preprocessing are kept", async () => {
  const source = untrained(widened());
  const tuned = await fineTune(source, classes);
  assert.deepEqual(tuned.head, ["head.weight", "head.bias"]);
  assert.deepEqual(tuned.weights.get("head.weight")!.shape, [3, 144]);
  assert.ok(tuned.weights.get("head.weight")!.data.every((value) => Math.abs(value) <= 1 / 12));
  for (const [name, value] of source.weights)
    if (!name.startsWith("head")) assert.equal(tuned.weights.get(name), value, name);
  assert.ok(!String(tuned.model).includes("Softmax"));
  assert.deepEqual(tuned.options.normalization, { mean: [0.25], std: [0.5] });
  const { trained } = await learn(tuned.model, { ...tuned.options, freeze: ["conv", "norm"] });
  assert.deepEqual([trained.preprocessing.mean, trained.classes], [[0.25], classes]);
  assert.deepEqual(trained.weights.get("conv.weight")!.data, source.weights.get("conv.weight")!.data);
  const again = await fineTune(trained, classes);
  assert.deepEqual([again.head, again.weights.get("head.bias")], [[], trained.weights.get("head.bias")]);
});

test("every built-in network that says classes shows its head", async () => {
  for (const [name, head] of Object.entries({
    ...{ resnet18: "fc", vgg11: "classifier.6", squeezenet1_1: "classifier.1", mobilenet_v2: "classifier.1" },
    ...{ densenet121: "classifier", googlenet: "fc", alexnet: "classifier.6", digits: undefined },
  })) {
    const { layer, inputShape, classes: count } = createModel(name);
    const { variables } = build(layer, [1, ...inputShape]);
    const weights = new Map(
      variables.map(({ node, shape }) => {
        const { name: key } = node.attributes as { readonly name: string };
        return [key, { shape, dtype: "float32", data: new Float32Array(shape.reduce((a, b) => a * b, 1)) }] as const;
      }),
    );
    const [channels, height, width] = inputShape;
    const preprocessing = { channels, height, width };
    const names = Array.from({ length: count }, (_, i) => String(i));
    const tuned = await fineTune({ model: layer, weights, classes: names, preprocessing }, ["x", "y"]);
    assert.equal(tuned.weights.get(tuned.head[0])!.shape[0], 2, name);
    if (head) assert.equal(tuned.head[0], `${head}.weight`);
  }
});

/** A model as its ONNX file. */
const asFile = async (model: ClassifierModel) => fileModel(onnxSource(await openOnnx(exportOnnx(model))));

test("an ONNX file is trained as the layers that it was written from", async () => {
  const source = untrained(tinyNetwork(), ["a", "b", "c"]);
  const file = await asFile(source);
  for (const norms of ["frozen", "trained"] as const) {
    const [one, other] = [await fineTune(source, classes, { seed: 4 }), await fineTune(file, classes, { norms })];
    // The same head for both, under the names of each.
    const weights = new Map([...other.weights].map(([name, value]) => [name, one.weights.get(name) ?? value] as const));
    assert.deepEqual([...weights.keys()].sort(), [...one.weights.keys()].sort());
    const options = { seed: 2 };
    const found = await learn(other.model, { ...other.options, weights, ...options });
    const wanted = norms === "trained" ? await learn(one.model, { ...one.options, ...options }) : undefined;
    const statistics = [...weights.keys()].filter((name) => name.includes("running"));
    assert.equal(statistics.length, 2);
    for (const [name, { data: numbers }] of found.trained.weights) {
      if (norms === "frozen" && statistics.includes(name)) assert.deepEqual(numbers, weights.get(name)!.data, name);
      wanted?.trained.weights.get(name)?.data.forEach((value, i) => {
        assert.ok(Math.abs(value - numbers[i]) < 1e-5 * Math.max(1, Math.abs(value)), `${name}[${i}]`);
      });
    }
  }
});

test("what is trained from a file is kept, opened, gone on with, asked and exported as any model", async () => {
  const file = await asFile(untrained(widened()));
  const tuned = await fineTune(file, classes);
  const out = join(runs.folder, "from-file");
  const end = await learn(tuned.model, { ...tuned.options, out });
  const opened = await openModel(out);
  const [first, second] = [await evaluate(end.trained, data.validation), await evaluate(opened, data.validation)];
  assert.equal(first.loss, second.loss);
  const checkpoint = await openCheckpoint(out);
  const longer = await learn(checkpoint.trained.model, {
    ...tuned.options,
    weights: undefined,
    epochs: 3,
    resume: checkpoint,
  });
  assert.equal(longer.history.length, 3);
  const again = await asFile(opened);
  assert.ok(Math.abs((await evaluate(again, data.validation)).loss - second.loss) < 1e-6);
  assert.deepEqual(again.classes, classes);
  await saveModel(join(runs.folder, "copy"), opened);
  const pixels = new Uint8Array(36).fill(90);
  const [{ classes: told }] = await predict(opened, [{ shape: [1, 6, 6], dtype: "uint8", data: pixels }]);
  assert.equal(told.length, 3);
  // A head that was trained is found again in the layer of the file.
  const layers = build(opened.model, [1, 1, 6, 6]).layers.map(({ layer }) => layer.type.name);
  assert.ok(layers.includes("Conv") && layers.includes("Gemm"), layers.join());
});

test("where it is not clear which layer says the classes, it is asked", async () => {
  const mixed = Sequential({ conv: Conv2d(4, 3), norm: BatchNorm2d(), pool: AdaptiveAvgPool2d(1), flatten: Flatten() });
  await assert.rejects(
    fineTune(untrained(mixed), classes),
    /It is not clear which layer says the 4 classes; name it with head: .*"conv"/,
  );
  await assert.rejects(
    fineTune(untrained(widened()), classes, { head: "tail" }),
    /there is no Linear or convolution "tail"; the last ones are "conv", "head"/,
  );
  const counted = fineTune(untrained(mixed), classes, { head: "conv" });
  await assert.rejects(counted, /"conv" is no head: "norm.weight" counts on its outputs\./);
  await assert.rejects(fineTune(await asFile(untrained(widened())), classes, { head: "tail" }), /called "tail"/);
  await assert.rejects(fineTune(untrained(widened()), classes, { norms: "frozen" }), /norms is for ONNX files/);
});
