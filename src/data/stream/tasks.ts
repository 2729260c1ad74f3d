// What threads that read are asked, and what they answer: plain data both ways. The same functions run in the calling thread
// where there are no others.

import { pictures as decoder, files } from "#host";
import type { NdArray } from "../../base/array.ts";
import { type Batch, type BatchRecipe, type BatchWish, batchMaker } from "../batch.ts";
import { fingerprint } from "../fingerprint.ts";
import { toRange } from "../normalize.ts";
import { type Looked, lookAt, type Thumbnail, thumbnailOf } from "./look.ts";
import { type FirstRead, firstRead, readAgain, type Way } from "./read.ts";

/** Files that were looked through: what each held, as 64 digits. */
export interface Wanted {
  readonly files: readonly string[];
  readonly contents: readonly string[];
}

/** What can be asked, by name. */
export interface Asked {
  /** What the headers say; undefined for a file that cannot be read. */
  headers: { readonly files: readonly string[] };
  /** Opens files for the first time; `keep`: with their pixels. */
  survey: Way & { readonly files: readonly string[]; readonly keep: boolean };
  /** What each file is, decoded once. */
  look: { readonly files: readonly string[] };
  /** Copies that fit into a square; undefined for a file that cannot be read. */
  thumbnails: { readonly files: readonly string[]; readonly side: number };
  /** Stored pixels of files, one behind the other. */
  stored: Way & Wanted;
  /** A whole batch. */
  batch: Way & Wanted & { readonly recipe: BatchRecipe; readonly wish: BatchWish };
  /** A whole batch of pictures that are in memory: they come along as they are stored. */
  made: {
    readonly recipe: BatchRecipe;
    readonly wish: BatchWish;
    readonly images: Pick<NdArray, "data" | "dtype">;
  };
}

export type TaskName = keyof Asked;

export interface Header {
  readonly height: number;
  readonly width: number;
  readonly gray: boolean;
}

/** What a survey finds of each file, in their order. */
export interface Surveyed {
  readonly found: readonly Omit<FirstRead, "pixels">[];
  /** Two numbers each. */
  readonly fingerprints: Uint32Array;
  /** Sum and sum of squares of 0..1 by channel, each. */
  readonly sums: Float64Array;
  /** Where they were to be kept; zeros for those that cannot be read. */
  readonly pixels?: Uint8Array;
}

/** The answers, by name. */
export interface Answers {
  headers: readonly (Header | undefined)[];
  survey: Surveyed;
  look: readonly Looked[];
  thumbnails: readonly (Thumbnail | undefined)[];
  stored: Uint8Array;
  batch: Batch;
  made: Batch;
}

/** Says whether to stop before the next picture. */
export type Stop = () => boolean;

/** Thrown where a task was told to stop. */
export const stopped = Symbol("stopped");

export async function perform<K extends TaskName>(name: K, task: Asked[K], stop: Stop): Promise<Answers[K]> {
  return (await performers[name](task, stop)) as Answers[K];
}

const performers: { readonly [K in TaskName]: (task: Asked[K], stop: Stop) => Promise<Answers[K]> } = {
  headers: ({ files: names }, stop) => eachOf(names, stop, (file) => headerOf(file)),

  look: ({ files: names }, stop) => eachOf(names, stop, lookAt),

  thumbnails: ({ files: names, side }, stop) => eachOf(names, stop, (file) => thumbnailOf(file, side)),

  async survey({ files: names, keep, ...way }, stop) {
    const size = sizeOf(way);
    const { channels } = way.form;
    const fingerprints = new Uint32Array(2 * names.length);
    const sums = new Float64Array(2 * channels * names.length);
    const kept = keep ? new Uint8Array(size * names.length) : undefined;
    const found = await eachOf(names, stop, async (file, i) => {
      const { pixels, ...rest } = await firstRead(file, way);
      if (pixels) {
        fingerprint(pixels, fingerprints, 2 * i);
        sumUp(pixels, channels, sums.subarray(2 * channels * i));
        kept?.set(pixels, size * i);
      }
      return rest;
    });
    return { found, fingerprints, sums, ...(kept ? { pixels: kept } : {}) };
  },

  async stored({ files: names, contents, ...way }, stop) {
    const size = sizeOf(way);
    const pixels = new Uint8Array(size * names.length);
    await eachOf(names, stop, async (file, i) => pixels.set(await readAgain(file, contents[i], way), size * i));
    return pixels;
  },

  async batch({ recipe, wish, ...wanted }, stop) {
    const stored = await performers.stored(wanted, stop);
    return performers.made({ recipe, wish, images: { data: stored, dtype: "uint8" } }, stop);
  },
  made: async ({ recipe, wish, images }) =>
    batchMaker(recipe)(wish, (i, target) => toRange(images, i * target.length, target)),
};

const sizeOf = ({ form: { channels, height, width } }: Way): number => channels * height * width;

/** Files that are open at the same time in one thread. */
const together = 4;

/** Works on a few at a time; the answers are in order. */
async function eachOf<T>(
  names: readonly string[],
  stop: Stop,
  work: (file: string, i: number) => Promise<T>,
): Promise<T[]> {
  const answers = new Array<T>(names.length);
  let next = 0;
  const run = async (): Promise<void> => {
    for (let i = next++; i < names.length; i = next++) {
      if (stop()) throw stopped;
      answers[i] = await work(names[i], i);
    }
  };
  await Promise.all(Array.from({ length: together }, run));
  return answers;
}

async function headerOf(file: string): Promise<Header | undefined> {
  try {
    return await decoder.readHeader(await files.readFile(file), file);
  } catch {
    return undefined;
  }
}

/** The sums that mean and deviation are made of, added up as `measure` does. */
function sumUp(pixels: Uint8Array, channels: number, target: Float64Array): void {
  const plane = pixels.length / channels;
  for (let c = 0, offset = 0; c < channels; c++) {
    let [sum, square] = [0, 0];
    for (const end = offset + plane; offset < end; offset++) {
      const pixel = pixels[offset] * (1 / 255);
      sum += pixel;
      square += pixel * pixel;
    }
    target[2 * c] = sum;
    target[2 * c + 1] = square;
  }
}
