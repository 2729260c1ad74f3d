// One picture, whatever it comes as, to stored pixels of the size and colours that a network takes. Node and browsers go the
// same way: the host decodes, the arithmetic behind it is our own.

import { pictures } from "#host";
import { understand } from "../base/arguments.ts";
import { type NdArray, ndarray } from "../base/array.ts";
import { isFloat } from "../base/dtype.ts";
import { DataError, NeocogError } from "../base/errors.ts";
import { type Rule, record as recordRule, something } from "../base/rules.ts";
import { formatShape } from "../base/shape.ts";
import type { Pixels } from "../host/host.ts";
import { onWhite } from "../host/pixels.ts";
import { completePreprocessing, type Preprocessing, type PreprocessingOptions } from "./preprocessing.ts";
import { shownPixels } from "./shown.ts";

/**
 * A picture: a path (in a browser an address) or URL; the bytes of a file; a Blob or File; pixels as ImageData; in a browser
 * whatever can be drawn (ImageBitmap, canvas, img, video); or pixels as an array [channels, height, width] (a leading 1 is
 * let pass), uint8 of 0..255 or floats of 0..1.
 */
export type Picture =
  | string
  | AddressLike
  | Uint8Array
  | ArrayBuffer
  | BlobLike
  | ImageDataLike
  | DrawableLike
  | NdArray;

/** A picture as an argument. */
export const pictureRule: Rule = {
  must: "a picture: a path or address, a Blob, bytes, ImageData, pixels as an array, or in a page what can be drawn",
  accepts: (value) =>
    typeof value === "string" || (typeof value === "object" && value !== null && !Array.isArray(value)),
};

/** A URL. */
export interface AddressLike {
  /** The whole address. */
  readonly href: string;
}

/** A Blob or File. */
export interface BlobLike {
  /** A File's name, for messages. */
  readonly name?: string;
  /** Its bytes. */
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** ImageData: red, green, blue, alpha by rows. */
export interface ImageDataLike {
  /** Four bytes a pixel: red, green, blue, alpha. */
  readonly data: ArrayLike<number>;
  /** Pixels in a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
}

/** An ImageBitmap, canvas, img or video element. */
export interface DrawableLike {
  /** In pixels. */
  readonly width: number;
  /** In pixels. */
  readonly height: number;
}

/**
 * A picture as stored pixels [1, channels, height, width], red first: uint8, or as they are where an array has the size
 * already. Throws a DataError for what cannot be read, and for another size where that is refused.
 */
export async function openImage(picture: Picture, form: PreprocessingOptions): Promise<NdArray> {
  understand("openImage", arguments, {
    picture: something("a path, the bytes of a file or a picture of the page"),
    form: recordRule,
  });
  const whole = completePreprocessing(form);
  if (isArray(picture)) return arrayPixels(picture, whole);
  return pixelsFor(await decoded(picture), nameOf(picture), whole);
}

/** Decoded pixels in the form that a network takes. */
export function pixelsFor(pixels: Pixels, name: string, form: Preprocessing): NdArray {
  const { channels, height, width, colour } = form;
  if (colour === "none") {
    throw new NeocogError(`A picture gives 1 or 3 channels, but the network wants ${channels}.`);
  }
  const { height: h, width: w } = pixels;
  if (form.resize === "refuse" && (h !== height || w !== width)) {
    throw new DataError(
      (option) =>
        `${name} is ${w} x ${h} pixels, but the network wants ${width} x ${height}; bring it to size with ${option("resize", "cover")} (crops) or ${option("resize", "squash")} (stretches).`,
    );
  }
  return ndarray([1, channels, height, width], shownPixels(pixels, form), "uint8");
}

export const isArray = (picture: unknown): picture is NdArray =>
  typeof picture === "object" && picture !== null && "shape" in picture && "dtype" in picture;

const nameOf = (picture: Picture): string => {
  if (typeof picture === "string") return picture.length > 100 ? `${picture.slice(0, 99)}…` : picture;
  if (typeof picture !== "object" || picture === null) return "The picture";
  if ("href" in picture) return picture.href.length > 100 ? `${picture.href.slice(0, 99)}…` : picture.href;
  return "name" in picture && typeof picture.name === "string" && picture.name !== "" ? picture.name : "The picture";
};

/** Red, green and blue at the picture's own size. */
async function decoded(picture: Exclude<Picture, NdArray>): Promise<Pixels> {
  const name = nameOf(picture);
  if (typeof picture === "string") return pictures.decode(await pictures.fetch(picture), name);
  if (picture instanceof Uint8Array) return pictures.decode(picture, name);
  if (picture instanceof ArrayBuffer) return pictures.decode(new Uint8Array(picture), name);
  if (typeof picture === "object" && picture !== null) {
    if ("href" in picture && typeof picture.href === "string")
      return pictures.decode(await pictures.fetch(picture.href), name);
    if ("arrayBuffer" in picture && typeof picture.arrayBuffer === "function")
      return pictures.decode(new Uint8Array(await picture.arrayBuffer()), name);
    if ("data" in picture && "width" in picture) return imageDataPixels(picture);
    if ("width" in picture) return pictures.draw(picture, name);
  }
  throw new NeocogError(
    "A picture is a path, an address, a Blob, bytes, ImageData, pixels as an array, or in a page what can be drawn.",
  );
}

function imageDataPixels({ data, height, width }: ImageDataLike): Pixels {
  const bytes = data instanceof Uint8ClampedArray || data instanceof Uint8Array;
  if (!bytes || data.length !== 4 * height * width || data.length === 0)
    throw new DataError(`ImageData must hold ${width} x ${height} pixels of four bytes each.`);
  return onWhite(data, height, width, 4);
}

/** Pixels that have the size are taken as they are; bytes of another size are resized. */
function arrayPixels(array: NdArray, form: Preprocessing): NdArray {
  const { channels, height, width } = form;
  const shape = array.shape.length === 4 && array.shape[0] === 1 ? array.shape.slice(1) : array.shape;
  const [c, h, w] = shape;
  if (shape.length !== 3 || shape.some((n) => n < 1))
    throw new NeocogError(`A picture as an array is [channels, height, width], not ${formatShape(array.shape)}.`);
  checkPixels(array);
  const fits = c === channels && h === height && w === width && form.crop === 1;
  if (fits) return ndarray([1, channels, height, width], array.data, array.dtype);
  if (array.dtype !== "uint8" || (c !== 1 && c !== 3)) {
    throw new NeocogError(
      `The picture is ${formatShape(shape)}, but the network takes [${channels}, ${height}, ${width}]; only bytes (uint8) of 1 or 3 channels are resized.`,
    );
  }
  const data = new Uint8Array(h * w * c);
  for (let k = 0; k < c; k++) for (let i = 0; i < h * w; i++) data[i * c + k] = array.data[k * h * w + i];
  return pixelsFor(onWhite(data, h, w, c), "The picture", form);
}

/** Prepared numbers in the place of pixels give confident nonsense, so floats outside of 0..1 are refused. */
export function checkPixels({ dtype, data }: NdArray): void {
  if (dtype === "uint8") return;
  if (!isFloat(dtype))
    throw new NeocogError(`Pixels are uint8 of 0..255 or floats of 0..1, not ${dtype}; convert them first.`);
  for (let i = 0; i < data.length; i++) {
    if (data[i] >= -1e-6 && data[i] <= 1 + 1e-6) continue;
    throw new NeocogError(
      `Pixels are uint8 of 0..255 or floats of 0..1, but there is ${data[i]} among these; give them as they are before any normalisation.`,
    );
  }
}
