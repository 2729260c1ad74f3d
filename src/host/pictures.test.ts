import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import sharp from "sharp";
import { DataError } from "../base/errors.ts";
import { Budget, whyRefused } from "./limits.ts";
import { pictures } from "./pictures.node.ts";

interface Golden {
  readonly cases: readonly {
    readonly name: string;
    readonly tolerance: number;
    readonly width: number;
    readonly height: number;
    readonly gray: boolean;
    readonly file: string;
    readonly pixels: string;
  }[];
  readonly refused: readonly { readonly name: string; readonly file: string; readonly depth: string }[];
}

const path = new URL("../../../test/fixtures/pictures/pictures.json", import.meta.url);
const golden = JSON.parse(readFileSync(path, "utf8")) as Golden;
const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "base64"));

for (const { name, tolerance, width, height, gray, file, pixels } of golden.cases) {
  test(`${name} gives the pixels that Pillow sees`, async () => {
    assert.deepEqual(await pictures.readHeader(bytesOf(file), name), { height, width, gray });
    const found = await pictures.decode(bytesOf(file), name);
    assert.deepEqual([found.height, found.width, found.channels], [height, width, 3]);
    const wanted = bytesOf(pixels);
    assert.equal(found.data.length, wanted.length);
    wanted.forEach((value, i) => {
      assert.ok(Math.abs(value - found.data[i]) <= tolerance, `number ${i}: ${found.data[i]}, not ${value}`);
    });
  });
}

test("numbers without a known white are refused, not turned black", async () => {
  for (const { name, file, depth } of golden.refused) {
    const sentence = {
      name: "DataError",
      message: `${name} is not a picture that can be read: its pixels are stored as numbers without a known white (${depth}); save it with 8 or 16 bits a channel.`,
    };
    await assert.rejects(pictures.decode(bytesOf(file), name), sentence);
    await assert.rejects(pictures.readHeader(bytesOf(file), name), sentence);
  }
});

test("a lossless AVIF gives the pixels that it was made of, turned as it says", async () => {
  // Pillow 9.4 has no AVIF; test/picture.test.ts holds it against Chromium's decoder.
  const [width, height] = [32, 16];
  const quarters = [
    [230, 30, 40],
    [40, 200, 60],
    [30, 60, 220],
    [240, 240, 30],
  ];
  const colourAt = (x: number, y: number): number[] => quarters[(x < 16 ? 0 : 1) + (y < 8 ? 0 : 2)];
  const pixels = Array.from({ length: height }, (_, y) => Array.from({ length: width }, (_, x) => colourAt(x, y)));
  const picture = sharp(Uint8Array.from(pixels.flat(2)), { raw: { width, height, channels: 3 } });
  for (const { orientation, seen } of [
    { orientation: 1, seen: pixels },
    {
      orientation: 6,
      seen: Array.from({ length: width }, (_, y) =>
        Array.from({ length: height }, (_, x) => colourAt(y, height - 1 - x)),
      ),
    },
  ]) {
    const file = await picture
      .clone()
      .withMetadata({ orientation })
      .avif({ lossless: true, chromaSubsampling: "4:4:4" })
      .toBuffer();
    const found = await pictures.decode(new Uint8Array(file), "made.avif");
    assert.deepEqual([found.height, found.width], [seen.length, seen[0].length]);
    const off = seen.flat(2).reduce((most, value, i) => Math.max(most, Math.abs(value - found.data[i])), 0);
    assert.ok(off <= 1, `orientation ${orientation}: ${off} levels off`);
  }
});

/** A small AVIF that claims another size: its boxes `ispe` hold width and height. */
async function claiming(width: number, height: number): Promise<Uint8Array> {
  const small = await sharp({ create: { width: 64, height: 64, channels: 3, background: "red" } })
    .avif()
    .toBuffer();
  for (let at = small.indexOf("ispe"); at >= 0; at = small.indexOf("ispe", at + 4)) {
    small.writeUInt32BE(width, at + 8);
    small.writeUInt32BE(height, at + 12);
  }
  return new Uint8Array(small);
}

test("a small file that claims gigabytes is refused by its header, at once", { timeout: 10_000 }, async () => {
  const wide = await claiming(4_194_344, 30);
  assert.ok(wide.length < 1000);
  await assert.rejects(pictures.decode(wide, "wide.avif"), {
    name: "DataError",
    message:
      "wide.avif is not a picture that can be read: it claims 4,194,344 x 30 pixels, and no side may have more than 65,535.",
  });
  await assert.rejects(pictures.readHeader(await claiming(40_000, 3_000), "large.avif"), {
    message:
      "large.avif is not a picture that can be read: it claims 40,000 x 3,000 pixels, and a picture of the kind AVIF may have 33,554,432 at most.",
  });
  const lying = await claiming(4_000, 3_000);
  await pictures.decode(lying, "lying.avif").then(
    ({ data }) => assert.equal(data.length, 4_000 * 3_000 * 3),
    (error) => assert.ok(error instanceof DataError, String(error)),
  );
});

test("what a header may claim depends on the format, and other formats are not opened by their content", async () => {
  assert.equal(whyRefused({ format: "jpeg", width: 12_000, height: 9_000, depth: "uchar" }), undefined);
  assert.equal(whyRefused({ format: "png", width: 65_535, height: 2_000, depth: "ushort" }), undefined);
  assert.match(whyRefused({ format: "png", width: 12_000, height: 12_000 })!, /PNG may have 134,217,728 at most$/);
  assert.match(whyRefused({ format: "gif", width: 12_000, height: 9_000 })!, /GIF may have 33,554,432 at most$/);
  const drawing = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><circle r="4"/></svg>');
  await assert.rejects(pictures.decode(new Uint8Array(drawing), "really.png"), {
    message:
      "really.png is not a picture that can be read: it is of the kind SVG, and only PNG, JPEG, WebP, GIF, TIFF and AVIF are read.",
  });
});

test("what runs together stays within the budget, and what is larger runs alone", async () => {
  const budget = new Budget(10);
  let [running, most, done] = [0, 0, 0];
  const work = (cost: number): Promise<void> =>
    budget.run(cost, async () => {
      running += Math.min(cost, 10);
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 1));
      running -= Math.min(cost, 10);
      done++;
    });
  await Promise.all([4, 4, 4, 100, 1, 1, 9, 2, 10, 3].map(work));
  assert.deepEqual([running, most, done], [0, 10, 10]);
  const broken = budget.run(10, () => Promise.reject(new Error("broken")));
  await assert.rejects(broken, /broken/);
  await work(10);
  assert.equal(done, 11);
});
