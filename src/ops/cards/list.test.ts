// The list of op cards is complete and every card is usable by every engine.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Op } from "../../graph/op.ts";
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

test("every op card is checked by checkOp, hard numbers included", async () => {
  const here = dirname(fileURLToPath(import.meta.url));
  const sources = [here, dirname(here)]
    .flatMap((folder) => readdirSync(folder).map((file) => `${folder}/${file}`))
    .filter((file) => /\.test\.[jt]s$/.test(file) && !file.includes("/list."))
    .map((file) => readFileSync(file, "utf8"))
    .filter((text) => text.includes("checkOp("));
  for (const [name, card] of await exportedCards()) {
    assert.ok(
      sources.some((text) => new RegExp(`\\b${name}\\b`).test(text)),
      `${card.name}: no test of src/ops gives ${name} to checkOp`,
    );
  }
});

test("every op card that a file of this folder exports is in the list", async () => {
  for (const [name, card] of await exportedCards()) assert.ok(allOps.includes(card), name);
});

test("a card's file has the name of the words that users call it by, or no words at all", () => {
  const here = dirname(fileURLToPath(import.meta.url));
  const names = (folder: string): string[] =>
    readdirSync(folder).filter((file) => /^[a-z]+\.[jt]s$/i.test(file) && !file.startsWith("list."));
  const words = names(dirname(here));
  // Maps, tables and taps are what other words are made of.
  for (const file of names(here)) assert.ok(words.includes(file) || /^(map|table|sampling)\./.test(file), file);
});

async function exportedCards(): Promise<Map<string, Op<never>>> {
  const folder = dirname(fileURLToPath(import.meta.url));
  const files = readdirSync(folder).filter((file) => /^[a-z]+\.[jt]s$/i.test(file) && !file.startsWith("list."));
  const found = new Map<string, Op<never>>();
  for (const file of files) {
    const module = (await import(pathToFileURL(`${folder}/${file}`).href)) as Record<string, unknown>;
    for (const [name, value] of Object.entries(module)) if (name.endsWith("Op")) found.set(name, value as Op<never>);
  }
  return found;
}
