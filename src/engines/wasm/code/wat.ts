// Prints a module that the assembler made as WebAssembly text, by reading its bytes: for dumps, and a check that they are what
// was meant. Folded no further than one instruction a line; blocks are indented.
import { type Instruction, instructions, type ValueType } from "./opcodes.ts";

const byCode = new Map<number, Instruction>();
const codeOf = (prefix: number, code: number): number => prefix * 65536 + code;
for (const instruction of instructions.values()) byCode.set(codeOf(instruction.prefix, instruction.code), instruction);

const typeNames = new Map<number, ValueType>([
  [0x7f, "i32"],
  [0x7e, "i64"],
  [0x7d, "f32"],
  [0x7c, "f64"],
  [0x7b, "v128"],
]);

/** Reads the number formats of a module. */
class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  place: number;
  readonly end: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.place = start;
    this.end = end;
  }

  get more(): boolean {
    return this.place < this.end;
  }

  byte(): number {
    return this.#bytes[this.place++];
  }

  unsigned(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  signed(bits: 32 | 64): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(bits, byte & 0x40 ? value - (1n << (shift + 7n)) : value);
    }
  }

  float32(): number {
    this.place += 4;
    return this.#view.getFloat32(this.place - 4, true);
  }

  float64(): number {
    this.place += 8;
    return this.#view.getFloat64(this.place - 8, true);
  }

  text(): string {
    const length = this.unsigned();
    this.place += length;
    return new TextDecoder().decode(this.#bytes.subarray(this.place - length, this.place));
  }

  /** A reader of the next `length` bytes, which are skipped here. */
  part(length: number): Reader {
    this.place += length;
    return new Reader(this.#bytes, this.place - length, this.place);
  }

  type(): ValueType {
    const code = this.byte();
    const name = typeNames.get(code);
    if (!name) throw new Error(`0x${code.toString(16)} is no value type.`);
    return name;
  }
}

interface Signature {
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
}

const formatNumber = (value: number): string =>
  Number.isNaN(value) ? "nan" : Number.isFinite(value) ? String(value) : value > 0 ? "inf" : "-inf";

const formatSignature = ({ parameters, results }: Signature): string =>
  [
    ...(parameters.length ? [`(param ${parameters.join(" ")})`] : []),
    ...(results.length ? [`(result ${results.join(" ")})`] : []),
  ].join(" ");

/** The text of a module. */
export function formatModule(bytes: Uint8Array): string {
  const lines: string[] = ["(module"];
  const reader = new Reader(bytes, 8);
  const sections = new Map<number, Reader>();
  while (reader.more) {
    const id = reader.byte();
    sections.set(id, reader.part(reader.unsigned()));
  }
  const list = <T>(id: number, read: (section: Reader) => T): T[] => {
    const section = sections.get(id);
    return section ? Array.from({ length: section.unsigned() }, () => read(section)) : [];
  };
  const signatures = list(1, (section): Signature => {
    section.byte();
    const types = (): ValueType[] => Array.from({ length: section.unsigned() }, () => section.type());
    return { parameters: types(), results: types() };
  });
  const functions: { name: string; signature: Signature }[] = [];
  list(2, (section) => {
    const name = `${section.text()}.${section.text()}`;
    if (section.byte() === 0) {
      const signature = signatures[section.unsigned()];
      functions.push({ name, signature });
      lines.push(`  (import "${name.replace(".", '" "')}" (func $${name} ${formatSignature(signature)}))`);
    } else {
      const shared = section.byte() === 3;
      const limits = `${section.unsigned()} ${section.unsigned()}`;
      lines.push(`  (import "host" "memory" (memory ${limits}${shared ? " shared" : ""}))`);
    }
  });
  const imported = functions.length;
  for (const type of list(3, (section) => section.unsigned()))
    functions.push({ name: `f${functions.length}`, signature: signatures[type] });
  readNames(sections.get(0), functions);
  list(9, (section) => {
    section.byte();
    section.byte();
    section.signed(32);
    section.byte();
    const names = Array.from({ length: section.unsigned() }, () => `$${functions[section.unsigned()].name}`);
    lines.push(`  (table ${names.length} funcref) (elem (i32.const 0) ${names.join(" ")})`);
  });
  list(7, (section) => {
    const name = section.text();
    section.byte();
    lines.push(`  (export "${name}" (func $${functions[section.unsigned()].name}))`);
  });
  let index = imported;
  list(10, (section) => {
    const { name, signature } = functions[index++];
    lines.push(`  (func $${name} ${formatSignature(signature)}`);
    formatBody(section.part(section.unsigned()), functions, signatures, lines);
    lines.push("  )");
  });
  lines.push(")");
  return lines.join("\n");
}

function readNames(section: Reader | undefined, functions: { name: string }[]): void {
  if (!section) return;
  section.text();
  section.byte();
  section.unsigned();
  for (let count = section.unsigned(); count > 0; count--) functions[section.unsigned()].name = section.text();
}

function formatBody(
  body: Reader,
  functions: readonly { name: string }[],
  signatures: readonly Signature[],
  lines: string[],
): void {
  let depth = 2;
  const line = (text: string): void => {
    lines.push("  ".repeat(depth) + text);
  };
  for (let groups = body.unsigned(); groups > 0; groups--) {
    const count = body.unsigned();
    const type = body.type();
    line(`(local ${count > 4 ? `${type} … ${count} of them` : new Array(count).fill(type).join(" ")})`);
  }
  const opening: Record<number, string> = { 2: "block", 3: "loop", 4: "if" };
  const indexed: Record<number, string> = {
    12: "br",
    13: "br_if",
    32: "local.get",
    33: "local.set",
    34: "local.tee",
  };
  const plain: Record<number, string> = { 0: "unreachable", 15: "return", 26: "drop", 27: "select" };
  while (body.more) {
    const code = body.byte();
    if (code in opening) {
      body.byte();
      line(opening[code]);
      depth++;
    } else if (code === 5) {
      depth--;
      line("else");
      depth++;
    } else if (code === 11) {
      depth--;
      if (depth > 1) line("end");
    } else if (code in indexed) line(`${indexed[code]} ${body.unsigned()}`);
    else if (code in plain) line(plain[code]);
    else if (code === 16) line(`call $${functions[body.unsigned()].name}`);
    else if (code === 17) {
      line(`call_indirect ${formatSignature(signatures[body.unsigned()])}`);
      body.byte();
    } else if (code === 65) line(`i32.const ${body.signed(32)}`);
    else if (code === 66) line(`i64.const ${body.signed(64)}`);
    else if (code === 67) line(`f32.const ${formatNumber(body.float32())}`);
    else if (code === 68) line(`f64.const ${formatNumber(body.float64())}`);
    else line(formatInstruction(code, body));
  }
}

function formatInstruction(first: number, body: Reader): string {
  const prefixed = first >= 0xfc;
  const code = prefixed ? body.unsigned() : first;
  if (first === 0xfd && code === 12) {
    const lanes = Array.from({ length: 4 }, () => body.float32());
    return `v128.const f32x4 ${lanes.map(formatNumber).join(" ")}`;
  }
  if (first === 0xfd && code === 13) return `i8x16.shuffle ${Array.from({ length: 16 }, () => body.byte()).join(" ")}`;
  if (first === 0xfc && code >= 10) {
    const [name, count] = code === 10 ? ["memory.copy", 2] : ["memory.fill", 1];
    for (let i = 0; i < Number(count); i++) body.byte();
    return String(name);
  }
  const instruction = byCode.get(codeOf(prefixed ? first : 0, code));
  if (!instruction) throw new Error(`No instruction has the code ${first.toString(16)}/${code.toString(16)}.`);
  const words = [instruction.name];
  if (instruction.align !== undefined) {
    body.unsigned();
    const offset = body.unsigned();
    if (offset) words.push(`offset=${offset}`);
  }
  if (instruction.lanes !== undefined) words.push(String(body.byte()));
  return words.join(" ");
}
