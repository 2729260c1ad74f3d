import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { DataError } from "../base/errors.ts";
import { Random } from "../base/random.ts";
import { holdsCifar, openCifarFile, openCifarFolder, readCifar } from "./cifar.ts";

const folder = mkdtempSync(join(tmpdir(), "neocog-cifar-"));
after(() => rmSync(folder, { recursive: true }));

/** Records whose pixels are `label + plane` (plane 0 red, 1 green, 2 blue). */
const records = (labels: number[][]): Uint8Array =>
  Uint8Array.from(
    labels.flatMap((label) => [
      ...label,
      ...Array.from({ length: 3072 }, (_, i) => label.at(-1)! + Math.floor(i / 1024)),
    ]),
  );

test("CIFAR-10 and CIFAR-100 records are read", () => {
  const ten = readCifar(records([[3], [9]]), "ten.bin", 1);
  assert.deepEqual(ten.images.shape, [2, 3, 32, 32]);
  assert.deepEqual([ten.images.data[0], ten.images.data[1024], ten.images.data[3072 + 3071]], [3, 4, 11]);
  assert.equal(ten.classes[ten.labels[1]], "truck");
  const hundred = readCifar(records([[19, 99]]), "hundred.bin", 2);
  assert.equal(hundred.classes.length, 100);
  assert.equal(hundred.classes[hundred.labels[0]], "worm");
});

test("a folder holds batches, a test set and names", async () => {
  writeFileSync(join(folder, "data_batch_1.bin"), records([[0], [1]]));
  writeFileSync(join(folder, "data_batch_3.bin"), records([[2]]));
  await assert.rejects(openCifarFolder(folder), { message: `${folder} does not hold test_batch.bin.` });
  writeFileSync(join(folder, "test_batch.bin"), records([[5]]));
  writeFileSync(join(folder, "batches.meta.txt"), "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n");
  const { train, test: held } = await openCifarFolder(folder);
  assert.deepEqual([...train.labels], [0, 1, 2]);
  assert.equal(held.classes[held.labels[0]], "f");
  assert.equal(held.name, "cifar-10 (test)");
});

test("the length of one file tells which CIFAR it is", async () => {
  writeFileSync(
    join(folder, "some.bin"),
    records([
      [7, 50],
      [7, 50],
      [8, 60],
      [8, 60],
    ]),
  );
  const { labels, classes } = await openCifarFile(join(folder, "some.bin"));
  assert.deepEqual([[...labels], classes.length], [[50, 50, 60, 60], 100]);
});

test("bad CIFAR is refused with one sentence", async () => {
  const cases: [Uint8Array, string][] = [
    [records([[1]]).slice(1), "f is not a whole CIFAR-10 file: its 3072 bytes are not a multiple of 3073."],
    [new Uint8Array(), "f is not a whole CIFAR-10 file: its 0 bytes are not a multiple of 3073."],
    [records([[1], [10]]), "f gives image 1 the label 10, which is outside the 10 classes (0 to 9)."],
  ];
  for (const [bytes, message] of cases) assert.throws(() => readCifar(bytes, "f", 1), { name: "DataError", message });
  const bad = join(folder, "data_batch_3.bin");
  writeFileSync(bad, records([[2]]).slice(0, 100));
  await assert.rejects(openCifarFolder(folder), {
    message: `${bad} is not a whole CIFAR-10 file: its 100 bytes are not a multiple of 3073.`,
  });
  mkdirSync(join(folder, "empty"));
  assert.equal(await holdsCifar(join(folder, "empty")), false);
  await assert.rejects(openCifarFolder(join(folder, "empty")), {
    message: `${join(folder, "empty")} holds neither data_batch_1.bin (CIFAR-10) nor train.bin (CIFAR-100).`,
  });
});

test("1,000 mutations of CIFAR bytes end in a dataset or a DataError", () => {
  const random = new Random(2, "cifar fuzz");
  const source = records([[1], [2]]);
  let good = 0;
  for (let round = 0; round < 1000; round++) {
    const bytes = source.slice(0, random.below(3) ? source.length : random.below(source.length));
    for (const place of [0, 3073]) if (place < bytes.length && random.below(3) === 0) bytes[place] = random.below(256);
    try {
      readCifar(bytes, "fuzz", 1);
      good++;
    } catch (error) {
      assert.ok(error instanceof DataError, String(error));
    }
  }
  assert.ok(good > 100 && good < 900, `${good} of 1000 were still readable`);
});
