import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

test("a strict program compiles against the library's types without DOM and without Node's", () => {
  const script = fileURLToPath(new URL("../../scripts/types.mjs", import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { encoding: "utf8" });
  assert.equal(status, 0, `${stdout}${stderr}`);
});
