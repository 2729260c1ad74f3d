// What a test needs from outside the project stands in one list, so that it can be hidden.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Files that may name a place outside, with the reason. */
const reasons: Readonly<Record<string, string>> = {
  "test/outside.ts": "the list itself",
  "src/data/mnist.ts": "where a system installs Fashion-MNIST, found for users too",
};

test("no code names a place outside the project but the list of test/outside.ts", () => {
  const files = ["src", "cli", "test", "examples"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true })
      .map((name) => `${folder}/${String(name)}`)
      .filter((name) => name.endsWith(".ts")),
  );
  assert.ok(files.length > 300);
  const naming = files.filter((file) =>
    /["'`]\/(usr|opt|home|root|snap|Applications)\//.test(readFileSync(join(root, file), "utf8")),
  );
  assert.deepEqual(naming.sort(), Object.keys(reasons).sort());
});
