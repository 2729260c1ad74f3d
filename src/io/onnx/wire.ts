// Protocol-buffer messages from a table of their fields, over the wire format of @bufbuild/protobuf. Files come from
// strangers: depth and number of messages are limited, a length that reaches past the end is refused before anything is
// allocated, and bytes stay views into the file. Numbers are JavaScript numbers (exact up to 2^53); unknown fields are
// skipped, as the format demands.
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { DataError, reasonOf } from "../../base/errors.ts";
import { atMost, limits } from "../../base/limits.ts";

export type FieldType = "int" | "float" | "double" | "string" | "bytes" | (() => Schema);

export interface Field {
  readonly name: string;
  readonly type: FieldType;
  /** list: any number of values. packed: any number, written as one block (reading takes both forms). */
  readonly repeated?: "list" | "packed";
}

/** A kind of message: its fields by their numbers. */
export interface Schema {
  readonly name: string;
  readonly fields: Readonly<Record<number, Field>>;
}

/** What a repeated number field holds: a typed array where the file had one block of them. */
export type NumberList = readonly number[] | Float32Array | Float64Array;

type Message = Record<string, unknown>;
const nothing: readonly never[] = Object.freeze([]);

/** Reads one message that fills `bytes`. Fields that are absent are undefined; absent lists are empty. */
export function readMessage(bytes: Uint8Array, schema: Schema): unknown {
  const budget = { messages: limits.onnxMessages.most };
  try {
    return read(bytes, schema, limits.onnxDepth.most, budget);
  } catch (error) {
    if (error instanceof DataError) throw error;
    // The wire reader's own errors: a length past the end, an impossible tag, a varint that does not stop.
    throw new DataError(`This is not a readable ${schema.name}: the file is cut off or damaged (${reasonOf(error)}).`);
  }
}

function read(bytes: Uint8Array, schema: Schema, depth: number, budget: { messages: number }): Message {
  if (depth === 0)
    throw new DataError(`The file is nested too deeply, at a ${schema.name}: ${atMost(limits.onnxDepth)}.`);
  if (--budget.messages < 0)
    throw new DataError(`The file holds more parts than any network has: ${atMost(limits.onnxMessages)}.`);
  const message: Message = {};
  for (const number in schema.fields) {
    const { name, repeated } = schema.fields[number];
    message[name] = repeated ? nothing : undefined;
  }
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag();
    const field = schema.fields[number];
    if (field === undefined) {
      reader.skip(wire, number);
      continue;
    }
    const { name, type, repeated } = field;
    if (repeated && wire === WireType.LengthDelimited && (type === "int" || type === "float" || type === "double")) {
      const block = unpack(reader.bytes(), type);
      if (message[name] === nothing) message[name] = block;
      else for (const value of block) append(message, name, value);
      continue;
    }
    const value = readValue(reader, field, wire, schema, depth, budget);
    if (repeated) append(message, name, value);
    else message[name] = value;
  }
  return message;
}

function append(message: Message, name: string, value: unknown): void {
  const list = message[name];
  if (Array.isArray(list) && list.length > 0) list.push(value);
  else message[name] = [...(list as Iterable<unknown>), value];
}

function readValue(
  reader: BinaryReader,
  { name, type }: Field,
  wire: WireType,
  schema: Schema,
  depth: number,
  budget: { messages: number },
): unknown {
  const expected =
    type === "int"
      ? WireType.Varint
      : type === "float"
        ? WireType.Bit32
        : type === "double"
          ? WireType.Bit64
          : WireType.LengthDelimited;
  if (wire !== expected)
    throw new DataError(`The file is damaged: field "${name}" of a ${schema.name} is not of the kind it must be.`);
  switch (type) {
    case "int":
      return Number(reader.int64());
    case "float":
      return reader.float();
    case "double":
      return reader.double();
    case "string":
      return reader.string();
    case "bytes":
      return reader.bytes();
    default:
      return read(reader.bytes(), type(), depth - 1, budget);
  }
}

/** A block of numbers. The count is known before the array is made: it cannot be larger than the block itself. */
function unpack(block: Uint8Array, type: "int" | "float" | "double"): Float32Array | Float64Array {
  if (type !== "int") {
    const size = type === "float" ? 4 : 8;
    if (block.length % size !== 0)
      throw new DataError(`The file is damaged: a block of ${block.length} bytes holds no whole number of ${type}s.`);
    const copy = new Uint8Array(block).buffer;
    return type === "float" ? new Float32Array(copy) : new Float64Array(copy);
  }
  let count = 0;
  for (let i = 0; i < block.length; i++) if (block[i] < 0x80) count++;
  const out = new Float64Array(count);
  let at = 0;
  for (let n = 0; n < count; n++) {
    const start = at;
    while (block[at] >= 0x80) at++;
    at++;
    out[n] = varint(block, start, at);
  }
  if (at !== block.length)
    throw new DataError("The file is damaged: a list of whole numbers breaks off in the middle of one.");
  return out;
}

/** The signed 64-bit number in bytes [from, to), seven bits a byte, lowest first. */
function varint(bytes: Uint8Array, from: number, to: number): number {
  if (to - from > 10) throw new DataError("The file is damaged: a whole number is longer than 64 bits.");
  // Ten bytes mean that the sign bit may be set: count from minus one, so that small negative numbers stay exact.
  const negative = to - from === 10 && (bytes[to - 1] & 1) === 1;
  let value = 0;
  for (let i = Math.min(to, from + 9) - 1; i >= from; i--)
    value = value * 128 + (negative ? ~bytes[i] & 0x7f : bytes[i] & 0x7f);
  return negative ? -1 - value : value;
}

/** Writes a message; fields in the order of their numbers, undefined ones and empty lists left out. */
export function writeMessage(message: object, schema: Schema): Uint8Array {
  const writer = new BinaryWriter();
  write(writer, message as Message, schema);
  return writer.finish();
}

function write(writer: BinaryWriter, message: Message, schema: Schema): void {
  for (const key in schema.fields) {
    const number = Number(key);
    const { name, type, repeated } = schema.fields[key];
    const value = message[name];
    if (value === undefined) continue;
    if (!repeated) {
      writeValue(writer, number, type, value);
    } else if (repeated === "packed") {
      const list = value as NumberList;
      if (list.length === 0) continue;
      writer.tag(number, WireType.LengthDelimited);
      if (type === "float" && list instanceof Float32Array) {
        writer.bytes(new Uint8Array(list.buffer, list.byteOffset, list.byteLength));
        continue;
      }
      writer.fork();
      for (let i = 0; i < list.length; i++) writeScalar(writer, type, list[i]);
      writer.join();
    } else {
      for (const item of value as Iterable<unknown>) writeValue(writer, number, type, item);
    }
  }
}

function writeValue(writer: BinaryWriter, number: number, type: FieldType, value: unknown): void {
  if (typeof type === "function") {
    writer.tag(number, WireType.LengthDelimited).fork();
    write(writer, value as Message, type());
    writer.join();
    return;
  }
  const wire =
    type === "int"
      ? WireType.Varint
      : type === "float"
        ? WireType.Bit32
        : type === "double"
          ? WireType.Bit64
          : WireType.LengthDelimited;
  writer.tag(number, wire);
  writeScalar(writer, type, value);
}

function writeScalar(writer: BinaryWriter, type: FieldType, value: unknown): void {
  switch (type) {
    case "int":
      writer.int64(whole(value as number));
      break;
    case "float":
      writer.raw(floatBytes(value as number));
      break;
    case "double":
      writer.double(value as number);
      break;
    case "string":
      writer.string(value as string);
      break;
    case "bytes":
      writer.bytes(value as Uint8Array);
      break;
  }
}

/** Four bytes, with overflow to infinity as float32 rounds (the library refuses such numbers). */
function floatBytes(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return bytes;
}

/** The nearest whole number of 64 bits: 2^63, which doubles cannot tell from 2^63 - 1, becomes the latter. */
function whole(value: number): bigint {
  const most = 2n ** 63n - 1n;
  const big = BigInt(Math.trunc(value));
  return big > most ? most : big < -most - 1n ? -most - 1n : big;
}
