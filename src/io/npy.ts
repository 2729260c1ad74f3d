// NumPy's .npy (one array) and .npz (a zip of them), versions 1 to 3:
//
//   93 "NUMPY" | version, 2 bytes | header length, 2 or 4 bytes | {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)} | numbers
//
// Fortran order is turned into row-major order. Nothing is ever executed: arrays of Python objects are refused.

import { understand } from "../base/arguments.ts";
import { type NdArray, ndarray, ndarrayRule, storageOf } from "../base/array.ts";
import type { DType } from "../base/dtype.ts";
import { DataError, NeocogError } from "../base/errors.ts";
import { atMost, limits } from "../base/limits.ts";
import { bytes as bytesRule, flag, iterable, optional, text } from "../base/rules.ts";
import { formatShape, sizeOf, stridesOf } from "../base/shape.ts";
import { fromFloat16 } from "./half.ts";
import { unzip, zip } from "./zip.ts";

interface Element {
  readonly bytes: number;
  readonly dtype: DType;
  readonly get: (view: DataView, offset: number, little: boolean) => number;
}

const elements: Readonly<Record<string, Element>> = {
  f8: { bytes: 8, dtype: "float64", get: (view, offset, little) => view.getFloat64(offset, little) },
  f4: { bytes: 4, dtype: "float32", get: (view, offset, little) => view.getFloat32(offset, little) },
  f2: { bytes: 2, dtype: "float32", get: (view, offset, little) => fromFloat16(view.getUint16(offset, little)) },
  i8: { bytes: 8, dtype: "int64", get: (view, offset, little) => Number(view.getBigInt64(offset, little)) },
  u8: { bytes: 8, dtype: "int64", get: (view, offset, little) => Number(view.getBigUint64(offset, little)) },
  i4: { bytes: 4, dtype: "int32", get: (view, offset, little) => view.getInt32(offset, little) },
  u4: { bytes: 4, dtype: "int64", get: (view, offset, little) => view.getUint32(offset, little) },
  i2: { bytes: 2, dtype: "int32", get: (view, offset, little) => view.getInt16(offset, little) },
  u2: { bytes: 2, dtype: "int32", get: (view, offset, little) => view.getUint16(offset, little) },
  i1: { bytes: 1, dtype: "int32", get: (view, offset) => view.getInt8(offset) },
  u1: { bytes: 1, dtype: "uint8", get: (view, offset) => view.getUint8(offset) },
  b1: { bytes: 1, dtype: "bool", get: (view, offset) => (view.getUint8(offset) === 0 ? 0 : 1) },
};

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

interface Header {
  readonly descr: string;
  readonly fortran: boolean;
  readonly shape: readonly number[];
  readonly start: number;
}

/**
 * Reads .npy bytes. float16 becomes float32, narrow integers int32, uint32 and wider int64. Throws a DataError that
 * names the file (`name`) where it is malformed, cut short, too long, of Python objects or beyond 2^53.
 */
export function readNpy(bytes: Uint8Array, name: string): NdArray {
  understand("readNpy", arguments, { bytes: bytesRule, name: text });
  const { descr, fortran, shape, start } = readHeader(bytes, name);
  const [, order, code] = /^([<>|=])([a-z]\d)$/.exec(descr) ?? [];
  const element = code !== undefined && Object.hasOwn(elements, code) ? elements[code] : undefined;
  if (!element) {
    const mend = /O/.test(descr) ? "Python objects, which only Python can read" : `elements of type ${descr}`;
    throw new DataError(`${name} holds ${mend}; readable are floats, integers and booleans.`);
  }
  const needed = sizeOf(shape) * element.bytes;
  const present = bytes.length - start;
  if (present !== needed) {
    throw new DataError(
      `${name} has ${present} bytes of numbers, but its shape ${formatShape(shape)} of type ${descr} needs ${needed}.`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = order !== ">";
  const data = new (storageOf(element.dtype))(sizeOf(shape));
  const placeOf = fortran ? fortranPlaces(shape) : (i: number) => i;
  for (let i = 0; i < data.length; i++) data[placeOf(i)] = element.get(view, start + i * element.bytes, little);
  if (element.dtype === "int64" && !data.every(Number.isSafeInteger)) {
    throw new DataError(`${name} holds 64-bit integers beyond 2^53, which cannot be kept exactly.`);
  }
  return ndarray(shape, data, element.dtype);
}

/** Where the i-th number of a column-major array stands in row-major order. */
function fortranPlaces(shape: readonly number[]): (i: number) => number {
  const strides = stridesOf(shape);
  return (i) => {
    let place = 0;
    for (let axis = 0; axis < shape.length; axis++) {
      place += (i % shape[axis]) * strides[axis];
      i = Math.floor(i / shape[axis]);
    }
    return place;
  };
}

function readHeader(bytes: Uint8Array, name: string): Header {
  if (bytes.length < 10 || magic.some((byte, i) => bytes[i] !== byte)) {
    throw new DataError(`${name} is not a .npy file: it does not begin with \\x93NUMPY.`);
  }
  const version = bytes[6];
  if (version < 1 || version > 3)
    throw new DataError(`${name} has the .npy version ${version}; readable are 1, 2 and 3.`);
  const prefix = version === 1 ? 10 : 12;
  if (bytes.length < prefix) throw new DataError(`${name} is cut short: its header's length is missing.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > bytes.length - prefix) {
    throw new DataError(
      `${name} is cut short: its header claims ${length} bytes, but only ${bytes.length - prefix} follow.`,
    );
  }
  if (length > limits.npyHeader.most)
    throw new DataError(`${name} has a header of ${length} bytes; ${atMost(limits.npyHeader)}.`);
  const text = new TextDecoder(version === 3 ? "utf-8" : "latin1").decode(bytes.subarray(prefix, prefix + length));
  return { ...parseHeader(text, name), start: prefix + length };
}

/** Reads the Python dictionary of a header: three known keys in any order, nothing else. */
function parseHeader(text: string, name: string): Omit<Header, "start"> {
  const broken = (): DataError =>
    new DataError(`${name} has a broken header: ${JSON.stringify(text.trim().slice(0, 200))}.`);
  const body = /^\s*\{(.*)\}\s*$/s.exec(text)?.[1];
  if (body === undefined) throw broken();
  const entry = /\s*(['"])(\w+)\1\s*:\s*(?:(['"])([^'"\\]*)\3|(True|False)|\(([\d\s,L]*)\)|(\[.*\]))\s*(?:,|$)/sy;
  let descr: string | undefined;
  let fortran: boolean | undefined;
  let shape: number[] | undefined;
  let seen = 0;
  while (body.slice(entry.lastIndex).trim() !== "") {
    const found = entry.exec(body);
    if (!found) throw broken();
    const [, , key, , quoted, truth, tuple, list] = found;
    if (++seen > 3) throw broken();
    if (key === "descr" && list !== undefined) {
      throw new DataError(`${name} holds records with named fields; readable are floats, integers and booleans.`);
    }
    if (key === "descr" && quoted !== undefined) descr = quoted;
    else if (key === "fortran_order" && truth !== undefined) fortran = truth === "True";
    else if (key === "shape" && tuple !== undefined) {
      const sizes = tuple.replace(/,\s*$/, "");
      if (sizes.trim() !== "" && !/^\s*\d+L?\s*(,\s*\d+L?\s*)*$/.test(sizes)) throw broken();
      shape = sizes.trim() === "" ? [] : sizes.split(",").map((size) => Number.parseInt(size, 10));
    } else throw broken();
  }
  if (seen !== 3 || descr === undefined || fortran === undefined || shape === undefined) throw broken();
  if (shape.length > limits.npyAxes.most)
    throw new DataError(`${name} has ${shape.length} axes; ${atMost(limits.npyAxes)}.`);
  if (!shape.every(Number.isSafeInteger)) throw broken();
  return { descr, fortran, shape };
}

const codes: Readonly<Record<DType, string>> = {
  float32: "<f4",
  float64: "<f8",
  int32: "<i4",
  int64: "<i8",
  uint8: "|u1",
  bool: "|b1",
};

/** The bytes of a .npy file (version 1.0, row-major, little-endian) of an array, its element type kept. */
export function writeNpy(array: NdArray): Uint8Array {
  understand("writeNpy", arguments, { array: ndarrayRule });
  const { shape, dtype, data } = array;
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const header = `{'descr': '${codes[dtype]}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const start = Math.ceil((10 + header.length + 1) / 64) * 64;
  const { bytes: width } = elements[codes[dtype].slice(1)];
  const bytes = new Uint8Array(start + data.length * width);
  const view = new DataView(bytes.buffer);
  bytes.set([...magic, 1, 0]);
  view.setUint16(8, start - 10, true);
  bytes.set(new TextEncoder().encode(`${header.padEnd(start - 11)}\n`), 10);
  for (let i = 0, offset = start; i < data.length; i++, offset += width) {
    if (dtype === "float32") view.setFloat32(offset, data[i], true);
    else if (dtype === "float64") view.setFloat64(offset, data[i], true);
    else if (dtype === "int32") view.setInt32(offset, data[i], true);
    else if (dtype === "int64") view.setBigInt64(offset, BigInt(data[i]), true);
    else view.setUint8(offset, data[i]);
  }
  return bytes;
}

/** Reads .npz bytes: arrays by name, in the order of the archive. Throws a DataError that names file and array. */
export function readNpz(bytes: Uint8Array, name: string): Map<string, NdArray> {
  understand("readNpz", arguments, { bytes: bytesRule, name: text });
  const arrays = new Map<string, NdArray>();
  for (const [member, content] of unzip(bytes, name)) {
    if (!member.endsWith(".npy")) throw new DataError(`${name} holds ${member}, which is not a .npy array.`);
    arrays.set(member.slice(0, -".npy".length), readNpy(content, `${name}: ${member}`));
  }
  return arrays;
}

/**
 * The bytes of an .npz file of [name, array] pairs, compressed or (unless told) only stored; equal arrays give equal
 * bytes.
 */
export function writeNpz(arrays: Iterable<readonly [string, NdArray]>, compress = false): Uint8Array {
  understand("writeNpz", arguments, { arrays: iterable, compress: optional(flag) });
  const members = new Map<string, Uint8Array>();
  for (const [name, array] of arrays) {
    if (members.has(`${name}.npy`)) throw new NeocogError(`Two arrays are called "${name}".`);
    members.set(`${name}.npy`, writeNpy(array));
  }
  return zip(members, compress);
}
