import assert from "node:assert/strict";
import { test } from "node:test";
import { ndarray } from "../base/array.ts";
import { Random } from "../base/random.ts";
import type { PictureSet } from "../data/images.ts";
import { completePreprocessing } from "../data/preprocessing.ts";
import { referenceEngine } from "../engines/reference/engine.ts";
import { build } from "../nn/build.ts";
import { ReLU } from "../nn/layers/activation.ts";
import { Sequential } from "../nn/layers/containers.ts";
import { Conv2d } from "../nn/layers/convolution.ts";
import { Linear } from "../nn/layers/linear.ts";
import { Flatten } from "../nn/layers/shape.ts";
import { initialState } from "../nn/state.ts";
import type { EpochRecord } from "../train/record.ts";
import { weightsHash } from "../use/hash.ts";
import type { TaskName } from "../use/tasks/list.ts";
import { calibrationOf } from "./calibration.ts";
import { html, raw } from "./html.ts";
import type { AnyTrained } from "./judged.ts";
import { span, ticks } from "./plot.ts";
import { report } from "./report.ts";
import { meanF1 } from "./tasks/classification.ts";
import { psnrOf } from "./tasks/imageToImage.ts";
import { histogram } from "./tasks/regression.ts";

const engine = referenceEngine();
const random = new Random(4, "report");
const evil = `cat<script>alert("x")</script>\u202e`;
const pixels = (count: number) =>
  ndarray(
    [count, 1, 8, 8],
    Uint8Array.from({ length: 64 * count }, () => random.below(256)),
    "uint8",
  );

function trained(head: number, classes: readonly string[], task?: TaskName, maps = false): AnyTrained {
  const layers = [Conv2d(4, 3, { padding: 1 }), ReLU(), ...(maps ? [Conv2d(head, 1)] : [Flatten(), Linear(head)])];
  const model = Sequential(layers);
  const preprocessing = completePreprocessing({ channels: 1, height: 8, width: 8 });
  const weights = initialState(build(model, [1, 1, 8, 8]).variables);
  return { model, weights, classes, preprocessing, ...(task ? { task } : {}) };
}

const history = Array.from({ length: 5 }, (_, i) => ({
  ...{ epoch: i + 1, step: 10 * (i + 1), train: { loss: 1 / (i + 1), accuracy: 0.5 + i / 10 } },
  ...{ validation: { loss: 2 / (i + 1), accuracy: 0.4 + i / 10 }, learningRate: 0.1 / (i + 1), seconds: 2 },
})) as readonly EpochRecord<TaskName>[];

const names = [evil, "dog", "owl"];
const labelled: PictureSet<Int32Array> = {
  ...{ name: "made", images: pixels(30), labels: Int32Array.from({ length: 30 }, (_, i) => i % 3), classes: names },
  origins: Array.from({ length: 30 }, (_, i) => `photos/<img src=x onerror=alert(${i})>.png`),
};

/** What no page may have. */
function checkPage(page: string): void {
  assert.doesNotMatch(page, /<script|<img src=x|\u202e/);
  assert.doesNotMatch(page, /(src|href)="(?!data:image\/(png|jpeg);base64,|#)/);
  assert.doesNotMatch(page, /@import|url\(|NaN|undefined|\[object/);
  assert.match(page, /Content-Security-Policy" content="default-src &#39;none&#39;;/);
  assert.ok(page.length < 2 ** 21, String(page.length));
  for (const image of page.match(/<img [^>]*>/g) ?? []) assert.match(image, / alt="[^"]+"/);
  for (const plot of page.match(/<svg [^>]*>/g) ?? []) assert.match(plot, /role="img" aria-label="[^"]{10,}"/);
  for (const table of page.split("<table").slice(1)) assert.match(table, /^[^>]*>\s*<caption/);
}

test("a report of a classifier has all its parts, and names are text in it", async () => {
  const model = trained(3, names);
  const data = { name: "photos<b>", part: "test", set: labelled, pictures: { training: 80, test: 30 } };
  const findings = [{ name: "Dead <i>", evidence: "3 of 4", next: "a lower rate" }];
  const settings = { epochs: 5, optimizer: { name: "sgd", lr: 0.1 }, augment: [{ kind: "flip" }], clip: null };
  const phases = { compiling: 1, training: 3 };
  const page = await report([{ name: "runs/x", trained: model, history, settings, data, findings, phases }], {
    engine,
  });
  checkPage(page);
  for (const id of [
    "findings",
    "training",
    "confusion",
    "classes",
    "calibration",
    "mistakes",
    "inside",
    "network",
    "time",
    "data",
    "recipe",
  ])
    assert.ok(page.includes(`<section id="${id}"`), id);
  assert.ok(page.includes("cat&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;\\u202e"));
  assert.ok(page.includes(await weightsHash(model.weights)));
  assert.ok(page.includes("Filters of the first convolution") && page.includes("Grad-CAM"));
  assert.ok(page.includes(">sgd, lr 0.1<"));
});

test("without pictures a report says so and shows the rest; several runs stand side by side", async () => {
  const model = trained(3, names);
  const alone = await report([{ name: "x", trained: model, history, missing: "photos <is> gone." }], { engine });
  checkPage(alone);
  assert.ok(alone.includes("photos &lt;is&gt; gone."));
  assert.ok(alone.includes('id="training"') && !alone.includes('id="confusion"'));
  const data = { name: "made", part: "test", set: labelled };
  const both = await report(
    [
      { name: "one", trained: model, history, settings: { lr: 1, seed: 3 }, data },
      { name: "two", trained: model, history: history.slice(0, 3), settings: { lr: 2, seed: 3 }, data },
    ],
    { engine },
  );
  checkPage(both);
  assert.match(both, /<b>lr<\/b>.*>1<.*>2</);
  assert.doesNotMatch(both, /<b>seed<\/b>/);
  assert.ok(both.includes("F1, run by run"));
});

test("every task has a report", async () => {
  const values = (count: number, shape: readonly number[], below: number) =>
    ndarray(
      [count, ...shape],
      Uint8Array.from({ length: count * shape.reduce((a, b) => a * b, 1) }, () => random.below(below)),
      "uint8",
    );
  const numbers = ndarray(
    [12, 2],
    Float32Array.from({ length: 24 }, () => random.uniform()),
  );
  const classes = ["first", evil];
  const cases = [
    [trained(2, classes, "multilabel"), { kind: "tags", values: values(12, [2], 2) }, "Tag by tag"],
    [trained(2, classes, "regression"), { kind: "numbers", values: numbers }, "Said and right"],
    [trained(2, classes, "segmentation", true), { kind: "masks", values: values(12, [8, 8], 2) }, "The worst pictures"],
    [
      trained(1, [], "image-to-image", true),
      { kind: "pictures", values: values(12, [1, 8, 8], 256) },
      "Given, made, wanted",
    ],
  ] as const;
  for (const [model, labels, title] of cases) {
    const set = { name: "made", images: pixels(12), labels, classes: model.classes } as PictureSet;
    const page = await report([{ name: "run", trained: model, data: { name: "made", part: "test", set } }], { engine });
    checkPage(page);
    assert.ok(page.includes(title), title);
  }
});

test("ten thousand epochs and a hundred classes stay below 2 MB", async () => {
  const many = Array.from({ length: 100 }, (_, i) => `a class with a long name, number ${i}`);
  const set = { ...labelled, classes: many, labels: Int32Array.from({ length: 30 }, (_, i) => i) };
  const long = Array.from({ length: 10_000 }, (_, i) => ({ ...history[i % 5], epoch: i + 1 }));
  const page = await report(
    [{ name: "x", trained: trained(100, many), history: long, data: { name: "m", part: "test", set } }],
    { engine },
  );
  checkPage(page);
});

test("the calibration error is that of its closed form", () => {
  // Two bins of full size: 10 answers at 0.9 of which 6 are right, 10 at 0.55 of which 5 are.
  const answers = [
    ...Array.from({ length: 10 }, (_, i) => ({ confidence: 0.9, right: i < 6 })),
    ...Array.from({ length: 10 }, (_, i) => ({ confidence: 0.55, right: i < 5 })),
  ];
  const { bins, error } = calibrationOf(answers, 10);
  assert.ok(Math.abs(error - (0.5 * 0.3 + 0.5 * 0.05)) < 1e-12, String(error));
  assert.deepEqual(
    bins.map(({ answers: n }) => n),
    [0, 0, 0, 0, 0, 10, 0, 0, 10, 0],
  );
  assert.equal(calibrationOf([{ confidence: 1, right: true }]).error, 0);
  assert.equal(calibrationOf([]).error, 0);
  const sure = Array.from({ length: 8 }, (_, i) => ({ confidence: 1, right: i % 2 === 0 }));
  assert.equal(calibrationOf(sure).error, 0.5);
});

test("figures of a report are those of their closed forms", () => {
  const score = (f1: number, images: number) => ({ name: "", images, recall: 0, precision: 0, f1 });
  assert.equal(meanF1({ perClass: [score(0.5, 3), score(1, 1), score(0, 0)] } as never), 0.75);
  const [a, b] = [ndarray([1, 1, 2], Float32Array.of(0.5, 0.5)), ndarray([1, 1, 2], Float32Array.of(0.6, 0.4))];
  assert.ok(Math.abs(psnrOf(a, b) - 20) < 1e-5);
  const bars = histogram([-1, 0, 0, 1], 3);
  assert.deepEqual(
    bars.map(({ count }) => count),
    [1, 2, 1],
  );
  assert.deepEqual(
    ticks({ label: "", from: 0, to: 1 }, 5).map(([value]) => value),
    [0, 0.2, 0.4, 0.6, 0.8, 1],
  );
  assert.deepEqual(
    ticks({ label: "", from: 1, to: 3, whole: true }, 6).map(([value]) => value),
    [1, 2, 3],
  );
  assert.deepEqual(span([2, 3]), [1.96, 3.04]);
  assert.deepEqual(span([]), [0, 1]);
});

test("holes of a page take text, whatever it says", () => {
  assert.equal(
    html`<b title="${`"><i>`}">${"<&>'"}${raw("<u>")}${[1, false, undefined]}</b>`.text,
    `<b title="&quot;&gt;&lt;i&gt;">&lt;&amp;&gt;&#39;<u>1</b>`,
  );
});
