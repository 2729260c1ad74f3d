import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import sharp from "sharp";
import { openData } from "./source.ts";

const root = mkdtempSync(join(tmpdir(), "neocog-source-"));
after(() => rmSync(root, { recursive: true }));
const put = (name: string, bytes: Uint8Array): string => {
  mkdirSync(join(root, name, ".."), { recursive: true });
  writeFileSync(join(root, name), bytes);
  return join(root, name);
};
const images = Uint8Array.from([0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 1, 5, 6, 7, 8]);
const labels = Uint8Array.from([0, 0, 8, 1, 0, 0, 0, 4, 0, 1, 0, 1]);

test("every kind of data opens by name or path", async () => {
  assert.equal((await openData("digits")).train.labels.length, 1438);

  const beside = put("pair/my-images-idx3-ubyte.gz", gzipSync(images));
  put("pair/my-labels-idx1-ubyte.gz", gzipSync(labels));
  const pair = await openData(beside, { testFraction: 0.5, classes: ["no", "yes"] });
  assert.deepEqual(
    [pair.train.classes, pair.train.images.shape],
    [
      ["no", "yes"],
      [2, 1, 1, 1],
    ],
  );

  const told = await openData(put("x.bin", images), { labels: put("y.bin", labels) });
  assert.equal(told.train.labels.length + told.test!.labels.length, 4);

  for (const part of ["train", "t10k"]) {
    put(`four/${part}-images-idx3-ubyte`, images);
    put(`four/${part}-labels-idx1-ubyte`, labels);
  }
  assert.equal((await openData(join(root, "four"))).test!.labels.length, 4);
  assert.equal((await openData("mnist", { folder: join(root, "four") })).test.classes.length, 10);

  put(
    "cifar/train.bin",
    Uint8Array.from({ length: 3074 }, (_, i) => i % 100),
  );
  put(
    "cifar/test.bin",
    Uint8Array.from({ length: 3074 }, (_, i) => i % 100),
  );
  assert.equal((await openData(join(root, "cifar"))).train.classes.length, 100);
  const batch = put(
    "batch.bin",
    Uint8Array.from({ length: 2 * 3073 }, () => 3),
  );
  assert.equal((await openData(batch, { testFraction: 0.5 })).train.classes[3], "cat");

  const png = await sharp({ create: { width: 3, height: 3, channels: 3, background: "red" } })
    .png()
    .toBuffer();
  for (const name of ["a/1", "a/2", "b/1", "b/2"]) put(`pictures/${name}.png`, png);
  const seen: string[] = [];
  const pictures = await openData(join(root, "pictures"), {
    size: 2,
    channels: 1,
    testFraction: 0.5,
    onProgress: (what, done, total) => seen.push(`${what} ${done}/${total}`),
  });
  assert.deepEqual(pictures.train.images.shape, [2, 1, 2, 2]);
  assert.equal(seen.at(-1), `${join(root, "pictures")} 4/4`);
});

test("what cannot be opened is one sentence with the nearest right name", async () => {
  const cases: [string, object, string][] = [
    ["fashon-mnist", {}, 'Unknown data "fashon-mnist"; did you mean "fashion-mnist"?'],
    ["digit", {}, 'Unknown data "digit"; did you mean "digits"?'],
    [
      "imagenet-2012",
      {},
      'Unknown data "imagenet-2012": it is neither a file or folder here nor one of digits, fashion-mnist, mnist.',
    ],
    [
      put("story.txt", Buffer.from("once upon a time")),
      {},
      `${join(root, "story.txt")} is neither a table (.csv, .tsv, .jsonl), an IDX file nor a CIFAR batch (.bin); name a folder for pictures, or one of digits, fashion-mnist, mnist.`,
    ],
    [
      put("alone.idx", images),
      {},
      `${join(root, "alone.idx")} holds images, but no labels were found beside it; name their file too.`,
    ],
    ["digits", { lables: "x" }, 'openData has no option "lables"; did you mean "labels"?'],
  ];
  for (const [name, options, message] of cases) await assert.rejects(openData(name, options), { message });
});
