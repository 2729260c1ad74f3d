// What a program that only uses models carries: nothing of the trainer, by the bundler's own account of each file's bytes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** The modules of `dist/src` of which a page that imports these names of each door carries a byte. */
async function carried(names: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const lines = Object.entries(names).map(([door, some]) => `export { ${some} } from "./dist/src/doors/${door}.js";`);
  const { metafile } = await build({
    stdin: { contents: lines.join(""), resolveDir: root },
    ...{ bundle: true, minify: true, format: "esm", conditions: ["browser"], metafile: true, write: false },
    ...{ absWorkingDir: root, logLevel: "silent" },
  });
  const [output] = Object.values(metafile.outputs);
  return Object.entries(output.inputs)
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path]) => path.replace("dist/src/", ""));
}

const isTraining = (path: string): boolean => /^train\/|^compile\/grad\.|^data\/(augment|loader)/.test(path);

test("opening, asking and judging a model carries no training code", async () => {
  const modules = await carried({
    neocog: "openModel, saveModel, modelZip, predict, evaluate, loadWeights",
    graph: "verify",
  });
  assert.ok(modules.includes("use/folder.js") && modules.includes("use/predict.js"), modules.join(" "));
  assert.deepEqual(modules.filter(isTraining), []);
});

test("the same look finds the trainer where it is carried", async () => {
  const modules = (await carried({ neocog: "fit, openCheckpoint" })).filter(isTraining);
  for (const path of ["train/step.js", "train/contents.js", "compile/grad.js"]) assert.ok(modules.includes(path), path);
});
