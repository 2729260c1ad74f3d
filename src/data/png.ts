// From numbers to a PNG.

import { pictures } from "#host";
import { understand } from "../base/arguments.ts";
import { type NdArray, ndarrayRule } from "../base/array.ts";
import { NeocogError } from "../base/errors.ts";
import { listOf, optional, real } from "../base/rules.ts";
import { formatShape } from "../base/shape.ts";

/**
 * The bytes of a PNG of an image [height, width], [channels, height, width] or [1, channels, height, width] with 1, 3
 * or 4 channels. uint8 numbers are taken as they are; others go from `range` (0 to 1 unless told) to 0..255, cut off
 * at the ends. Throws for another shape and a range that does not rise.
 */
export function encodePng(image: NdArray, range: readonly [number, number] = [0, 1]): Promise<Uint8Array> {
  understand("encodePng", arguments, {
    image: ndarrayRule,
    range: optional(listOf(real(), "two numbers, black and white", 2, 2)),
  });
  const shape = image.shape.length === 4 && image.shape[0] === 1 ? image.shape.slice(1) : image.shape;
  const [channels, height, width] = shape.length === 2 ? [1, ...shape] : shape;
  if (shape.length < 2 || shape.length > 3 || ![1, 3, 4].includes(channels) || height * width === 0) {
    throw new NeocogError(
      `An image of shape ${formatShape(image.shape)} cannot be drawn; it must be [height, width] or [1, 3 or 4 channels, height, width].`,
    );
  }
  const [low, high] = image.dtype === "uint8" ? [0, 255] : range;
  if (!(high > low)) throw new NeocogError(`The range of pixels must rise, but it is ${low} to ${high}.`);
  const plane = height * width;
  const data = new Uint8Array(plane * channels);
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < plane; i++) {
      const pixel = ((image.data[c * plane + i] - low) / (high - low)) * 255;
      data[i * channels + c] = Math.min(255, Math.max(0, Math.round(pixel)));
    }
  }
  return pictures.encodePng({ data, height, width, channels });
}
