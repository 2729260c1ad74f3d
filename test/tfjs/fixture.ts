// The small TensorFlow.js models of test/fixtures/tfjs, which make_golden.mjs made, with what TensorFlow.js answers.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { NdArray } from "../../src/base/array.ts";
import { fixturesFolder } from "../fixtures.ts";

interface Stored {
  readonly shape: readonly number[];
  readonly dtype: "float32" | "int32" | "bool";
  readonly data: string;
}

export interface Fixture {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly readBeside: (path: string) => Promise<Uint8Array>;
  readonly inputs: Readonly<Record<string, NdArray>>;
  readonly outputs: Readonly<Record<string, NdArray>>;
}

const root = join(fixturesFolder, "tfjs");

export const fixtureNames = readdirSync(root).sort();

export function fixture(name: string): Fixture {
  const read = (file: string): Uint8Array => new Uint8Array(readFileSync(join(root, name, file)));
  const { inputs, outputs } = JSON.parse(readFileSync(join(root, name, "golden.json"), "utf8"));
  return {
    name,
    bytes: read("model.json"),
    readBeside: async (path) => read(path),
    inputs: all(inputs),
    outputs: all(outputs),
  };
}

const all = (values: Readonly<Record<string, Stored>>): Record<string, NdArray> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, decoded(value)]));

function decoded({ shape, dtype, data }: Stored): NdArray {
  const bytes = new Uint8Array(Buffer.from(data, "base64"));
  if (dtype === "bool") return { shape, dtype, data: bytes };
  return { shape, dtype, data: dtype === "int32" ? new Int32Array(bytes.buffer) : new Float32Array(bytes.buffer) };
}
