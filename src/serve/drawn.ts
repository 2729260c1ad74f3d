// Answers that are pictures, as PNGs: a mask with a colour a class, and the pictures that a model makes.

import type { NdArray } from "../base/array.ts";
import { encodeMask } from "../data/maskFile.ts";
import { fitMask } from "../data/masks.ts";
import { isArray } from "../data/picture.ts";
import { encodePng } from "../data/png.ts";
import type { Preprocessing } from "../data/preprocessing.ts";

/** Pixels down and across. */
export interface Size {
  readonly height: number;
  readonly width: number;
}

/** What is drawn of an answer, under its name there. A mask has the size of its picture, where that is known. */
export async function drawn(
  answer: object,
  form: Preprocessing,
  size: Size | undefined,
): Promise<{ readonly name: string; readonly png: Uint8Array; readonly size: Size } | undefined> {
  for (const [name, value] of Object.entries(answer) as [string, unknown][]) {
    if (typeof value !== "object" || value === null || !isArray(value)) continue;
    const own = name === "mask" && size ? fitMask(value, size, form) : value;
    const [width, height] = own.shape.toReversed();
    return { name, png: name === "mask" ? encodeMask(own) : await encodePng(own as NdArray), size: { height, width } };
  }
  return undefined;
}

/** The answer with its picture as the base64 of a PNG. */
export async function asJson(answer: object, form: Preprocessing, size: Size | undefined): Promise<object> {
  const found = await drawn(answer, form, size);
  if (!found) return answer;
  const { height, width } = found.size;
  return { ...answer, [found.name]: { height, width, png: Buffer.from(found.png).toString("base64") } };
}
