// Masks as PNGs: the numbers count, whatever the colours. What is written is read by another decoder (libvips), and PNGs that it or
// this file makes by hand are read here.
import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateSync } from "node:zlib";
import sharp from "sharp";
import { ndarray } from "../base/array.ts";
import { crc32 } from "../base/crc32.ts";
import { encodeMask, readMask } from "./maskFile.ts";
import { fitMask, maskFor, openMask } from "./masks.ts";
import { completePreprocessing } from "./preprocessing.ts";

const all = Uint8Array.from({ length: 256 }, (_, i) => i);

test("a mask is written with a palette: others see Pascal VOC's colours, and every number comes back", async () => {
  const bytes = encodeMask(ndarray([16, 16], all, "uint8"));
  assert.deepEqual([...readMask(bytes, "m.png")!.data], [...all]);
  const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
  assert.equal(info.channels, 3);
  const colour = (place: number): number[] => [...data.subarray(3 * place, 3 * place + 3)];
  // As the development kit of Pascal VOC lists them: background, aeroplane, bicycle, bird, boat, …, tv monitor, void.
  assert.deepEqual([0, 1, 2, 3, 4, 5, 20, 255].map(colour), [
    [0, 0, 0],
    [128, 0, 0],
    [0, 128, 0],
    [128, 128, 0],
    [0, 0, 128],
    [128, 0, 128],
    [0, 64, 128],
    [224, 224, 192],
  ]);
  assert.equal(new Set(Array.from(all, (place) => String(colour(place)))).size, 256);
});

/** A PNG of rows that carry their filter already. */
function png(
  width: number,
  height: number,
  bits: number,
  colour: number,
  rows: readonly number[],
  interlaced = 0,
): Uint8Array {
  const part = (kind: string, content: readonly number[]): number[] => {
    const body = [...Buffer.from(kind), ...content];
    const long = (n: number): number[] => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255];
    return [...long(content.length), ...body, ...long(crc32(Uint8Array.from(body)))];
  };
  return Uint8Array.from([
    ...[0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10],
    ...part("IHDR", [0, 0, 0, width, 0, 0, 0, height, bits, colour, 0, 0, interlaced]),
    ...part("IDAT", [...deflateSync(Uint8Array.from(rows))]),
    ...part("IEND", []),
  ]);
}

test("gray of 1, 2 and 4 bits gives its numbers, and filtered rows theirs", async () => {
  assert.deepEqual([...readMask(png(3, 2, 1, 0, [0, 0b10100000, 0, 0b01000000]), "m")!.data], [1, 0, 1, 0, 1, 0]);
  assert.deepEqual([...readMask(png(3, 1, 2, 0, [0, 0b11100100]), "m")!.data], [3, 2, 1]);
  assert.deepEqual([...readMask(png(3, 1, 4, 3, [0, 0xfa, 0x50]), "m")!.data], [15, 10, 5]);
  const pixels = Uint8Array.from({ length: 40 * 30 }, (_, i) => (i * 7 + ((i * i) % 13)) % 256);
  for (const adaptiveFiltering of [false, true]) {
    const gray = sharp(pixels, { raw: { width: 40, height: 30, channels: 1 } }).toColourspace("b-w");
    const bytes = new Uint8Array(await gray.png({ adaptiveFiltering }).toBuffer());
    assert.deepEqual([...readMask(bytes, "m")!.data], [...pixels]);
  }
  // Each filter by itself on two rows, by its definition: 10 20 30 / 11 22 33.
  const filters: Readonly<Record<number, readonly number[]>> = {
    1: [11, 11, 11],
    2: [1, 2, 3],
    3: [6, 7, 7],
    4: [1, 2, 3],
  };
  for (const [filter, row] of Object.entries(filters))
    assert.deepEqual(
      [...readMask(png(3, 2, 8, 0, [1, 10, 10, 10, Number(filter), ...row]), "m")!.data].slice(3),
      [11, 22, 33],
      filter,
    );
});

test("a PNG in colours is told, a damaged one too, and gray in another format is taken", async () => {
  const raw = { width: 2, height: 2, channels: 3 } as const;
  const colours = new Uint8Array(
    await sharp(Uint8Array.from([...Array(11).fill(7), 9]), { raw })
      .png()
      .toBuffer(),
  );
  assert.equal(readMask(colours, "m.png"), undefined);
  await assert.rejects(
    openMask(colours, "m.png"),
    /^DataError: m\.png is in colours; a mask is a PNG in gray or with a palette/,
  );
  const gif = new Uint8Array(await sharp(new Uint8Array(12).fill(3), { raw }).webp({ lossless: true }).toBuffer());
  assert.deepEqual([...(await openMask(gif, "m.webp")).data], [3, 3, 3, 3]);
  const good = encodeMask(ndarray([2, 2], [0, 1, 2, 3], "uint8"));
  const refused = (bytes: Uint8Array, why: RegExp) =>
    assert.throws(() => readMask(bytes, "m.png"), { name: "DataError", message: why });
  refused(good.slice(0, -12), /^m\.png is not a mask that can be read: it ends too early\.$/);
  refused(good.with(45, good[45] ^ 1), /a part of it is damaged\.$/);
  refused(png(2, 2, 8, 3, [0, 1, 1]), /its pixels are damaged\.$/);
  refused(png(2, 1, 8, 3, [0, 1, 1, 1, 1, 1]), /its pixels are damaged\.$/);
  refused(png(2, 1, 8, 3, [5, 1, 1]), /its pixels are damaged\.$/);
  refused(png(2, 1, 8, 3, [0, 1, 1], 1), /it is interlaced; save it without\.$/);
  assert.throws(
    () => encodeMask(ndarray([1, 2, 2], [0, 1, 2, 3], "uint8")),
    /A mask is uint8 \[height, width\], not uint8 \[1, 2, 2\]\./,
  );
});

test("a mask goes to the network's size and back by the nearest pixel; what the network did not see is 255", () => {
  const form = (options: object) => completePreprocessing({ channels: 1, height: 2, width: 2, ...options });
  const mask = ndarray([2, 2], [1, 2, 3, 4], "uint8");
  const fit = (height: number, width: number, options: object = {}) => [
    ...fitMask(mask, { height, width }, form(options)).data,
  ];
  assert.deepEqual(fit(4, 4), [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4]);
  assert.deepEqual(fit(2, 4), [255, 1, 2, 255, 255, 3, 4, 255]);
  assert.deepEqual(fit(2, 4, { resize: "squash" }), [1, 1, 2, 2, 3, 3, 4, 4]);
  assert.deepEqual(fit(1, 1), [4]);
  // Down and up again by a whole factor changes nothing.
  for (const options of [{}, { resize: "squash" }]) {
    const back = maskFor({ data: Uint8Array.from(fit(6, 6, options)), height: 6, width: 6 }, form(options));
    assert.deepEqual([...back], [1, 2, 3, 4]);
  }
  assert.throws(
    () => fitMask(ndarray([3, 2], new Uint8Array(6), "uint8"), { height: 1, width: 1 }, form({})),
    /The mask is uint8 \[3, 2\], but the model makes uint8 \[2, 2\]\./,
  );
});
