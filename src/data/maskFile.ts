// Masks as PNGs: the number of a pixel is the place of a class. Written with a palette, so that they can be looked at; read
// with one (the index counts, not the colour) or as gray of 1, 2, 4 or 8 bits (the number counts, not the brightness).
// Decoders of pictures give colours and brightness, so these few pages read and write the numbers themselves.

import { unzlibSync, zlibSync } from "fflate";
import { understand } from "../base/arguments.ts";
import { type NdArray, ndarrayRule } from "../base/array.ts";
import { crc32 } from "../base/crc32.ts";
import { DataError, NeocogError } from "../base/errors.ts";
import { formatShape } from "../base/shape.ts";

/** The numbers of a mask, row by row. */
export interface Mask {
  readonly data: Uint8Array;
  readonly height: number;
  readonly width: number;
}

/** Pixels of a mask at most: as many as are taken of pictures. */
const mostPixels = 2 ** 28;
const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const [gray, indexed] = [0, 3];

/** The numbers in a PNG with a palette or in gray of at most 8 bits; undefined for any other file. `name` begins the sentences. */
export function readMask(bytes: Uint8Array, name: string): Mask | undefined {
  if (signature.some((byte, i) => bytes[i] !== byte)) return undefined;
  const broken = (why: string): DataError => new DataError(`${name} is not a mask that can be read: ${why}.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: Uint8Array[] = [];
  let header: DataView | undefined;
  let ended = false;
  for (let at = 8; at + 12 <= bytes.length && !ended; ) {
    const [length, kind] = [view.getUint32(at), String.fromCharCode(...bytes.subarray(at + 4, at + 8))];
    const start = at + 8;
    if (start + length + 4 > bytes.length) break;
    if (view.getUint32(start + length) !== crc32(bytes.subarray(at + 4, start + length)))
      throw broken("a part of it is damaged");
    if (kind === "IHDR" && length === 13) header = new DataView(view.buffer, view.byteOffset + start, 13);
    if (kind === "IDAT") parts.push(bytes.subarray(start, start + length));
    ended = kind === "IEND";
    at = start + length + 4;
  }
  if (!header) throw broken("it has no header");
  const [width, height, bits, colour] = [
    header.getUint32(0),
    header.getUint32(4),
    header.getUint8(8),
    header.getUint8(9),
  ];
  if ((colour !== gray && colour !== indexed) || bits > 8) return undefined;
  if (![1, 2, 4, 8].includes(bits)) throw broken(`it has ${bits} bits a pixel`);
  if (width === 0 || height === 0) throw broken("it has no pixels");
  if (width * height > mostPixels) throw broken(`it claims ${width} x ${height} pixels`);
  if (header.getUint8(12) !== 0) throw broken("it is interlaced; save it without");
  if (!ended) throw broken("it ends too early");
  const bytesPerRow = Math.ceil((width * bits) / 8);
  const rows = inflated(parts, height * (bytesPerRow + 1));
  if (!rows) throw broken("its pixels are damaged");
  const data = new Uint8Array(height * width);
  let above = new Uint8Array(bytesPerRow);
  for (let y = 0; y < height; y++) {
    const start = y * (bytesPerRow + 1);
    const row = rows.subarray(start + 1, start + 1 + bytesPerRow);
    if (!unfilter(rows[start], row, above)) throw broken("its pixels are damaged");
    for (let x = 0; x < width; x++)
      data[y * width + x] = (row[(x * bits) >> 3] >> (8 - bits - ((x * bits) & 7))) & (2 ** bits - 1);
    above = row;
  }
  return { data, height, width };
}

/** Exactly so many bytes, or nothing. */
function inflated(parts: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> | undefined {
  const packed = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    packed.set(part, at);
    at += part.length;
  }
  try {
    // One byte more than there may be tells a longer stream, and no stream fills memory.
    const found = unzlibSync(packed, { out: new Uint8Array(size + 1) });
    return found.length === size ? Uint8Array.from(found) : undefined;
  } catch {
    return undefined;
  }
}

/** A row as it was before its filter, in place. Pixels of at most 8 bits: their neighbour to the left is one byte away. */
function unfilter(filter: number, row: Uint8Array, above: Uint8Array): boolean {
  if (filter > 4) return false;
  for (let i = 0; filter > 0 && i < row.length; i++) {
    const [a, b, c] = [row[i - 1] ?? 0, above[i], above[i - 1] ?? 0];
    row[i] += filter === 1 ? a : filter === 2 ? b : filter === 3 ? (a + b) >> 1 : nearest(a, b, c);
  }
  return true;
}

/** Paeth's predictor: of left, above and above left the one that is nearest to left + above − above left. */
function nearest(a: number, b: number, c: number): number {
  const [pa, pb, pc] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)];
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

/**
 * The bytes of a PNG of a mask, uint8 [height, width]: the number of a class is the index of its colour. The colours are those of
 * Pascal VOC: 0 black, 1 dark red, 2 green, 3 olive, …, 255 (not known) nearly white. Throws for another shape or type.
 */
export function encodeMask(mask: NdArray): Uint8Array {
  understand("encodeMask", arguments, { mask: ndarrayRule });
  const { shape, dtype, data } = mask;
  if (shape.length !== 2 || dtype !== "uint8" || shape[0] * shape[1] === 0) {
    throw new NeocogError(`A mask is uint8 [height, width], not ${dtype} ${formatShape(shape)}.`);
  }
  const [height, width] = shape;
  const rows = new Uint8Array(height * (width + 1));
  for (let y = 0; y < height; y++) rows.set(data.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, indexed], 8);
  const palette = Uint8Array.from({ length: 768 }, (_, i) => colourAt(Math.floor(i / 3), i % 3));
  return joined([
    Uint8Array.from(signature),
    part("IHDR", header),
    part("PLTE", palette),
    part("IDAT", zlibSync(rows)),
    part("IEND", new Uint8Array(0)),
  ]);
}

/** Pascal VOC's: the bits of the number in turn to red, green and blue, the lowest as the highest of each. */
function colourAt(place: number, channel: number): number {
  let value = 0;
  for (let bit = 0; bit < 3; bit++) value |= ((place >> (3 * bit + channel)) & 1) << (7 - bit);
  return value;
}

function part(kind: string, content: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(content.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, content.length);
  for (let i = 0; i < 4; i++) bytes[4 + i] = kind.charCodeAt(i);
  bytes.set(content, 8);
  view.setUint32(content.length + 8, crc32(bytes.subarray(4, content.length + 8)));
  return bytes;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const one of parts) {
    bytes.set(one, at);
    at += one.length;
  }
  return bytes;
}
