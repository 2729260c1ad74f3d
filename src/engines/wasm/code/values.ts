// Values of WebAssembly code: small trees that are checked when they are built and written when a statement takes them.
// assembler.ts re-exports all of it.
import { Bytes } from "./bytes.ts";
import { type Instruction, instructions, type ValueType } from "./opcodes.ts";

export type { ValueType } from "./opcodes.ts";

/** Something that leaves one value of `type` on the stack: its arguments, then its own bytes. */
export interface Value {
  readonly type: ValueType;
  readonly arguments: readonly Value[];
  readonly code: readonly number[];
  /** Set for locals: only the function that owns them may use them. */
  readonly owner?: { readonly name: string };
}

export interface Local extends Value {
  readonly index: number;
}

/** A value or a number that stands for a constant. */
export type Operand = Value | number;

/** A function that can be called: declared in a module or imported. */
export interface Callable {
  readonly name: string;
  readonly parameterTypes: readonly ValueType[];
  readonly resultType: ValueType | undefined;
  readonly index: number;
}

const typeCodes: Record<ValueType, number> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b };
export const typeCode = (type: ValueType): number => typeCodes[type];

export function bytesOfCode(write: (bytes: Bytes) => void): readonly number[] {
  const bytes = new Bytes(24);
  write(bytes);
  return Array.from(bytes.view());
}

const indexed = new Map<number, readonly (readonly number[])[]>();

/** An instruction with one small number behind it (a local, a function); these are made by the thousand. */
export function indexedCode(opcode: number, index: number): readonly number[] {
  let known = indexed.get(opcode) as (readonly number[])[] | undefined;
  if (!known) {
    known = [];
    indexed.set(opcode, known);
  }
  for (let i = known.length; i <= index; i++) known.push(bytesOfCode((bytes) => bytes.byte(opcode).unsigned(i)));
  return known[index];
}

const constants = new Map<string, Value>();

function constantValue(type: ValueType, key: string | number, write: (bytes: Bytes) => void): Value {
  const name = `${type} ${key}`;
  const known = constants.get(name);
  if (known) return known;
  const value = { type, arguments: [], code: bytesOfCode(write) };
  if (constants.size < 4096) constants.set(name, value);
  return value;
}

const keyOf = (value: number): string => (Object.is(value, -0) ? "-0" : String(value));

const integers = new Map<number, Value>();

export const constI32 = (value: number): Value => {
  if (!Number.isInteger(value) || value < -(2 ** 31) || value >= 2 ** 32)
    throw new Error(`${value} is no 32-bit integer.`);
  const known = integers.get(value);
  if (known) return known;
  const made: Value = { type: "i32", arguments: [], code: bytesOfCode((bytes) => bytes.byte(0x41).signed(value)) };
  if (integers.size < 65536) integers.set(value, made);
  return made;
};
export const constI64 = (value: bigint): Value =>
  constantValue("i64", String(value), (bytes) => bytes.byte(0x42).signed64(value));
export const constF32 = (value: number): Value =>
  constantValue("f32", keyOf(value), (bytes) =>
    bytes.byte(0x43).bytes(new Uint8Array(new Float32Array([value]).buffer)),
  );
export const constF64 = (value: number): Value =>
  constantValue("f64", keyOf(value), (bytes) =>
    bytes.byte(0x44).bytes(new Uint8Array(new Float64Array([value]).buffer)),
  );

function vectorConstant(key: string, lanes: ArrayBufferView): Value {
  const bytes = new Uint8Array(lanes.buffer, lanes.byteOffset, 16);
  return constantValue("v128", key, (code) => code.byte(0xfd).unsigned(12).bytes(bytes));
}

/** Four float32 lanes: one number for all, or four. */
export const constF32x4 = (...lanes: readonly number[]): Value => {
  const four = lanes.length === 1 ? [lanes[0], lanes[0], lanes[0], lanes[0]] : lanes;
  return vectorConstant(`f32x4 ${four.map(keyOf)}`, new Float32Array(four));
};
export const constI32x4 = (...lanes: readonly number[]): Value => {
  const four = lanes.length === 1 ? [lanes[0], lanes[0], lanes[0], lanes[0]] : lanes;
  return vectorConstant(`i32x4 ${four}`, new Int32Array(four));
};
export const constF64x2 = (...lanes: readonly number[]): Value => {
  const two = lanes.length === 1 ? [lanes[0], lanes[0]] : lanes;
  return vectorConstant(`f64x2 ${two.map(keyOf)}`, new Float64Array(two));
};

export function coerce(operand: Operand, type: ValueType, instruction: string, place: number): Value {
  if (typeof operand === "number") {
    switch (type) {
      case "i32":
        return constI32(operand);
      case "i64":
        return constI64(BigInt(operand));
      case "f32":
        return constF32(operand);
      case "f64":
        return constF64(operand);
      case "v128":
        if (instruction.startsWith("f32x4.")) return constF32x4(operand);
        if (instruction.startsWith("i32x4.")) return constI32x4(operand);
        if (instruction.startsWith("f64x2.")) return constF64x2(operand);
        throw new Error(`${instruction}: a number cannot stand for vector operand ${place}.`);
    }
  }
  if (operand.type !== type)
    throw new Error(`${instruction}: operand ${place} is ${operand.type}, but ${type} is wanted.`);
  return operand;
}

function encoding(instruction: Instruction, lane: number | undefined, offset: number): readonly number[] {
  return bytesOfCode((bytes) => {
    if (instruction.prefix) bytes.byte(instruction.prefix).unsigned(instruction.code);
    else bytes.byte(instruction.code);
    if (instruction.align !== undefined) bytes.unsigned(instruction.align).unsigned(offset);
    if (instruction.lanes !== undefined) bytes.byte(lane ?? 0);
  });
}

/** Encodings by instruction, then by offset and lane. */
const encodings = new Map<Instruction, Map<number, readonly number[]>>();

function encoded(instruction: Instruction, lane: number | undefined, offset: number): readonly number[] {
  let known = encodings.get(instruction);
  if (!known) {
    known = new Map();
    encodings.set(instruction, known);
  }
  const key = offset * 16 + (lane ?? 0);
  let code = known.get(key);
  if (!code) {
    code = encoding(instruction, lane, offset);
    if (known.size < 4096) known.set(key, code);
  }
  return code;
}

function find(name: string): Instruction {
  const instruction = instructions.get(name);
  if (!instruction) throw new Error(`The assembler knows no instruction "${name}".`);
  return instruction;
}

export function assemble(
  name: string,
  operands: readonly Operand[],
  lane: number | undefined,
  offset: number,
): { readonly instruction: Instruction; readonly arguments: readonly Value[]; readonly code: readonly number[] } {
  const instruction = find(name);
  if (operands.length !== instruction.parameters.length)
    throw new Error(`${name} takes ${instruction.parameters.length} operands, not ${operands.length}.`);
  if (instruction.lanes !== undefined && !(lane !== undefined && lane >= 0 && lane < instruction.lanes))
    throw new Error(`${name} needs a lane below ${instruction.lanes}, not ${lane}.`);
  if (!Number.isInteger(offset) || offset < 0 || offset >= 2 ** 32)
    throw new Error(`${name}: offset ${offset} is outside the memory.`);
  const code = encoded(instruction, lane, offset);
  const { parameters } = instruction;
  return { instruction, code, arguments: operands.map((operand, i) => coerce(operand, parameters[i], name, i)) };
}

function resultOf(parts: ReturnType<typeof assemble>): Value {
  const { instruction, code, arguments: args } = parts;
  if (!instruction.result) throw new Error(`${instruction.name} gives no value: it is a statement.`);
  return { type: instruction.result, arguments: args, code };
}

/** Any instruction without immediates that gives a value: `op("f32x4.add", a, b)`. */
export function op(name: string, ...operands: readonly Operand[]): Value {
  const parts = assemble(name, operands, undefined, 0);
  if (parts.instruction.align !== undefined) throw new Error(`${name} touches memory: use load or store.`);
  return resultOf(parts);
}

/** `load("f32.load", address, byteOffset)`; the offset is an unsigned constant added to the address. */
export function load(name: string, address: Operand, offset = 0): Value {
  return resultOf(assemble(name, [address], undefined, offset));
}

/** `loadLane("v128.load32_lane", address, vector, lane, byteOffset)`. */
export function loadLane(name: string, address: Operand, vector: Value, lane: number, offset = 0): Value {
  return resultOf(assemble(name, [address, vector], lane, offset));
}

/** Atomic read-modify-write, wait and notify: `atomic("i32.atomic.rmw.add", address, [1])`. */
export function atomic(name: string, address: Operand, operands: readonly Operand[] = [], offset = 0): Value {
  return resultOf(assemble(name, [address, ...operands], undefined, offset));
}

/** `extractLane("f32x4", vector, 2)`. */
export function extractLane(shape: "f32x4" | "i32x4" | "f64x2" | "i64x2", vector: Value, lane: number): Value {
  return resultOf(assemble(`${shape}.extract_lane`, [vector], lane, 0));
}

export function replaceLane(
  shape: "f32x4" | "i32x4" | "f64x2" | "i64x2",
  vector: Value,
  lane: number,
  scalar: Operand,
): Value {
  return resultOf(assemble(`${shape}.replace_lane`, [vector, scalar], lane, 0));
}

/** 32-bit lanes from two vectors: lanes 0 to 3 of `a`, 4 to 7 of `b`. */
export function shuffle32(a: Value, b: Value, lanes: readonly [number, number, number, number]): Value {
  if (lanes.some((lane) => !Number.isInteger(lane) || lane < 0 || lane > 7))
    throw new Error(`shuffle32: lanes ${lanes} must lie in 0 to 7.`);
  if (a.type !== "v128" || b.type !== "v128") throw new Error("shuffle32 takes two vectors.");
  const bytes = lanes.flatMap((lane) => [0, 1, 2, 3].map((byte) => lane * 4 + byte));
  return { type: "v128", arguments: [a, b], code: [0xfd, 13, ...bytes] };
}

/** `a` where `condition` is not zero, else `b` (both are computed). */
export function choose(condition: Value, a: Value, b: Value): Value {
  if (condition.type !== "i32" || a.type !== b.type)
    throw new Error(`choose: condition ${condition.type}, values ${a.type} and ${b.type}.`);
  return { type: a.type, arguments: [a, b, condition], code: [0x1b] };
}

/** A call that gives a value. */
export function call(callee: Callable, ...operands: readonly Operand[]): Value {
  if (!callee.resultType) throw new Error(`${callee.name} gives no value: call it as a statement.`);
  return { type: callee.resultType, ...callParts(callee, operands) };
}

export function callParts(
  callee: Callable,
  operands: readonly Operand[],
): { arguments: Value[]; code: readonly number[] } {
  if (operands.length !== callee.parameterTypes.length)
    throw new Error(`${callee.name} takes ${callee.parameterTypes.length} operands, not ${operands.length}.`);
  return {
    arguments: operands.map((operand, i) => coerce(operand, callee.parameterTypes[i], `call ${callee.name}`, i)),
    code: indexedCode(0x10, callee.index),
  };
}

type Namespace = Readonly<Record<string, (...operands: readonly Operand[]) => Value>>;

/** `i32.add(a, b)` for `op("i32.add", a, b)`: instructions of one type by their short names. */
function namespace(type: string): Namespace {
  const found: Record<string, (...operands: readonly Operand[]) => Value> = {};
  for (const { name, align, lanes } of instructions.values()) {
    if (name.startsWith(`${type}.`) && align === undefined && lanes === undefined) {
      found[name.slice(type.length + 1)] = (...operands) => op(name, ...operands);
    }
  }
  return found;
}

export const i32 = namespace("i32");
export const f32 = namespace("f32");
export const f64 = namespace("f64");
export const f32x4 = namespace("f32x4");
export const i32x4 = namespace("i32x4");
export const f64x2 = namespace("f64x2");
export const v128 = namespace("v128");
