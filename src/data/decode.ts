// From files of pictures to a dataset: the form that all are brought to, and the pictures themselves, a few at a time.

import { pictures as decoder, files } from "#host";
import { ndarray } from "../base/array.ts";
import { DataError, NeocogError } from "../base/errors.ts";
import type { StopSignal } from "../base/web.ts";
import { type Dataset, dataset, type Skipped } from "./dataset.ts";
import type { Listed } from "./listing.ts";
import { pixelsFor } from "./picture.ts";
import { completePreprocessing, type Preprocessing, type Resize } from "./preprocessing.ts";

export interface FormOptions {
  /** Pixels down and across, or one number for a square. Unless told: the pictures' own size where all share one of at most 128, else 64. */
  readonly size?: number | readonly [number, number];
  /** 1 for gray, 3 for colour. Unless told: gray where every picture is. */
  readonly channels?: 1 | 3;
  /** How pictures of another size are brought to size; `cover` (crops the middle) unless told. With `refuse` they are left out. */
  readonly resize?: Resize;
  /** Share of each side of the resized picture that the middle shows; 1 unless told. */
  readonly crop?: number;
}

export const formOptionNames = ["size", "channels", "resize", "crop"];

export interface DecodeOptions {
  /** Told after every few pictures. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: StopSignal;
}

/** Pictures decoded at the same time. */
const together = 8;
const ownSizeMost = 128;
const usualSize = 64;

export function checkForm({ size, channels, resize }: FormOptions): void {
  for (const n of size === undefined ? [] : [size].flat()) {
    if (!Number.isInteger(n) || n < 1 || n > 8192) {
      throw new NeocogError(`The size of pictures must be a whole number from 1 to 8192, not ${n}.`);
    }
  }
  if (channels !== undefined && channels !== 1 && channels !== 3) {
    throw new NeocogError(`Pictures have 1 channel (gray) or 3 (colour), not ${channels}.`);
  }
  if (resize !== undefined && !["cover", "squash", "refuse"].includes(resize)) {
    throw new NeocogError(
      `Pictures are resized by "cover" or "squash", or refused by "refuse", but not by "${resize}".`,
    );
  }
}

/** The form all pictures are brought to: what is told, or what their headers suggest. */
export async function formOf(listed: readonly Listed[], options: FormOptions & DecodeOptions): Promise<Preprocessing> {
  const { size, channels, resize, crop } = options;
  const [height, width] = typeof size === "number" ? [size, size] : (size ?? []);
  if (height !== undefined && width !== undefined && channels)
    return completePreprocessing({ height, width, channels, resize, crop });
  const sizes = new Set<string>();
  let own = { height: usualSize, width: usualSize };
  let gray = true;
  for (const { file } of listed) {
    options.signal?.throwIfAborted();
    const header = await files
      .readFile(file)
      .then((bytes) => decoder.readHeader(bytes, file))
      .catch(() => undefined);
    if (!header) continue;
    gray &&= header.gray;
    own = header;
    sizes.add(`${header.height} x ${header.width}`);
  }
  const shared = sizes.size === 1 && Math.max(own.height, own.width) <= ownSizeMost;
  return completePreprocessing({
    height: height ?? (shared ? own.height : usualSize),
    width: width ?? (shared ? own.width : usualSize),
    channels: channels ?? (gray ? 1 : 3),
    resize,
    crop,
  });
}

/** Files that become one dataset. */
export interface Wanted {
  readonly name: string;
  readonly classes: readonly string[];
  readonly pictures: readonly Listed[];
  /** Each class must have a picture. */
  readonly every: boolean;
}

/** Decodes every picture, a few at a time, in order; leaves out the broken ones. */
export async function decodeAll(
  wanted: Wanted,
  form: Preprocessing,
  options: DecodeOptions,
): Promise<{ set: Dataset; skipped: readonly Skipped[] }> {
  const { name, classes, pictures } = wanted;
  const { channels, height, width, resize, crop } = form;
  const imageSize = channels * height * width;
  const total = pictures.length;
  const images = roomFor(wanted, form);
  const labels: number[] = [];
  const origins: string[] = [];
  const broken: Skipped[] = [];
  for (let start = 0; start < total; start += together) {
    options.signal?.throwIfAborted();
    const group = pictures.slice(start, start + together);
    const decoded = await Promise.all(group.map(({ file }) => decodeOne(file, form)));
    for (const [i, result] of decoded.entries()) {
      const { file, label } = group[i];
      if (typeof result === "string") {
        broken.push({ file, reason: result });
        continue;
      }
      images.set(result, labels.length * imageSize);
      labels.push(label);
      origins.push(file);
    }
    options.onProgress?.(Math.min(start + together, total), total);
  }
  checkClasses(wanted, labels, broken);
  const pixels = broken.length === 0 ? images : images.slice(0, labels.length * imageSize);
  const set = dataset({
    name,
    images: ndarray([labels.length, channels, height, width], pixels, "uint8"),
    labels: Int32Array.from(labels),
    classes,
    origins,
    reading: { resize, crop },
  });
  return { set, skipped: broken };
}

/** The stored pixels of a file, or why it cannot be read. */
async function decodeOne(file: string, form: Preprocessing): Promise<ArrayLike<number> | string> {
  try {
    return pixelsFor(await decoder.decode(await files.readFile(file), file), file, form).data;
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return error.message;
  }
}

function roomFor({ name, pictures }: Wanted, { channels, height, width }: Preprocessing): Uint8Array {
  const bytes = pictures.length * channels * height * width;
  try {
    return new Uint8Array(bytes);
  } catch (error) {
    throw new DataError(
      `${name} holds ${pictures.length} pictures, which take ${(bytes / 1e9).toFixed(1)} GB at ${channels} x ${height} x ${width}: more than there is room for; choose a smaller size.`,
      { cause: error },
    );
  }
}

function checkClasses({ name, classes, pictures, every }: Wanted, labels: number[], broken: readonly Skipped[]): void {
  const present = new Set(labels);
  for (const [label, className] of classes.entries()) {
    if (!every || present.has(label)) continue;
    const tried = pictures.filter((picture) => picture.label === label);
    const first = broken.find(({ file }) => file === tried[0]?.file);
    throw new DataError(
      first
        ? `${name}: class ${className} has no picture that can be read (${tried.length} tried; the first: ${first.reason})`
        : `${name}: class ${className} has no pictures.`,
    );
  }
  if (labels.length === 0) {
    throw new DataError(
      broken.length > 0
        ? `${name} has no picture that can be read (${broken.length} tried; the first: ${broken[0].reason})`
        : `${name} has no pictures.`,
    );
  }
}
