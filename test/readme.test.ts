// README's figures are those of the files that the commands wrote, and its picture shows what `npm start` prints.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { neocog } from "../cli/testing.ts";
import { wasmEngine } from "../src/engines/wasm/run/engine.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

test("README's tables are those that scripts/figures.mjs makes", () => {
  const { status, stderr } = spawnSync(process.execPath, [join(root, "scripts/figures.mjs"), "--check"], {
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
});

const engine = await wasmEngine({ threads: 1 });
const fused = engine.description.includes("fused multiply-add");
await engine.close();

test("README's picture shows the accuracy and the weights that npm start ends with", {
  skip: fused ? false : "this machine has no fused multiply-add, which changes the last digits",
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), "neocog-readme-"));
  try {
    const { code, stdout, stderr } = await neocog(["train", "digits"], { folder });
    assert.equal(code, 0, stderr);
    const picture = readFileSync(join(root, "docs/train-digits.svg"), "utf8");
    for (const figure of [/Test accuracy [\d.]+ % \(\d+ of \d+ pictures\)/, /\(weights [0-9a-f]{12}\)/]) {
      const found = figure.exec(stdout)?.[0];
      assert.ok(found, stdout);
      assert.ok(
        picture.includes(found),
        `the picture does not show "${found}": node scripts/figures.mjs --start draws it anew`,
      );
    }
    const accuracy = /Test accuracy ([\d.]+) %/.exec(stdout)?.[1];
    assert.ok(readFileSync(join(root, "README.md"), "utf8").includes(`the test accuracy of ${accuracy} %`));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
