// Real networks as PyTorch exports them: made by make_torchvision.py into a folder that goes away again. Needs PyTorch.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { wasmEngine } from "../../src/engines/wasm/run/engine.ts";
import { find, missingInPython } from "../outside.ts";
import { compare, exported } from "./torchvision.ts";

const names = ["squeezenet1_1", "mobilenet_v2", "resnet18", "shufflenet_v2_x0_5", "deeplabv3_mobilenet_v3_large"];

test("networks exported by PyTorch agree with it", {
  skip: missingInPython("torch", "torchvision", "onnx"),
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "neocog-torchvision-"));
  const engine = await wasmEngine();
  try {
    const script = join(process.cwd(), "test/onnx/make_torchvision.py");
    const { status, stdout, stderr } = spawnSync(find("python")!, [script, folder, "--size", "64", ...names], {
      encoding: "utf8",
    });
    assert.equal(status, 0, stdout + stderr);
    assert.deepEqual(exported(folder), [...names].sort());
    for (const name of names) {
      const { difference } = await compare(folder, name, engine);
      t.diagnostic(`${name}: ${difference.toExponential(2)} of scale`);
      assert.ok(difference <= 1e-4, `${name} differs by ${difference} of its scale`);
    }
  } finally {
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
