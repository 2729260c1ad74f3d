// Between the masks of files and those of a network: the nearest number, for names cannot be mixed.

import { pictures as decoder } from "#host";
import { understand } from "../base/arguments.ts";
import { type NdArray, ndarray, ndarrayRule } from "../base/array.ts";
import { DataError, NeocogError } from "../base/errors.ts";
import { like, record } from "../base/rules.ts";
import { formatShape } from "../base/shape.ts";
import { type Mask, readMask } from "./maskFile.ts";
import { completePreprocessing, type Preprocessing, type PreprocessingOptions } from "./preprocessing.ts";
import type { Box } from "./resample.ts";
import { shownBox } from "./shown.ts";

/** What stands for a pixel of which nothing is known. */
export const unknown = 255;

/** The numbers of a mask's file. */
export async function openMask(bytes: Uint8Array, file: string): Promise<Mask> {
  const mask = readMask(bytes, file);
  if (mask) return mask;
  const { data, height, width } = await decoder.decode(bytes, file);
  return {
    ...{ height, width },
    data: Uint8Array.from({ length: height * width }, (_, i) => {
      if (data[3 * i] === data[3 * i + 1] && data[3 * i] === data[3 * i + 2]) return data[3 * i];
      throw new DataError(
        `${file} is in colours; a mask is a PNG in gray or with a palette, whose numbers 0, 1, 2, … are places among the classes (255: not known).`,
      );
    }),
  };
}

/** The numbers of a mask where a network's pixels lie: the nearest. */
export function maskFor({ data, height, width }: Mask, form: Preprocessing): Uint8Array {
  const box = shownBox({ height, width }, form);
  const at = (place: number, from: number, seen: number, count: number, all: number): number =>
    Math.min(all - 1, Math.max(0, Math.floor(from + ((place + 0.5) * seen) / count)));
  const columns = Array.from({ length: form.width }, (_, x) => at(x, box.left, box.width, form.width, width));
  return Uint8Array.from({ length: form.height * form.width }, (_, i) => {
    const row = at(Math.floor(i / form.width), box.top, box.height, form.height, height);
    return data[row * width + columns[i % form.width]];
  });
}

/**
 * A mask uint8 [height, width] that a model made, at the size of its picture: the nearest pixel of the model, and 255 where the
 * model saw nothing (the margins that "cover" and a crop cut off). Throws for a mask of another size than the model's.
 */
export function fitMask(
  mask: NdArray,
  picture: {
    /** Pixels down. */
    readonly height: number;
    /** Pixels across. */
    readonly width: number;
  },
  preprocessing: PreprocessingOptions,
): NdArray {
  understand("fitMask", arguments, {
    mask: ndarrayRule,
    picture: like("a size { height, width }", "height", "width"),
    preprocessing: record,
  });
  const form = completePreprocessing(preprocessing);
  const { shape, data, dtype } = mask;
  if (shape.length !== 2 || dtype !== "uint8" || shape[0] !== form.height || shape[1] !== form.width) {
    throw new NeocogError(
      `The mask is ${dtype} ${formatShape(shape)}, but the model makes uint8 [${form.height}, ${form.width}].`,
    );
  }
  const { height, width } = picture;
  const box: Box = shownBox({ height, width }, form);
  const at = (place: number, from: number, seen: number, count: number): number =>
    Math.floor(((place + 0.5 - from) * count) / seen);
  const columns = Array.from({ length: width }, (_, x) => at(x, box.left, box.width, form.width));
  const own = new Uint8Array(height * width).fill(unknown);
  for (let y = 0; y < height; y++) {
    const row = at(y, box.top, box.height, form.height);
    if (row < 0 || row >= form.height) continue;
    for (let x = 0; x < width; x++) {
      const column = columns[x];
      if (column >= 0 && column < form.width) own[y * width + x] = data[row * form.width + column];
    }
  }
  return ndarray([height, width], own, "uint8");
}
