// Every file format of the list: told from all others by its bytes alone, opened from wherever it lies, and written and read
// again without loss. What is none of them is told in one sentence.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { strToU8, zipSync } from "fflate";
import { ndarray } from "../../base/array.ts";
import { NeocogError } from "../../base/errors.ts";
import { writeNpy } from "../../io/npy.ts";
import { build } from "../../nn/build.ts";
import { createModel } from "../../nn/models/list.ts";
import { initialState } from "../../nn/state.ts";
import { usualPreprocessing } from "../file.ts";
import { saveModel } from "../folder.ts";
import { weightsHash } from "../hash.ts";
import type { FileContent, Writable } from "./format.ts";
import { fileFormats } from "./list.ts";
import { formatToWrite, membersOf, openFile } from "./open.ts";

const root = mkdtempSync(join(tmpdir(), "neocog-formats-"));
after(() => rmSync(root, { recursive: true }));
const at = (name: string): string => join(root, name);
const fixtures = fileURLToPath(new URL("../../../../test/fixtures/", import.meta.url));

const { layer, inputShape } = createModel("lenet");
const shape = [1, ...inputShape];
const lenet: Writable = {
  model: layer,
  weights: initialState(build(layer, shape).variables),
  classes: Array.from("0123456789"),
  preprocessing: usualPreprocessing(inputShape),
  shape,
};
const hash = await weightsHash(lenet.weights);

/** A file of each format: written where that can be, else a fixture of this repository. */
const onlyRead: Readonly<Record<string, string>> = { "TensorFlow.js": join(fixtures, "tfjs/sequential/model.json") };
const samples = new Map<string, Uint8Array>();
before(async () => {
  for (const format of fileFormats) {
    assert.equal(
      (await format.load()).save !== undefined,
      format.written,
      `${format.name}: written, and save in its file`,
    );
    const bytes =
      format.holds === "weights"
        ? await (await format.load()).save?.(lenet.weights, {})
        : await (await format.load()).save?.(lenet, {});
    const file = onlyRead[format.name];
    assert.ok(bytes ?? file, `${format.name} is only read: give the test a file of it.`);
    samples.set(format.name, bytes ?? readFileSync(file));
  }
});

const weightsOf = (content: FileContent) =>
  content.kind === "model"
    ? content.model.weights
    : content.kind === "network"
      ? content.network.weights(shape)
      : content.weights;

test("every format is told from the others by its bytes", async () => {
  assert.ok(samples.size >= 5);
  for (const [name, bytes] of samples) {
    const members = await membersOf(bytes);
    const found = fileFormats.filter(({ match }) => match(bytes, members));
    assert.deepEqual(
      found.map((format) => format.name),
      [name],
    );
  }
});

test("what is written is read again from its bytes, a Blob and a file of any name, with the same numbers", async () => {
  for (const format of fileFormats.filter(({ written }) => written)) {
    const bytes = samples.get(format.name)!;
    writeFileSync(at("nameless"), bytes);
    for (const location of [bytes, new Blob([new Uint8Array(bytes)]), at("nameless"), pathToFileURL(at("nameless"))]) {
      const content = await openFile(location);
      assert.equal(content.kind, format.holds, format.name);
      assert.equal(await weightsHash(weightsOf(content)), hash, format.name);
    }
  }
});

test("a model folder is opened by itself and by its files; a folder of TensorFlow.js by itself", async () => {
  await saveModel(at("folder"), { ...lenet, model: layer, preprocessing: usualPreprocessing(inputShape) });
  for (const name of ["folder", "folder/model.json", "folder/neocog.json"]) {
    const content = await openFile(at(name));
    assert.equal(content.kind, "model", name);
    assert.equal(await weightsHash(weightsOf(content)), hash);
  }
  for (const name of ["tfjs/sequential", "tfjs/sequential/model.json"])
    assert.equal((await openFile(join(fixtures, name))).kind, "network", name);
});

test("from a server: files with what lies beside them, and folders", async () => {
  await saveModel(at("served"), { ...lenet, model: layer, preprocessing: usualPreprocessing(inputShape) });
  const server = createServer(({ url = "" }, response) => {
    try {
      const [, first, ...rest] = url.split("/");
      response.end(readFileSync(join(first === "tfjs" ? join(fixtures, "tfjs") : at(first), ...rest)));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((done) => server.listen(0, () => done()));
  after(() => server.close());
  const base = `http://localhost:${(server.address() as AddressInfo).port}/`;
  writeFileSync(at("a.onnx"), samples.get("ONNX")!);
  for (const [path, kind] of [
    ["a.onnx", "network"],
    ["tfjs/sequential/model.json", "network"],
    ["served", "model"],
    ["served/model.json", "model"],
  ])
    assert.equal((await openFile(base + path)).kind, kind, path);
  await assert.rejects(openFile(`${base}none.onnx`), /none\.onnx cannot be read: the server answered 404\.$/);
});

test("one answer builds a file's graph once", async () => {
  for (const location of [samples.get("ONNX")!, join(fixtures, "tfjs/sequential")]) {
    const content = await openFile(location);
    assert.ok(content.kind === "network");
    const { network } = content;
    const sizes = network.inputSizes!.map((size) => (typeof size === "number" ? size : 1));
    const { output } = network.build(sizes);
    network.weights(sizes);
    assert.ok(network.build([...sizes]).output === output, "the same tensor of the same graph");
  }
});

test("what is no model is told by its first bytes, with what is known and a way out", async () => {
  const pickle = zipSync({ "archive/data.pkl": strToU8("") });
  const cases: readonly (readonly [string, Uint8Array, RegExp])[] = [
    ["a.dat", strToU8("hello"), /it begins with the bytes 68 65 6c 6c 6f \("hello"\); known are: a model folder/],
    ["b.dat", new Uint8Array(), /it is empty; known are/],
    [
      "c.pt",
      pickle,
      /seems to be a checkpoint of PyTorch; save its weights as safetensors \(.*\) or the model as ONNX first/,
    ],
    ["d.bin", strToU8("????"), /seems to be a checkpoint of PyTorch; save its weights/],
    ["e", Uint8Array.of(0x89, 0x50, 0x4e, 0x47), /89 50 4e 47 \("·PNG"\), and seems to be a PNG picture; known are/],
    ["f", Uint8Array.of(0x89, 0x48, 0x44, 0x46), /a file of Keras; convert it to TensorFlow\.js/],
    ["g", strToU8("0000TFL3"), /a file of TensorFlow Lite; save the model as ONNX/],
    ["h", writeNpy(ndarray([2], Float32Array.of(1, 2))), /one array of NumPy; keep weights in an \.npz/],
  ];
  for (const [name, bytes, sentence] of cases) {
    writeFileSync(at(name), bytes);
    await assert.rejects(openFile(at(name)), (error: Error) => {
      assert.ok(error instanceof NeocogError && error.message.startsWith(at(name)), error.stack);
      assert.match(error.message, sentence);
      for (const { about } of fileFormats) assert.ok(error.message.includes(about), about);
      assert.match(error.message, /^[^\n]+\.$/);
      return true;
    });
  }
});

test("a file that is damaged in its beginning is what its name says", async () => {
  for (const { endings } of fileFormats) {
    const name = at(`damaged${endings[0]}`);
    writeFileSync(name, strToU8("?"));
    await assert.rejects(openFile(name), (error: Error) => {
      assert.ok(error instanceof NeocogError, error.stack);
      assert.doesNotMatch(error.message, /known are/);
      return true;
    });
  }
});

test("what is written follows from the name", () => {
  for (const format of fileFormats)
    for (const ending of format.endings) {
      if (format.written) assert.equal(formatToWrite(`a/b${ending.toUpperCase()}`), format);
      else assert.throws(() => formatToWrite(`b${ending}`), /are read, not written; end the name in /);
    }
  assert.equal(formatToWrite("runs/v1.2"), undefined);
  assert.throws(() => formatToWrite("a.pt"), /\.pt files are not written; end the name in .*, or give a folder\./);
});
