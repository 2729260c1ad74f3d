// Pictures of one form, in memory or streamed: what a set holds beside its labels.

import { type NdArray, ndarray, storageOf } from "../base/array.ts";
import { type Shape, sizeOf } from "../base/shape.ts";
import type { StopSignal } from "../base/web.ts";
import type { Labels } from "./labels.ts";
import type { Preprocessing } from "./preprocessing.ts";

/** Files that were looked through once: enough to find each again, and to know that it is still the same. */
export interface PictureStore {
  /** The form that every picture is brought to. */
  readonly form: Preprocessing;
  /** The file of each picture. */
  readonly files: readonly string[];
  /** SHA-256 of each file as it was when it was looked through, 32 bytes each. */
  readonly contents: Uint8Array;
  /** Fingerprint of each picture's pixels, two numbers each. */
  readonly fingerprints: Uint32Array;
  /** Sum and sum of squares of each picture's pixels (0..1) by channel: [count, channels, 2]. */
  readonly sums: Float64Array;
  /** A folder of decoded pictures, which may be deleted at any time. */
  readonly cache?: string;
  /** Threads that read; the half of the machine's cores unless told. */
  readonly workers?: number;
  /** Reads the pictures at some places of the store, at most so many at a time: uint8 [some, channels, height, width], in order. */
  parts(places: Int32Array, size: number, signal?: StopSignal): AsyncGenerator<NdArray, void, undefined>;
}

/** Pictures that are read from their files as they are asked for: memory holds a few batches of them. */
export interface StreamedImages {
  /** [count, channels, height, width]. */
  readonly shape: Shape;
  /** Numbers of 0..255. */
  readonly dtype: "uint8";
  /** The files. */
  readonly store: PictureStore;
  /** Where each picture stands in the store. */
  readonly places: Int32Array;
}

/** Pictures in memory, or ones that are read as they are asked for. */
export type Images = NdArray | StreamedImages;

/** Pictures of one form with what is known of each: what is trained and scored on, wherever the pictures are. */
export interface PictureSet<L extends Labels = Labels, I extends Images = Images> {
  /** What messages call it. */
  readonly name: string;
  /** [count, channels, height, width]; uint8 means 0..255, float32 means 0..1. */
  readonly images: I;
  /** What is known of each image: its class, an index into `classes`; or its tags, or numbers. */
  readonly labels: L;
  /** Names of the classes, in the order of their numbers; of the tags, or of the numbers. */
  readonly classes: readonly string[];
  /** Where each image came from, for data made of single files. */
  readonly origins?: readonly string[];
  /** How pictures of other sizes were brought to this one: kept with a model, so that it is shown pictures in the same way. */
  readonly reading?: Pick<Preprocessing, "resize" | "crop">;
}

/** Pictures with their classes, in memory or streamed. */
export type ClassSet = PictureSet<Int32Array>;

export const isStreamed = (images: Images): images is StreamedImages => "store" in images;

/** The pictures at the given places, in that order. */
export function takeImages<I extends Images>(images: I, places: ArrayLike<number>): I;
export function takeImages(images: Images, places: ArrayLike<number>): Images {
  const shape = [places.length, ...images.shape.slice(1)];
  if (isStreamed(images)) return { ...images, shape, places: Int32Array.from(places, (place) => images.places[place]) };
  const size = shape[1] * shape[2] * shape[3];
  const data = new (storageOf(images.dtype))(places.length * size);
  for (let i = 0; i < places.length; i++)
    data.set(images.data.subarray(places[i] * size, (places[i] + 1) * size), i * size);
  return ndarray(shape, data, images.dtype);
}

/** Pictures as they are stored, [at most size, channels, height, width] at a time, in order; those in memory are views. */
export async function* partsOf(
  images: Images,
  size: number,
  signal?: StopSignal,
): AsyncGenerator<NdArray, void, undefined> {
  if (isStreamed(images)) {
    yield* images.store.parts(images.places, size, signal);
    return;
  }
  const [count, ...picture] = images.shape;
  const length = sizeOf(picture);
  for (let first = 0; first < count; first += size) {
    const taken = Math.min(size, count - first);
    const part = images.data.subarray(first * length, (first + taken) * length);
    yield ndarray([taken, ...picture], part, images.dtype);
  }
}

/** The stored pictures at some places of a set, as one array [places, channels, height, width]. */
export async function picturesAt(images: Images, places: readonly number[], signal?: StopSignal): Promise<NdArray> {
  const taken = takeImages(images, places);
  if (!isStreamed(taken)) return taken;
  const found = new Uint8Array(sizeOf(taken.shape));
  let done = 0;
  for await (const { data } of partsOf(taken, 32, signal)) {
    found.set(data, done);
    done += data.length;
  }
  return ndarray(taken.shape, found, "uint8");
}

/** The place of an image, and its file where known. */
export function imageName({ origins, images }: Pick<PictureSet, "origins" | "images">, i: number): string {
  const file = isStreamed(images) ? images.store.files[images.places[i]] : origins?.[i];
  return file === undefined ? `image ${i}` : `image ${i} (${file})`;
}
