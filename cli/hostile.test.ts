// Names that a terminal would obey, in every place that a command takes names from.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { buildModel, createModel, encodePng, loadState, ndarray, saveModel } from "../src/index.ts";
import { commands } from "./commands/list.ts";
import { neocog } from "./testing.ts";

const evil = "e\u001b[31m\u001b]8;;x\u0007\u009b2J\u202e\u007f";
let folder: string;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "neocog-hostile-"));
  const classes = [`a${evil}`, `b${evil}`];
  for (const [label, name] of classes.entries()) {
    mkdirSync(join(folder, `data${evil}`, name), { recursive: true });
    for (let i = 0; i < 10; i++) {
      const pixels = new Uint8Array(64).fill(label * 200 + i);
      writeFileSync(join(folder, `data${evil}`, name, `${i}.png`), await encodePng(ndarray([8, 8], pixels, "uint8")));
    }
    writeFileSync(join(folder, `data${evil}`, name, `notes${evil}`), "");
  }
  const { layer } = createModel("mlp", { classes: 2, inChannels: 1, inputSize: 8 });
  const { state } = loadState(buildModel(layer, [1, 1, 8, 8]).variables, {}, { strict: false });
  const preprocessing = { channels: 1, height: 8, width: 8 };
  await saveModel(join(folder, `model${evil}`), { model: layer, weights: state, classes, preprocessing });
});
after(() => rmSync(folder, { recursive: true, force: true }));

const [model, data] = [`model${evil}`, `data${evil}`];
const cases: Readonly<Record<string, readonly string[]>> = {
  train: [data, "--model", "mlp", "--epochs", "1", "--out", `out${evil}`],
  eval: [model, data],
  predict: [model, join(data, `a${evil}`, "1.png")],
  inspect: [model],
  explain: [model, join(data, `a${evil}`, "1.png"), "--method", "saliency", "--out", `why${evil}`],
  shape: [evil, "3"],
  lab: [evil],
  bench: [evil],
  convert: [model, `x${evil}.safetensors`],
  verify: [model],
  doctor: [],
  dump: [`./${evil}`],
};

for (const { name } of commands) {
  test(`${name} shows hostile names as text`, async () => {
    assert.ok(cases[name], "a command without a case");
    for (const flags of [["--debug"], ["--json"]]) {
      const environment = { NEOCOG_DATA: join(folder, evil) };
      const force = name === "train" && flags[0] === "--json" ? ["--force"] : name === "convert" ? ["--force"] : [];
      const { stdout, stderr } = await neocog([name, ...cases[name], ...force, ...flags], { folder, environment });
      assert.ok((stdout + stderr).includes("\\u001b["), `${stdout}${stderr}`);
      assert.doesNotMatch(stdout + stderr, /[^\P{C}\n]/u);
      if (flags[0] === "--json") JSON.parse(stdout);
    }
  });
}
