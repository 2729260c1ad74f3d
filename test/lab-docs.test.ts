// docs/lab is what the exhibits say today: words are the same, numbers within what another machine's rounding may change.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { exhibits, indexPage, openLab, pageOf } from "../src/doors/lab.ts";
import { fixturesFolder } from "./fixtures.ts";

const folder = join(dirname(dirname(fixturesFolder)), "docs", "lab");
const mend = "run `node scripts/lab-docs.mjs` after a build";
const number = /\d[\d,]*(?:\.\d+)?(?:e-?\d+)?/g;

/** Equal words, and numbers within 1 %. */
function sameText(name: string, now: string): void {
  const path = join(folder, name);
  assert.ok(existsSync(path), `${name} is missing: ${mend}`);
  const then = readFileSync(path, "utf8");
  const [newNumbers, oldNumbers] = [now, then].map((text) =>
    (text.match(number) ?? []).map((digits) => Number(digits.replaceAll(",", ""))),
  );
  assert.equal(now.replace(number, "#"), then.replace(number, "#"), `${name} says something else: ${mend}`);
  newNumbers.forEach((value, i) => {
    const gap = Math.abs(value - oldNumbers[i]);
    assert.ok(gap <= 0.01 * Math.abs(value) + 0.11, `${name}: ${oldNumbers[i]} became ${value}: ${mend}`);
  });
}

test("the list of pages is up to date", () => {
  sameText("README.md", indexPage(exhibits));
  const pages = readdirSync(folder).filter((name) => name.endsWith(".md") && name !== "README.md");
  assert.deepEqual(pages.sort(), exhibits.map(({ id }) => `${id}.md`).sort(), mend);
});

test("the pages of the exhibits that need no training are up to date", async () => {
  const lab = await openLab();
  try {
    for (const { id, trained } of exhibits) {
      if (trained) continue;
      const { markdown } = pageOf(await lab.run(id));
      sameText(`${id}.md`, markdown);
      if (markdown.includes(".svg)")) assert.ok(existsSync(join(folder, `${id}.svg`)), `${id}.svg is missing: ${mend}`);
    }
  } finally {
    await lab.close();
  }
});
