// What belongs to each picture of a pair, read to the size that a network takes: masks, and other pictures.

import { pictures as decoder, files } from "#host";
import { ndarray } from "../base/array.ts";
import { DataError } from "../base/errors.ts";
import type { DecodeOptions } from "./decode.ts";
import type { MaskLabels, PictureLabels } from "./labels.ts";
import { maskFor, openMask, unknown } from "./masks.ts";
import { pixelsFor } from "./picture.ts";
import type { Preprocessing } from "./preprocessing.ts";

type Pairs = readonly (readonly [picture: string, other: string])[];
type Reading = Pick<DecodeOptions, "onProgress" | "signal">;

/** Its size; nothing of a broken picture, which is left out and told where all are looked through. */
const sizeOfPicture = async (file: string) =>
  decoder.readHeader(await files.readFile(file), file).catch(() => undefined);

/** `known`: the names of the classes, where they are told. */
export async function readMasks(
  pairs: Pairs,
  known: readonly string[] | undefined,
  form: Preprocessing,
  { onProgress, signal }: Reading,
): Promise<MaskLabels> {
  const { height, width } = form;
  const plane = height * width;
  const values = new Uint8Array(pairs.length * plane);
  for (const [i, [picture, file]] of pairs.entries()) {
    signal?.throwIfAborted();
    const [seen, mask] = [await sizeOfPicture(picture), await openMask(await files.readFile(file), file)];
    if (seen && (seen.height !== mask.height || seen.width !== mask.width)) {
      throw new DataError(
        `${file} is ${mask.width} x ${mask.height} pixels, but its picture ${picture} is ${seen.width} x ${seen.height}; a mask must be as large as its picture.`,
      );
    }
    const wrong = known ? mask.data.findIndex((value) => value >= known.length && value !== unknown) : -1;
    if (wrong >= 0) {
      throw new DataError(
        `${file} holds ${mask.data[wrong]} in row ${Math.floor(wrong / mask.width)}, column ${wrong % mask.width} (counted from 0), but there are ${known!.length} classes (0 to ${known!.length - 1}), and ${unknown} for what is not known.`,
      );
    }
    values.set(maskFor(mask, form), i * plane);
    onProgress?.("masks", i + 1, pairs.length);
  }
  return { kind: "masks", values: ndarray([pairs.length, height, width], values, "uint8") };
}

export async function readTargets(
  pairs: Pairs,
  form: Preprocessing,
  { onProgress, signal }: Reading,
): Promise<PictureLabels> {
  // Targets that are larger by a whole factor stay so.
  const times = await factorOf(pairs);
  const large = { ...form, height: times * form.height, width: times * form.width };
  const { channels, height, width } = large;
  const size = channels * height * width;
  const data = new Uint8Array(pairs.length * size);
  for (const [i, [picture, file]] of pairs.entries()) {
    signal?.throwIfAborted();
    const seen = await sizeOfPicture(picture);
    const pixels = await decoder.decode(await files.readFile(file), file);
    if (seen && (pixels.height !== times * seen.height || pixels.width !== times * seen.width)) {
      throw new DataError(
        `${file} is ${pixels.width} x ${pixels.height} pixels, but its picture ${picture} is ${seen.width} x ${seen.height}; all targets must be ${times === 1 ? "as large as their pictures" : `${times} times as large as their pictures`}.`,
      );
    }
    data.set(pixelsFor(pixels, file, large).data, i * size);
    onProgress?.("targets", i + 1, pairs.length);
  }
  return { kind: "pictures", values: ndarray([pairs.length, channels, height, width], data, "uint8") };
}

/** How many times as large as its picture the target of the first pair is whose picture can be read. */
async function factorOf(pairs: Pairs): Promise<number> {
  for (const [picture, other] of pairs) {
    const [input, target] = [await sizeOfPicture(picture), await sizeOfPicture(other)];
    if (input && target) return Math.max(1, Math.round(target.height / input.height));
  }
  return 1;
}
