import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { buildModel, createModel, initialState, saveModel } from "../src/index.ts";
import { isOneSentence, neocog } from "./testing.ts";

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "neocog-convert-"));
  const { layer } = createModel("digits");
  const weights = initialState(buildModel(layer, [1, 1, 8, 8], { seed: 5 }).variables);
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
