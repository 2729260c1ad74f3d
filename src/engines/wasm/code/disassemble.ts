// From a module's bytes back to WebAssembly's text format: what `neocog dump --stage wat` prints. It reads what this engine
// writes (opcodes.ts, and the control flow of assembler.ts); names stand in comments, indices do the work.
import { understand } from "../../../base/arguments.ts";
import { oneLine } from "../../../base/line.ts";
import { bytes } from "../../../base/rules.ts";
import { type Instruction, instructions } from "./opcodes.ts";

/** A cursor over bytes, with WebAssembly's number formats. */
class Reader {
  readonly #bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.at >= this.#bytes.length;
  }

  byte(): number {
    return this.take(1)[0];
  }

  take(count: number): Uint8Array {
    if (this.at + count > this.#bytes.length) throw new Error(`the module ends in the middle, at byte ${this.at}`);
    this.at += count;
    return this.#bytes.subarray(this.at - count, this.at);
  }

  unsigned(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  signed(bits = 32): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(bits, byte & 0x40 ? value - (1n << (shift + 7n)) : value);
    }
  }

  text(): string {
    return new TextDecoder().decode(this.take(this.unsigned()));
  }

  list<T>(read: (place: number) => T): T[] {
    return Array.from({ length: this.unsigned() }, (_, place) => read(place));
  }

  part(): Reader {
    return new Reader(this.take(this.unsigned()));
  }
}

interface Signature {
  readonly parameters: readonly string[];
  readonly results: readonly string[];
}

const typeNames: Readonly<Record<number, string>> = {
  127: "i32",
  126: "i64",
  125: "f32",
  124: "f64",
  123: "v128",
  112: "funcref",
};

const byCode = new Map([...instructions.values()].map((one) => [one.prefix * 4096 + one.code, one]));

const words = (name: string, list: readonly string[]): string =>
  list.length > 0 ? ` (${name} ${list.join(" ")})` : "";

/** The text of a module. Throws where it meets an instruction that this engine does not write. */
export function disassemble(module: Uint8Array): string {
  understand("disassemble", arguments, { module: bytes });
  const reader = new Reader(module);
  reader.take(8);
  const sections = new Map<number, Reader>();
  const names = new Map<number, string>();
  while (!reader.done) {
    const id = reader.byte();
    const content = reader.part();
    if (id !== 0) sections.set(id, content);
    else if (content.text() === "name") readNames(content, names);
  }
  const read = <T>(id: number, one: (from: Reader, place: number) => T): T[] => {
    const from = sections.get(id);
    return from ? from.list((place) => one(from, place)) : [];
  };
  const types = read(1, readSignature);
  const imports = read(2, (from) => readImport(from));
  let count = imports.filter((text) => text.includes("(func")).length;
  const firstFunction = count;
  const functionTypes = read(3, (from) => from.unsigned());
  const tables = read(4, (from) => `(table ${from.byte() === 0x70 ? limits(from) : ""} funcref)`);
  const exports = read(
    7,
    (from) => `(export ${quoted(from.text())} (${from.byte() === 0 ? "func" : "memory"} ${from.unsigned()}))`,
  );
  const elements = read(9, (from) => `(elem ${offset(from)} func ${from.list(() => from.unsigned()).join(" ")})`);
  const bodies = read(10, (from) => from.part());
  const data = read(11, (from) => `(data ${offset(from)} ${quotedBytes(from.take(from.unsigned()))})`);
  const functions = bodies.map((body, i) => {
    const index = count++;
    const label = names.has(index) ? ` ${names.get(index)}` : "";
    const head = `(func (;${index}${label};) (type ${functionTypes[i]})${describe(types[functionTypes[i]])}`;
    return [head, ...readBody(body, names).map((line) => `  ${line}`), ")"].join("\n  ");
  });
  if (count - firstFunction !== functionTypes.length) throw new Error("the module has bodies without signatures");
  const lines = [
    ...types.map((type, i) => `(type (;${i};) (func${describe(type)}))`),
    ...imports,
    ...tables,
    ...functions,
    ...exports,
    ...elements,
    ...data,
  ];
  return `(module\n${lines.map((line) => `  ${line}`).join("\n")}\n)`;
}

const describe = ({ parameters, results }: Signature): string => words("param", parameters) + words("result", results);

function readSignature(from: Reader): Signature {
  from.byte();
  const types = (): string[] => from.list(() => typeNames[from.byte()]);
  return { parameters: types(), results: types() };
}

function readImport(from: Reader): string {
  const names = `${quoted(from.text())} ${quoted(from.text())}`;
  switch (from.byte()) {
    case 0:
      return `(import ${names} (func (type ${from.unsigned()})))`;
    case 2:
      return `(import ${names} (memory ${limits(from)}))`;
    default:
      throw new Error(`the import ${names} is neither a function nor a memory`);
  }
}

function limits(from: Reader): string {
  const kind = from.byte();
  const least = from.unsigned();
  return `${least}${kind & 1 ? ` ${from.unsigned()}` : ""}${kind & 2 ? " shared" : ""}`;
}

/** The constant address before an element or data segment. */
function offset(from: Reader): string {
  from.unsigned();
  from.byte();
  const address = from.signed();
  from.byte();
  return `(i32.const ${address})`;
}

function readNames(from: Reader, names: Map<number, string>): void {
  while (!from.done) {
    const kind = from.byte();
    const content = from.part();
    if (kind === 1) content.list(() => names.set(content.unsigned(), oneLine(content.text())));
  }
}

function readBody(body: Reader, names: ReadonlyMap<number, string>): string[] {
  const locals = body.list(() => [body.unsigned(), typeNames[body.byte()]] as const);
  const types = locals.flatMap(([count, type]) => new Array<string>(count).fill(type));
  const lines: string[] = types.length > 0 ? [`(local ${types.join(" ")})`] : [];
  let depth = 0;
  while (!body.done) {
    const code = body.byte();
    if (code === 0x0b && body.done) break;
    if (code === 0x0b || code === 0x05) depth--;
    lines.push("  ".repeat(depth) + readInstruction(code, body, names));
    if (code >= 0x02 && code <= 0x05) depth++;
  }
  return lines;
}

/** Instructions with a list of immediates of their own. */
const control: Readonly<Record<number, (from: Reader, names: ReadonlyMap<number, string>) => string>> = {
  0: () => "unreachable",
  1: () => "nop",
  2: (from) => `block${blockType(from)}`,
  3: (from) => `loop${blockType(from)}`,
  4: (from) => `if${blockType(from)}`,
  5: () => "else",
  11: () => "end",
  12: (from) => `br ${from.unsigned()}`,
  13: (from) => `br_if ${from.unsigned()}`,
  15: () => "return",
  16: (from, names) => called(from.unsigned(), names),
  17: (from) => `call_indirect (type ${from.unsigned()})${from.byte() === 0 ? "" : " table"}`,
  26: () => "drop",
  27: () => "select",
  32: (from) => `local.get ${from.unsigned()}`,
  33: (from) => `local.set ${from.unsigned()}`,
  34: (from) => `local.tee ${from.unsigned()}`,
  35: (from) => `global.get ${from.unsigned()}`,
  36: (from) => `global.set ${from.unsigned()}`,
  65: (from) => `i32.const ${from.signed()}`,
  66: (from) => `i64.const ${from.signed(64)}`,
  67: (from) => `f32.const ${float(view(from, 4).getFloat32(0, true))}`,
  68: (from) => `f64.const ${float(view(from, 8).getFloat64(0, true))}`,
};

function readInstruction(code: number, from: Reader, names: ReadonlyMap<number, string>): string {
  const own = control[code];
  if (own) return own(from, names);
  const prefix = code >= 0xfc ? code : 0;
  const number = prefix === 0 ? code : from.unsigned();
  const special = readSpecial(prefix, number, from);
  if (special) return special;
  const known = byCode.get(prefix * 4096 + number);
  if (!known) throw new Error(`unknown instruction ${prefix.toString(16)}/${number.toString(16)} at byte ${from.at}`);
  return known.name + immediates(known, from);
}

function readSpecial(prefix: number, number: number, from: Reader): string | undefined {
  if (prefix === 0xfc && number === 10) return from.take(2) && "memory.copy";
  if (prefix === 0xfc && number === 11) return from.take(1) && "memory.fill";
  if (prefix === 0xfe && number === 3) return from.take(1) && "atomic.fence";
  if (prefix === 0xfd && number === 13) return `i8x16.shuffle ${[...from.take(16)].join(" ")}`;
  if (prefix === 0xfd && number === 12) {
    const bits = view(from, 16);
    const lanes = [0, 4, 8, 12].map((at) => `0x${bits.getUint32(at, true).toString(16).padStart(8, "0")}`);
    return `v128.const i32x4 ${lanes.join(" ")}`;
  }
  return undefined;
}

/** The place in memory, and the lane. */
function immediates({ align, lanes }: Instruction, from: Reader): string {
  let text = "";
  if (align !== undefined) {
    const told = from.unsigned();
    const offset = from.unsigned();
    text += `${offset > 0 ? ` offset=${offset}` : ""}${told === align ? "" : ` align=${2 ** told}`}`;
  }
  return lanes === undefined ? text : `${text} ${from.byte()}`;
}

function called(index: number, names: ReadonlyMap<number, string>): string {
  const name = names.get(index);
  return `call ${index}${name ? ` (;${name};)` : ""}`;
}

function blockType(from: Reader): string {
  const type = from.byte();
  return type === 0x40 ? "" : ` (result ${typeNames[type]})`;
}

function view(from: Reader, count: number): DataView {
  const { buffer, byteOffset } = from.take(count);
  return new DataView(buffer, byteOffset, count);
}

function float(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  return Object.is(value, -0) ? "-0" : String(value);
}

const quoted = (text: string): string => JSON.stringify(text);

/** Long data are cut: they are tables, not code. */
function quotedBytes(bytes: Uint8Array): string {
  const shown = [...bytes.subarray(0, 32)].map((byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("");
  return `"${shown}"${bytes.length > 32 ? ` (;… ${bytes.length} bytes;)` : ""}`;
}
