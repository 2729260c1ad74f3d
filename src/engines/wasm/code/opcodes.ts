// The WebAssembly instructions that the assembler knows: one line each, `name code parameters:result`.
// Types are letters: i = i32, l = i64, f = f32, d = f64, v = v128. Codes are hexadecimal; a code above ff is
// written prefix/sub-code (fc: bulk and saturating, fd: SIMD and relaxed SIMD, fe: atomics).

export type ValueType = "i32" | "i64" | "f32" | "f64" | "v128";

/** What follows the code: a memory place (its natural alignment), a lane number (with its bound), both, or nothing. */
export interface Instruction {
  readonly name: string;
  readonly prefix: number;
  readonly code: number;
  readonly parameters: readonly ValueType[];
  readonly result: ValueType | undefined;
  /** log2 of the access width, for instructions that touch memory. */
  readonly align: number | undefined;
  /** Number of lanes, for instructions with a lane immediate. */
  readonly lanes: number | undefined;
}

const scalar = [
  ...comparisons("i32", 0x45, ["eqz", "eq", "ne", "lt_s", "lt_u", "gt_s", "gt_u", "le_s", "le_u", "ge_s", "ge_u"], "i"),
  ...comparisons("i64", 0x50, ["eqz", "eq", "ne", "lt_s", "lt_u", "gt_s", "gt_u", "le_s", "le_u", "ge_s", "ge_u"], "l"),
  ...comparisons("f32", 0x5b, ["eq", "ne", "lt", "gt", "le", "ge"], "f"),
  ...comparisons("f64", 0x61, ["eq", "ne", "lt", "gt", "le", "ge"], "d"),
  ...run("i32", 0x67, ["clz", "ctz", "popcnt"], "i:i"),
  ...run("i32", 0x6a, integerBinary(), "ii:i"),
  ...run("i64", 0x79, ["clz", "ctz", "popcnt"], "l:l"),
  ...run("i64", 0x7c, integerBinary(), "ll:l"),
  ...run("f32", 0x8b, ["abs", "neg", "ceil", "floor", "trunc", "nearest", "sqrt"], "f:f"),
  ...run("f32", 0x92, ["add", "sub", "mul", "div", "min", "max", "copysign"], "ff:f"),
  ...run("f64", 0x99, ["abs", "neg", "ceil", "floor", "trunc", "nearest", "sqrt"], "d:d"),
  ...run("f64", 0xa0, ["add", "sub", "mul", "div", "min", "max", "copysign"], "dd:d"),
  "i32.wrap_i64 a7 l:i",
  "i64.extend_i32_s ac i:l",
  "i64.extend_i32_u ad i:l",
  "f32.convert_i32_s b2 i:f",
  "f32.convert_i32_u b3 i:f",
  "f32.convert_i64_s b4 l:f",
  "f32.demote_f64 b6 d:f",
  "f64.convert_i32_s b7 i:d",
  "f64.convert_i32_u b8 i:d",
  "f64.convert_i64_s b9 l:d",
  "f64.promote_f32 bb f:d",
  "i32.reinterpret_f32 bc f:i",
  "i64.reinterpret_f64 bd d:l",
  "f32.reinterpret_i32 be i:f",
  "f64.reinterpret_i64 bf l:d",
  "i32.trunc_sat_f32_s fc/0 f:i",
  "i32.trunc_sat_f32_u fc/1 f:i",
  "i32.trunc_sat_f64_s fc/2 d:i",
  "i32.trunc_sat_f64_u fc/3 d:i",
  "i64.trunc_sat_f64_s fc/6 d:l",
  "i64.trunc_sat_f64_u fc/7 d:l",
];

// A third field after the signature: @n = memory access aligned to 2^n bytes, #n = lane immediate below n.
const memory = [
  "i32.load 28 i:i @2",
  "i64.load 29 i:l @3",
  "f32.load 2a i:f @2",
  "f64.load 2b i:d @3",
  "i32.load8_s 2c i:i @0",
  "i32.load8_u 2d i:i @0",
  "i32.load16_s 2e i:i @1",
  "i32.load16_u 2f i:i @1",
  "i32.store 36 ii: @2",
  "i64.store 37 il: @3",
  "f32.store 38 if: @2",
  "f64.store 39 id: @3",
  "i32.store8 3a ii: @0",
  "i32.store16 3b ii: @1",
  "v128.load fd/0 i:v @4",
  "v128.load8_splat fd/7 i:v @0",
  "v128.load16_splat fd/8 i:v @1",
  "v128.load32_splat fd/9 i:v @2",
  "v128.load64_splat fd/a i:v @3",
  "v128.store fd/b iv: @4",
  "v128.load32_lane fd/56 iv:v @2 #4",
  "v128.load64_lane fd/57 iv:v @3 #2",
  "v128.store32_lane fd/5a iv: @2 #4",
  "v128.store64_lane fd/5b iv: @3 #2",
  "v128.load32_zero fd/5c i:v @2",
  "v128.load64_zero fd/5d i:v @3",
  "memory.atomic.notify fe/0 ii:i @2",
  "memory.atomic.wait32 fe/1 iil:i @2",
  "i32.atomic.load fe/10 i:i @2",
  "i32.atomic.store fe/17 ii: @2",
  "i32.atomic.rmw.add fe/1e ii:i @2",
  "i32.atomic.rmw.sub fe/25 ii:i @2",
  "i32.atomic.rmw.or fe/33 ii:i @2",
  "i32.atomic.rmw.xchg fe/41 ii:i @2",
  "i32.atomic.rmw.cmpxchg fe/48 iii:i @2",
];

const vector = [
  "i8x16.swizzle fd/e vv:v",
  "i8x16.splat fd/f i:v",
  "i16x8.splat fd/10 i:v",
  "i32x4.splat fd/11 i:v",
  "i64x2.splat fd/12 l:v",
  "f32x4.splat fd/13 f:v",
  "f64x2.splat fd/14 d:v",
  "i32x4.extract_lane fd/1b v:i #4",
  "i32x4.replace_lane fd/1c vi:v #4",
  "i64x2.extract_lane fd/1d v:l #2",
  "i64x2.replace_lane fd/1e vl:v #2",
  "f32x4.extract_lane fd/1f v:f #4",
  "f32x4.replace_lane fd/20 vf:v #4",
  "f64x2.extract_lane fd/21 v:d #2",
  "f64x2.replace_lane fd/22 vd:v #2",
  ...run("i32x4", 0x37, ["eq", "ne", "lt_s", "lt_u", "gt_s", "gt_u", "le_s", "le_u", "ge_s", "ge_u"], "vv:v", "fd/"),
  ...run("f32x4", 0x41, ["eq", "ne", "lt", "gt", "le", "ge"], "vv:v", "fd/"),
  ...run("f64x2", 0x47, ["eq", "ne", "lt", "gt", "le", "ge"], "vv:v", "fd/"),
  "v128.not fd/4d v:v",
  "v128.and fd/4e vv:v",
  "v128.andnot fd/4f vv:v",
  "v128.or fd/50 vv:v",
  "v128.xor fd/51 vv:v",
  "v128.bitselect fd/52 vvv:v",
  "v128.any_true fd/53 v:i",
  "f32x4.demote_f64x2_zero fd/5e v:v",
  "f64x2.promote_low_f32x4 fd/5f v:v",
  ...run("f32x4", 0x67, ["ceil", "floor", "trunc", "nearest"], "v:v", "fd/"),
  "f64x2.ceil fd/74 v:v",
  "f64x2.floor fd/75 v:v",
  "f64x2.trunc fd/7a v:v",
  "f64x2.nearest fd/94 v:v",
  "i32x4.abs fd/a0 v:v",
  "i32x4.neg fd/a1 v:v",
  "i32x4.all_true fd/a3 v:i",
  "i32x4.bitmask fd/a4 v:i",
  ...run("i32x4", 0xab, ["shl", "shr_s", "shr_u"], "vi:v", "fd/"),
  "i32x4.add fd/ae vv:v",
  "i32x4.sub fd/b1 vv:v",
  ...run("i32x4", 0xb5, ["mul", "min_s", "min_u", "max_s", "max_u", "dot_i16x8_s"], "vv:v", "fd/"),
  ...run("i64x2", 0xcb, ["shl", "shr_s", "shr_u"], "vi:v", "fd/"),
  "i64x2.add fd/ce vv:v",
  "i64x2.sub fd/d1 vv:v",
  "i64x2.mul fd/d5 vv:v",
  ...run("f32x4", 0xe0, ["abs", "neg"], "v:v", "fd/"),
  "f32x4.sqrt fd/e3 v:v",
  ...run("f32x4", 0xe4, ["add", "sub", "mul", "div", "min", "max", "pmin", "pmax"], "vv:v", "fd/"),
  ...run("f64x2", 0xec, ["abs", "neg"], "v:v", "fd/"),
  "f64x2.sqrt fd/ef v:v",
  ...run("f64x2", 0xf0, ["add", "sub", "mul", "div", "min", "max", "pmin", "pmax"], "vv:v", "fd/"),
  "i32x4.trunc_sat_f32x4_s fd/f8 v:v",
  "i32x4.trunc_sat_f32x4_u fd/f9 v:v",
  "f32x4.convert_i32x4_s fd/fa v:v",
  "f32x4.convert_i32x4_u fd/fb v:v",
  "i32x4.trunc_sat_f64x2_s_zero fd/fc v:v",
  "f64x2.convert_low_i32x4_s fd/fe v:v",
  "i8x16.relaxed_swizzle fd/100 vv:v",
  "f32x4.relaxed_madd fd/105 vvv:v",
  "f32x4.relaxed_nmadd fd/106 vvv:v",
  "f64x2.relaxed_madd fd/107 vvv:v",
  "f64x2.relaxed_nmadd fd/108 vvv:v",
  "i32x4.relaxed_laneselect fd/10b vvv:v",
  "f32x4.relaxed_min fd/10d vv:v",
  "f32x4.relaxed_max fd/10e vv:v",
];

function integerBinary(): string[] {
  return "add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr".split(" ");
}

/** Instructions with successive codes and one signature. */
function run(type: string, first: number, names: readonly string[], signature: string, prefix = ""): string[] {
  return names.map((name, i) => `${type}.${name} ${prefix}${(first + i).toString(16)} ${signature}`);
}

function comparisons(type: string, first: number, names: readonly string[], letter: string): string[] {
  return names.map((name, i) => {
    const parameters = name === "eqz" ? letter : letter + letter;
    return `${type}.${name} ${(first + i).toString(16)} ${parameters}:i`;
  });
}

const types: Record<string, ValueType> = { i: "i32", l: "i64", f: "f32", d: "f64", v: "v128" };

function parse(line: string): Instruction {
  const [name, place, signature, ...rest] = line.split(" ");
  const [prefix, code] = place.includes("/") ? place.split("/") : ["0", place];
  const [parameters, result] = signature.split(":");
  const field = (mark: string): number | undefined => {
    const found = rest.find((part) => part.startsWith(mark));
    return found === undefined ? undefined : Number(found.slice(1));
  };
  return {
    name,
    prefix: Number.parseInt(prefix, 16),
    code: Number.parseInt(code, 16),
    parameters: [...parameters].map((letter) => types[letter]),
    result: result ? types[result] : undefined,
    align: field("@"),
    lanes: field("#"),
  };
}

/** All plain instructions (control flow, locals and constants are written by the assembler itself). */
export const instructions: ReadonlyMap<string, Instruction> = new Map(
  [...scalar, ...memory, ...vector].map(parse).map((instruction) => [instruction.name, instruction]),
);
