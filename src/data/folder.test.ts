import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import sharp from "sharp";
import { ndarray } from "../base/array.ts";
import { DataError } from "../base/errors.ts";
import { Random } from "../base/random.ts";
import type { Split } from "./dataset.ts";
import { type FolderOptions, openPictureFolder as openAny } from "./folder.ts";
import { openImage } from "./picture.ts";
import { encodePng } from "./png.ts";

/** In memory, and however many are broken. */
const openPictureFolder = (folder: string, options: FolderOptions = {}) =>
  openAny(folder, { mostBroken: 1, ...options }) as Promise<Split>;

const root = mkdtempSync(join(tmpdir(), "neocog-folder-"));
after(() => rmSync(root, { recursive: true }));

const red = { r: 255, g: 0, b: 0 };
const blue = { r: 0, g: 0, b: 255 };
const plain = (background: object, width = 6, height = 4) =>
  sharp({ create: { width, height, channels: 3, background } });

/** A folder of so many red and blue pictures. */
async function pets(name: string, cats: number, dogs: number): Promise<string> {
  const folder = join(root, name);
  for (const [kind, count, colour] of [
    ["cat", cats, red],
    ["dog", dogs, blue],
  ] as const) {
    mkdirSync(join(folder, kind), { recursive: true });
    for (let i = 0; i < count; i++) {
      const format = (["png", "jpeg", "webp", "gif"] as const)[i % 4];
      writeFileSync(join(folder, kind, `${i}.${format}`), await plain(colour).toFormat(format).toBuffer());
    }
  }
  return folder;
}

test("sub-folders become classes, split by chance in their shares", async () => {
  const folder = await pets("pets", 10, 5);
  const { train, validation, test: held, skipped } = await openPictureFolder(folder, { testFraction: 0.2, seed: 1 });
  assert.ok(held && validation);
  assert.deepEqual(train.classes, ["cat", "dog"]);
  assert.deepEqual(train.images.shape, [10, 3, 4, 6], "the pictures' own size, in colour");
  assert.deepEqual([...held.labels], [0, 0, 1]);
  assert.deepEqual(skipped, []);
  assert.ok(train.images.data[0] > 250 && train.images.data[24] < 5 && train.images.data[48] < 5, "red, planar");
  assert.equal(validation.labels.length, 2);
  assert.equal(new Set([train, validation, held].flatMap(({ origins }) => origins!)).size, 15);
  const again = await openPictureFolder(folder, { testFraction: 0.2, seed: 1, size: [2, 3], channels: 1 });
  assert.deepEqual(again.test!.origins, held.origins);
  assert.deepEqual(again.train.images.shape, [10, 1, 2, 3]);
});

test("broken pictures are named, counted and skipped", async () => {
  const folder = await pets("broken", 3, 3);
  const whole = readFileSync(join(folder, "cat", "1.jpeg"));
  writeFileSync(join(folder, "cat", "noise.png"), "this is no picture");
  writeFileSync(join(folder, "cat", "cut.jpg"), whole.subarray(0, whole.length - 40));
  writeFileSync(join(folder, "dog", "empty.webp"), "");
  writeFileSync(join(folder, "dog", "notes.txt"), "hello");
  writeFileSync(join(folder, "dog", ".DS_Store"), "x");
  const {
    train,
    test: held,
    skipped,
  } = await openPictureFolder(folder, {
    testFraction: 0.34,
    validationFraction: 0,
  });
  assert.equal(train.labels.length + held!.labels.length, 6);
  assert.deepEqual(
    skipped.map(({ file }) => file),
    [join("dog", "notes.txt"), join("cat", "cut.jpg"), join("cat", "noise.png"), join("dog", "empty.webp")].map(
      (name) => join(folder, name),
    ),
  );
  assert.equal(skipped[0].reason, "its name is not a picture's");
  assert.equal(
    skipped[2].reason,
    `${join(folder, "cat", "noise.png")} is not a picture that can be read: Input buffer contains unsupported image format.`,
  );
  assert.match(skipped[1].reason, /cut\.jpg is not a picture that can be read: .+\.$/);
  assert.equal(
    skipped[3].reason,
    `${join(folder, "dog", "empty.webp")} is not a picture that can be read: it is empty.`,
  );
});

test("train, val and test sub-folders are kept apart, under any of their usual names", async () => {
  for (const [train, val, tests] of [
    ["train", "val", "test"],
    ["Training", "valid", "tests"],
    ["TRAIN", "validation", "testing"],
  ]) {
    const root = await pets(`parted-${train}/${train}`, 3, 2).then((path) => join(path, ".."));
    await pets(`parted-${train}/${val}`, 1, 2);
    await pets(`parted-${train}/${tests}`, 2, 0);
    const parts = await openPictureFolder(root);
    assert.deepEqual(
      [parts.train, parts.validation!, parts.test!].map(({ labels }) => [...labels]),
      [
        [0, 0, 0, 1, 1],
        [0, 1, 1],
        [0, 0],
      ],
    );
    for (const part of ["test", "validation"])
      await assert.rejects(openPictureFolder(root, { [`${part}Fraction`]: 0.5 }), {
        message: `${part}Fraction has no effect on ${root}, which has ${part} pictures of its own.`,
      });
    mkdirSync(join(root, val, "zebra"));
    const { skipped } = await openPictureFolder(root);
    assert.deepEqual(skipped, [{ file: join(root, val, "zebra"), reason: "it holds no pictures" }]);
    writeFileSync(join(root, val, "zebra", "1.png"), await plain(red).png().toBuffer());
    await assert.rejects(openPictureFolder(root), {
      name: "DataError",
      message: `${join(root, val, "zebra")} is a class that the training pictures do not have.`,
    });
  }
});

test("parts that a folder lacks: validation is cut from the training pictures, a test set only where it is asked for", async () => {
  await pets("halves/train", 10, 10);
  const folder = join(root, "halves");
  const alone = await openPictureFolder(folder);
  assert.deepEqual([alone.train.labels.length, alone.validation!.labels.length, alone.test], [18, 2, undefined]);
  const asked = await openPictureFolder(folder, { testFraction: 0.2 });
  assert.deepEqual(
    [asked.train, asked.validation!, asked.test!].map(({ labels }) => labels.length),
    [14, 2, 4],
  );
  await pets("halves/val", 2, 2);
  const validated = await openPictureFolder(folder);
  assert.deepEqual([validated.train.labels.length, validated.validation!.labels.length], [20, 4]);
  assert.equal(validated.test, undefined, "what steers is no test set");
  await pets("untrained/val", 1, 1);
  await pets("untrained/test", 1, 1);
  await assert.rejects(openPictureFolder(join(root, "untrained")), {
    message: `${join(root, "untrained")} has validation and test pictures, but no sub-folder train to learn from.`,
  });
});

test("folders that cannot be learned from are refused with one sentence", async () => {
  mkdirSync(join(root, "one", "cat"), { recursive: true });
  mkdirSync(join(root, "none"));
  mkdirSync(join(root, "hollow", "a"), { recursive: true });
  mkdirSync(join(root, "hollow", "b"), { recursive: true });
  writeFileSync(join(root, "hollow", "a", "x.png"), await plain(red).png().toBuffer());
  const cases: [string, object, string][] = [
    [
      "one",
      {},
      `${join(root, "one")} has only one class (cat); it needs a sub-folder of pictures for each of at least two classes.`,
    ],
    [
      "none",
      {},
      `${join(root, "none")} has no class; it needs a sub-folder of pictures for each of at least two classes.`,
    ],
    ["hollow", {}, `${join(root, "hollow")}: class b has no pictures.`],
    ["nowhere", {}, `${join(root, "nowhere")} cannot be read: there is no such file or folder.`],
    ["pets", { size: 0 }, "The size of pictures must be a whole number from 1 to 8192, not 0."],
    ["pets", { channels: 2 }, "Pictures have 1 channel (gray) or 3 (colour), not 2."],
    [
      "pets",
      { resize: "fit" },
      'Pictures are resized by "cover" or "squash", or refused by "refuse", but not by "fit".',
    ],
  ];
  for (const [name, options, message] of cases)
    await assert.rejects(openPictureFolder(join(root, name), options), { message });
  writeFileSync(join(root, "hollow", "b", "x.png"), "no");
  await assert.rejects(openPictureFolder(join(root, "hollow")), {
    message: `${join(root, "hollow")}: class b has no picture that can be read (1 tried; the first: ${join(root, "hollow", "b", "x.png")} is not a picture that can be read: Input buffer contains unsupported image format.)`,
  });
});

test("one picture: size is checked, EXIF rotation followed, transparent parts white", async () => {
  const path = join(root, "turned.jpg");
  const halves = Buffer.concat([Buffer.alloc(48, 255), Buffer.alloc(48, 0)]); // 16 x 2: a white row above a black one
  writeFileSync(
    path,
    await sharp(halves, { raw: { width: 16, height: 2, channels: 3 } })
      .resize(16, 16, { kernel: "nearest" })
      .jpeg({ quality: 100 })
      .withMetadata({ orientation: 6 })
      .toBuffer(),
  );
  const turned = await openImage(path, { channels: 1, height: 16, width: 16 });
  assert.deepEqual(turned.shape, [1, 1, 16, 16]);
  assert.ok(turned.data[0] < 10 && turned.data[15] > 245, "orientation 6 turns the upper edge to the right");
  await assert.rejects(openImage(path, { channels: 1, height: 8, width: 9, resize: "refuse" }), {
    name: "DataError",
    message: `${path} is 16 x 16 pixels, but the network wants 9 x 8; bring it to size with resize: "cover" (crops) or resize: "squash" (stretches).`,
  });
  assert.deepEqual((await openImage(path, { channels: 3, height: 8, width: 9 })).shape, [1, 3, 8, 9]);
  await assert.rejects(openImage(path, { channels: 2, height: 8, width: 8 }), {
    message: "A picture gives 1 or 3 channels, but the network wants 2.",
  });
  const clear = await sharp({ create: { width: 2, height: 2, channels: 4, background: { ...red, alpha: 0 } } })
    .png()
    .toBuffer();
  const white = await openImage(clear, { channels: 3, height: 2, width: 2 });
  assert.deepEqual([...white.data], new Array(12).fill(255));
});

test("cover crops the middle, squash keeps all", async () => {
  const wide = new Uint8Array(4 * 12).fill(0);
  for (let y = 0; y < 4; y++) wide.fill(255, y * 12 + 4, y * 12 + 8); // the middle third is white
  const png = await encodePng(ndarray([4, 12], wide, "uint8"));
  const cover = await openImage(png, { channels: 1, height: 4, width: 4, resize: "cover" });
  assert.deepEqual([...cover.data], new Array(16).fill(255));
  const squash = await openImage(png, { channels: 1, height: 4, width: 3, resize: "squash" });
  assert.deepEqual([...squash.data.slice(0, 3)], [36, 191, 36], "a triangle filter as wide as two new pixels");
});

test("numbers become a PNG and come back", async () => {
  const back = async (image: ReturnType<typeof ndarray>, channels: number, range?: [number, number]) => [
    ...(await openImage(await encodePng(image, range), { channels, height: 1, width: 2 })).data,
  ];
  assert.deepEqual(await back(ndarray([1, 2], [0, 1]), 1), [0, 255]);
  assert.deepEqual(await back(ndarray([1, 1, 2], [-3, 1]), 1, [-1, 1]), [0, 255]);
  assert.deepEqual(await back(ndarray([1, 3, 1, 2], [10, 20, 30, 40, 50, 60], "uint8"), 3), [10, 20, 30, 40, 50, 60]);
  assert.throws(() => encodePng(ndarray([2, 1, 2], [1, 2, 3, 4])), {
    message:
      "An image of shape [2, 1, 2] cannot be drawn; it must be [height, width] or [1, 3 or 4 channels, height, width].",
  });
  assert.throws(() => encodePng(ndarray([1, 2], [0, 1]), [1, 1]), {
    message: "The range of pixels must rise, but it is 1 to 1.",
  });
});

test("400 mutations of real pictures end in pixels or a DataError", async () => {
  const random = new Random(4, "picture fuzz");
  const noise = Uint8Array.from({ length: 3 * 24 * 24 }, () => random.below(256));
  const source = sharp(noise, { raw: { width: 24, height: 24, channels: 3 } });
  const whole = await Promise.all(
    (["png", "jpeg", "webp", "gif"] as const).map((format) => source.clone().toFormat(format).toBuffer()),
  );
  let refused = 0;
  for (let round = 0; round < 400; round++) {
    const bytes = Uint8Array.from(whole[round % 4]);
    for (let edits = 0; edits < 4; edits++) bytes[random.below(Math.min(bytes.length, 300))] = random.below(256);
    const cut = random.below(4) ? bytes : bytes.slice(0, random.below(bytes.length));
    await openImage(cut, { channels: 3, height: 8, width: 8, resize: "squash" }).then(
      ({ data }) => assert.equal(data.length, 192),
      (error) => {
        assert.ok(error instanceof DataError, String(error));
        refused++;
      },
    );
  }
  assert.ok(refused > 100, `${refused} of 400 refused`);
});

/** A PNG of one pixel that claims another size. */
async function claiming(size: number): Promise<Buffer> {
  const png = await plain(red, 1, 1).png().toBuffer();
  png.writeUInt32BE(size, 16);
  png.writeUInt32BE(size, 20);
  let sum = ~0;
  for (const byte of png.subarray(12, 29)) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  png.writeUInt32BE(~sum >>> 0, 29);
  return png;
}

test("a picture of 20,000 x 20,000 is left out by its header, as a broken one", async () => {
  const folder = await pets("bomb", 12, 12);
  const bomb = join(folder, "cat", "bomb.png");
  writeFileSync(bomb, await claiming(20_000));
  for (const stream of [false, true]) {
    const { skipped } = await openPictureFolder(folder, { mostBroken: 0.05, stream });
    assert.deepEqual(skipped, [
      {
        file: bomb,
        reason: `${bomb} is not a picture that can be read: it claims 20,000 x 20,000 pixels, and a picture of the kind PNG may have 134,217,728 at most.`,
      },
    ]);
  }
});

const mayReadAll = process.getuid?.() === 0 ? "the superuser may read every folder" : undefined;

test("a folder that may not be read is one sentence", { skip: mayReadAll }, async () => {
  const folder = await pets("closed", 2, 2);
  chmodSync(join(folder, "cat"), 0);
  try {
    await assert.rejects(openPictureFolder(folder), {
      name: "DataError",
      message: `${join(folder, "cat")} cannot be listed: permission is denied.`,
    });
  } finally {
    chmodSync(join(folder, "cat"), 0o755);
  }
});

test("classes that differ by case alone are refused; files that do are two where the disk holds both", async () => {
  const folder = await pets("alike", 2, 2);
  const png = await plain(red).png().toBuffer();
  writeFileSync(join(folder, "cat", "0.PNG"), png);
  const { train, validation, test: held } = await openPictureFolder(folder);
  const found = [train, validation, held].flatMap((set) => set?.origins ?? []);
  assert.equal(found.length, readdirSync(join(folder, "cat")).length + readdirSync(join(folder, "dog")).length);
  mkdirSync(join(folder, "Cat"), { recursive: true });
  if (readdirSync(folder).length === 2) return;
  writeFileSync(join(folder, "Cat", "1.png"), png);
  await assert.rejects(openPictureFolder(folder), {
    name: "DataError",
    message: `${folder} has the classes Cat and cat, which differ by case alone and are one on some disks; rename one, or put them together.`,
  });
});
