// Batches that are read ahead of whoever takes them, across the end of an epoch too. Which batch holds what does not depend on
// it: a batch that was not read ahead is read when it is asked for, and is the same.

import type { NdArray } from "../../base/array.ts";
import type { StopSignal } from "../../base/web.ts";
import type { Batch, BatchRecipe, BatchWish } from "../batch.ts";
import { type PictureStore, type StreamedImages, takeImages } from "../images.ts";
import { openReaders, type Readers, usualReaders } from "./readers.ts";
import type { Wanted } from "./tasks.ts";

/** The order of batches in time. */
export interface Course {
  readonly recipe: BatchRecipe;
  readonly batches: number;
  /** Nothing is read for epochs from here on. */
  readonly epochs: number;
  wish(epoch: number, index: number): BatchWish;
}

/** Where the pictures of batches are. */
export interface Pictures {
  readonly workers: number;
  /** Has a batch made. */
  ask(readers: Readers, recipe: BatchRecipe, wish: BatchWish, signal: StopSignal | undefined): Promise<Batch>;
}

/** Pictures that are read from their files. */
export const streamed = ({ places, store }: StreamedImages): Pictures => ({
  workers: store.workers ?? usualReaders(false),
  ask(readers, recipe, wish, signal) {
    const { form, cache } = store;
    const wanted = filesOf(
      store,
      wish.indices.map((index) => places[index]),
    );
    const task = { ...wanted, recipe, wish, form, ...(cache === undefined ? {} : { cache }) };
    return readers.ask("batch", task, signal);
  },
});

/** Pictures in memory; those of a batch are handed to a thread as they are stored. */
export const inMemory = (images: NdArray, workers: number): Pictures => ({
  workers,
  ask: (readers, recipe, wish, signal) =>
    readers.ask("made", { recipe, wish, images: takeImages(images, wish.indices) }, signal),
});

export class Ahead {
  readonly #pictures: Pictures;
  readonly #course: Course;
  readonly #signal: StopSignal | undefined;
  readonly #readers: Readers;
  /** By their place in time. */
  readonly #coming = new Map<number, Promise<Batch>>();

  constructor(pictures: Pictures, course: Course, signal: StopSignal | undefined) {
    this.#pictures = pictures;
    this.#course = course;
    this.#signal = signal;
    this.#readers = openReaders(pictures.workers);
  }

  batch(epoch: number, index: number): Promise<Batch> {
    const { batches, epochs } = this.#course;
    const place = epoch * batches + index;
    for (const other of this.#coming.keys()) if (other < place) this.#coming.delete(other);
    const asked = this.#coming.get(place) ?? this.#ask(epoch, index);
    this.#coming.delete(place);
    // Two lie ready for every thread beside the one that is waited for; the calling thread itself cannot work ahead.
    const depth = this.#readers.ahead;
    for (let next = place + 1; next <= place + depth && next < epochs * batches; next++) {
      if (this.#coming.has(next)) continue;
      const coming = this.#ask(Math.floor(next / batches), next % batches);
      // Heard when its turn comes.
      coming.catch(() => undefined);
      this.#coming.set(next, coming);
    }
    return asked;
  }

  async #ask(epoch: number, index: number): Promise<Batch> {
    const { recipe, wish } = this.#course;
    return this.#pictures.ask(this.#readers, recipe, wish(epoch, index), this.#signal);
  }

  close(): Promise<void> {
    return this.#readers.close();
  }
}

/** The files at some places of a store, and what each held. */
export function filesOf({ files, contents }: Pick<PictureStore, "files" | "contents">, places: Int32Array): Wanted {
  const at = Array.from(places);
  return {
    files: at.map((place) => files[place]),
    contents: at.map((place) => hexadecimal(contents.subarray(32 * place, 32 * place + 32))),
  };
}

const hexadecimal = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
