import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { build, initialState } from "../src/doors/graph.ts";
import { createModel, ndarray, readSafetensors, saveModel } from "../src/doors/neocog.ts";
import { writeModel } from "../src/io/onnx/model.ts";
import { floats, graphOf, info, modelOf, node } from "../test/onnx/graphs.ts";
import { isOneSentence, neocog } from "./testing.ts";

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "neocog-convert-"));
  const { layer } = createModel("digits");
  const weights = initialState(build(layer, [1, 1, 8, 8], { seed: 5 }).variables);
  const preprocessing = { channels: 1, height: 8, width: 8, mean: [0.3], std: [0.4] };
  const classes = Array.from({ length: 10 }, (_, i) => `digit ${i}`);
  await saveModel(join(folder, "model"), { model: layer, weights, classes, preprocessing });
});
after(() => rm(folder, { recursive: true }));

interface Converted {
  readonly tensors: number;
  readonly bytes?: number;
  readonly difference?: number;
  readonly missing: readonly string[];
}

async function convert(...given: string[]): Promise<Converted> {
  const { code, stdout, stderr } = await neocog(["convert", ...given, "--json"], { folder });
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as Converted;
}

test("all the way round: folder, ONNX, safetensors, folder; every answer keeps its bits", async () => {
  assert.equal((await convert("model", "a.onnx")).difference, 0);
  assert.equal((await convert("a.onnx", "b.onnx")).difference, 0);
  const { tensors, bytes } = await convert("b.onnx", "c.safetensors");
  assert.equal(tensors, 17);
  assert.equal((await convert("c.safetensors", "d", "--model", "digits")).difference, 0);
  assert.equal((await convert("a.onnx", "e", "--model", "digits")).difference, 0);
  const half = await convert("c.safetensors", "half.safetensors", "--floats", "F16");
  assert.ok(half.bytes! < 0.6 * bytes!);
  assert.deepEqual((await convert("half.safetensors", "f.onnx", "--model", "digits")).missing, []);
  const checked = await neocog(["verify", "f.onnx", "--json", "--threads", "1"], { folder });
  assert.equal(checked.code, 0, checked.stderr);
});

test("verify shows every layer and ends with code 1 where one differs", async () => {
  const { code, stdout } = await neocog(["verify", "model", "--all", "--threads", "1"], { folder });
  assert.equal(code, 0);
  for (const line of [/^stage1\.conv +Conv2d +16x8x8 /m, /^fc +Linear +10 /m, /^answer /m, /wasm agrees/])
    assert.match(stdout, line);
  const strict = await neocog(["verify", "model", "--tolerance", "1e-12", "--threads", "1"], { folder });
  assert.equal(strict.code, 1);
  assert.match(strict.stdout, /wasm differs: "stage1\.conv" is the first that differs by more than 1e-12/);
  const same = await neocog(["verify", "model", "--engine", "reference", "--tolerance", "1e-12", "--json"], { folder });
  assert.equal(same.code, 0);
});

test("what cannot be converted or verified is told in one sentence", async () => {
  await writeFile(join(folder, "text.onnx"), "this is no network");
  await convert("model", "here.safetensors");
  await convert("model", "here.onnx");
  const slips: [string[], RegExp, number][] = [
    [["convert", "model", "here.safetensors"], /here\.safetensors exists; replace it with --force/, 1],
    [["convert", "here.safetensors", "x.onnx"], /holds weights alone; name the built-in network .* --model/, 2],
    [["convert", "here.safetensors", "x.onnx", "--model", "lenet"], /missing: conv1\.weight/, 1],
    [["convert", "here.safetensors", "x.onnx", "--model", "digit"], /did you mean "digits"\?/, 1],
    [["convert", "here.onnx", "x"], /holds operators, not layers/, 2],
    [["convert", "model", "x.onnx", "--model", "digits"], /--model is for files of weights/, 2],
    [["convert", "model", "x.onnx", "--floats", "F16"], /--floats is for safetensors/, 2],
    [["convert", "none", "x.onnx"], /Unknown model "none"/, 1],
    [["convert", "none.safetensors", "x.onnx", "--model", "digits"], /none\.safetensors/, 1],
    [["verify", "text.onnx"], /text\.onnx/, 1],
    [["verify", "here.onnx", "--input", "3x8x8"], /fixed to 1 along axis 1 by the file, not 3/, 1],
    [["verify", "model", "--tolerance", "0"], /--tolerance must be a number above 0/, 2],
  ];
  for (const [given, sentence, expected] of slips) {
    const { code, stdout, stderr } = await neocog(given, { folder });
    assert.deepEqual([code, stdout], [expected, ""], `${given.join(" ")}: ${stderr}`);
    assert.match(stderr, sentence, given.join(" "));
    assert.ok(isOneSentence(stderr), stderr);
  }
});

/** Writes a small ONNX file: x of a shape and type to y. */
async function onnx(
  name: string,
  dims: (number | string)[],
  type: number,
  ...parts: [Parameters<typeof graphOf>[1], Parameters<typeof graphOf>[3]?]
): Promise<void> {
  const graph = graphOf([info("x", dims, type)], parts[0], ["y"], parts[1]);
  for (const { type: told } of graph.outputs) if (told?.tensor) told.tensor.shape = undefined;
  await writeFile(join(folder, name), writeModel(modelOf(graph, 17)));
}

/** verify, inspect and convert of a file, each with the same options. */
async function taken(name: string, ...options: string[]): Promise<{ input: number[]; inspected: string }> {
  const verified = await neocog(["verify", name, ...options, "--json", "--threads", "1"], { folder });
  assert.equal(verified.code, 0, verified.stderr + verified.stdout);
  const inspected = await neocog(["inspect", name, ...options], { folder });
  assert.equal(inspected.code, 0, inspected.stderr);
  const { difference } = await convert(name, `again-${name}`, "--force", ...options);
  assert.ok(difference! <= 1e-6, `${difference}`);
  return { input: (JSON.parse(verified.stdout) as { input: number[] }).input, inspected: inspected.stdout };
}

test("files with inputs of any rank are inspected, verified and converted", async () => {
  await onnx(
    "matrix.onnx",
    ["n", 10],
    1,
    [node("Gemm", "x w b", "y")],
    [floats("w", [10, 2], ...new Array<number>(20).fill(0.5)), floats("b", [2], 1, 2)],
  );
  assert.deepEqual((await taken("matrix.onnx")).input, [1, 10]);
  await onnx("volume.onnx", [1, 1, 2, 3, 4], 1, [node("GlobalAveragePool", "x", "g"), node("Flatten", "g", "y")]);
  assert.deepEqual((await taken("volume.onnx")).input, [1, 1, 2, 3, 4]);
  await onnx("steps.onnx", ["n", 3, "steps"], 1, [node("ReduceMean", "x", "y", { axes: [2], keepdims: 0 })]);
  assert.deepEqual((await taken("steps.onnx", "--input", "7")).input, [1, 3, 7]);
  assert.deepEqual((await taken("steps.onnx", "--input", "3x9")).input, [1, 3, 9]);
  await onnx("list.onnx", ["n"], 1, [node("Mul", "x x", "y")]);
  assert.deepEqual((await taken("list.onnx")).input, [1]);
  const open = await neocog(["verify", "steps.onnx"], { folder });
  assert.equal(isOneSentence(open.stderr), true, open.stderr);
  assert.match(open.stderr, /leaves steps of its input "x" open; say them with --input, such as --input 3x16/);
  const wrong = await neocog(["verify", "matrix.onnx", "--input", "3x8x8"], { folder });
  assert.match(wrong.stderr, /"x" has 1 axis after the batch \(10\), not 3/);
  const picture = await neocog(["predict", "matrix.onnx", "some.png"], { folder });
  assert.match(picture.stderr, /takes 1 x 10, which is no picture: only inspect, verify and convert/);
});

test("inputs of bytes, whole numbers and truth values are verified with such numbers", async () => {
  for (const [name, type] of Object.entries({ uint8: 2, int32: 6, int64: 7, bool: 9 })) {
    await onnx(`${name}.onnx`, ["n", 3, 4, 4], type, [
      node("Cast", "x", "f", { to: 1 }),
      node("GlobalAveragePool", "f", "g"),
      node("Flatten", "g", "y"),
    ]);
    assert.deepEqual((await taken(`${name}.onnx`)).input, [1, 3, 4, 4]);
  }
});

test("an answer that is no list of scores is not called classes", async () => {
  await onnx("text.onnx", [1, 12, 25], 1, [node("Relu", "x", "y")]);
  assert.match((await taken("text.onnx")).inspected, /^input 12 x 25, output 12 x 25$/m);
  assert.match((await taken("matrix.onnx")).inspected, /^input 10, 2 classes$/m);
});

test("weights in Constant nodes are counted and saved", async () => {
  const nodes = [
    node("Constant", "", "w", { value: ndarray([10, 2], new Float32Array(20).fill(0.25)) }),
    node("MatMul", "x w", "y"),
  ];
  await onnx("constants.onnx", ["n", 10], 1, nodes);
  assert.match((await taken("constants.onnx")).inspected, /parameters +20:/);
  assert.equal((await convert("constants.onnx", "constants.safetensors")).tensors, 1);
  const { tensors } = readSafetensors(await readFile(join(folder, "constants.safetensors")), "constants");
  assert.deepEqual([...tensors.keys()], ["w"]);
});

test("a link as external data is refused, so that no other file's bytes come into the converted one", async () => {
  const beside = {
    ...floats("w", [2], 0, 0),
    rawData: undefined,
    dataLocation: 1,
    externalData: [{ key: "location", value: "w.bin" }],
  };
  await onnx("outside.onnx", ["n", 2], 1, [node("Mul", "x w", "y")], [beside]);
  await symlink("/etc/hostname", join(folder, "w.bin"));
  const { code, stderr } = await neocog(["convert", "outside.onnx", "stolen.safetensors"], { folder });
  assert.equal(code, 1);
  assert.match(stderr, /w\.bin is a link that leads out of its folder, to \/etc\/hostname/);
});
