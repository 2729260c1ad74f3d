// The list of op cards is complete and every card is usable by every engine.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { dirname } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Op } from "../graph/op.ts";
import { allOps, opFamilies } from "./list.ts";

test("names are unique, and every card but the leaves can be computed", () => {
  assert.equal(new Set(allOps.map(({ name }) => name)).size, allOps.length);
  for (const op of allOps) {
    if (opFamilies.leaves.includes(op)) continue;
    assert.ok(op.reference, `${op.name} has no definition`);
    assert.ok(!(op.lower && op.expand), `${op.name} is both a loop and an expansion`);
    assert.ok(op.gradient ?? op.expand, `${op.name} has no gradient`);
    assert.ok(op.spatial ?? op.name === "map", `${op.name} does not say which places it sees`);
  }
});

test("every op card that a file of this folder exports is in the list", async () => {
  const folder = dirname(fileURLToPath(import.meta.url));
  const files = readdirSync(folder).filter((file) => /^[a-z]+\.[jt]s$/i.test(file) && !file.startsWith("list."));
  for (const file of files) {
    const module = (await import(pathToFileURL(`${folder}/${file}`).href)) as Record<string, unknown>;
    for (const [name, value] of Object.entries(module)) {
      if (name.endsWith("Op")) assert.ok(allOps.includes(value as Op<never>), `${file} exports ${name}`);
    }
  }
});
