import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { zipSync } from "fflate";
import { fixturesFolder } from "../../test/fixtures.ts";
import { type NdArray, ndarray } from "../base/array.ts";
import { DataError } from "../base/errors.ts";
import { Random } from "../base/random.ts";
import { fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from "./half.ts";
import { readNpy, readNpz, writeNpy, writeNpz } from "./npy.ts";

interface Fixtures {
  readonly files: readonly {
    readonly name: string;
    readonly base64: string;
    readonly shape: number[];
    readonly data: number[];
  }[];
  readonly refused: Readonly<Record<string, string>>;
  readonly archives: Readonly<Record<string, string>>;
  readonly rounding: { readonly values: number[]; readonly float16: number[]; readonly bfloat16: number[] };
}
const fixtures = JSON.parse(readFileSync(join(fixturesFolder, "numpy", "numpy.json"), "utf8")) as Fixtures;
const decode = (base64: string) => new Uint8Array(Buffer.from(base64, "base64"));
const stored = new Map(fixtures.files.map((file) => [file.name, decode(file.base64)]));

test("every type, byte order, memory order and version that NumPy writes is read", () => {
  const types = {
    f8: "float64",
    f4: "float32",
    f2: "float32",
    i8: "int64",
    i4: "int32",
    i2: "int32",
    i1: "int32",
    u8: "int64",
    u4: "int64",
    u2: "int32",
    u1: "uint8",
    b1: "bool",
  };
  for (const { name, shape, data } of fixtures.files) {
    const array = readNpy(stored.get(name)!, name);
    assert.deepEqual(array.shape, shape, name);
    assert.deepEqual([...array.data], data, name);
    assert.equal(array.dtype, types[name.slice(0, 2) as keyof typeof types] ?? "float32", name);
  }
});

test("what is written is what NumPy writes", () => {
  for (const name of ["f8", "f4", "i8", "i4", "u1", "b1", "scalar", "line", "empty"]) {
    const bytes = stored.get(name)!;
    const again = writeNpy(readNpy(bytes, name));
    // NumPy leaves room for a growing first axis, so only the padding of the header may differ.
    const text = (some: Uint8Array) => Buffer.from(some).toString("latin1").replace(/ +\n/, " \n").slice(10);
    assert.equal(text(again), text(bytes), name);
    assert.equal(
      (again.length - readNpy(bytes, name).data.length * ({ f8: 8, i8: 8, u1: 1, b1: 1 }[name] ?? 4)) % 64,
      0,
    );
  }
});

test("archives are read, stored or deflated, and written", () => {
  const members = { weight: "f4", bias: "line", "layer/one": "i8" };
  for (const [kind, base64] of Object.entries(fixtures.archives)) {
    const arrays = readNpz(decode(base64), kind);
    assert.deepEqual([...arrays.keys()], Object.keys(members));
    for (const [name, source] of Object.entries(members)) {
      assert.deepEqual(arrays.get(name), readNpy(stored.get(source)!, source), `${kind} ${name}`);
    }
    for (const compress of [false, true]) assert.deepEqual(readNpz(writeNpz(arrays, compress), "again"), arrays);
    assert.deepEqual(writeNpz(arrays), writeNpz(arrays));
  }
  const one: [string, NdArray] = ["a", ndarray([1], [1])];
  assert.throws(() => writeNpz([one, one]), { message: 'Two arrays are called "a".' });
});

test("broken .npy files are refused with one sentence", () => {
  const good = stored.get("line")!;
  const headed = (header: string, numbers = 0) => {
    const bytes = new Uint8Array(10 + header.length + numbers);
    bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length & 255, header.length >> 8]);
    bytes.set(Buffer.from(header, "latin1"), 10);
    return bytes;
  };
  const header = (shape: string, descr = "<f4") => `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`;
  const edited = (place: number, value: number) => Uint8Array.from(good, (byte, i) => (i === place ? value : byte));
  const cases: [Uint8Array, string][] = [
    [new Uint8Array(3), "f is not a .npy file: it does not begin with \\x93NUMPY."],
    [edited(0, 0), "f is not a .npy file: it does not begin with \\x93NUMPY."],
    [edited(6, 9), "f has the .npy version 9; readable are 1, 2 and 3."],
    [good.slice(0, 40), `f is cut short: its header claims ${good.length - 12 - 10} bytes, but only 30 follow.`],
    [good.slice(0, -1), "f has 11 bytes of numbers, but its shape [3] of type <f4 needs 12."],
    [Uint8Array.of(...good, 1), "f has 13 bytes of numbers, but its shape [3] of type <f4 needs 12."],
    [headed("nonsense"), 'f has a broken header: "nonsense".'],
    [headed(header("(-1,)")), `f has a broken header: ${JSON.stringify(header("(-1,)"))}.`],
    [headed(header("(1 2)")), `f has a broken header: ${JSON.stringify(header("(1 2)"))}.`],
    [
      headed("{'descr': '<f4', 'descr': '<f4', 'shape': (1,)}"),
      `f has a broken header: "{'descr': '<f4', 'descr': '<f4', 'shape': (1,)}".`,
    ],
    [headed("{'descr': '<f4', 'shape': (1,)}"), `f has a broken header: "{'descr': '<f4', 'shape': (1,)}".`],
    [
      headed(header("(2147483648, 2147483648)")),
      "f has 0 bytes of numbers, but its shape [2147483648, 2147483648] of type <f4 needs 18446744073709552000.",
    ],
    [
      decode(fixtures.refused.objects),
      "f holds Python objects, which only Python can read; readable are floats, integers and booleans.",
    ],
    [
      decode(fixtures.refused.records),
      "f holds records with named fields; readable are floats, integers and booleans.",
    ],
    [decode(fixtures.refused.complex), "f holds elements of type <c8; readable are floats, integers and booleans."],
    [decode(fixtures.refused.huge), "f holds 64-bit integers beyond 2^53, which cannot be kept exactly."],
  ];
  for (const [bytes, message] of cases) assert.throws(() => readNpy(bytes, "f"), { name: "DataError", message });
});

test("broken archives are refused with one sentence", () => {
  const good = decode(fixtures.archives.deflated);
  const edited = (place: number, value: number) => Uint8Array.from(good, (byte, i) => (i === place ? value : byte));
  const find = (signature: number[]) => Buffer.from(good).indexOf(Buffer.from(signature));
  const directory = find([0x50, 0x4b, 1, 2]);
  const sizes = { directory, end: find([0x50, 0x4b, 5, 6]) };
  const cases: [Uint8Array, string][] = [
    [new Uint8Array(10), "f is not a zip archive, or it is cut short: its end record is missing."],
    [good.slice(0, -1), "f is not a zip archive, or it is cut short: its end record is missing."],
    [edited(sizes.directory, 0), "f has a broken directory: entry 1 of 3 is missing."],
    [edited(sizes.directory + 8, 1), "f: member weight.npy is encrypted."],
    [
      edited(sizes.directory + 10, 12),
      "f: member weight.npy is packed by method 12; readable are 0 (stored) and 8 (deflate).",
    ],
    [
      edited(sizes.directory + 16, good[sizes.directory + 16] ^ 1),
      "f: member weight.npy is damaged: its CRC-32 does not match.",
    ],
    [
      edited(sizes.directory + 24, good[sizes.directory + 24] ^ 1),
      "f: member weight.npy has 224 bytes instead of 225.",
    ],
    [edited(sizes.directory + 42, 7), "f: member weight.npy is not where the directory says."],
    [
      edited(sizes.directory + 27, 127),
      `f claims to expand to ${127 * 2 ** 24 + 224 + 140 + 320} bytes, which is not believable for ${good.length} (at most 200 times as many are read).`,
    ],
    [zipSync({ "notes.txt": new Uint8Array(3) }), "f holds notes.txt, which is not a .npy array."],
    [zipSync({ "w.npy": new Uint8Array(3) }), "f: w.npy is not a .npy file: it does not begin with \\x93NUMPY."],
  ];
  for (const [bytes, message] of cases) assert.throws(() => readNpz(bytes, "f"), { name: "DataError", message });
});

test("float16 and bfloat16 are exact one way and rounded to nearest even the other", () => {
  for (let bits = 0; bits < 65536; bits++) {
    const half = fromFloat16(bits);
    if (!Number.isNaN(half)) assert.equal(toFloat16(half), bits);
    const brain = fromBfloat16(bits);
    if (!Number.isNaN(brain)) assert.equal(toBfloat16(brain), bits);
  }
  assert.ok(Number.isNaN(fromFloat16(toFloat16(Number.NaN))) && Number.isNaN(fromBfloat16(toBfloat16(Number.NaN))));
  const { values, float16, bfloat16 } = fixtures.rounding;
  assert.deepEqual(values.map(toFloat16), float16);
  assert.deepEqual(values.map(toBfloat16), bfloat16);
});

test("4,000 mutations of real arrays and archives end in arrays or a DataError, and cost no memory", () => {
  const random = new Random(5, "npy fuzz");
  const sources = [
    stored.get("f2")!,
    stored.get("fortran")!,
    decode(fixtures.archives.stored),
    decode(fixtures.archives.deflated),
  ];
  let good = 0;
  for (let round = 0; round < 4000; round++) {
    let bytes = Uint8Array.from(sources[round % 4]);
    for (let edits = random.below(3) + 1; edits > 0; edits--) {
      bytes[random.below(bytes.length)] = random.below(2) ? random.below(256) : 48 + random.below(10);
    }
    if (random.below(6) === 0) bytes = bytes.slice(0, random.below(bytes.length));
    try {
      const arrays = round % 4 < 2 ? [readNpy(bytes, "fuzz")] : [...readNpz(bytes, "fuzz").values()];
      const held = arrays.reduce((sum, { data }) => sum + data.byteLength, 0);
      assert.ok(held <= 200 * bytes.length + 2 ** 20);
      good++;
    } catch (error) {
      assert.ok(error instanceof DataError, `${error}`);
      assert.match(error.message, /^fuzz.*\.$/s);
    }
  }
  assert.ok(good > 100 && good < 3900, `${good} of 4000 were still readable`);
});
