import assert from "node:assert/strict";
import { test } from "node:test";
import { type NdArray, ndarray } from "../base/array.ts";
import { DataError } from "../base/errors.ts";
import { Random } from "../base/random.ts";
import { readSafetensors, writeSafetensors } from "./safetensors.ts";

/** A file of a header, as text or as an object, and numbers. */
function file(header: unknown, numbers: ArrayLike<number> = []): Uint8Array {
  const text = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + numbers.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(numbers, 8 + text.length);
  return bytes;
}
const entry = (dtype: string, shape: unknown, begin: unknown, end: unknown) => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});
const only = (dtype: string, shape: number[], numbers: number[]): NdArray =>
  readSafetensors(file({ x: entry(dtype, shape, 0, numbers.length) }, numbers), "f").tensors.get("x")!;

const tensors: [string, NdArray][] = [
  ["features.0.weight", ndarray([2, 3], [1, -2, 3.5, 0, 5, Number.POSITIVE_INFINITY])],
  ["flag", ndarray([3], [1, 0, 1], "bool")],
  ["10", ndarray([], [7], "int64")],
  ["2", ndarray([2], [-1, 2 ** 31 - 1], "int32")],
  ["__proto__", ndarray([1], [0.1], "float64")],
  ["bytes", ndarray([2], [0, 255], "uint8")],
  ["none", ndarray([0, 4], [])],
];

test("what is written is read: order, shapes, types, numbers, metadata", () => {
  const metadata = new Map([
    ["format", "neocog"],
    ["note", 'ü "quoted" \u0001'],
  ]);
  const bytes = writeSafetensors(tensors, { metadata });
  const back = readSafetensors(bytes, "f");
  assert.deepEqual([...back.tensors], tensors);
  assert.deepEqual(back.metadata, metadata);
  assert.deepEqual(writeSafetensors(back.tensors, { metadata: back.metadata }), bytes);
});

test("numbers begin at a multiple of 8, each tensor at a multiple of its element's size", () => {
  const bytes = writeSafetensors(tensors);
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  assert.equal(length % 8, 0);
  const header: Record<string, { dtype: string; data_offsets: [number, number] }> = JSON.parse(
    Buffer.from(bytes.subarray(8, 8 + length)).toString(),
  );
  const sizes: Record<string, number> = { F64: 8, I64: 8, F32: 4, I32: 4, U8: 1, BOOL: 1 };
  for (const { dtype, data_offsets } of Object.values(header)) assert.equal(data_offsets[0] % sizes[dtype], 0);
});

test("every element type is read, at any alignment", () => {
  assert.deepEqual(only("F16", [2], [0x00, 0x3c, 0x00, 0xc0]), ndarray([2], [1, -2]));
  assert.deepEqual(only("BF16", [2], [0x80, 0x3f, 0x40, 0xc0]), ndarray([2], [1, -3]));
  assert.deepEqual(only("F32", [1], [0, 0, 0x80, 0x3f]), ndarray([1], [1]));
  assert.deepEqual(only("F64", [1], [0, 0, 0, 0, 0, 0, 0xf0, 0x3f]), ndarray([1], [1], "float64"));
  assert.deepEqual(only("I64", [1], [0xfe, 255, 255, 255, 255, 255, 255, 255]), ndarray([1], [-2], "int64"));
  assert.deepEqual(only("I32", [1], [0xfe, 255, 255, 255]), ndarray([1], [-2], "int32"));
  assert.deepEqual(only("I16", [1], [0xfe, 255]), ndarray([1], [-2], "int32"));
  assert.deepEqual(only("I8", [2], [0xfe, 3]), ndarray([2], [-2, 3], "int32"));
  assert.deepEqual(only("U8", [2], [0xfe, 3]), ndarray([2], [254, 3], "uint8"));
  assert.deepEqual(only("BOOL", [2], [0, 2]), ndarray([2], [0, 1], "bool"));
});

test("floats can be stored in half the space", () => {
  const weights: [string, NdArray][] = [["w", ndarray([3], [1, 0.1, -70000])]];
  const half = readSafetensors(writeSafetensors(weights, { floats: "F16" }), "f").tensors.get("w")!;
  assert.deepEqual([...half.data], [1, 0.0999755859375, Number.NEGATIVE_INFINITY]);
  const brain = readSafetensors(writeSafetensors(weights, { floats: "BF16" }), "f").tensors.get("w")!;
  assert.deepEqual([...brain.data], [1, 0.10009765625, -70144]);
});

test("hostile and broken files are refused with one sentence", () => {
  const two = (a: unknown, b: unknown, numbers: number) => file({ a, b }, new Array(numbers).fill(0));
  const one = (a: unknown, numbers = 0) => file({ a }, new Array(numbers).fill(0));
  const deep = `${'{"a":'.repeat(2000)}1${"}".repeat(2000)}`;
  const cases: [Uint8Array, string][] = [
    [new Uint8Array(5), "f is not a safetensors file: it has only 5 bytes."],
    [
      Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0, 123),
      "f claims a header of 9 bytes, but only 1 follow: it is cut short or no safetensors file.",
    ],
    [
      new Uint8Array(12).fill(255),
      "f claims a header of 18446744073709552000 bytes, but only 4 follow: it is cut short or no safetensors file.",
    ],
    [file("[]"), "f has a broken header: it is not a JSON object."],
    [file(""), "f has a broken header: there is no value at character 0."],
    [file('{"a":1}x'), "f has a broken header: there is more after the end at character 7."],
    [file('{"a" 1}'), 'f has a broken header: there is no ":" at character 5.'],
    [file('{"a":1 "b":2}'), 'f has a broken header: there is no "," or "}" at character 7.'],
    [file('{"a:1}'), "f has a broken header: a text is malformed at character 1."],
    [file('{"a":1,"a":2}'), 'f has a broken header: the key "a" stands twice at character 10.'],
    [file(deep), "f has a broken header: it is nested more than 4 deep at character 25."],
    [Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0xff), "f has a broken header: it is not UTF-8 text."],
    [file({ __metadata__: { a: 1 } }), 'f has a broken header: __metadata__ "a" is not text.'],
    [file({ __metadata__: 1 }), "f has a broken header: __metadata__ is not an object."],
    [one(7), 'f: tensor "a" is not described by an object.'],
    [one({}), 'f: tensor "a" has no type.'],
    [
      one(entry("F8_E4M3", [1], 0, 1), 1),
      'f: tensor "a" has the type F8_E4M3; readable are F64, F32, F16, BF16, I64, I32, I16, I8, U8, BOOL.',
    ],
    [
      one(entry("toString", [1], 0, 1), 1),
      'f: tensor "a" has the type toString; readable are F64, F32, F16, BF16, I64, I32, I16, I8, U8, BOOL.',
    ],
    [one(entry("F32", [-1], 0, 4), 4), 'f: tensor "a" has no shape of whole numbers.'],
    [one(entry("F32", [1.5], 0, 6), 6), 'f: tensor "a" has no shape of whole numbers.'],
    [one(entry("F32", "1", 0, 4), 4), 'f: tensor "a" has no shape of whole numbers.'],
    [one(entry("F32", [1], -4, 0), 4), 'f: tensor "a" has no place of two whole numbers.'],
    [one(entry("F32", [1], 4, 0), 4), 'f: tensor "a" ends at byte 0, before it begins at 4.'],
    [one(entry("F32", [2], 0, 8), 4), 'f: tensor "a" reaches to byte 8, but the file ends at 4.'],
    [one(entry("F32", [3], 0, 4), 4), 'f: tensor "a" of shape [3] and type F32 needs 12 bytes, but its place has 4.'],
    [
      one(entry("F32", [2 ** 31, 2 ** 31, 2 ** 31], 0, 4), 4),
      'f: tensor "a" of shape [2147483648, 2147483648, 2147483648] and type F32 needs 3.961408125713217e+28 bytes, but its place has 4.',
    ],
    [two(entry("U8", [4], 0, 4), entry("U8", [4], 2, 6), 6), 'f: tensor "b" overlaps tensor "a".'],
    [
      two(entry("U8", [2], 0, 2), entry("U8", [2], 3, 5), 5),
      'f: the bytes 2 to 3 before tensor "b" belong to no tensor.',
    ],
    [one(entry("U8", [2], 0, 2), 5), "f has 3 bytes too many after its last tensor."],
    [
      file({ a: entry("I64", [1], 0, 8) }, [1, 0, 0, 0, 0, 0, 32, 0]),
      'f: tensor "a" holds 64-bit integers beyond 2^53, which cannot be kept exactly.',
    ],
  ];
  for (const [bytes, message] of cases) {
    assert.throws(() => readSafetensors(bytes, "f"), { name: "DataError", message });
  }
});

test("what cannot be written is refused", () => {
  const x = ndarray([1], [1]);
  assert.throws(() => writeSafetensors([["__metadata__", x]]), { message: "A tensor cannot be called __metadata__." });
  assert.throws(
    () =>
      writeSafetensors([
        ["a", x],
        ["a", x],
      ]),
    { message: 'Two tensors are called "a".' },
  );
  assert.throws(() => writeSafetensors([], { floats: "F8" as "F16" }), {
    message: 'writeSafetensors: there is no floats "F8"; did you mean "F32"?',
  });
});

test("5,000 mutations of a real file end in tensors or a DataError, and cost no memory", () => {
  const source = writeSafetensors(tensors, { metadata: new Map([["a", "b"]]) });
  const random = new Random(3, "safetensors fuzz");
  const digits = '0123456789[]{},:"';
  let good = 0;
  for (let round = 0; round < 5000; round++) {
    let bytes = Uint8Array.from(source);
    const headerEnd = bytes.length - 70;
    for (let edits = random.below(3) + 1; edits > 0; edits--) {
      const place = random.below(3) ? 8 + random.below(headerEnd) : random.below(bytes.length);
      bytes[place] = random.below(2) ? random.below(256) : digits.charCodeAt(random.below(digits.length));
    }
    if (random.below(5) === 0) bytes = bytes.slice(0, random.below(bytes.length));
    try {
      let held = 0;
      for (const array of readSafetensors(bytes, "fuzz").tensors.values()) held += array.data.byteLength;
      assert.ok(held <= 4 * bytes.length);
      good++;
    } catch (error) {
      assert.ok(error instanceof DataError, String(error));
      assert.match(error.message, /^fuzz.*\.$/s);
    }
  }
  assert.ok(good > 100 && good < 4500, `${good} of 5000 were still readable`);
});
