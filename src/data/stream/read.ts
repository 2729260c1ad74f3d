// One file of a picture to stored pixels of a form, out of the cache where it is there. What a file held when it was looked
// through it must still hold: a picture that has changed or gone would quietly make another data set.

import { pictures as decoder, files } from "#host";
import { DataError } from "../../base/errors.ts";
import { sha256 } from "../../base/sha256.ts";
import { pixelsFor } from "../picture.ts";
import type { Preprocessing } from "../preprocessing.ts";
import { keepCached, readCached } from "./cache.ts";

/** How pictures are brought to a form, and where they are kept. */
export interface Way {
  readonly form: Preprocessing;
  readonly cache?: string;
}

/** What became of a file that was opened for the first time. */
export interface FirstRead {
  /** SHA-256 of the file, 64 digits; empty where it could not be read. */
  readonly content: string;
  readonly pixels?: Uint8Array;
  /** Why there are no pixels, as a sentence. */
  readonly reason?: string;
  /** Its size is not the form's, and other sizes were to be refused: it is whole all the same. */
  readonly unfit?: boolean;
}

/** Opens a file that nothing is known of. What cannot be read has its reason; a cache that cannot be written throws. */
export async function firstRead(file: string, { form, cache }: Way): Promise<FirstRead> {
  let content = "";
  let decoded: Awaited<ReturnType<typeof decoder.decode>>;
  try {
    const bytes = await files.readFile(file);
    content = await sha256(bytes);
    const cached = cache === undefined ? undefined : await readCached(cache, content, form);
    if (cached) return { content, pixels: cached };
    decoded = await decoder.decode(bytes, file);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return { content, reason: error.message };
  }
  let pixels: Uint8Array;
  try {
    pixels = pixelsFor(decoded, file, form).data as Uint8Array;
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return { content, reason: error.message, unfit: true };
  }
  if (cache !== undefined) await keepCached(cache, content, form, pixels);
  return { content, pixels };
}

/** Reads a file again. Throws a DataError where it is no longer what it was. */
export async function readAgain(file: string, content: string, { form, cache }: Way): Promise<Uint8Array> {
  const cached = cache === undefined ? undefined : await readCached(cache, content, form);
  if (cached) return cached;
  const bytes = await files.readFile(file).catch((error: unknown) => {
    if (!(error instanceof DataError)) throw error;
    throw new DataError(
      `${file} was there when the pictures were looked through, and cannot be read any more; put it back, or start anew.`,
      { cause: error },
    );
  });
  if ((await sha256(bytes)) !== content) {
    throw new DataError(
      `${file} has changed since the pictures were looked through; put back what it was, or start anew.`,
    );
  }
  const pixels = pixelsFor(await decoder.decode(bytes, file), file, form).data as Uint8Array;
  // The same can be made again at any time: a full disk does not end a training.
  if (cache !== undefined) await keepCached(cache, content, form, pixels).catch(() => undefined);
  return pixels;
}
