// A file whose input, weights and answer are float16 runs in float32, against NumPy (test/fixtures/float16).
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fixturesFolder } from "../../../test/fixtures.ts";
import { ndarray } from "../../base/array.ts";
import { referenceEngine } from "../../engines/reference/engine.ts";
import { wasmEngine } from "../../engines/wasm/run/engine.ts";
import { runOnce } from "../../run/session.ts";
import { readModel } from "./model.ts";
import { onnxSource } from "./source.ts";

const at = (name: string): string => join(fixturesFolder, "float16", name);

test("a float16 input is given as float32, and the answer agrees with NumPy", async () => {
  const { x, y } = JSON.parse(readFileSync(at("float16.json"), "utf8")) as { x: number[]; y: number[] };
  const source = onnxSource(readModel(readFileSync(at("float16.onnx"))));
  const { input, output } = source.build([2, 3, 8, 8]);
  assert.deepEqual([input.dtype, output.dtype], ["float32", "float32"]);
  const engines = [referenceEngine(), await wasmEngine()];
  for (const engine of engines) {
    const given = ndarray([2, 3, 8, 8], Float32Array.from(x));
    const { answer } = await runOnce({ answer: output }, { x: given }, engine);
    assert.deepEqual(answer.shape, [2, 4]);
    y.forEach((value, i) => {
      assert.ok(Math.abs(answer.data[i] - value) < 2e-6 * Math.max(1, Math.abs(value)), `${engine.name} ${i}`);
    });
    await engine.close();
  }
});
