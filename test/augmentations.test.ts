// Every augmentation can be said on the command line, and stands in the documentation with all its options.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { augmentKinds } from "../cli/cards/augment.ts";
import { augmenter } from "../src/data/augment.ts";
import { cards } from "../src/data/augmentations/list.ts";

const kinds = Object.entries(cards);

test("every kind of augmentation has a word of the command line, and each word makes one that can be", () => {
  const made = Object.values(augmentKinds).map(({ make }) => make());
  assert.deepEqual(made.map(({ kind }) => kind).sort(), Object.keys(cards).sort());
  for (const step of made) assert.equal(augmenter([step]).list.length, 1);
  for (const [word, { about }] of Object.entries(augmentKinds)) assert.ok(about.startsWith(word), about);
});

test("the table of docs/augmentation.md names every kind with its options, what moves, and its word", () => {
  const text = readFileSync(new URL("../../docs/augmentation.md", import.meta.url), "utf8");
  const rows = text
    .split("\n")
    .flatMap((line) => (/^\| `/.test(line) ? [line.split("|").map((cell) => cell.trim())] : []));
  assert.deepEqual(
    rows.map(([, kind]) => kind),
    kinds.map(([kind]) => `\`${kind}\``),
  );
  for (const [place, [kind, { rules, moves, blends }]] of kinds.entries()) {
    const [, , options, , how, word] = rows[place];
    assert.deepEqual(
      Array.from(options.matchAll(/`(\w+)`/g), ([, name]) => name),
      Object.keys(rules),
      kind,
    );
    for (const [name, rule] of Object.entries(rules)) {
      if (rule.is !== "number" && rule.is !== "whole") continue;
      const told = options.match(new RegExp(`\`${name}\` ?([\\d.]*)`))![1];
      assert.equal(told, rule.initial === undefined ? "" : String(rule.initial), `${kind} ${name}`);
    }
    assert.equal(how, blends ? "blends" : moves ? "yes" : "no", kind);
    const [short, ...numbers] = word.replaceAll("`", "").split(":");
    assert.equal(augmentKinds[short].make(...numbers.map(Number)).kind, kind);
  }
});
