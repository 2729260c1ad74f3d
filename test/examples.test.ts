// Every example runs to its end; what it prints is what its first lines promise.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const folder = join(dirname(fileURLToPath(import.meta.url)), "..", "examples");

/** The last line of each. */
const endings: Record<string, RegExp> = {
  "first-network.js": /^test accuracy 9[4-9]\.\d %$/,
  "training-step.js": /^kernel 0\.98847, -0\.98847$/,
};

for (const name of readdirSync(folder).filter((file) => file.endsWith(".js"))) {
  test(`example ${name}`, () => {
    const text = execFileSync(process.execPath, [join(folder, name)], { encoding: "utf8", timeout: 120_000 });
    assert.ok(endings[name], `say in endings how ${name} ends`);
    assert.match(text.trimEnd().split("\n").at(-1)!, endings[name]);
  });
}
