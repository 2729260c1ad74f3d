// What a page that predicts loads, by the bundler's account and in Chromium; and that a budget which is passed is named.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { test } from "node:test";
import { ndarray } from "../src/base/array.ts";
import { encodePng } from "../src/data/png.ts";
import { completePreprocessing } from "../src/data/preprocessing.ts";
import { build } from "../src/nn/build.ts";
import type { Layer } from "../src/nn/layer.ts";
import { ReLU } from "../src/nn/layers/activation.ts";
import { Residual, Sequential } from "../src/nn/layers/containers.ts";
import { Conv2d } from "../src/nn/layers/convolution.ts";
import { Linear } from "../src/nn/layers/linear.ts";
import { BatchNorm2d } from "../src/nn/layers/normalization.ts";
import { GlobalAvgPool2d, MaxPool2d } from "../src/nn/layers/pooling.ts";
import { Flatten } from "../src/nn/layers/shape.ts";
import { initialState } from "../src/nn/state.ts";
import { saveModel } from "../src/use/folder.ts";
import { browserMissing, launch, serve } from "./browser.ts";

interface PageFiles {
  readonly bytes: ReadonlyMap<string, Uint8Array>;
  readonly entry: string;
  with(...sources: string[]): ReadonlySet<string>;
  sourcesOf(files: Iterable<string>): string[];
}
interface Size {
  pageOf(text: string): Promise<PageFiles>;
  beyond(rows: readonly object[], budgets: Readonly<Record<string, number>>): string[];
  readonly predicting: string;
}
const { pageOf, predicting, beyond } = (await import(new URL("../../scripts/size.mjs", import.meta.url).href)) as Size;
const page = await pageOf(predicting);
const loaded = page.with("winograd/winograd.js");

/** What only training, other engines, other files or other networks need. */
const never =
  /src\/(train|lab|explain|analyze)\/|compile\/grad|engines\/reference|kernel\/interpret|contract\/filters|\/filter\w*\.js|inPlace\/dot|contract\/images|depthwise|io\/(onnx|tfjs)|digitsFile/;

test("a page that predicts loads nothing of training, of other engines and of other files", () => {
  const sources = page.sourcesOf(loaded);
  assert.ok(sources.length > 100 && sources.some((name) => name.endsWith("use/predict.js")));
  assert.deepEqual(
    sources.filter((name) => never.test(name)),
    [],
  );
});

test("a budget that is passed is named with the amount, one that is kept is not", () => {
  const rows = [
    { what: "a", amount: 11, words: "in b.ts" },
    { what: "c", amount: 10, words: "" },
    { what: "d", amount: 99, words: "" },
  ];
  assert.deepEqual(beyond(rows, { a: 10, c: 10 }), ["a: 11, the budget is 10 (scripts/size.mjs); in b.ts."]);
});

const missing = await browserMissing();

/** A small network of the kinds of layers that a ResNet has, with random weights, in a folder. */
async function writeNetwork(folder: string): Promise<void> {
  const convolve = (): Layer => Conv2d(16, 3, { padding: 1, bias: false });
  const layer = Sequential([
    ...[convolve(), BatchNorm2d(), ReLU(), MaxPool2d(2)],
    ...[Residual(Sequential([convolve(), BatchNorm2d(), ReLU(), convolve(), BatchNorm2d()])), ReLU()],
    ...[GlobalAvgPool2d(), Flatten(), Linear(4)],
  ]);
  const { variables } = build(layer, [1, 3, 32, 32]);
  const preprocessing = completePreprocessing({ channels: 3, height: 32, width: 32 });
  await saveModel(folder, {
    model: layer,
    weights: initialState(variables),
    classes: ["a", "b", "c", "d"],
    preprocessing,
  });
}

test("Chromium fetches these files and no others for a network of 3x3 convolutions", {
  skip: missing ?? false,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), "neocog-size-"));
  await writeNetwork(join(folder, "model"));
  const picture = ndarray(
    [3, 32, 32],
    Float32Array.from({ length: 3072 }, (_, i) => (i % 97) / 97),
  );
  writeFileSync(join(folder, "picture.png"), await encodePng(picture));
  for (const [file, contents] of page.bytes) writeFileSync(join(folder, basename(file)), contents);
  const start = `<!doctype html><script type="module" src="/${basename(page.entry)}"></script>`;
  writeFileSync(join(folder, "page.html"), start);
  const browser = await launch();
  const site = await serve(folder, { isolated: false });
  try {
    const opened = await browser.newPage();
    const fetched = new Set<string>();
    opened.on("request", (request) => {
      if (request.url().endsWith(".js")) fetched.add(basename(new URL(request.url()).pathname));
    });
    const complaints: string[] = [];
    opened.on("pageerror", (error) => complaints.push(String(error)));
    await opened.goto(`${site.address}page.html`);
    const answered = opened.waitForFunction(() => /^[abcd]$/.test(document.title), undefined, { timeout: 20_000 });
    await answered.catch(() => assert.deepEqual(complaints, []));
    assert.deepEqual([...fetched].toSorted(), [...loaded].map((file) => basename(file)).toSorted());
  } finally {
    await browser.close();
    await site.close();
    rmSync(folder, { recursive: true });
  }
});
