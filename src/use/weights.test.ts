// A file with torchvision's names loads unchanged, answers as PyTorch does, and saves back the same.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { readTorchvisionLogits, readTorchvisionState } from "../../test/fixtures.ts";
import { formulaArray } from "../../test/formula.ts";
import { filled, type NdArray } from "../base/array.ts";
import { wasmEngine } from "../engines/wasm/run/engine.ts";
import { readSafetensors, writeSafetensors } from "../io/safetensors.ts";
import { createModel } from "../nn/models/list.ts";
import { sourceOf } from "../nn/source.ts";
import { openSession } from "../run/session.ts";
import { loadWeights, saveWeights } from "./weights.ts";

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "neocog-weights-"));
});
after(() => rm(folder, { recursive: true }));

const { image, models } = readTorchvisionLogits();
const { layer } = createModel("resnet18");
const shape = image;

/** As torch writes it: with its counters of batches, which are whole numbers. */
function checkpoint(): Map<string, NdArray> {
  const { state } = readTorchvisionState().models.resnet18;
  return new Map(
    Object.entries(state).map(([key, size]) => [
      key,
      key.endsWith("num_batches_tracked") ? filled(size, 7, "int64") : formulaArray(key, size),
    ]),
  );
}

test("torchvision's resnet18 loads, answers as PyTorch does, and saves back", async () => {
  const file = join(folder, "resnet18.safetensors");
  await writeFile(file, writeSafetensors(checkpoint()));
  const { state, missing, unexpected } = await loadWeights(layer, shape, file);
  assert.deepEqual([missing, unexpected], [[], []]);
  const engine = await wasmEngine({ threads: 1 });
  const { output } = sourceOf(layer).build(shape);
  const session = await openSession({ outputs: { output }, updates: [] }, engine, { state, frozen: true });
  const { output: logits } = await session.run({ input: formulaArray("image", image) });
  await engine.close();
  const expected = models.resnet18;
  const scale = Math.max(...expected.logits.map(Math.abs));
  expected.logits.forEach((value, i) => {
    assert.ok(Math.abs(logits.data[i] - value) <= 1e-4 * scale, `logit ${i}: ${logits.data[i]} is not ${value}`);
  });
  const back = join(folder, "back.safetensors");
  await saveWeights(back, state);
  const { tensors, metadata } = readSafetensors(await readFile(back), back);
  assert.equal(metadata.get("format"), "pt");
  const wanted = [...checkpoint()].filter(([key]) => !key.endsWith("num_batches_tracked"));
  assert.deepEqual(
    [...tensors.keys()],
    wanted.map(([key]) => key),
  );
  for (const [key, { data }] of wanted) assert.deepEqual(tensors.get(key)?.data, data, key);
});

test("what does not fit is told all at once; missing and unexpected names may be let pass", async () => {
  const tensors = checkpoint();
  tensors.set("fc.weight", filled([10, 512]));
  tensors.delete("conv1.weight");
  tensors.set("head.weight", filled([3]));
  const file = join(folder, "broken.safetensors");
  await writeFile(file, writeSafetensors(tensors));
  await assert.rejects(
    loadWeights(layer, shape, file),
    /broken\.safetensors do not fit the model; missing: conv1\.weight; unexpected: head\.weight; of another shape: fc\.weight is \[10, 512\], but the model's is \[1000, 512\]/,
  );
  await assert.rejects(loadWeights(layer, shape, file, { strict: false }), /of another shape: fc\.weight/);
  tensors.delete("fc.weight");
  await writeFile(file, writeSafetensors(tensors));
  const { missing, unexpected, state } = await loadWeights(layer, shape, file, { strict: false });
  assert.deepEqual([missing, unexpected], [["conv1.weight", "fc.weight"], ["head.weight"]]);
  assert.deepEqual(state.get("fc.weight")?.shape, [1000, 512]);
});

test("a file that is not there or no safetensors is one sentence", async () => {
  await assert.rejects(loadWeights(layer, shape, join(folder, "none.safetensors")), /none\.safetensors/);
  const file = join(folder, "text.safetensors");
  await writeFile(file, "these are no weights");
  await assert.rejects(loadWeights(layer, shape, file), /text\.safetensors claims a header/);
});
