// The prebuilt module in Chromium, from a plain static server: it trains as Node does, on threads where the page may share memory.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { browserMissing, launch, serve } from "./browser.ts";
import { doors } from "./doors.ts";

const missing = await browserMissing();
const skip = missing ?? false;
const browser = missing === undefined ? await launch() : undefined;
const folder = mkdtempSync(join(tmpdir(), "neocog-prebuilt-"));
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Answer {
  readonly names: readonly string[];
  readonly description: string;
  readonly losses: readonly number[];
  readonly weights: readonly number[];
}

/** Trains a small network on the digits, and opens it from its zip; runs in the page and in Node. */
async function task(neocog: (typeof doors)["neocog"], threads: number): Promise<Answer> {
  const { Conv2d, Flatten, fit, Linear, MaxPool2d, modelZip, openData, openEngine, openModel, ReLU, Sequential } =
    neocog;
  const engine = await openEngine("wasm", { threads });
  const model = Sequential([Conv2d(4, 3, { padding: 1 }), ReLU(), MaxPool2d(2), Flatten(), Linear(10)]);
  const losses: number[] = [];
  let weights: number[] = [];
  for await (const event of fit(model, await openData("digits"), { epochs: 1, seed: 5, engine })) {
    if (event.kind === "batch") losses.push(event.loss);
    if (event.kind !== "finished") continue;
    const opened = await openModel(await modelZip(event.trained));
    weights = [...opened.weights.values()].flatMap(({ data }) => Array.from(data));
  }
  await engine.close();
  return { names: Object.keys(neocog).sort(), description: engine.description, losses, weights };
}

const inNode = task(doors.neocog, 1);

for (const [isolated, threads] of [
  [true, 2],
  [false, 1],
] as const) {
  const where = isolated ? "an isolated page on two threads" : "a page that is not isolated on one thread";
  test(`the prebuilt module trains in ${where} to the weights of Node`, { skip }, async () => {
    const script = new URL("../../scripts/browser.mjs", import.meta.url).href;
    const { writeBrowser } = (await import(script)) as { writeBrowser(folder: string): Promise<unknown> };
    await writeBrowser(folder);
    writeFileSync(join(folder, "page.html"), "<!doctype html><title>prebuilt</title>");
    const site = await serve(folder, { isolated });
    const context = await browser!.newContext();
    try {
      const page = await context.newPage();
      await page.goto(`${site.address}page.html`);
      const answer = (await page.evaluate(
        `(async () => (${task.toString()})(await import("./neocog.js"), 2))()`,
      )) as Answer;
      const { losses, weights, names } = await inNode;
      assert.match(answer.description, threads === 2 ? /2 threads\.$/ : /1 thread\. /);
      assert.ok(losses.length > 10 && weights.length > 600);
      assert.deepEqual(answer.names, names);
      assert.deepEqual(answer.losses, losses);
      assert.deepEqual(answer.weights, weights);
    } finally {
      await context.close();
      await site.close();
    }
  });
}
