// Every method against PyTorch (explain.json), by definition and in WebAssembly.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { type FixtureCase, readFixtures } from "../../test/fixtures.ts";
import { filled, type NdArray } from "../base/array.ts";
import type { Engine } from "../engines/engine.ts";
import { referenceEngine } from "../engines/reference/engine.ts";
import { wasmEngine } from "../engines/wasm/run/engine.ts";
import { ReLU, Tanh } from "../nn/layers/activation.ts";
import { Sequential } from "../nn/layers/containers.ts";
import { Conv2d } from "../nn/layers/convolution.ts";
import { Linear } from "../nn/layers/linear.ts";
import { BatchNorm2d } from "../nn/layers/normalization.ts";
import { MaxPool2d } from "../nn/layers/pooling.ts";
import { Flatten } from "../nn/layers/shape.ts";
import { Softmax } from "../nn/layers/softmax.ts";
import { classScores, explain, openExplainer } from "./explain.ts";
import { type ExplainerName, explainerNames } from "./list.ts";
import type { Finding } from "./method.ts";
import type { Subject } from "./network.ts";

const layers = (activation = ReLU) => [
  Conv2d(3, 3, { padding: 1 }),
  BatchNorm2d(),
  activation(),
  MaxPool2d(2),
  Conv2d(4, 3),
  activation(),
  Flatten(),
  Linear(3),
];
const model = Sequential(layers());
const engines: readonly [Engine, number][] = [
  [referenceEngine(), 1e-10],
  [await wasmEngine({ threads: 1 }), 1e-5],
];
after(async () => {
  for (const [engine] of engines) await engine.close();
});

function subjectOf({ input }: FixtureCase): Subject {
  const weights = new Map(Object.entries(input).filter(([name]) => /^\d/.test(name)));
  return { model, weights };
}

const near = ({ data }: { data: ArrayLike<number> }, expected: NdArray, tolerance: number, what: string): void => {
  assert.equal(data.length, expected.data.length, what);
  const scale = Math.max(1, ...Array.from(expected.data, Math.abs));
  expected.data.forEach((value, i) => {
    assert.ok(Math.abs(data[i] - value) <= tolerance * scale, `${what}, place ${i}: ${data[i]} is not ${value}`);
  });
};

/** The method and options of a golden case, and which of its answers are which. */
function question({ op, attributes, input }: FixtureCase): [ExplainerName, object] {
  const { layer, channel, steps, lr, window, stride, fill } = attributes as Record<string, number & string>;
  switch (op) {
    case "smoothGrad":
      return [op, { noises: input.noise }];
    case "integratedGradients":
      return [op, { steps, baseline: input.baseline }];
    case "gradCam":
      return [op, { layer }];
    case "occlusion":
      return [op, { window, stride, fill }];
    case "activationMaximization":
      return [op, { layer, channel, steps, rate: lr, decay: 0, blur: 0, jitter: 0, start: input.x }];
    default:
      return [op as ExplainerName, {}];
  }
}

function answers({ values, drawing, numbers, curve }: Finding): Record<string, { data: ArrayLike<number> }> {
  return {
    gradient: values,
    attribution: values,
    image: values,
    map: values,
    upsampled: drawing.array,
    gap: { data: [numbers.gap] },
    scores: { data: curve?.slice(0, -1) ?? [] },
  };
}

const cases = readFixtures("explain");
for (const [engine, tolerance] of engines) {
  test(`all methods agree with PyTorch on ${engine.name}`, async () => {
    for (const one of cases) {
      const [method, options] = question(one);
      const opened = await openExplainer(method, subjectOf(one), [2, 10, 10], engine, options);
      const finding = await opened.find(one.input.x, (one.attributes.target as number | undefined) ?? 0);
      opened.release();
      const found = answers(finding);
      for (const [name, expected] of Object.entries(one.output)) {
        if (name !== "logits" && name !== "weights") near(found[name], expected, tolerance, `${one.name}, ${name}`);
      }
    }
  });
}

/** Methods whose answer is held against something else than a case of PyTorch's. */
const otherwise: readonly ExplainerName[] = ["featureMaps", "filters"];

test("every method is held against PyTorch, or against what a layer gives or holds", () => {
  const asked = new Set(cases.map((one) => question(one)[0]));
  assert.deepEqual([...asked, ...otherwise].sort(), [...explainerNames].sort());
});

const [first] = cases;
const subject = subjectOf(first);
const [reference] = engines[0];

test("one opened method serves every class and other weights", async () => {
  const opened = await openExplainer("saliency", subject, [2, 10, 10], reference);
  for (const one of cases.filter(({ op }) => op === "saliency")) {
    const { values } = await opened.find(one.input.x, one.attributes.target as number);
    near(values, one.output.gradient, 1e-10, one.name);
  }
  opened.load(new Map([...subject.weights].map(([name, { shape }]) => [name, filled(shape)])));
  const { values } = await opened.find(first.input.x, 0);
  assert.ok(values.data.every((value) => value === 0));
  opened.release();
});

test("the class with the highest score is explained unless told, before the softmax", async () => {
  const scores = await classScores(subject, first.input.x, { engine: reference });
  near(scores, first.output.logits, 1e-10, "scores");
  const soft = { model: Sequential([...layers(), Softmax()]), weights: subject.weights };
  const { values, target, sanity } = await explain("saliency", soft, first.input.x, { engine: reference });
  assert.equal(target, 0);
  near(values, first.output.gradient, 1e-10, "gradient");
  assert.ok(sanity?.spearman !== undefined && Math.abs(sanity.spearman) < 0.9 && sanity.ssim < 0.9);
});

test("batches change nothing", async () => {
  const one = cases.find(({ op }) => op === "integratedGradients")!;
  const fixed = {
    weights: subject.weights,
    model: { build: (await import("../nn/source.ts")).sourceOf(model).build, fixedBatch: 5 },
  };
  const opened = await openExplainer("integratedGradients", fixed, [2, 10, 10], reference, {
    baseline: one.input.baseline,
  });
  near((await opened.find(one.input.x, 0)).values, one.output.attribution, 1e-10, one.name);
});

test("more steps close the gap of integrated gradients", async () => {
  const gaps: number[] = [];
  for (const steps of [4, 64, 1024]) {
    const { numbers } = await explain("integratedGradients", subject, first.input.x, {
      steps,
      target: 0,
      engine: reference,
      sanity: false,
    });
    gaps.push(Math.abs(numbers.gap));
  }
  assert.ok(gaps[2] < 0.01 && gaps[2] < gaps[0] / 5, gaps.join(" "));
});

test("Grad-CAM looks at the last maps, feature maps at the first, both behind the activation", async () => {
  const cam = await explain("gradCam", subject, first.input.x, { engine: reference, target: 0 });
  assert.equal(cam.layer, "5");
  const maps = await explain("featureMaps", subject, first.input.x, { engine: reference, target: 0 });
  assert.equal(maps.layer, "2");
  assert.deepEqual(maps.drawing.array.shape, [3, 1, 10, 10]);
  assert.ok(maps.values.data.every((value) => value >= 0));
  const { values, drawing } = await explain("filters", subject, first.input.x, { engine: reference, target: 0 });
  near(values, first.input["0.weight"], 0, "filters");
  assert.deepEqual(drawing.array.shape, [6, 1, 3, 3]);
});

test("guided backprop without rectifiers is the plain gradient", async () => {
  const smooth = { model: Sequential(layers(Tanh)), weights: subject.weights };
  const options = { engine: reference, target: 1, sanity: false };
  const guided = await explain("guidedBackprop", smooth, first.input.x, options);
  assert.equal(guided.numbers.rectifiers, 0);
  near(guided.values, (await explain("saliency", smooth, first.input.x, options)).values, 1e-12, "gradient");
});

test("a window that does not fit evenly still covers every pixel", async () => {
  const options = { engine: reference, target: 0, sanity: false, window: 4, stride: 4 };
  const { values, drawing } = await explain("occlusion", subject, first.input.x, options);
  assert.deepEqual(values.shape, [3, 3]);
  assert.equal(drawing.array.data.length, 100);
});

test("activation maximisation climbs, stays in range and repeats itself", async () => {
  const options = {
    engine: reference,
    target: 0,
    sanity: false,
    steps: 20,
    range: { low: [-1, -0.5], high: [1, 0.5] },
    jitter: 1,
  };
  const one = await explain("activationMaximization", subject, first.input.x, options);
  assert.ok(one.numbers.end > one.numbers.start + 1);
  assert.equal(one.curve?.length, 21);
  one.values.data.forEach((value, i) => {
    assert.ok(Math.abs(value) <= (i < 100 ? 1 : 0.5));
  });
  assert.deepEqual(await explain("activationMaximization", subject, first.input.x, options), one);
  const other = await explain("activationMaximization", subject, first.input.x, { ...options, seed: 1 });
  assert.notDeepEqual(other.values, one.values);
});

test("a signal stops the work between two runs", async () => {
  const stop = new AbortController();
  const asked = { engine: reference, target: 0, steps: 100_000, signal: stop.signal };
  const work = explain("activationMaximization", subject, first.input.x, asked);
  setTimeout(() => stop.abort(), 50);
  await assert.rejects(work, { name: "AbortError" });
  // The engine itself stays usable.
  await explain("saliency", subject, first.input.x, { engine: reference, target: 0 });
});

test("bad questions are refused in a sentence", async () => {
  const x = first.input.x;
  const options = { engine: reference, target: 0 };
  const ask = (method: ExplainerName, more: object) => explain(method, subject, x, { ...options, ...more });
  await assert.rejects(
    ask("salience" as ExplainerName, {}),
    /Unknown method of explaining "salience"; did you mean "saliency"\?/,
  );
  await assert.rejects(ask("gradCam", { layer: "44" }), /Unknown layer "44"/);
  await assert.rejects(ask("gradCam", { layer: "7" }), /Layer "7" gives \[1, 3\], which are no maps/);
  await assert.rejects(ask("gradCam", { layers: "5" }), /gradCam has no option "layers"; did you mean "layer"\?/);
  await assert.rejects(ask("saliency", { target: 3 }), /There is no class 3: the network has the classes 0 to 2\./);
  await assert.rejects(ask("saliency", { target: 0.5 }), /class must be a whole number/);
  await assert.rejects(ask("smoothGrad", { samples: 0 }), /samples must be a whole number of at least 1/);
  await assert.rejects(ask("smoothGrad", { noise: Number.NaN }), /noise must be a number/);
  await assert.rejects(ask("integratedGradients", { steps: -1 }), /steps of integrated gradients/);
  await assert.rejects(
    ask("integratedGradients", { baseline: filled([1, 2, 9, 9]) }),
    /baseline .* must be \[1, 2, 10, 10\]/,
  );
  await assert.rejects(ask("occlusion", { window: 11 }), /window of 11 is larger than the picture of 10 x 10/);
  await assert.rejects(ask("occlusion", { stride: 0 }), /stride of occlusion/);
  await assert.rejects(ask("activationMaximization", { layer: "4" }), /both layer and channel/);
  await assert.rejects(ask("activationMaximization", { layer: "4", channel: 4 }), /channels 0 to 3, not 4/);
  await assert.rejects(
    explain("saliency", subject, filled([2, 10, 10]), options),
    /must be \[1, channels, height, width\]/,
  );
  const maps = { model: Sequential([Conv2d(3, 3)]), weights: new Map<string, NdArray>() };
  await assert.rejects(explain("saliency", maps, x, options), /a classifier must give/);
  const dense = { model: Sequential([Flatten(), Linear(3)]), weights: new Map<string, NdArray>() };
  await assert.rejects(explain("gradCam", dense, x, options), /no convolution whose maps/);
});
