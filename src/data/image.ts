// Single pictures: from a file to what a network takes, and from numbers to a PNG.

import { files, pictures } from "#host";
import { type NdArray, ndarray } from "../base/array.ts";
import { checkOptions, DataError, NeocogError } from "../base/errors.ts";
import { formatShape } from "../base/shape.ts";
import type { Pixels, Resize } from "../host/host.ts";

/** What a network takes. */
export interface ImageForm {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** What to do with a picture of another size: `refuse` it (unless told), crop to `cover`, or `squash`. */
  readonly resize?: Resize | "refuse";
}

/**
 * One picture as uint8 [1, channels, height, width]; `name` stands in messages. Throws a DataError for a broken picture
 * or one of another size where that is refused.
 */
export async function decodeImage(bytes: Uint8Array, name: string, form: ImageForm): Promise<NdArray> {
  checkOptions("decodeImage", form, ["channels", "height", "width", "resize"]);
  const { channels, height, width, resize = "refuse" } = form;
  if (channels !== 1 && channels !== 3) {
    throw new NeocogError(`A picture gives 1 or 3 channels, but the network wants ${channels}.`);
  }
  if (resize === "refuse") {
    const header = await pictures.readHeader(bytes, name);
    if (header.height !== height || header.width !== width) {
      throw new DataError(
        `${name} is ${header.width} x ${header.height} pixels, but the network wants ${width} x ${height}; resize it with "cover" (crops) or "squash" (stretches).`,
      );
    }
  }
  const size = { height, width, resize: resize === "refuse" ? ("squash" as const) : resize };
  const pixels = await pictures.decode(bytes, name, { channels, size });
  return ndarray([1, channels, height, width], planar(pixels), "uint8");
}

/** Reads and decodes a picture file (in a browser: an address). */
export async function openImage(path: string, form: ImageForm): Promise<NdArray> {
  return decodeImage(await files.readFile(path), path, form);
}

/** Channels outermost instead of innermost. */
export function planar({ data, height, width, channels }: Pixels): Uint8Array {
  if (channels === 1) return data;
  const plane = height * width;
  const result = new Uint8Array(data.length);
  for (let c = 0; c < channels; c++) for (let i = 0; i < plane; i++) result[c * plane + i] = data[i * channels + c];
  return result;
}

/**
 * A PNG of an image [height, width], [channels, height, width] or [1, channels, height, width], 1, 3 or 4 channels.
 * uint8 numbers are taken as they are; others go from `range` (0 to 1 unless told) to 0..255, cut off at the ends.
 */
export function encodePng(image: NdArray, range: readonly [number, number] = [0, 1]): Promise<Uint8Array> {
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
