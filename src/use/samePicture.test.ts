// One picture, one input: the same files give the network the same bits in training, evaluation, prediction and explanation,
// whatever the preprocessing asks for.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import sharp from "sharp";
import { type NdArray, ndarray } from "../base/array.ts";
import { loader } from "../data/loader.ts";
import { prepare } from "../data/normalize.ts";
import { openImage, type Picture } from "../data/picture.ts";
import { completePreprocessing, inputShape, type PreprocessingOptions } from "../data/preprocessing.ts";
import { openData } from "../data/source.ts";
import type { Engine } from "../engines/engine.ts";
import { referenceEngine } from "../engines/reference/engine.ts";
import { explain } from "../explain/explain.ts";
import { openModel as openOnnx } from "../io/onnx/model.ts";
import { onnxSource } from "../io/onnx/source.ts";
import { build } from "../nn/build.ts";
import { Sequential } from "../nn/layers/containers.ts";
import { Linear } from "../nn/layers/linear.ts";
import { Flatten } from "../nn/layers/shape.ts";
import { initialState } from "../nn/state.ts";
import { evaluate } from "./evaluate.ts";
import { fileModel } from "./file.ts";
import { exportOnnx } from "./onnx.ts";
import { predict } from "./predict.ts";
import type { ClassifierModel } from "./trained.ts";

const root = mkdtempSync(join(tmpdir(), "neocog-same-"));
after(() => rmSync(root, { recursive: true }));

/** The same pattern in every format, in two classes. */
const files: string[] = [];
before(async () => {
  const [width, height] = [37, 22];
  const raw = (channels: 3 | 4) => {
    const data = Uint8Array.from({ length: width * height * channels }, (_, i) => (37 * i + ((i * i) % 251)) % 256);
    return sharp(data, { raw: { width, height, channels } });
  };
  const deep = new Uint16Array(width * height * 3).map((_, i) => (i * 2657) % 65536);
  const made: Record<string, Promise<Buffer>> = {
    "colour.png": raw(3).png().toBuffer(),
    "gray.png": raw(3).toColourspace("b-w").png().toBuffer(),
    "alpha.png": raw(4).png().toBuffer(),
    "deep.png": sharp(deep, { raw: { width, height, channels: 3 } })
      .toColourspace("rgb16")
      .png()
      .toBuffer(),
    "palette.png": raw(3).png({ palette: true, colours: 16 }).toBuffer(),
    "turned.jpg": raw(3).withMetadata({ orientation: 6 }).jpeg().toBuffer(),
    "lossless.webp": raw(4).webp({ lossless: true }).toBuffer(),
    "one.gif": raw(3).gif().toBuffer(),
  };
  for (const label of ["left", "right"]) {
    mkdirSync(join(root, "data", label), { recursive: true });
    for (const [name, bytes] of Object.entries(made)) {
      writeFileSync(join(root, "data", label, name), await bytes);
      files.push(join(root, "data", label, name));
    }
  }
});

/** An engine that keeps what is written into inputs of a size. */
function listening(size: number, heard: NdArray[]): Engine {
  const engine = referenceEngine();
  return {
    name: engine.name,
    description: engine.description,
    lowering: engine.lowering,
    memoryOf: (plan) => engine.memoryOf(plan),
    close: () => engine.close(),
    async compile(plan) {
      const executable = await engine.compile(plan);
      const inputs = new Set(plan.slots.filter(({ role }) => role === "input").map(({ id }) => id));
      return {
        memory: executable.memory,
        write(slot, value) {
          if (inputs.has(slot) && value.data.length === size) heard.push({ ...value, data: value.data.slice() });
          executable.write(slot, value);
        },
        run: () => executable.run(),
        read: (slot) => executable.read(slot),
        release: () => executable.release(),
      };
    },
  };
}

function modelFor(preprocessing: PreprocessingOptions): ClassifierModel {
  const model = Sequential([Flatten(), Linear(2)]);
  const { variables } = build(model, inputShape(preprocessing, 1));
  return { model, weights: initialState(variables), classes: ["left", "right"], preprocessing };
}

const forms: readonly PreprocessingOptions[] = [
  { channels: 3, height: 12, width: 16, mean: [0.4, 0.5, 0.6], std: [0.2, 0.3, 0.4] },
  { channels: 3, height: 9, width: 9, resize: "squash" },
  { channels: 1, height: 30, width: 10, crop: 0.75, mean: [0.3], std: [0.6] },
  { channels: 3, height: 22, width: 37, range: 255, colour: "bgr", mean: [104, 117, 123] },
];

for (const form of forms) {
  const { channels, height, width, resize = "cover", crop = 1 } = form;
  const name = `${channels} x ${height} x ${width}, ${resize}, crop ${crop}${form.colour ? `, ${form.colour}` : ""}`;
  test(`train, eval, predict and explain show the network the same bits: ${name}`, async () => {
    const trained = modelFor(form);
    const size = channels * height * width;
    const data = await openData(join(root, "data"), {
      ...{ size: [height, width], channels: channels as 1 | 3, resize, crop, testFraction: 0.25 },
    });
    assert.deepEqual(data.train.reading, { resize, crop });
    for (const part of [data.train, data.test!]) {
      const count = part.labels.length;
      const heard: NdArray[] = [];
      const engine = listening(size, heard);
      await evaluate(trained, part, { engine, batch: 1 });
      const whole = loader(part, { batch: count, normalization: completePreprocessing(form) }).batch(0, 0).images;
      assert.equal(heard.length, count);
      for (let i = 0; i < count; i++) {
        const file = part.origins![i];
        const given = heard[i].data;
        // Training knows no range and no other order of colours: those are for files of others.
        if (!form.range) assert.deepEqual(given, whole.data.slice(i * size, (i + 1) * size), file);
        const bytes = new Uint8Array(await readFile(file));
        const pictures: [string, Picture][] = [
          ["path", file],
          ["address", pathToFileURL(file)],
          ["bytes", bytes],
          ["Blob", new Blob([bytes])],
          ["data: address", `data:image/png;base64,${Buffer.from(bytes).toString("base64")}`],
          ["pixels", await openImage(file, form)],
        ];
        for (const [what, picture] of pictures) {
          const also: NdArray[] = [];
          // Pixels are what was shown already, so they are not cropped again.
          const shown = what === "pixels" ? { ...trained, preprocessing: { ...form, crop: 1 } } : trained;
          await predict(shown, [picture], { engine: listening(size, also) });
          await explain("saliency", shown, picture, { engine: listening(size, also), sanity: false });
          assert.ok(also.length >= 2, what);
          for (const { data } of also) assert.deepEqual([...data], [...given], `${file} as ${what}`);
        }
      }
    }
  });
}

test("channels last and bytes are what the preprocessing makes of the same pixels", async () => {
  const form = { channels: 3, height: 4, width: 5 };
  const pixels = await openImage(files[0], form);
  const plain = prepare(pixels, form);
  const last = prepare(pixels, { ...form, layout: "NHWC", dtype: "uint8", range: 255, colour: "bgr" });
  assert.deepEqual([last.shape, last.dtype], [[1, 4, 5, 3], "uint8"]);
  for (let i = 0; i < 20; i++) {
    for (let c = 0; c < 3; c++) {
      assert.equal(last.data[3 * i + 2 - c], pixels.data[20 * c + i]);
      assert.equal(plain.data[20 * c + i], Math.fround(pixels.data[20 * c + i] / 255));
    }
  }
});

test("prepared numbers in the place of pixels are refused, by predict and explain alike", async () => {
  const trained = modelFor({ channels: 1, height: 2, width: 2, mean: [0.5], std: [0.25] });
  const prepared = ndarray([1, 1, 2, 2], [-2, 0, 1, 2]);
  const engine = referenceEngine();
  const refusal = /Pixels are uint8 of 0\.\.255 or floats of 0\.\.1, but there is -2 among these/;
  await assert.rejects(predict(trained, prepared, { engine }), refusal);
  await assert.rejects(predict(trained, [prepared], { engine }), refusal);
  await assert.rejects(explain("saliency", trained, prepared, { engine }), refusal);
  // A network without a preprocessing is shown its input itself.
  const { model, weights } = trained;
  assert.ok(await explain("saliency", { model, weights }, prepared, { engine, sanity: false }));
  await assert.rejects(explain("saliency", { model, weights }, files[0], { engine }), /add a preprocessing/);
});

test("predict names the classes, the surest first, one answer a picture", async () => {
  const trained = modelFor({ channels: 3, height: 6, width: 6 });
  const engine = referenceEngine();
  const one = await predict(trained, files[0], { engine });
  const [first, second] = one.classes;
  assert.equal(one.classes.length, 2);
  assert.deepEqual([one.name, one.probability], [first.name, first.probability]);
  assert.ok(first.probability >= second.probability && Math.abs(first.probability + second.probability - 1) < 1e-6);
  assert.equal(trained.classes[first.label], first.name);
  const list = await predict(trained, [files[1], files[0]], { engine, top: 1, batch: 1 });
  assert.deepEqual(
    list.map(({ classes }) => classes),
    [list[0].classes, [first]],
  );
  const array = await predict(trained, await openImage(files[0], trained.preprocessing), { engine });
  assert.ok(Math.abs(array.data[first.label] - first.probability) < 1e-6);
  const broken = new Map(
    [...trained.weights].map(([name, { shape, data }]) => [
      name,
      ndarray(
        shape,
        data.map(() => Number.NaN),
      ),
    ]),
  );
  await assert.rejects(predict({ ...trained, weights: broken }, files[0], { engine }), /NaN/);
  await assert.rejects(predict(trained, join(root, "nowhere.png"), { engine }), /nowhere\.png/);
  await assert.rejects(predict(trained, [{} as Picture], { engine }), /A picture is a path/);
});

test("an exported model carries its classes and preprocessing, and answers the same", async () => {
  const trained = modelFor({ channels: 3, height: 6, width: 8, resize: "squash", mean: [0.1, 0.2, 0.3] });
  const engine = referenceEngine();
  const source = onnxSource(await openOnnx(exportOnnx(trained)));
  const again = fileModel(source);
  assert.equal(again.noted, true);
  assert.deepEqual(again.preprocessing, completePreprocessing(trained.preprocessing));
  assert.deepEqual(again.classes, trained.classes);
  const [a, b] = [await predict(trained, files[0], { engine }), await predict(again, files[0], { engine })];
  assert.deepEqual(a, b);
});
