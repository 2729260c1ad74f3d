// IDX, the format of MNIST (http://yann.lecun.com/exdb/mnist): big-endian throughout,
//
//   00 00 TT DD | DD sizes of 4 bytes | the numbers, row by row        TT: 08 bytes, 0d float32, …   DD: number of axes
//
// plain or inside gzip. Every length is checked against the header before anything is allocated.

import { files } from "#host";
import { filled, type NdArray, ndarray } from "../base/array.ts";
import type { DType } from "../base/dtype.ts";
import { DataError } from "../base/errors.ts";
import { formatShape, sizeOf } from "../base/shape.ts";
import { type Dataset, dataset } from "./dataset.ts";

interface ElementType {
  readonly bytes: number;
  readonly dtype: DType;
  readonly read: (view: DataView, offset: number) => number;
}

const elementTypes: Record<number, ElementType> = {
  8: { bytes: 1, dtype: "uint8", read: (view, offset) => view.getUint8(offset) },
  9: { bytes: 1, dtype: "int32", read: (view, offset) => view.getInt8(offset) },
  11: { bytes: 2, dtype: "int32", read: (view, offset) => view.getInt16(offset) },
  12: { bytes: 4, dtype: "int32", read: (view, offset) => view.getInt32(offset) },
  13: { bytes: 4, dtype: "float32", read: (view, offset) => view.getFloat32(offset) },
  14: { bytes: 8, dtype: "float64", read: (view, offset) => view.getFloat64(offset) },
};

/** Real pictures shrink to no less than a tenth; this leaves room for blank ones and none for bombs. */
const mostExpansion = 200;
const mostAxes = 8;
/** ImageNet's largest version has fewer; labels read in a wrong byte order have many more. */
const mostClasses = 32768;

const isGzip = (bytes: Uint8Array) => bytes.length > 2 && bytes[0] === 0x1f && bytes[1] === 0x8b;

/** True for bytes that begin like an IDX file with at least one axis. */
export function looksLikeIdx(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && bytes[0] === 0 && bytes[1] === 0 && bytes[2] in elementTypes && bytes[3] > 0;
}

/** Reads plain IDX bytes. `name` stands in the messages of its DataErrors. */
export function readIdx(bytes: Uint8Array, name: string): NdArray {
  const hex = (some: Uint8Array) => Array.from(some, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  if (bytes.length < 4) throw new DataError(`${name} is too short for an IDX file: it has ${bytes.length} bytes.`);
  if (bytes[0] !== 0 || bytes[1] !== 0) {
    throw new DataError(`${name} is not an IDX file: it starts with ${hex(bytes.subarray(0, 4))} instead of 00 00.`);
  }
  const element = elementTypes[bytes[2]];
  if (!element) throw new DataError(`${name} has the unknown IDX element type ${hex(bytes.subarray(2, 3))}.`);
  const axes = bytes[3];
  if (axes < 1 || axes > mostAxes)
    throw new DataError(`${name} claims ${axes} axes; an IDX file has 1 to ${mostAxes}.`);
  const start = 4 + 4 * axes;
  if (bytes.length < start) {
    throw new DataError(`${name} is cut short: its header needs ${start} bytes, but the file has ${bytes.length}.`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: axes }, (_, axis) => view.getUint32(4 + 4 * axis));
  const needed = sizeOf(shape) * element.bytes;
  const present = bytes.length - start;
  if (present < needed) {
    throw new DataError(
      `${name} is cut short: its shape ${formatShape(shape)} needs ${needed} bytes after the header, but there are ${present}.`,
    );
  }
  if (present > needed) {
    throw new DataError(
      `${name} has ${present - needed} bytes too many after its numbers of shape ${formatShape(shape)}.`,
    );
  }
  if (element.dtype === "uint8") return ndarray(shape, new Uint8Array(bytes.subarray(start)), "uint8");
  const array = filled(shape, 0, element.dtype);
  for (let i = 0; i < array.data.length; i++) array.data[i] = element.read(view, start + i * element.bytes);
  return array;
}

/** Reads an IDX file, plain or gzip (told by its first bytes, not by its name). */
export async function openIdx(path: string): Promise<NdArray> {
  return readIdx(await unpackedIdx(path), path);
}

/** The bytes of an IDX file, out of their gzip if they are in one. */
export async function unpackedIdx(path: string): Promise<Uint8Array> {
  const bytes = await files.readFile(path);
  return isGzip(bytes) ? files.gunzip(bytes, path, bytes.length * mostExpansion + 2 ** 20) : bytes;
}

/**
 * Images and labels from an IDX pair. Images are [count, height, width] or [count, channels, height, width] of bytes or
 * floats of 0..1, labels [count] of whole numbers; without `classes` there are as many as the largest label asks for.
 */
export async function openIdxPair(
  imagesPath: string,
  labelsPath: string,
  classes?: readonly string[],
): Promise<Dataset> {
  const [images, labels] = [await openIdx(imagesPath), await openIdx(labelsPath)];
  const rank = images.shape.length;
  if (rank === 1 && labels.shape.length >= 3) {
    throw new DataError(`${imagesPath} holds labels and ${labelsPath} holds images: name the images first.`);
  }
  if ((rank !== 3 && rank !== 4) || images.dtype === "int32") {
    throw new DataError(
      `${imagesPath} holds ${images.dtype} numbers of shape ${formatShape(images.shape)}, not images: they are bytes or floats of shape [count, height, width].`,
    );
  }
  if (labels.shape.length !== 1 || labels.dtype === "float32" || labels.dtype === "float64") {
    throw new DataError(
      `${labelsPath} holds ${labels.dtype} numbers of shape ${formatShape(labels.shape)}, not labels: they are whole numbers of shape [count].`,
    );
  }
  const shape = rank === 4 ? images.shape : [images.shape[0], 1, images.shape[1], images.shape[2]];
  const data = images.dtype === "float64" ? Float32Array.from(images.data) : images.data;
  let highest = -1;
  for (const label of labels.data) highest = Math.max(highest, label);
  if (!classes && highest >= mostClasses) {
    throw new DataError(
      `${labelsPath} holds the label ${highest}; more than ${mostClasses} classes are not believable.`,
    );
  }
  const names = classes ?? Array.from({ length: highest + 1 }, (_, c) => String(c));
  return dataset(
    {
      name: imagesPath,
      images: ndarray(shape, data, images.dtype === "uint8" ? "uint8" : "float32"),
      labels: Int32Array.from(labels.data),
      classes: names,
    },
    labelsPath,
  );
}
