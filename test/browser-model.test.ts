// Models go into a page and out of it, in Chromium: from any static server, through zips, and in the page's own storage,
// where a run is kept, locked, killed and gone on with as in a folder.
import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import * as door from "../src/doors/neocog.ts";
import { browserMissing, launch, open, type Site, serve } from "./browser.ts";

type Door = typeof door;

// dist/test/browser-model.test.js
const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "neocog-page-"));
const missing = await browserMissing();
const skip = missing ?? false;
const browser = missing === undefined ? await launch() : undefined;
let sites: Site[] = [];
after(async () => {
  await browser?.close();
  for (const site of sites) await site.close();
  rmSync(folder, { recursive: true });
});

/** A few steps on the digits; pages run this text, so it uses nothing but what it is given. */
async function train(
  from: Door,
  options: import("../src/doors/neocog.ts").FitOptions,
  each?: (event: unknown) => unknown,
) {
  const { openData, fit, subset, MaxPool2d, Flatten, Linear, Sequential, openEngine } = from;
  const { train: all } = await openData("digits");
  const rows = Array.from({ length: 96 }, (_, i) => i);
  const data = { train: subset(all, rows), validation: subset(all, rows.slice(0, 32)) };
  const model = Sequential([MaxPool2d(2), Flatten(), Linear(10)]);
  const engine = await openEngine("auto", { threads: 1 });
  try {
    for await (const event of fit(model, data, { batch: 32, seed: 2, ...options, engine })) {
      each?.(event);
      if (event.kind === "finished") return event;
    }
  } finally {
    await engine.close();
  }
  throw new Error("Training did not finish.");
}

let kept: string;
let hashes: string[];
let site: Site;
before(async () => {
  const [one, two] = [await train(door, { epochs: 1 }), await train(door, { epochs: 2, out: join(folder, "model") })];
  hashes = [one.weightsHash, two.weightsHash];
  kept = two.weightsHash;
  const folders = { "/models/": folder };
  sites = [
    await serve(root, { isolated: false, folders }),
    await serve(root, { isolated: false, folders, application: true }),
  ];
  [site] = sites;
});

/** Runs a function in a page with the door, `train` and one plain value. */
async function inPage<T, V>(
  page: Page,
  work: (from: Door, run: typeof train, value: V) => Promise<T>,
  value: V,
): Promise<T> {
  const text = `(async () => (${work.toString()})(await import("neocog"), ${train.toString()}, ${JSON.stringify(value)}))()`;
  return (await page.evaluate(text)) as T;
}

test("a page opens a model from a static server, and says what the server answered where there is none", {
  skip,
}, async () => {
  for (const [i, one] of sites.entries()) {
    const { page, complaints } = await open(browser!, one);
    const found = await inPage(
      page,
      async (from, _, address) => {
        const hashOf = async (place: string | URL) => from.weightsHash((await from.openModel(place)).weights);
        const say = (place: string) => from.openModel(place).then(String, (error: Error) => error.message);
        const { epoch } = await from.openCheckpoint("/models/model/");
        const hashes = [await hashOf("/models/model/"), await hashOf(new URL("models/model", location.href))];
        // Not over https a page has no digest of the browser's.
        Object.defineProperty(crypto, "subtle", { value: undefined });
        hashes.push(await hashOf(`${address}models/model/model.json`));
        return { epoch, hashes, said: [await say("/models/none/"), await say("/models/model/weights.safetensors")] };
      },
      one.address,
    );
    assert.deepEqual(found.hashes, [kept, kept, kept]);
    assert.equal(found.epoch, 2);
    const answered = i === 0 ? "the server answered 404" : "the server answered with a web page";
    assert.equal(
      found.said[0],
      `/models/none/ has no model.json (${one.address}models/none/model.json: ${answered}): it is no model.`,
    );
    assert.match(found.said[1], /weights\.safetensors has no model\.json \(/);
    assert.deepEqual(complaints, []);
    await page.context().close();
  }
});

test("a zip goes both ways: bytes from a page open in Node, a picked file opens in the page, the bytes are equal", {
  skip,
}, async () => {
  const { page, complaints } = await open(browser!, site);
  const found = await inPage(
    page,
    async (from, run, _) => {
      const { trained } = await run(from, { epochs: 1 });
      const bytes = await from.modelZip(trained);
      const file = new File([new Uint8Array(bytes)], "digits.zip", { type: "application/zip" });
      const again = await from.openModel(file);
      const byAddress = await from.openModel(URL.createObjectURL(file));
      const refused = await from.saveModel("digits", trained).then(String, (error: Error) => error.message);
      return {
        bytes: Array.from(bytes),
        hashes: [await from.weightsHash(again.weights), await from.weightsHash(byAddress.weights)],
        refused,
      };
    },
    0,
  );
  assert.deepEqual(found.hashes, [hashes[0], hashes[0]]);
  const bytes = Uint8Array.from(found.bytes);
  assert.equal(await door.weightsHash((await door.openModel(bytes)).weights), hashes[0]);
  assert.deepEqual(await door.modelZip((await train(door, { epochs: 1 })).trained), bytes);
  assert.match(
    found.refused,
    /^digits is an address and cannot be written to; a page writes to a directory handle, or/,
  );
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test("a run is kept in the page's storage, beside other files, and gone on with; it ends as in Node", {
  skip,
}, async () => {
  const { page, complaints } = await open(browser!, site);
  const found = await inPage(
    page,
    async (from, run, _) => {
      const home = await navigator.storage.getDirectory();
      const handle = await home.getDirectoryHandle("run", { create: true });
      const note = await (await handle.getFileHandle("notes.txt", { create: true })).createWritable();
      await note.write("mine");
      await note.close();
      const refusals: string[] = [];
      const complain = (error: Error): unknown => refusals.push(error.message);
      const attempts: Promise<unknown>[] = [];
      const one = await run(from, { epochs: 1, out: handle }, (event) => {
        if ((event as { kind: string; batch: number }).kind === "batch" && attempts.length === 0) {
          attempts.push(run(from, { epochs: 1, out: handle }).catch(complain));
        }
      });
      await Promise.all(attempts);
      await from.saveModel(handle, one.trained).catch(complain);
      const two = await run(from, { epochs: 2, out: handle, resume: await from.openCheckpoint(handle) });
      const opened = await from.openModel(handle);
      const best = await from.openModel(handle, { weights: "best" });
      const names: string[] = [];
      for await (const name of handle.keys()) names.push(name);
      const text = await (await (await handle.getFileHandle("notes.txt")).getFile()).text();
      await from.saveModel(handle, one.trained, { force: true });
      const bare: string[] = [];
      for await (const name of handle.keys()) bare.push(name);
      return {
        hashes: [one.weightsHash, two.weightsHash, await from.weightsHash(opened.weights)],
        ...{ refusals, names: names.sort(), bare: bare.sort(), text, best: best.classes.length, folder: two.folder },
      };
    },
    0,
  );
  assert.deepEqual(found.hashes, [...hashes, kept]);
  assert.equal(found.refusals.length, 2);
  assert.match(
    found.refusals[0],
    /^run is being written by a page \(browser at http:\/\/127\.0\.0\.1:\d+\) since .*; wait for it/,
  );
  assert.match(found.refusals[1], /^run holds a model; replace it with force/);
  assert.deepEqual(found.names, [
    ...["best.safetensors", "history.jsonl", "model.json", "neocog.json", "notes.txt", "state.safetensors"],
    "weights.safetensors",
  ]);
  assert.deepEqual(found.bare, ["model.json", "neocog.json", "notes.txt", "weights.safetensors"]);
  assert.equal(found.text, "mine");
  assert.equal(found.best, 10);
  assert.equal(found.folder, "run");
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test("a page that was closed in the middle of a run leaves it to the next, whole", { skip }, async () => {
  const { page } = await open(browser!, site);
  const context = page.context();
  const begin = `(async () => {
    const from = await import("neocog");
    const handle = await (await navigator.storage.getDirectory()).getDirectoryHandle("left", { create: true });
    globalThis.epochs = 0;
    (${train.toString()})(from, { epochs: 2000, out: handle }, ({ kind }) => { if (kind === "checkpoint") globalThis.epochs++; });
  })()`;
  await page.evaluate(begin);
  await page.waitForFunction("globalThis.epochs >= 3");
  const other = await context.newPage();
  await other.goto(site.address);
  const attempt = (target: Page) =>
    inPage(
      target,
      async (from, _run, _) => {
        const handle = await (await navigator.storage.getDirectory()).getDirectoryHandle("left");
        const refused = await from.checkOutput(handle).then(String, (error: Error) => error.message);
        const { epoch, trained, history } = await from.openCheckpoint(handle);
        return { refused, epoch, epochs: history.length, hash: await from.weightsHash(trained.weights) };
      },
      0,
    );
  const beside = await attempt(other);
  assert.match(beside.refused, /^left is being written by a page/);
  assert.ok(beside.epoch >= 3 && beside.epochs === beside.epoch);
  await page.close();
  await other.waitForFunction("navigator.locks.query().then(({ held }) => held.length === 0)");
  const afterwards = await attempt(other);
  assert.equal(afterwards.refused, "model");
  assert.ok(afterwards.epoch >= beside.epoch);
  const gone = await inPage(
    other,
    async (from, run, epochs) => {
      const handle = await (await navigator.storage.getDirectory()).getDirectoryHandle("left");
      const names = async (): Promise<string[]> => {
        const found: string[] = [];
        for await (const name of handle.keys()) if (name.startsWith(".")) found.push(name);
        return found;
      };
      const before = await names();
      const resume = await from.openCheckpoint(handle);
      const stop = new AbortController();
      await run(from, { epochs, out: handle, resume, signal: stop.signal }, (event) => {
        if ((event as { kind: string }).kind === "checkpoint") stop.abort();
      }).catch(() => undefined);
      return { before, after: await names(), epoch: (await from.openCheckpoint(handle)).epoch };
    },
    2000,
  );
  assert.ok(
    gone.before.some((name) => name.startsWith(".neocog-lock-")),
    "the closed page left its lock",
  );
  assert.deepEqual(gone.after, []);
  assert.ok(gone.epoch > afterwards.epoch);
  await context.close();
});

test("the blocks of docs/browser.md on models run in a page as they stand", { skip }, async () => {
  const text = readFileSync(join(root, "docs", "browser.md"), "utf8").split("## Models into a page")[1];
  const blocks = [...text.split("\n## ")[0].matchAll(/```ts page\n([\s\S]*?)```/g)].map(([, block]) => block);
  assert.equal(blocks.length, 4);
  mkdirSync(join(folder, "runs"));
  cpSync(join(folder, "model"), join(folder, "runs", "digits"), { recursive: true });
  const { test: digits } = await door.openData("digits");
  const pixels = Float32Array.from(digits.images.data.subarray(0, 64));
  writeFileSync(join(folder, "runs", "seven.png"), await door.encodePng(door.ndarray([8, 8], pixels)));
  const own = await serve(root, { isolated: false, folders: { "/runs/": join(folder, "runs") } });
  sites.push(own);
  const expected = [/^[0-9] \([\d.]+ %\)$/, /^([0-9] {2}[\d.]+ %\s*){3}$/, /^Save the model$/, /^$/];
  for (const [i, block] of blocks.entries()) {
    const { page, complaints } = await open(browser!, own);
    const said: string[] = [];
    page.on("console", (message) => said.push(message.text()));
    await page.addScriptTag({ type: "module", content: `${block}\ndocument.title = "finished";` });
    await page
      .waitForFunction(`document.title === "finished"`, undefined, { timeout: 60_000 })
      .catch(() => complaints.push("it never finished"));
    if (i === 1) {
      await page.setInputFiles("input", join(folder, "runs", "seven.png"));
      await page.waitForFunction(`document.querySelector("pre").textContent !== ""`);
    }
    assert.deepEqual(complaints, [], block);
    const shown = await page.evaluate(`document.body.innerText.trim()`);
    assert.match(String(shown), expected[i], block);
    if (i === 3) assert.ok(said.includes("finished"));
    await page.context().close();
  }
});
