import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import { DataError } from "../base/errors.ts";
import { Random } from "../base/random.ts";
import { openIdx, openIdxPair, readIdx } from "./idx.ts";

const folder = mkdtempSync(join(tmpdir(), "neocog-idx-"));
after(() => rmSync(folder, { recursive: true }));

/** An IDX file of the given type code, sizes and content. */
function idx(type: number, sizes: number[], content: ArrayLike<number>): Uint8Array {
  const header = [
    0,
    0,
    type,
    sizes.length,
    ...sizes.flatMap((n) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]),
  ];
  return Uint8Array.from([...header, ...Array.from(content)]);
}
const save = (name: string, bytes: Uint8Array): string => {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
};
const pictures = idx(8, [3, 2, 2], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255]);
const labels = idx(8, [3], [2, 0, 1]);
const bomb = gzipSync(new Uint8Array(10_000_000));

test("every element type is read big-endian", () => {
  const read = (type: number, content: number[], count: number) => [...readIdx(idx(type, [count], content), "x").data];
  assert.deepEqual(read(8, [1, 255], 2), [1, 255]);
  assert.deepEqual(read(9, [1, 255], 2), [1, -1]);
  assert.deepEqual(read(11, [1, 2, 255, 254], 2), [258, -2]);
  assert.deepEqual(read(12, [0, 1, 0, 0], 1), [65536]);
  assert.deepEqual(read(13, [0x3f, 0xc0, 0, 0], 1), [1.5]);
  assert.deepEqual(read(14, [0x40, 4, 0, 0, 0, 0, 0, 0], 1), [2.5]);
});

test("a pair, plain or gzip, becomes a dataset", async () => {
  const paths = [save("p.idx", pictures), save("l.gz", gzipSync(labels))] as const;
  const pair = await openIdxPair(...paths);
  assert.deepEqual(pair.images.shape, [3, 1, 2, 2]);
  assert.equal(pair.images.dtype, "uint8");
  assert.deepEqual([...pair.labels], [2, 0, 1]);
  assert.deepEqual(pair.classes, ["0", "1", "2"]);
  assert.deepEqual([...pair.images.data.slice(4)], [4, 5, 6, 7, 8, 9, 10, 255]);
});

test("bad IDX files are refused with one sentence", () => {
  const cases: [Uint8Array, string][] = [
    [pictures.slice(0, 3), "f is too short for an IDX file: it has 3 bytes."],
    [Uint8Array.of(0x89, 0x50, 0x4e, 0x47), "f is not an IDX file: it starts with 89 50 4e 47 instead of 00 00."],
    [Uint8Array.of(0, 0, 10, 1), "f has the unknown IDX element type 0a."],
    [Uint8Array.of(0, 0, 8, 0), "f claims 0 axes; an IDX file has 1 to 8."],
    [Uint8Array.of(0, 0, 8, 200), "f claims 200 axes; an IDX file has 1 to 8."],
    [pictures.slice(0, 9), "f is cut short: its header needs 16 bytes, but the file has 9."],
    [pictures.slice(0, 20), "f is cut short: its shape [3, 2, 2] needs 12 bytes after the header, but there are 4."],
    [Uint8Array.of(...pictures, 7), "f has 1 bytes too many after its numbers of shape [3, 2, 2]."],
    [
      idx(14, [0xffffffff, 0xffffffff], [1]),
      "f is cut short: its shape [4294967295, 4294967295] needs 147573952520956940000 bytes after the header, but there are 1.",
    ],
  ];
  for (const [bytes, message] of cases) assert.throws(() => readIdx(bytes, "f"), { name: "DataError", message });
});

test("bad pairs are refused with one sentence", async () => {
  const p = save("p.idx", pictures);
  const l = save("l.idx", labels);
  const cases: [string, string, string, string[]?][] = [
    [l, p, `${l} holds labels and ${p} holds images: name the images first.`],
    [
      l,
      l,
      `${l} holds uint8 numbers of shape [3], not images: they are bytes or floats of shape [count, height, width].`,
    ],
    [p, p, `${p} holds uint8 numbers of shape [3, 2, 2], not labels: they are whole numbers of shape [count].`],
    [p, save("l2", idx(8, [2], [0, 1])), `${p} holds 3 images, but ${join(folder, "l2")} holds 2 labels.`],
    [p, l, `${l} gives image 0 the label 2, which is outside the 2 classes (0 to 1).`, ["cat", "dog"]],
    [
      p,
      save("l3", idx(9, [3], [0, 1, 255])),
      `${join(folder, "l3")} gives image 2 the label -1, which is outside the 2 classes (0 to 1).`,
    ],
    [
      p,
      save("l4", idx(12, [3], [0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0])),
      `${join(folder, "l4")} holds the label 16777216; more than 32768 classes are not believable.`,
    ],
    [
      p,
      save("l5", gzipSync(labels).subarray(0, 20)),
      `${join(folder, "l5")} is not a whole gzip file: unexpected end of file.`,
    ],
    [
      p,
      save("l6", bomb),
      `${join(folder, "l6")} expands to more than ${bomb.length * 200 + 2 ** 20} bytes, which is not believable for this kind of file.`,
    ],
    [p, join(folder, "none"), `${join(folder, "none")} cannot be read: there is no such file or folder.`],
  ];
  for (const [images, names, message, classes] of cases) {
    await assert.rejects(() => openIdxPair(images, names, classes), { name: "DataError", message });
  }
});

test("3,000 mutations of real IDX bytes end in an array or a DataError", async () => {
  const random = new Random(1, "idx fuzz");
  let good = 0;
  for (let round = 0; round < 3000; round++) {
    let bytes = Uint8Array.from(round % 2 ? pictures : labels);
    for (let edits = random.below(3) + 1; edits > 0; edits--) bytes[random.below(bytes.length)] = random.below(256);
    if (random.below(4) === 0) bytes = bytes.slice(0, random.below(bytes.length + 1));
    try {
      const array = readIdx(bytes, "fuzz");
      assert.ok(array.data.length <= bytes.length);
      good++;
    } catch (error) {
      assert.ok(error instanceof DataError, String(error));
    }
  }
  assert.ok(good > 100 && good < 2900, `${good} of 3000 were still readable`);
  const packed = gzipSync(pictures);
  for (let round = 0; round < 300; round++) {
    const bytes = Uint8Array.from(packed);
    bytes[random.below(bytes.length)] ^= 1 << random.below(8);
    await openIdx(save("fuzz", bytes)).catch((error) => assert.ok(error instanceof DataError, String(error)));
  }
});
