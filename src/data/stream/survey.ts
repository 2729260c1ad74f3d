// The first look at every file of a set: which can be read, what is in them (so that a change is seen later), and the sums that
// mean and deviation are made of. Files are given out in groups; what comes back is taken in their order, whoever was first.

import { files } from "#host";
import type { StopSignal } from "../../base/web.ts";
import type { Way } from "./read.ts";
import type { Readers } from "./readers.ts";
import type { Surveyed } from "./tasks.ts";

/** A file that is left out, and its place among the files. */
export interface Left {
  readonly place: number;
  readonly file: string;
  readonly reason: string;
}

/** What is known of a set's files. All but `broken` and `unfit` is of the good ones, in their order. */
export interface SurveyedFiles {
  /** Places of the files that can be read. */
  readonly good: Int32Array;
  readonly contents: Uint8Array;
  readonly fingerprints: Uint32Array;
  readonly sums: Float64Array;
  readonly broken: readonly Left[];
  /** Whole, but of a size that was to be refused. */
  readonly unfit: readonly Left[];
}

export interface SurveyOptions {
  /** Room for the pixels of all, where they are to be kept: those of the good files, without gaps. */
  readonly pixels?: Uint8Array;
  /** An error where so many are broken that it is no use to go on. */
  readonly hopeless: (broken: readonly Left[]) => Error | false;
  readonly onProgress: (done: number) => void;
  readonly signal: StopSignal | undefined;
}

export async function survey(
  names: readonly string[],
  way: Way,
  readers: Readers,
  { pixels, hopeless, onProgress, signal }: SurveyOptions,
): Promise<SurveyedFiles> {
  const { channels, height, width } = way.form;
  const size = channels * height * width;
  const good = new Int32Array(names.length);
  const contents = new Uint8Array(32 * names.length);
  const fingerprints = new Uint32Array(2 * names.length);
  const sums = new Float64Array(2 * channels * names.length);
  const broken: Left[] = [];
  const unfit: Left[] = [];
  if (way.cache !== undefined) await openCache(way.cache);
  const keep = pixels !== undefined;
  const ask = (part: readonly string[]): Promise<Surveyed> =>
    readers.ask("survey", { ...way, files: part, keep }, signal);
  let count = 0;
  for await (const { answer, start, end } of inOrder(names, readers.threads, ask)) {
    for (const [i, { content, reason, unfit: whole }] of answer.found.entries()) {
      if (reason !== undefined) {
        (whole ? unfit : broken).push({ place: start + i, file: names[start + i], reason });
        continue;
      }
      good[count] = start + i;
      for (let b = 0; b < 32; b++) contents[32 * count + b] = Number.parseInt(content.slice(2 * b, 2 * b + 2), 16);
      fingerprints.set(answer.fingerprints.subarray(2 * i, 2 * i + 2), 2 * count);
      sums.set(answer.sums.subarray(2 * channels * i, 2 * channels * (i + 1)), 2 * channels * count);
      if (answer.pixels) pixels?.set(answer.pixels.subarray(size * i, size * (i + 1)), size * count);
      count++;
    }
    const error = hopeless(broken);
    if (error) throw error;
    onProgress(end);
  }
  return {
    good: good.slice(0, count),
    contents: contents.slice(0, 32 * count),
    fingerprints: fingerprints.slice(0, 2 * count),
    sums: sums.slice(0, 2 * channels * count),
    broken,
    unfit,
  };
}

/** Makes the folder where it is missing; what killed runs had begun in it goes. */
async function openCache(folder: string): Promise<void> {
  await files.makeFolder(folder);
  for (const { name, kind } of await files.list(folder))
    if (kind === "folder" && /^[0-9a-f]{2}$/.test(name)) await files.sweepFolder(files.join(folder, name));
}

/** Files of a group. */
const largest = 32;

/** Answers about groups of names or places, in order; as many are asked for ahead as keep the threads busy. */
export async function* inOrder<P extends { readonly length: number; slice(start: number, end: number): P }, A>(
  names: P,
  threads: number,
  ask: (part: P) => Promise<A>,
  group = Math.max(1, Math.min(largest, Math.ceil(names.length / (4 * threads)))),
): AsyncGenerator<{ readonly answer: A; readonly start: number; readonly end: number }, void, undefined> {
  const ahead: { readonly answer: Promise<A>; readonly start: number; readonly end: number }[] = [];
  for (let start = 0; start < names.length || ahead.length > 0; ) {
    while (start < names.length && ahead.length < 3 * threads) {
      const end = Math.min(names.length, start + group);
      const answer = ask(names.slice(start, end));
      // It is awaited in its turn; until then its failure is not unheard.
      answer.catch(() => undefined);
      ahead.push({ answer, start, end });
      start = end;
    }
    const { answer, ...range } = ahead.shift()!;
    yield { answer: await answer, ...range };
  }
}
