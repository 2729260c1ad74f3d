// safetensors (https://huggingface.co/docs/safetensors): named tensors in one file, nothing to execute.
//
//   8 bytes: N, little-endian | N bytes: JSON {"name": {"dtype", "shape", "data_offsets": [begin, end]}, …} | numbers
//
// Files come from strangers: every claim of the header is checked against the file before a byte is copied, and what is
// allocated is at most four times the file (one byte of BOOL stays one, two of F16 become four of float32).

import { understand } from "../base/arguments.ts";
import { type NdArray, ndarray } from "../base/array.ts";
import type { DType } from "../base/dtype.ts";
import { DataError, NeocogError } from "../base/errors.ts";
import { atMost, limits } from "../base/limits.ts";
import {
  options as byName,
  bytes as bytesRule,
  iterable,
  mapRule as mapOf,
  type OptionsOf,
  oneOf,
  text,
} from "../base/rules.ts";
import { formatShape, sizeOf } from "../base/shape.ts";
import { fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from "./half.ts";
import { type Json, parseJson } from "./json.ts";

/** What a safetensors file holds. */
export interface Safetensors {
  /** The tensors in the order of the header. */
  readonly tensors: ReadonlyMap<string, NdArray>;
  /** Notes by key, from the header's `__metadata__`. */
  readonly metadata: ReadonlyMap<string, string>;
}

/** How one element stands in the file, and what it becomes. */
interface Format {
  readonly bytes: number;
  readonly dtype: DType;
  readonly get: (view: DataView, offset: number) => number;
}

const formats: Readonly<Record<string, Format>> = {
  F64: { bytes: 8, dtype: "float64", get: (view, offset) => view.getFloat64(offset, true) },
  F32: { bytes: 4, dtype: "float32", get: (view, offset) => view.getFloat32(offset, true) },
  F16: { bytes: 2, dtype: "float32", get: (view, offset) => fromFloat16(view.getUint16(offset, true)) },
  BF16: { bytes: 2, dtype: "float32", get: (view, offset) => fromBfloat16(view.getUint16(offset, true)) },
  I64: { bytes: 8, dtype: "int64", get: (view, offset) => Number(view.getBigInt64(offset, true)) },
  I32: { bytes: 4, dtype: "int32", get: (view, offset) => view.getInt32(offset, true) },
  I16: { bytes: 2, dtype: "int32", get: (view, offset) => view.getInt16(offset, true) },
  I8: { bytes: 1, dtype: "int32", get: (view, offset) => view.getInt8(offset) },
  U8: { bytes: 1, dtype: "uint8", get: (view, offset) => view.getUint8(offset) },
  BOOL: { bytes: 1, dtype: "bool", get: (view, offset) => (view.getUint8(offset) === 0 ? 0 : 1) },
};

const deepestHeader = 4;
const mostAxes = 64;
const metadataKey = "__metadata__";

interface Place {
  readonly key: string;
  readonly format: Format;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/**
 * Reads safetensors bytes. F16 and BF16 become float32; I16 and I8 become int32. Throws a DataError that names the file
 * (`name`) and the tensor for a header that is cut short, malformed or contradictory, for tensors that overlap, leave
 * gaps, reach outside or do not fit their shapes, and for 64-bit integers beyond 2^53.
 */
export function readSafetensors(bytes: Uint8Array, name: string): Safetensors {
  understand("readSafetensors", arguments, { bytes: bytesRule, name: text });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { header, start } = readHeader(bytes, view, name);
  if (header.size > limits.safetensorsTensors.most + 1)
    throw new DataError(`${name} has ${header.size} tensors; ${atMost(limits.safetensorsTensors)}.`);
  const metadata = readMetadata(header.get(metadataKey), name);
  const places: Place[] = [];
  for (const [key, entry] of header) {
    if (key !== metadataKey) places.push(readPlace(key, entry, bytes.length - start, name));
  }
  checkCover(places, bytes.length - start, name);
  const tensors = new Map<string, NdArray>();
  for (const { key, format, shape, begin, end } of places) {
    const count = (end - begin) / format.bytes;
    if (format === formats.F32) {
      const copy = new Uint8Array(bytes.subarray(start + begin, start + end));
      tensors.set(key, ndarray(shape, new Float32Array(copy.buffer)));
      continue;
    }
    const array = ndarray(shape, emptyOf(format.dtype, count), format.dtype);
    for (let i = 0; i < count; i++) array.data[i] = format.get(view, start + begin + i * format.bytes);
    if (format === formats.I64 && !array.data.every(Number.isSafeInteger)) {
      throw new DataError(`${name}: tensor "${key}" holds 64-bit integers beyond 2^53, which cannot be kept exactly.`);
    }
    tensors.set(key, array);
  }
  return { tensors, metadata };
}

function emptyOf(dtype: DType, count: number): Float32Array | Float64Array | Int32Array | Uint8Array {
  if (dtype === "float64" || dtype === "int64") return new Float64Array(count);
  if (dtype === "float32") return new Float32Array(count);
  return dtype === "int32" ? new Int32Array(count) : new Uint8Array(count);
}

function readHeader(
  bytes: Uint8Array,
  view: DataView,
  name: string,
): { header: ReadonlyMap<string, Json>; start: number } {
  if (bytes.length < 8) throw new DataError(`${name} is not a safetensors file: it has only ${bytes.length} bytes.`);
  const length = Number(view.getBigUint64(0, true));
  if (length > bytes.length - 8) {
    throw new DataError(
      `${name} claims a header of ${length} bytes, but only ${bytes.length - 8} follow: it is cut short or no safetensors file.`,
    );
  }
  if (length > limits.safetensorsHeader.most)
    throw new DataError(`${name} has a header of ${length} bytes; ${atMost(limits.safetensorsHeader)}.`);
  let header: Json;
  try {
    const source = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.subarray(8, 8 + length));
    header = parseJson(source, deepestHeader);
  } catch (error) {
    const reason = error instanceof TypeError ? "it is not UTF-8 text" : (error as Error).message;
    throw new DataError(`${name} has a broken header: ${reason}.`, { cause: error });
  }
  if (!(header instanceof Map)) throw new DataError(`${name} has a broken header: it is not a JSON object.`);
  return { header, start: 8 + length };
}

function readMetadata(entry: Json | undefined, name: string): ReadonlyMap<string, string> {
  const metadata = new Map<string, string>();
  if (entry === undefined) return metadata;
  if (!(entry instanceof Map)) throw new DataError(`${name} has a broken header: ${metadataKey} is not an object.`);
  for (const [key, value] of entry as ReadonlyMap<string, Json>) {
    if (typeof value !== "string")
      throw new DataError(`${name} has a broken header: ${metadataKey} "${key}" is not text.`);
    metadata.set(key, value);
  }
  return metadata;
}

/** Checks one entry by itself: its type, its shape, its place and that they fit. */
function readPlace(key: string, entry: Json, available: number, name: string): Place {
  const fail = (what: string): never => {
    throw new DataError(`${name}: tensor "${key}" ${what}.`);
  };
  if (!(entry instanceof Map)) return fail("is not described by an object");
  const [type, shape, offsets] = ["dtype", "shape", "data_offsets"].map((part) =>
    (entry as Map<string, Json>).get(part),
  );
  if (typeof type !== "string") return fail("has no type");
  const format = Object.hasOwn(formats, type) ? formats[type] : undefined;
  if (!format) return fail(`has the type ${type}; readable are ${Object.keys(formats).join(", ")}`);
  if (!isSizes(shape) || shape.length > mostAxes) return fail("has no shape of whole numbers");
  if (!isSizes(offsets) || offsets.length !== 2) return fail("has no place of two whole numbers");
  const [begin, end] = offsets;
  if (begin > end) return fail(`ends at byte ${end}, before it begins at ${begin}`);
  if (end > available) return fail(`reaches to byte ${end}, but the file ends at ${available}`);
  const needed = sizeOf(shape) * format.bytes;
  if (needed !== end - begin) {
    return fail(
      `of shape ${formatShape(shape)} and type ${type} needs ${needed} bytes, but its place has ${end - begin}`,
    );
  }
  return { key, format, shape, begin, end };
}

function isSizes(value: Json | undefined): value is readonly number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

/** Checks all entries together: the tensors lie end to end and fill the file. */
function checkCover(places: readonly Place[], available: number, name: string): void {
  let reached = 0;
  let last = "";
  for (const { key, begin, end } of places.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin < reached) throw new DataError(`${name}: tensor "${key}" overlaps tensor "${last}".`);
    if (begin > reached)
      throw new DataError(`${name}: the bytes ${reached} to ${begin} before tensor "${key}" belong to no tensor.`);
    reached = end;
    last = key;
  }
  if (reached !== available)
    throw new DataError(`${name} has ${available - reached} bytes too many after its last tensor.`);
}

export interface SafetensorsOptions {
  /** Notes for the header, by key. */
  readonly metadata?: ReadonlyMap<string, string>;
  /** Stores float32 tensors in half the space, rounded to nearest even; "F32" unless told. */
  readonly floats?: "F32" | "F16" | "BF16";
}

/**
 * Safetensors bytes. The header keeps the order of the tensors; it is padded so that the numbers begin at a multiple of
 * 8, and wide elements are stored before narrow ones so that each tensor lies at a multiple of its element's size.
 */
export function writeSafetensors(
  tensors: Iterable<readonly [string, NdArray]>,
  options: SafetensorsOptions = {},
): Uint8Array {
  understand("writeSafetensors", arguments, {
    tensors: iterable,
    options: byName<OptionsOf<typeof writeSafetensors>>({ metadata: mapOf, floats: oneOf(["F32", "F16", "BF16"]) }),
  });
  const { metadata, floats = "F32" } = options;
  const named = new Map<string, { readonly type: string; readonly array: NdArray; begin: number }>();
  for (const [key, array] of tensors) {
    if (key === metadataKey) throw new NeocogError(`A tensor cannot be called ${metadataKey}.`);
    if (named.has(key)) throw new NeocogError(`Two tensors are called "${key}".`);
    named.set(key, { type: array.dtype === "float32" ? floats : typeNames[array.dtype], array, begin: 0 });
  }
  const stored = [...named.values()].sort((a, b) => formats[b.type].bytes - formats[a.type].bytes);
  let size = 0;
  for (const tensor of stored) {
    tensor.begin = size;
    size += sizeOf(tensor.array.shape) * formats[tensor.type].bytes;
  }
  const entries = Array.from(named, ([key, { type, array, begin }]) => {
    const end = begin + sizeOf(array.shape) * formats[type].bytes;
    return `${JSON.stringify(key)}:${JSON.stringify({ dtype: type, shape: array.shape, data_offsets: [begin, end] })}`;
  });
  if (metadata && metadata.size > 0) {
    entries.unshift(`${JSON.stringify(metadataKey)}:${JSON.stringify(Object.fromEntries(metadata))}`);
  }
  const text = new TextEncoder().encode(`{${entries.join(",")}}`);
  const length = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + length + size);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(length), true);
  bytes.fill(0x20, 8, 8 + length);
  bytes.set(text, 8);
  for (const { type, array, begin } of stored) writeNumbers(view, 8 + length + begin, type, array);
  return bytes;
}

const typeNames: Readonly<Record<DType, string>> = {
  float32: "F32",
  float64: "F64",
  int32: "I32",
  int64: "I64",
  uint8: "U8",
  bool: "BOOL",
};

const setters: Readonly<Record<string, (view: DataView, offset: number, value: number) => void>> = {
  F64: (view, offset, value) => view.setFloat64(offset, value, true),
  F32: (view, offset, value) => view.setFloat32(offset, value, true),
  F16: (view, offset, value) => view.setUint16(offset, toFloat16(value), true),
  BF16: (view, offset, value) => view.setUint16(offset, toBfloat16(value), true),
  I64: (view, offset, value) => view.setBigInt64(offset, BigInt(value), true),
  I32: (view, offset, value) => view.setInt32(offset, value, true),
  U8: (view, offset, value) => view.setUint8(offset, value),
  BOOL: (view, offset, value) => view.setUint8(offset, value === 0 ? 0 : 1),
};

function writeNumbers(view: DataView, offset: number, type: string, { data }: NdArray): void {
  if (type === "F32" && data instanceof Float32Array) {
    new Uint8Array(view.buffer).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    return;
  }
  const { bytes } = formats[type];
  for (let i = 0; i < data.length; i++) setters[type](view, offset + i * bytes, data[i]);
}
