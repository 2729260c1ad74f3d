// Tensors of ONNX files to arrays and back. Every element type that has numbers is read: float16 and bfloat16 are widened
// to float32, the small integers to int32, unsigned 32 and 64 bits to int64 (exact up to 2^53).
import { type NdArray, type Numbers, storageOf } from "../../base/array.ts";
import type { DType } from "../../base/dtype.ts";
import { DataError } from "../../base/errors.ts";
import { formatShape, sizeOf } from "../../base/shape.ts";
import { fromBfloat16, fromFloat16 } from "../half.ts";
import type { OnnxTensor } from "./schema.ts";
import type { NumberList } from "./wire.ts";

interface ElementType {
  readonly name: string;
  /** How Neocog holds it; undefined for what it cannot hold. */
  readonly dtype?: DType;
  /** Bits of one element in raw data. */
  readonly bits: number;
}

/** ONNX's element types by their numbers. */
export const elementTypes: Readonly<Record<number, ElementType>> = {
  1: { name: "float", dtype: "float32", bits: 32 },
  2: { name: "uint8", dtype: "uint8", bits: 8 },
  3: { name: "int8", dtype: "int32", bits: 8 },
  4: { name: "uint16", dtype: "int32", bits: 16 },
  5: { name: "int16", dtype: "int32", bits: 16 },
  6: { name: "int32", dtype: "int32", bits: 32 },
  7: { name: "int64", dtype: "int64", bits: 64 },
  8: { name: "string", bits: 0 },
  9: { name: "bool", dtype: "bool", bits: 8 },
  10: { name: "float16", dtype: "float32", bits: 16 },
  11: { name: "double", dtype: "float64", bits: 64 },
  12: { name: "uint32", dtype: "int64", bits: 32 },
  13: { name: "uint64", dtype: "int64", bits: 64 },
  14: { name: "complex64", bits: 64 },
  15: { name: "complex128", bits: 128 },
  16: { name: "bfloat16", dtype: "float32", bits: 16 },
  17: { name: "float8e4m3fn", bits: 8 },
  18: { name: "float8e4m3fnuz", bits: 8 },
  19: { name: "float8e5m2", bits: 8 },
  20: { name: "float8e5m2fnuz", bits: 8 },
  21: { name: "uint4", dtype: "int32", bits: 4 },
  22: { name: "int4", dtype: "int32", bits: 4 },
  23: { name: "float4e2m1", bits: 4 },
};

/** The element type that stands for a Neocog type in a file. */
export const elementTypeOf: Readonly<Record<DType, number>> = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
  float64: 11,
};

/** How Neocog holds an ONNX element type; refuses those that have no numbers or that it cannot hold. */
export function dtypeOf(elementType: number | undefined, what: string): DType {
  const type = elementTypes[elementType ?? 0];
  if (type?.dtype) return type.dtype;
  throw new DataError(
    `${what} holds elements of type ${type?.name ?? `number ${elementType ?? 0}`}, which Neocog does not compute with; use float32 or integers.`,
  );
}

/** Checked sizes of a tensor: whole, not negative, and not more elements than fit an address. */
export function dimsOf(tensor: OnnxTensor, what = nameOf(tensor)): number[] {
  const shape = Array.from(tensor.dims);
  if (shape.length > 16) throw new DataError(`${what} has ${shape.length} axes; no network has more than a few.`);
  for (const n of shape) {
    if (!Number.isSafeInteger(n) || n < 0)
      throw new DataError(`${what} has the impossible shape ${formatShape(shape)}.`);
  }
  if (sizeOf(shape) > 2 ** 40)
    throw new DataError(`${what} has the shape ${formatShape(shape)}, which is more than any memory holds.`);
  return shape;
}

const nameOf = (tensor: OnnxTensor): string => (tensor.name ? `Tensor "${tensor.name}"` : "A tensor");

/** The numbers of a tensor. Data that is missing, short or long is refused; memory is bounded by what the file holds. */
export function readTensor(tensor: OnnxTensor): NdArray {
  const what = nameOf(tensor);
  const shape = dimsOf(tensor, what);
  const dtype = dtypeOf(tensor.dataType, what);
  const count = sizeOf(shape);
  if (tensor.dataLocation === 1 && tensor.rawData === undefined) {
    throw new DataError(
      `${what} keeps its numbers in another file, which was not read; open the model from its folder.`,
    );
  }
  const data =
    tensor.rawData === undefined
      ? fromFields(tensor, dtype, count, what)
      : fromRaw(tensor.rawData, tensor.dataType!, dtype, count, what);
  return { shape, dtype, data };
}

/** Numbers that were read once are not read again for another input size. */
const read = new WeakMap<OnnxTensor, NdArray>();

/** The same; the array is shared by all who ask, and must not be written. */
export function readOnce(tensor: OnnxTensor): NdArray {
  const known = read.get(tensor);
  if (known) return known;
  const value = readTensor(tensor);
  read.set(tensor, value);
  return value;
}

function fromFields(tensor: OnnxTensor, dtype: DType, count: number, what: string): Numbers {
  const type = tensor.dataType!;
  const list: NumberList =
    type === 1
      ? tensor.floatData
      : type === 11
        ? tensor.doubleData
        : type === 7
          ? tensor.int64Data
          : type === 12 || type === 13
            ? tensor.uint64Data
            : tensor.int32Data;
  const packed = elementTypes[type].bits === 4;
  if (list.length !== (packed ? Math.ceil(count / 2) : count)) {
    throw new DataError(
      `${what} of shape ${formatShape(Array.from(tensor.dims))} needs ${count} numbers; the file holds ${list.length}.`,
    );
  }
  const out = new (storageOf(dtype))(count);
  if (packed) return unpackNibbles(Uint8Array.from(list), type === 22, out);
  if (type === 10 || type === 16) {
    const widen = type === 10 ? fromFloat16 : fromBfloat16;
    for (let i = 0; i < count; i++) out[i] = widen(list[i] & 0xffff);
  } else if (type === 3) {
    // Exporters write int8 as signed numbers or as bytes; both mean the same eight bits.
    for (let i = 0; i < count; i++) out[i] = (list[i] << 24) >> 24;
  } else if (type === 13) {
    for (let i = 0; i < count; i++) out[i] = list[i] < 0 ? list[i] + 2 ** 64 : list[i];
  } else {
    out.set(list);
  }
  return out;
}

function fromRaw(raw: Uint8Array, type: number, dtype: DType, count: number, what: string): Numbers {
  const { bits, name } = elementTypes[type];
  const bytes = Math.ceil((count * bits) / 8);
  if (raw.length !== bytes)
    throw new DataError(
      `${what} needs ${bytes} bytes for ${count} elements of type ${name}; the file holds ${raw.length}.`,
    );
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  // Copied: views must be aligned, and the file may go away (a Buffer's slice would not copy).
  if (type === 1) return new Float32Array(new Uint8Array(raw).buffer);
  if (type === 11) return new Float64Array(new Uint8Array(raw).buffer);
  if (type === 6) return new Int32Array(new Uint8Array(raw).buffer);
  if (type === 2) return new Uint8Array(raw);
  const out = new (storageOf(dtype))(count);
  if (bits === 4) return unpackNibbles(raw, type === 22, out);
  const read: (at: number) => number =
    type === 3
      ? (i) => view.getInt8(i)
      : type === 4
        ? (i) => view.getUint16(2 * i, true)
        : type === 5
          ? (i) => view.getInt16(2 * i, true)
          : type === 7
            ? (i) => view.getInt32(8 * i + 4, true) * 2 ** 32 + view.getUint32(8 * i, true)
            : type === 9
              ? (i) => (raw[i] === 0 ? 0 : 1)
              : type === 10
                ? (i) => fromFloat16(view.getUint16(2 * i, true))
                : type === 12
                  ? (i) => view.getUint32(4 * i, true)
                  : type === 13
                    ? (i) => view.getUint32(8 * i + 4, true) * 2 ** 32 + view.getUint32(8 * i, true)
                    : (i) => fromBfloat16(view.getUint16(2 * i, true));
  for (let i = 0; i < count; i++) out[i] = read(i);
  return out;
}

/** Two elements a byte, the low half first. */
function unpackNibbles(bytes: Uint8Array, signed: boolean, out: Numbers): Numbers {
  for (let i = 0; i < out.length; i++) {
    const nibble = (bytes[i >> 1] >> (i % 2 === 0 ? 0 : 4)) & 15;
    out[i] = signed && nibble > 7 ? nibble - 16 : nibble;
  }
  return out;
}

/** An array as a tensor of a file, its numbers as raw bytes. */
export function writeTensor(name: string, { shape, dtype, data }: NdArray): OnnxTensor {
  return {
    dims: [...shape],
    dataType: elementTypeOf[dtype],
    floatData: [],
    int32Data: [],
    stringData: [],
    int64Data: [],
    name,
    rawData: rawBytes(dtype, data),
    doubleData: [],
    uint64Data: [],
    docString: undefined,
    externalData: [],
    dataLocation: undefined,
  };
}

const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

function rawBytes(dtype: DType, data: Numbers): Uint8Array {
  // The common case by the block.
  if (littleEndian && dtype === "float32" && data instanceof Float32Array) {
    return new Uint8Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength));
  }
  const size = dtype === "float64" || dtype === "int64" ? 8 : dtype === "uint8" || dtype === "bool" ? 1 : 4;
  const bytes = new Uint8Array(data.length * size);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < data.length; i++) {
    const value = data[i];
    if (dtype === "float32") view.setFloat32(4 * i, value, true);
    else if (dtype === "float64") view.setFloat64(8 * i, value, true);
    else if (dtype === "int64") view.setBigInt64(8 * i, BigInt(Math.trunc(value)), true);
    else if (dtype === "int32") view.setInt32(4 * i, value, true);
    else bytes[i] = value;
  }
  return bytes;
}
