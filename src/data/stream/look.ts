// What one file of a picture is, beyond what training asks: format, size, whether it is of one colour; and small copies to show.

import { pictures as decoder, files } from "#host";
import { DataError } from "../../base/errors.ts";
import { sha256 } from "../../base/sha256.ts";
import type { Pixels } from "../../host/host.ts";
import { completePreprocessing } from "../preprocessing.ts";
import { shownPixels } from "../shown.ts";

/** What a look at a file tells. */
export interface Looked {
  /** SHA-256 of the file, 64 digits; empty where it could not be read. */
  readonly content: string;
  readonly bytes: number;
  /** By its first bytes, whatever its name says. */
  readonly format: string;
  /** As seen, after the EXIF rotation; 0 where it cannot be decoded. */
  readonly height: number;
  readonly width: number;
  /** Standard deviation of the channel that varies most, 0..255. */
  readonly spread: number;
  /** Why it cannot be decoded, as a sentence. */
  readonly reason?: string;
}

/** A small copy as the bytes of a file. */
export interface Thumbnail {
  readonly type: "image/png" | "image/jpeg";
  readonly bytes: Uint8Array;
  readonly height: number;
  readonly width: number;
}

const nothing = { content: "", bytes: 0, format: "unknown", height: 0, width: 0, spread: 0 };

export async function lookAt(file: string): Promise<Looked> {
  let told = nothing;
  try {
    const bytes = await files.readFile(file);
    told = { ...told, content: await sha256(bytes), bytes: bytes.length, format: formatOf(bytes) };
    const pixels = await decoder.decode(bytes, file);
    return { ...told, height: pixels.height, width: pixels.width, spread: spreadOf(pixels) };
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return { ...told, reason: error.message };
  }
}

/** A copy that fits into a square; undefined for what cannot be read. */
export async function thumbnailOf(file: string, side: number): Promise<Thumbnail | undefined> {
  try {
    return await thumbnail(await decoder.decode(await files.readFile(file), file), side);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return undefined;
  }
}

/** Pictures up to this side stay as they are, pixel by pixel. */
const exact = 40;

/** Small pictures as PNG with their own pixels, others as JPEG of at most `side` pixels. */
export async function thumbnail(pixels: Pixels, side: number): Promise<Thumbnail> {
  const longer = Math.max(pixels.height, pixels.width);
  if (longer <= exact) {
    const { height, width } = pixels;
    return { type: "image/png", bytes: await decoder.encodePng(pixels), height, width };
  }
  const scale = Math.min(1, side / longer);
  const [height, width] = [pixels.height, pixels.width].map((n) => Math.max(1, Math.round(n * scale)));
  const small = scale === 1 ? pixels : resized(pixels, height, width);
  return { type: "image/jpeg", bytes: await decoder.encodeJpeg(small), height, width };
}

function resized(pixels: Pixels, height: number, width: number): Pixels {
  const planes = shownPixels(pixels, completePreprocessing({ channels: 3, height, width, resize: "squash" }));
  const size = height * width;
  const data = new Uint8Array(3 * size);
  for (let c = 0; c < 3; c++) for (let i = 0; i < size; i++) data[3 * i + c] = planes[c * size + i];
  return { data, height, width, channels: 3 };
}

const grid = 32;

function spreadOf(pixels: Pixels): number {
  const planes = shownPixels(
    pixels,
    completePreprocessing({ channels: 3, height: grid, width: grid, resize: "squash" }),
  );
  return deviation(planes, 3);
}

/** Standard deviation of the channel that varies most. */
export function deviation(planes: Uint8Array, channels: number): number {
  const size = planes.length / channels;
  let most = 0;
  for (let c = 0; c < channels; c++) {
    let [sum, square] = [0, 0];
    for (let i = c * size; i < (c + 1) * size; i++) {
      sum += planes[i];
      square += planes[i] * planes[i];
    }
    most = Math.max(most, square / size - (sum / size) ** 2);
  }
  return Math.sqrt(most);
}

/** First bytes of each format; a dot stands for any. */
const signatures: readonly (readonly [format: string, start: RegExp])[] = [
  ["PNG", /^\x89PNG/],
  ["JPEG", /^\xff\xd8\xff/],
  ["GIF", /^GIF8/],
  ["WebP", /^RIFF....WEBP/s],
  ["TIFF", /^(II\*\0|MM\0\*)/],
  ["AVIF", /^....ftypavi[fs]/s],
];

export function formatOf(bytes: Uint8Array): string {
  const start = String.fromCharCode(...bytes.subarray(0, 12));
  return signatures.find(([, signature]) => signature.test(start))?.[0] ?? "unknown";
}
