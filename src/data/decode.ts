// From files of pictures to a set: the form that all are brought to, and one look at every picture, in memory or streamed.

import { ndarray } from "../base/array.ts";
import { DataError, NeocogError } from "../base/errors.ts";
import { sizeOf } from "../base/shape.ts";
import type { StopSignal } from "../base/web.ts";
import type { Choice } from "./choice.ts";
import { dataset, type Skipped } from "./dataset.ts";
import { chooseSize, type Sides } from "./form.ts";
import type { Images, PictureSet } from "./images.ts";
import { type Labels, takeLabels } from "./labels.ts";
import { completePreprocessing, type Preprocessing, type Resize } from "./preprocessing.ts";
import { openReaders, type Readers, usualReaders } from "./stream/readers.ts";
import { pictureStore } from "./stream/store.ts";
import { inOrder, survey } from "./stream/survey.ts";

export interface FormOptions {
  /** Pixels down and across, or one number for a square. Unless told: the pictures' own size where all share one of at most 128, else 64 (less for small ones). */
  readonly size?: number | readonly [number, number];
  /** 1 for gray, 3 for colour. Unless told: gray where every picture is. */
  readonly channels?: 1 | 3;
  /** How pictures of another size are brought to size; `cover` (crops the middle) unless told, or `squash` (stretches) where that would crop away more than a tenth. With `refuse` they are left out. */
  readonly resize?: Resize;
  /** Share of each side of the resized picture that the middle shows; 1 unless told. */
  readonly crop?: number;
}

export interface DecodeOptions {
  /** Told after every few pictures. */
  readonly onProgress?: (what: string, done: number, total: number) => void;
  readonly signal?: StopSignal;
  /** Leaves pictures in their files and reads them as they are asked for; "auto": where they would take more than 256 MB. */
  readonly stream?: boolean | "auto";
  /** A folder that keeps decoded pictures, so that they are decoded once; it may be deleted at any time. */
  readonly cache?: string;
  /** Threads that read; 0: none but the calling one. */
  readonly workers?: number;
  /** The largest share of pictures that may be broken; 0.05 unless told. */
  readonly mostBroken?: number;
}

/** Bytes of pictures that "auto" keeps in memory. */
const inMemory = 2 ** 28;
const usualBroken = 0.05;
/** Fewer are read before threads have started. */
const few = 64;

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

/** Threads to look through so many files with. */
const readersFor = (count: number, { workers }: DecodeOptions): Readers =>
  openReaders(workers ?? (count < few ? 0 : usualReaders(true)));

/** Headers that sizes are chosen by, at most: spread over the list. */
const asked = 1000;

/** The form all pictures are brought to: what is told, or what their headers suggest, with the reasons. */
export async function formOf(
  name: string,
  listed: readonly string[],
  options: FormOptions & DecodeOptions,
): Promise<{ readonly form: Preprocessing; readonly choices: readonly Choice[] }> {
  const { size, channels, resize, crop } = options;
  const [height, width] = typeof size === "number" ? [size, size] : (size ?? []);
  if (height !== undefined && width !== undefined && channels && resize)
    return { form: completePreprocessing({ height, width, channels, resize, crop }), choices: [] };
  const sizes: Sides[] = [];
  let gray = true;
  const readers = readersFor(listed.length, options);
  // Those that sizes are chosen by come first; the others tell no more than whether all are gray.
  const step = Math.max(1, listed.length / asked);
  const first = Array.from({ length: Math.min(asked, listed.length) }, (_, i) => Math.floor(i * step));
  const chosen = new Set(first);
  const order = [...first, ...Array.from(listed.keys()).filter((i) => !chosen.has(i))].map((i) => listed[i]);
  try {
    const ask = (part: readonly string[]) => readers.ask("headers", { files: part }, options.signal);
    for await (const { answer, end } of inOrder(order, readers.threads, ask)) {
      for (const header of answer) {
        if (!header) continue;
        gray &&= header.gray;
        if (sizes.length < asked) sizes.push(header);
      }
      options.onProgress?.(`${name} (sizes)`, end, listed.length);
      // More headers would change nothing.
      if ((channels !== undefined || !gray) && end >= first.length) break;
    }
  } finally {
    await readers.close();
  }
  const { choices, ...square } = chooseSize(sizes, { height, width, resize });
  const colours = { what: "colours", option: gray ? "colour" : "gray", value: gray ? "gray" : "three channels" };
  return {
    form: completePreprocessing({ ...square, channels: channels ?? (gray ? 1 : 3), crop }),
    choices: [
      ...choices,
      ...(channels ? [] : [{ ...colours, why: gray ? "every picture is gray" : "there are coloured pictures" }]),
    ],
  };
}

/** Files that become one set. */
export interface Wanted<L extends Labels = Labels> {
  readonly name: string;
  readonly classes: readonly string[];
  readonly files: readonly string[];
  readonly labels: L;
  /** Each class must have a picture. */
  readonly every: boolean;
}

/**
 * Looks through every picture, in order, and leaves out the broken ones: in memory, or streamed, with the same pixels. Throws
 * where more are broken than may be.
 */
export async function readPictures<L extends Labels>(
  wanted: Wanted<L>,
  form: Preprocessing,
  options: DecodeOptions,
): Promise<{ set: PictureSet<L>; skipped: readonly Skipped[] }> {
  const { name, classes, files } = wanted;
  const { channels, height, width, resize, crop } = form;
  const bytes = files.length * channels * height * width;
  const streamed = options.stream === "auto" ? bytes > inMemory : (options.stream ?? false);
  const { cache, workers } = options;
  const readers = readersFor(files.length, options);
  const allowed = Math.floor(files.length * (options.mostBroken ?? usualBroken));
  try {
    const pixels = streamed ? undefined : roomFor(wanted, form);
    const found = await survey(files, { form, ...(cache === undefined ? {} : { cache }) }, readers, {
      ...(pixels ? { pixels } : {}),
      hopeless: (broken) => broken.length > Math.max(allowed, few) && tooMany(name, files.length, broken),
      onProgress: (done) => options.onProgress?.(name, done, files.length),
      signal: options.signal,
    });
    const { good, broken, unfit, ...index } = found;
    checkClasses(wanted, good, [...broken, ...unfit]);
    if (broken.length > allowed) throw tooMany(name, files.length, broken);
    const labels = takeLabels(wanted.labels, good);
    const origins = Array.from(good, (place) => files[place]);
    const shape = [good.length, channels, height, width];
    const common = { name, labels, classes, reading: { resize, crop } };
    const images: Images = pixels
      ? ndarray(shape, pixels.subarray(0, sizeOf(shape)), "uint8")
      : {
          ...{ shape, dtype: "uint8", places: Int32Array.from(good.keys()) },
          store: pictureStore({
            ...index,
            form,
            files: origins,
            ...(cache === undefined ? {} : { cache }),
            ...(workers === undefined ? {} : { workers }),
          }),
        };
    const set = dataset<PictureSet<L>>({ ...common, images, ...(streamed ? {} : { origins }) });
    return {
      set,
      skipped: [...broken, ...unfit].sort((a, b) => a.place - b.place).map(({ file, reason }) => ({ file, reason })),
    };
  } finally {
    await readers.close();
  }
}

function roomFor({ name, files }: Wanted, { channels, height, width }: Preprocessing): Uint8Array {
  const bytes = files.length * channels * height * width;
  try {
    return new Uint8Array(bytes);
  } catch (error) {
    throw new DataError(
      (option) =>
        `${name} holds ${files.length} pictures, which take ${(bytes / 1e9).toFixed(1)} GB at ${channels} x ${height} x ${width}: more than there is room for; choose a smaller size, or ${option("stream")}.`,
      { cause: error },
    );
  }
}

function tooMany(name: string, of: number, broken: readonly Skipped[]): DataError {
  const percent = ((100 * broken.length) / of).toFixed(1);
  const needed = Math.ceil((100 * broken.length) / of) / 100;
  return new DataError(
    (option) =>
      `${name}: ${broken.length} of ${of} pictures cannot be read (${percent} %), such as ${broken[0].file}; mend or remove them, or allow so many with ${option("mostBroken")} ${needed}.`,
  );
}

function checkClasses(
  { name, classes, files, labels, every }: Wanted,
  good: Int32Array,
  broken: readonly Skipped[],
): void {
  if (labels instanceof Int32Array && every) {
    const present = new Set(Array.from(good, (place) => labels[place]));
    for (const [label, className] of classes.entries()) {
      if (present.has(label)) continue;
      const tried = files.filter((_, i) => labels[i] === label);
      const first = broken.find(({ file }) => file === tried[0]);
      throw new DataError(
        first
          ? `${name}: class ${className} has no picture that can be read (${tried.length} tried; the first: ${first.reason})`
          : `${name}: class ${className} has no pictures.`,
      );
    }
  }
  if (good.length > 0) return;
  throw new DataError(
    broken.length > 0
      ? `${name} has no picture that can be read (${broken.length} tried; the first: ${broken[0].reason})`
      : `${name} has no pictures.`,
  );
}
