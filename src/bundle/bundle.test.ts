// A bundle answers as predict does, to the bit where both use the same instructions, from its one file.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { Random } from "../base/random.ts";
import { completePreprocessing, type PreprocessingOptions } from "../data/preprocessing.ts";
import { wasmEngine } from "../engines/wasm/run/engine.ts";
import { build } from "../nn/build.ts";
import type { Layer } from "../nn/layer.ts";
import { GELU, Softplus } from "../nn/layers/activation.ts";
import { Sequential } from "../nn/layers/containers.ts";
import { Conv2d } from "../nn/layers/convolution.ts";
import { Linear } from "../nn/layers/linear.ts";
import { GlobalAvgPool2d } from "../nn/layers/pooling.ts";
import { Flatten } from "../nn/layers/shape.ts";
import { createModel } from "../nn/models/list.ts";
import { loadState } from "../nn/state.ts";
import { predict } from "../use/predict.ts";
import type { ClassifierModel } from "../use/trained.ts";
import { type BundleOptions, bundle } from "./bundle.ts";
import { rounded } from "./payload.ts";

const folder = mkdtempSync(join(tmpdir(), "neocog-bundle-"));
after(() => rmSync(folder, { recursive: true }));

interface Made {
  readonly predict: (image: object, options?: object) => Promise<{ label: string; probability: number }[]>;
  readonly classes: readonly string[];
}

let count = 0;
async function made(model: ClassifierModel, options: BundleOptions = {}): Promise<Made> {
  const file = join(folder, `${count++}.mjs`);
  writeFileSync(file, (await bundle(model, options)).module);
  return (await import(pathToFileURL(file).href)) as Made;
}

function modelOf(layer: Layer, form: PreprocessingOptions): ClassifierModel {
  const preprocessing = completePreprocessing(form);
  const { channels, height, width } = preprocessing;
  const { variables, output } = build(layer, [1, channels, height, width]);
  const weights = loadState(variables, {}, { strict: false }).state;
  const classes = Array.from({ length: output.shape[1] }, (_, i) => `class ${i}`);
  return { model: layer, weights, classes, preprocessing };
}

function builtIn(name: string, size?: number): ClassifierModel {
  const { layer, inputShape } = createModel(name);
  const [channels, height, width] = inputShape;
  const form = { channels, height: size ?? height, width: size ?? width };
  const normal = channels === 3 && { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], crop: 0.875 };
  return modelOf(layer, { ...form, ...normal });
}

function noise(
  width: number,
  height: number,
  channels = 4,
): { data: Uint8ClampedArray; width: number; height: number } {
  const random = new Random(width);
  return {
    width,
    height,
    data: Uint8ClampedArray.from({ length: width * height * channels }, () => random.below(256)),
  };
}

const rare = Sequential([Conv2d(5, 3), GELU(), Conv2d(7, 3), Softplus(), GlobalAvgPool2d(), Flatten(), Linear(4)]);
const models: Readonly<Record<string, ClassifierModel>> = {
  digits: builtIn("digits"),
  lenet: builtIn("lenet"),
  mobilenetV2: builtIn("mobilenetV2", 64),
  "rare functions, bytes on end": modelOf(rare, {
    channels: 3,
    height: 9,
    width: 11,
    colour: "bgr",
    range: 255,
    resize: "squash",
  }),
};

for (const [name, model] of Object.entries(models)) {
  test(`${name}: the answers of predict, to the bit, with and without fused multiply-add`, async () => {
    for (const plain of [false, true]) {
      const engine = await wasmEngine({ threads: 2, ...(plain && { relaxedSimd: false }) });
      const module = await made(model, { plain });
      for (const picture of [noise(8, 8), noise(33, 20)]) {
        const { classes } = await predict(model, picture, { engine, top: 5 });
        assert.deepEqual(
          await module.predict(picture, { top: 5 }),
          classes.map(({ name: label, probability }) => ({ label, probability })),
        );
      }
      await engine.close();
    }
  });
}

test("halves answer as the model with its weights rounded does, and digits stay under 80 kB", async () => {
  const { digits } = models;
  const weights = new Map([...digits.weights].map(([name, value]) => [name, { ...value, data: rounded(value.data) }]));
  const engine = await wasmEngine({ threads: 1 });
  const picture = noise(8, 8);
  const { classes } = await predict({ ...digits, weights }, picture, { engine, top: 10 });
  const module = await made(digits, { half: true });
  assert.deepEqual(
    await module.predict(picture),
    classes.map(({ name: label, probability }) => ({ label, probability })),
  );
  await engine.close();
  const size = gzipSync((await bundle(digits, { half: true })).module, { level: 9 }).length;
  assert.ok(size < 80_000, `${size} bytes`);
  const full = gzipSync((await bundle(digits)).module, { level: 9 }).length;
  assert.ok(full < 115_000 && full > size, `${full} bytes`);
});

test("gray, colours, and pictures that are none", async () => {
  const { predict: ask } = await made(models.digits);
  const gray = noise(8, 8, 1);
  const coloured = { ...gray, data: Uint8ClampedArray.from({ length: 192 }, (_, i) => gray.data[Math.floor(i / 3)]) };
  assert.deepEqual(await ask(gray), await ask(coloured));
  const negative = { ...gray, data: gray.data.map((pixel) => 255 - pixel) };
  assert.deepEqual(await ask(negative, { invert: true }), await ask(gray));
  await assert.rejects(ask({ data: new Uint8Array(7), width: 8, height: 8 }), /1, 3 or 4 numbers/);
  await assert.rejects(ask(new Blob(["x"])), /decode them first/);
});

test("what cannot be bundled is refused in a sentence", async () => {
  const { digits } = models;
  await assert.rejects(bundle({ ...digits, weights: new Map() }), /The weights lack/);
});

test("the types stand for what there is", async () => {
  const { types, module } = await bundle(models.digits, { name: "digits */ alert(1)\n" });
  writeFileSync(join(folder, "typed.d.mts"), types);
  writeFileSync(join(folder, "typed.mjs"), module);
  const use = `import { classes, input, predict } from "./typed.mjs";
const [{ label, probability }] = await predict({ data: new Uint8Array(64), width: 8, height: 8 }, { top: 1 });
const one: "class 0" | undefined = label === "class 0" ? label : undefined;
console.log(one, probability.toFixed(2), classes.length, input.channels);
// @ts-expect-error no such class
label === "class 99";
`;
  writeFileSync(join(folder, "use.mts"), use);
  const compiler = fileURLToPath(new URL("../../../node_modules/typescript/bin/tsc", import.meta.url));
  const options = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2022", "--types", ""];
  execFileSync(process.execPath, [compiler, ...options, join(folder, "use.mts")], { cwd: folder, stdio: "pipe" });
  assert.equal(module.split("\n")[0].includes("*/"), false);
});
