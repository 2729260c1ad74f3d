// Folders of pairs made here: parts, streams, palettes, and everything that does not fit.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { ndarray } from "../base/array.ts";
import { sizeOf } from "../base/shape.ts";
import { type PictureSet, partsOf } from "./images.ts";
import { encodeMask } from "./maskFile.ts";
import { openPairs } from "./pairs.ts";
import { encodePng } from "./png.ts";

const place = mkdtempSync(join(tmpdir(), "neocog-pairs-"));
after(() => rmSync(place, { recursive: true }));

const side = 8;
const pixel = (i: number, at: number): number => (at * 31 + i * 17) % 200;
const label = (i: number, at: number): number => (at + i) % 3;
const made = (of: (at: number) => number, size = side) =>
  ndarray(
    [size, size],
    Uint8Array.from({ length: size * size }, (_, at) => of(at)),
    "uint8",
  );

/** Pairs of a folder, numbered from `first` on. */
async function pairs(
  root: string,
  count: number,
  first = 0,
  second: "masks" | "targets" = "masks",
  times = 1,
): Promise<string> {
  const one = second === "masks" ? "images" : "inputs";
  for (const name of [one, second]) mkdirSync(join(root, name), { recursive: true });
  for (let i = first; i < first + count; i++) {
    writeFileSync(join(root, one, `${i}.png`), await encodePng(made((at) => pixel(i, at))));
    const other =
      second === "masks"
        ? encodeMask(made((at) => label(i, at)))
        : await encodePng(made((at) => pixel(i, at) + 20, times * side));
    writeFileSync(join(root, second, `${i}.png`), other);
  }
  return root;
}

async function pixelsOf({ images }: PictureSet): Promise<number[]> {
  const found: number[] = [];
  for await (const part of partsOf(images, 3)) found.push(...part.data);
  return found.slice(0, sizeOf(images.shape));
}

test("masks with a palette are read by their numbers; a folder without parts is cut by chance", async () => {
  const split = await openPairs(await pairs(join(place, "plain"), 10), "masks");
  assert.deepEqual(
    [split.train, split.validation!, split.test!].map(({ images }) => images.shape[0]),
    [7, 1, 2],
  );
  assert.equal(split.testByChance, true);
  const { labels, classes, origins } = split.train;
  assert.deepEqual(classes, ["0", "1", "2"]);
  const numbers = origins!.map((file) => Number(/(\d+)\.png$/.exec(file)![1]));
  assert.deepEqual(
    [...labels.values.data],
    numbers.flatMap((i) => Array.from({ length: side * side }, (_, at) => label(i, at))),
  );
});

test("parts are sub-folders with a pair of folders each", async () => {
  const root = join(place, "parts");
  await pairs(join(root, "train"), 6);
  await pairs(join(root, "val"), 2, 6);
  await pairs(join(root, "test"), 3, 8);
  writeFileSync(join(root, "classes.txt"), "a\nb\nc\n");
  const split = await openPairs(root, "masks");
  assert.deepEqual(
    [split.train, split.validation!, split.test!].map(({ images }) => images.shape[0]),
    [6, 2, 3],
  );
  assert.equal(split.testByChance, undefined);
  assert.deepEqual(split.test!.classes, ["a", "b", "c"]);
  await assert.rejects(
    openPairs(root, "masks", { testFraction: 0.5 }),
    /has no effect on .*, which has test pictures of its own/,
  );
  const without = join(place, "no-train");
  await pairs(join(without, "val"), 2);
  await assert.rejects(
    openPairs(without, "masks"),
    /has validation pictures, but no sub-folder train to learn from\.$/,
  );
});

test("streamed pairs hold the same pixels, labels and places as those in memory", async () => {
  const root = await pairs(join(place, "streamed"), 9);
  const [memory, streamed] = [
    await openPairs(root, "masks"),
    await openPairs(root, "masks", { stream: true, workers: 1 }),
  ];
  assert.ok("store" in streamed.train.images);
  for (const part of ["train", "validation", "test"] as const) {
    assert.deepEqual(await pixelsOf(streamed[part]!), await pixelsOf(memory[part]!));
    assert.deepEqual(streamed[part]!.labels, memory[part]!.labels);
  }
});

test("targets may be larger by a whole factor, the same for all", async () => {
  const root = await pairs(join(place, "larger"), 4, 0, "targets", 2);
  const { train } = await openPairs(root, "pictures", { testFraction: 0, validationFraction: 0 });
  assert.deepEqual(train.labels.values.shape, [4, 1, 16, 16]);
  assert.equal(train.labels.values.data[5], pixel(0, 5) + 20);
  writeFileSync(join(root, "targets", "2.png"), await encodePng(made(() => 1, 3 * side)));
  await assert.rejects(
    openPairs(root, "pictures"),
    /targets\/2\.png is 24 x 24 pixels, .* must be 2 times as large as their pictures\.$/,
  );
});

test("what does not fit is told with its file, what has no partner or is broken is left out", async () => {
  const root = await pairs(join(place, "wrong"), 8);
  const mask = (name: string) => join(root, "masks", name);
  rmSync(mask("0.png"));
  rmSync(join(root, "images", "1.png"));
  writeFileSync(join(root, "images", "2.png"), "no picture");
  const { skipped, train } = await openPairs(root, "masks", {
    mostBroken: 0.5,
    testFraction: 0,
    validationFraction: 0,
  });
  assert.equal(train.images.shape[0], 5);
  assert.deepEqual(
    skipped.map(({ file, reason }) => [file.slice(root.length + 1), reason.replace(`${root}/`, "").slice(0, 31)]),
    [
      ["images/0.png", "masks has no picture of its name".slice(0, 31)],
      ["masks/1.png", "images has no picture of its name".slice(0, 31)],
      ["images/2.png", "images/2.png is not a picture t"],
    ],
  );
  await assert.rejects(openPairs(root, "masks"), /1 of 6 pictures cannot be read/);
  const refused = async (bytes: Uint8Array, why: RegExp, classes?: string[]) => {
    writeFileSync(mask("5.png"), bytes);
    await assert.rejects(openPairs(root, "masks", { mostBroken: 0.5, ...(classes ? { classes } : {}) }), why);
  };
  await refused(
    encodeMask(made(() => 0, 4)),
    /masks\/5\.png is 4 x 4 pixels, but its picture .*images\/5\.png is 8 x 8; a mask must be as large/,
  );
  await refused(
    encodeMask(made((at) => (at === 9 ? 3 : 255))),
    /masks\/5\.png holds 3 in row 1, column 1 \(counted from 0\), but there are 3 classes \(0 to 2\), and 255 for what is not known\.$/,
    ["a", "b", "c"],
  );
  await refused(
    new Uint8Array(await encodePng(ndarray([3, 8, 8], new Uint8Array(192).fill(1).with(0, 2), "uint8"))),
    /masks\/5\.png is in colours/,
  );
  await refused(encodeMask(made(() => 0)).slice(0, 60), /masks\/5\.png is not a mask that can be read/);
});
