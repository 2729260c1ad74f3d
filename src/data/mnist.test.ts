import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import { find, missing } from "../../test/outside.ts";
import { countClasses } from "./dataset.ts";
import { fashionMnist, holdsMnistFiles, locateMnist, mnist, openMnistFolder } from "./mnist.ts";

const folder = mkdtempSync(join(tmpdir(), "neocog-mnist-"));
after(() => rmSync(folder, { recursive: true }));

const images = (count: number) =>
  Uint8Array.from([
    0,
    0,
    8,
    3,
    0,
    0,
    0,
    count,
    0,
    0,
    0,
    2,
    0,
    0,
    0,
    2,
    ...Array.from({ length: 4 * count }, (_, i) => i),
  ]);
const labels = (...values: number[]) => Uint8Array.from([0, 0, 8, 1, 0, 0, 0, values.length, ...values]);

test("any folder with the four names is read, gzip or plain", async () => {
  writeFileSync(join(folder, "train-images-idx3-ubyte"), images(3));
  writeFileSync(join(folder, "train-labels-idx1-ubyte.gz"), gzipSync(labels(0, 1, 2)));
  writeFileSync(join(folder, "t10k-images.idx3-ubyte"), images(2));
  assert.equal(await holdsMnistFiles(folder), false);
  await assert.rejects(openMnistFolder(folder), {
    name: "DataError",
    message: `${folder} does not hold t10k-labels-idx1-ubyte, plain or with .gz.`,
  });
  writeFileSync(join(folder, "t10k-labels.idx1-ubyte"), labels(0, 1));
  const { train, test: held } = await openMnistFolder(folder);
  assert.deepEqual(train.images.shape, [3, 1, 2, 2]);
  assert.deepEqual(held.classes, ["0", "1", "2"]);
  writeFileSync(join(folder, "t10k-labels.idx1-ubyte"), labels(0, 3));
  await assert.rejects(openMnistFolder(folder), {
    message: `${join(folder, "t10k-labels.idx1-ubyte")} gives image 1 the label 3, which is outside the 3 classes (0 to 2).`,
  });
});

test("what is nowhere is not invented", async () => {
  const before = process.env.NEOCOG_DATA;
  process.env.NEOCOG_DATA = folder;
  try {
    mkdirSync(join(folder, "empty"));
    process.env.NEOCOG_DATA = join(folder, "empty");
    await assert.rejects(mnist({ download: false }), {
      name: "DataError",
      message: `MNIST is not on this machine: put its four files into ${join(folder, "empty", "mnist")} or allow the download.`,
    });
    await assert.rejects(fashionMnist({ folder: join(folder, "empty") }), {
      message: `${join(folder, "empty")} does not hold train-images-idx3-ubyte, plain or with .gz.`,
    });
    await assert.rejects(mnist({ downlaod: false } as object), {
      message: 'mnist has no option "downlaod"; did you mean "download"?',
    });
  } finally {
    if (before === undefined) delete process.env.NEOCOG_DATA;
    else process.env.NEOCOG_DATA = before;
  }
});

test("four files in the data folder itself are not taken for a set that they are not", async () => {
  const before = process.env.NEOCOG_DATA;
  process.env.NEOCOG_DATA = folder;
  try {
    writeFileSync(join(folder, "t10k-labels.idx1-ubyte"), labels(0, 1));
    assert.ok(await holdsMnistFiles(folder));
    await assert.rejects(mnist({ download: false }), /^DataError: MNIST is not on this machine/);
    assert.equal(await locateMnist("mnist"), undefined);
    assert.equal((await mnist({ folder })).train.labels.length, 3, "the folder that is named is taken");
    mkdirSync(join(folder, "mnist"));
    for (const part of ["train", "t10k"]) {
      writeFileSync(join(folder, "mnist", `${part}-images-idx3-ubyte`), images(2));
      writeFileSync(join(folder, "mnist", `${part}-labels-idx1-ubyte`), labels(1, 0));
    }
    assert.equal(await locateMnist("mnist"), join(folder, "mnist"), "so is one that is named so");
  } finally {
    if (before === undefined) delete process.env.NEOCOG_DATA;
    else process.env.NEOCOG_DATA = before;
  }
});

const skip = missing("fashionMnist");
test("Fashion-MNIST under the name of MNIST is told by its checksum", { skip }, async () => {
  const before = process.env.NEOCOG_DATA;
  const installed = find("fashionMnist")!;
  try {
    process.env.NEOCOG_DATA = installed;
    await assert.rejects(mnist({ download: false }), /^DataError: MNIST is not on this machine/);
    assert.equal(await locateMnist("fashion-mnist"), installed);
    process.env.NEOCOG_DATA = join(folder, "lying");
    mkdirSync(process.env.NEOCOG_DATA);
    const lying = join(folder, "lying", "mnist");
    symlinkSync(installed, lying);
    const sentence = { message: `${lying} holds Fashion-MNIST, not MNIST: the names of their files are the same.` };
    await assert.rejects(mnist({ download: false }), sentence);
    await assert.rejects(mnist({ folder: lying }), sentence);
  } finally {
    if (before === undefined) delete process.env.NEOCOG_DATA;
    else process.env.NEOCOG_DATA = before;
  }
});

test("Fashion-MNIST is found where Debian puts it", { skip }, async () => {
  const { train, test: held } = await fashionMnist({ download: false });
  assert.deepEqual(train.images.shape, [60000, 1, 28, 28]);
  assert.deepEqual(held.images.shape, [10000, 1, 28, 28]);
  assert.deepEqual([...countClasses(train.labels, 10)], new Array(10).fill(6000));
  assert.equal(train.classes[train.labels[0]], "Ankle boot");
});
