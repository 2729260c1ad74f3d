// A folder of pictures that is given to a page: its handle, its files from an input, or dropped class folders. It streams as in Node, to
// the same weights.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import * as door from "../src/doors/neocog.ts";
import { browserMissing, launch, open, type Site, serve } from "./browser.ts";

type Door = typeof door;
type Given = string | Parameters<Door["openData"]>[0];

// dist/test/browser-data.test.js
const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "neocog-dropped-"));
const photos = join(folder, "photos");
const missing = await browserMissing();
const skip = missing ?? false;
const browser = missing === undefined ? await launch() : undefined;
let site: Site | undefined;
after(async () => {
  await browser?.close();
  await site?.close();
  rmSync(folder, { recursive: true });
});

interface Answer {
  readonly shape: readonly number[];
  readonly classes: readonly string[];
  readonly parts: readonly number[];
  readonly streamed: boolean;
  readonly skipped: readonly string[];
  readonly losses: readonly number[];
  readonly hash: string;
}

/** Pages run this text, so it uses nothing but what it is given. */
async function train(from: Door, given: Given, stream: boolean): Promise<Answer> {
  const { openData, openEngine, fit, Sequential, Flatten, Linear } = from;
  const { train: set, ...rest } = await openData(given as string, { stream: stream as true, size: 12, seed: 3 });
  const engine = await openEngine("wasm", { threads: 1 });
  const losses: number[] = [];
  let hash = "";
  try {
    const model = Sequential([Flatten(), Linear(2)]);
    const augment = [{ kind: "flip" }, { kind: "trivialAugmentWide" }] as const;
    for await (const event of fit(model, { train: set }, { epochs: 2, batch: 8, seed: 1, augment, engine })) {
      if (event.kind === "batch") losses.push(event.loss);
      if (event.kind === "finished") hash = event.weightsHash;
    }
  } finally {
    await engine.close();
  }
  return {
    ...{ shape: set.images.shape, classes: set.classes, losses, hash },
    parts: [set, rest.validation, rest.test].map((part) => part?.images.shape[0] ?? 0),
    streamed: "store" in set.images,
    skipped: rest.skipped.map(({ reason }) => reason.slice(reason.lastIndexOf("dogs/")).split(":")[0]),
  };
}

let wanted: Answer;
before(async () => {
  for (const [place, name] of ["cats", "dogs"].entries()) {
    mkdirSync(join(photos, name), { recursive: true });
    for (let i = 0; i < 24; i++) {
      const pixels = Float32Array.from({ length: 3 * 14 * 16 }, (_, p) => ((p * (place + 2) + 31 * i) % 256) / 255);
      writeFileSync(join(photos, name, `${i} #${i}.png`), await door.encodePng(door.ndarray([3, 14, 16], pixels)));
    }
  }
  writeFileSync(join(photos, "dogs", "broken.png"), "not a picture");
  wanted = await train(door, photos, true);
  site = await serve(root, { isolated: false });
});

/** What a page makes of what `given` is there, an expression. */
async function inPage(page: Page, given: string, stream: boolean): Promise<Answer> {
  const text = `(async () => (${train.toString()})(await import("neocog"), await (${given}), ${stream}))()`;
  return (await page.evaluate(text)) as Answer;
}

/** Files of an input, which has a whole folder. */
async function choose(page: Page): Promise<string> {
  await page.evaluate('document.body.innerHTML = "<input type=file webkitdirectory>"');
  await page.setInputFiles("input", photos);
  return 'document.querySelector("input").files';
}

/** The input's files as a folder of the page's own storage. */
const stored = `(async () => {
  const top = await (await navigator.storage.getDirectory()).getDirectoryHandle("photos", { create: true });
  for (const file of document.querySelector("input").files) {
    const [, sub, name] = file.webkitRelativePath.split("/");
    const below = await top.getDirectoryHandle(sub, { create: true });
    const stream = await (await below.getFileHandle(name, { create: true })).createWritable();
    await stream.write(file);
    await stream.close();
  }
  return top;
})()`;

const wholly = (answer: Answer) => ({ ...answer, skipped: answer.skipped.length, streamed: true });

test("in Node it is streamed, and the broken file is listed", () => {
  assert.deepEqual([wanted.streamed, wanted.classes, wanted.shape.slice(1)], [true, ["cats", "dogs"], [3, 12, 12]]);
  assert.equal(
    wanted.parts.reduce((sum, n) => sum + n, 0),
    48,
  );
  assert.deepEqual(wanted.skipped, ["dogs/broken.png is not a picture that can be read"]);
});

test("a page streams a picked folder's files to the same weights as Node, and in memory too", { skip }, async () => {
  const { page, complaints } = await open(browser!, site!);
  const given = await choose(page);
  const answer = await inPage(page, given, true);
  assert.equal(answer.streamed, true);
  assert.deepEqual(answer.skipped, ["dogs/broken.png is not a picture that this browser can read."]);
  assert.deepEqual(wholly(answer), wholly(wanted));
  assert.deepEqual(wholly(await inPage(page, given, false)), wholly(wanted));
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test("a page streams a folder of which it has a handle, and class folders that are dropped one beside the other", {
  skip,
}, async () => {
  const { page } = await open(browser!, site!);
  await choose(page);
  assert.deepEqual(wholly(await inPage(page, stored, true)), wholly(wanted));
  const two = `(async () => {
    const top = await ${stored};
    return Promise.all(["cats", "dogs"].map((name) => top.getDirectoryHandle(name)));
  })()`;
  assert.deepEqual(wholly(await inPage(page, two, true)), wholly(wanted));
  await page.context().close();
});

test("files without folders, a cache, and handles in Node are refused with one sentence", { skip }, async () => {
  const { page } = await open(browser!, site!);
  await page.evaluate('document.body.innerHTML = "<input type=file multiple>"');
  await page.setInputFiles("input", [join(photos, "cats", "0 #0.png"), join(photos, "cats", "1 #1.png")]);
  const refused = (given: string, options: object) =>
    page.evaluate(`(async () => {
      const { openData } = await import("neocog");
      return openData(await (${given}), ${JSON.stringify(options)}).then(() => "nothing", (error) => error.message);
    })()`);
  assert.equal(
    await refused('document.querySelector("input").files', {}),
    "picked:pictures has no class; it needs a sub-folder of pictures for each of at least two classes.",
  );
  const given = await choose(page);
  assert.match(
    String(await refused(given, { cache: "decoded" })),
    /^decoded cannot be made: a browser has no folders\.$/,
  );
  await page.context().close();
  await assert.rejects(door.openData({ kind: "directory", name: "photos" }), {
    message: "Picked files and folders are those of a page; in Node give the path.",
  });
});
