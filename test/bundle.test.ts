// The examples of a bundle, each run: a script in Node, and a page in Chromium, whose answers are predict's; and a worker.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { bundle } from "../src/doors/bundle.ts";
import { encodePng, ndarray, predict, Random } from "../src/doors/neocog.ts";
import { smallModel } from "../src/serve/testing.ts";
import { browserMissing, launch, open, serve } from "./browser.ts";

// dist/test/bundle.test.js
const root = fileURLToPath(new URL("../../", import.meta.url));
const place = mkdtempSync(join(root, "dist/bundled-"));
after(() => rmSync(place, { recursive: true }));
const picture = join(place, "noise.png");
const model = smallModel(5);

before(async () => {
  cpSync(join(root, "examples/bundle"), place, { recursive: true });
  writeFileSync(join(place, "digits.mjs"), (await bundle(model, { half: true })).module);
  const random = new Random(4);
  const pixels = Uint8Array.from({ length: 20 * 30 }, () => random.below(256));
  writeFileSync(picture, await encodePng(ndarray([1, 20, 30], pixels, "uint8"), [0, 255]));
});

/** The likeliest classes with whole per cent: halves are not predict's to the bit. */
const expected = async () => (await predict(model, picture)).classes;

test("a script of a few lines answers in Node", async () => {
  const printed = execFileSync(process.execPath, [join(place, "predict.mjs"), picture], { encoding: "utf8" });
  const [first] = await expected();
  const [, name, percent] = /^(.*?) {2}([\d.]+) %\n/.exec(printed) ?? [];
  assert.equal(name, first.name);
  assert.ok(Math.abs(Number(percent) - 100 * first.probability) < 0.5, printed);
});

test("a page and a worker answer in Chromium", { skip: (await browserMissing()) ?? false }, async () => {
  const [browser, site] = [await launch(), await serve(root, { isolated: false, folders: { "/bundled/": place } })];
  try {
    const { page, complaints } = await open(browser, site);
    const { origin } = new URL(page.url());
    const [first] = await expected();
    await page.goto(`${origin}/bundled/page.html`);
    await page.setInputFiles("input", picture);
    const output = page.locator("output", { hasText: "or else" });
    const text = (await output.textContent({ timeout: 20_000 })) ?? "";
    assert.ok(text.startsWith(`${first.name} (${Math.round(100 * first.probability)} %)`), text);
    const worker = `import("${origin}/bundled/digits.mjs").then(async ({ predict }) => {
      postMessage(await predict({ data: new Uint8Array(64).fill(9), width: 8, height: 8 }, { top: 1 }));
    });`;
    const answer = await page.evaluate(
      (source) =>
        new Promise<{ label: string }[]>((resolve, reject) => {
          const made = new Worker(URL.createObjectURL(new Blob([source], { type: "text/javascript" })), {
            type: "module",
          });
          made.onmessage = ({ data }) => resolve(data);
          made.onerror = reject;
        }),
      worker,
    );
    assert.match(answer[0].label, /^digit \d$/);
    assert.deepEqual(complaints, []);
  } finally {
    await browser.close();
    await site.close();
  }
});
