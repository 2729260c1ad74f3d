// Pictures that steer and pictures that judge, from other places than those that are learned from.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { encodePng, ndarray } from "../src/doors/neocog.ts";
import { neocog } from "./testing.ts";

const folder = mkdtempSync(join(tmpdir(), "neocog-parts-"));
after(() => rmSync(folder, { recursive: true }));

/** Pictures that are bright on the left or on the right, of any size. */
async function drawn(name: string, each: number, size: number, classes = ["left", "right"]): Promise<void> {
  for (const [side, label] of classes.entries()) {
    mkdirSync(join(folder, name, label), { recursive: true });
    for (let i = 0; i < each; i++) {
      const pixels = new Uint8Array(size * size).map((_, p) => (p % size < size / 2 === (side === 0) ? 200 + i : i));
      writeFileSync(join(folder, name, label, `${i}.png`), await encodePng(ndarray([size, size], pixels, "uint8")));
    }
  }
}

before(async () => {
  await drawn("january", 12, 16);
  await drawn("february", 5, 20);
  await drawn("march", 7, 30);
  await drawn("strange", 3, 16, ["left", "top"]);
});

interface Ended {
  readonly test: { readonly images: number; readonly accuracy: number };
  readonly counts: readonly { readonly train: number; readonly validation?: number; readonly test?: number }[];
  readonly history: readonly { readonly validation?: object }[];
  readonly best?: object;
}

test("--val steers and --test judges: all their pictures, brought to the form of the training pictures", async () => {
  const words = ["train", "january", "--val", "february", "--test", "march", "--epochs", "3", "--out", "one", "--json"];
  const { code, stdout, stderr } = await neocog(words, { folder });
  assert.equal(code, 0, stderr);
  const { test: scored, counts, history, best } = JSON.parse(stdout) as Ended;
  assert.deepEqual(
    counts.map(({ train, validation, test }) => [train, validation, test]),
    [
      [12, 5, 7],
      [12, 5, 7],
    ],
  );
  assert.equal(scored.images, 14);
  assert.ok(history.every(({ validation }) => validation) && best);
  assert.match(stderr, /validation pictures are scored after every epoch; test pictures are\s+looked at once/);
});

test("without the other, the other is cut from the data as before", async () => {
  const words = ["train", "january", "--test", "march", "--epochs", "1", "--out", "two", "--json"];
  const { code, stdout, stderr } = await neocog(words, { folder });
  assert.equal(code, 0, stderr);
  const { counts } = JSON.parse(stdout) as Ended;
  const total = counts.reduce((sum, { train, validation = 0 }) => sum + train + validation, 0);
  assert.deepEqual([total, counts[0].test, counts[1].test], [24, 7, 7]);
  assert.ok(counts.some(({ validation = 0 }) => validation > 0));
});

test("next steps ask about the test pictures where they lie", async () => {
  const words = ["train", "january", "--test", "march", "--epochs", "1", "--out", "three"];
  const { stdout } = await neocog(words, { folder });
  assert.match(stdout, /eval three march/);
});

test("a class that is not learned is refused by name", async () => {
  const { code, stderr } = await neocog(["train", "january", "--val", "strange", "--out", "four"], { folder });
  assert.equal(code, 1);
  assert.match(stderr, /strange.top is a class that the model does not know/);
});
