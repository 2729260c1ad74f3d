// Reads the golden files of test/fixtures: what PyTorch answered in float64 (see the README there for the families and
// for how to make them again). All numbers come as Float64Array, as the float64 reference wants them.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { NdArray } from "../src/base/array.ts";
import type { DType } from "../src/base/dtype.ts";
import { DataError, unknownName } from "../src/base/errors.ts";
import { type Shape, sizeOf } from "../src/base/shape.ts";

/** One run of one operation. Lists and records hold the same arrays: by place, and by PyTorch's camelCased name. */
export interface FixtureCase {
  readonly name: string;
  readonly op: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly inputs: readonly NdArray[];
  readonly outputs: readonly NdArray[];
  /** One per output; undefined where the output has no gradient (indices, running statistics). */
  readonly cotangents: readonly (NdArray | undefined)[];
  /** d(sum of output * cotangent) / d(input), one per input; undefined where none was asked. */
  readonly gradients: readonly (NdArray | undefined)[];
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly input: Readonly<Record<string, NdArray>>;
  readonly output: Readonly<Record<string, NdArray>>;
  readonly cotangent: Readonly<Record<string, NdArray>>;
  readonly gradient: Readonly<Record<string, NdArray>>;
}

interface StoredArray {
  readonly shape: Shape;
  readonly dtype?: DType;
  readonly data: readonly (number | "NaN" | "Infinity" | "-Infinity")[];
}

type StoredArrays = Readonly<Record<string, StoredArray | string>>;

interface StoredFamily {
  readonly family: string;
  readonly arrays: Readonly<Record<string, StoredArray>>;
  readonly cases: readonly {
    readonly name: string;
    readonly op: string;
    readonly attributes: Readonly<Record<string, unknown>>;
    readonly inputs?: StoredArrays;
    readonly outputs?: StoredArrays;
    readonly cotangents?: StoredArrays;
    readonly gradients?: StoredArrays;
  }[];
}

/** test/fixtures in the project, whether this file runs from test/ or from dist/test/. */
export const fixturesFolder = findFolder();

function findFolder(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json"))) return join(folder, "test", "fixtures");
    if (folder === dirname(folder))
      throw new DataError("No package.json above the test files: where are the fixtures?");
  }
}

/** Names of all families, that is of the .json files that hold cases. */
export function fixtureFamilies(): string[] {
  const files = readdirSync(fixturesFolder).filter(
    (file) => file.endsWith(".json") && !/^(torchvision_|zoo\.)/.test(file),
  );
  return files.map((file) => file.slice(0, -".json".length)).sort();
}

/** A JSON file of test/fixtures as it stands. */
export function readFixtureJson(name: string): unknown {
  return JSON.parse(readFileSync(join(fixturesFolder, `${name}.json`), "utf8"));
}

/** All cases of a family; with `op`, those of one operation. `dtype` is the type that floating arrays claim to have. */
export function readFixtures(family: string, op?: string, dtype: "float32" | "float64" = "float32"): FixtureCase[] {
  if (!fixtureFamilies().includes(family)) throw unknownName("fixture family", family, fixtureFamilies());
  const file = readFixtureJson(family) as StoredFamily;
  const read = (stored: StoredArray | string): NdArray => {
    const form = typeof stored === "string" ? file.arrays[stored] : stored;
    if (form === undefined) throw new DataError(`${family}.json names an array "${stored}" that it does not hold.`);
    if (form.data.length !== sizeOf(form.shape)) {
      throw new DataError(`${family}.json holds ${form.data.length} numbers for an array of ${sizeOf(form.shape)}.`);
    }
    return { shape: form.shape, dtype: form.dtype ?? dtype, data: Float64Array.from(form.data, Number) };
  };
  const readAll = (stored: StoredArrays = {}): Record<string, NdArray> =>
    Object.fromEntries(Object.entries(stored).map(([name, form]) => [name, read(form)]));
  const cases = op === undefined ? file.cases : file.cases.filter((one) => one.op === op);
  return cases.map((one) => {
    const input = readAll(one.inputs);
    const output = readAll(one.outputs);
    const cotangent = readAll(one.cotangents);
    const gradient = readAll(one.gradients);
    return {
      name: one.name,
      op: one.op,
      attributes: one.attributes,
      inputs: Object.values(input),
      outputs: Object.values(output),
      cotangents: Object.keys(output).map((name) => cotangent[name]),
      gradients: Object.keys(input).map((name) => gradient[name]),
      inputNames: Object.keys(input),
      outputNames: Object.keys(output),
      input,
      output,
      cotangent,
      gradient,
    };
  });
}

/** torchvision_state.json: what the state dict of each model holds, in order, and what the model counts. */
export interface TorchvisionState {
  readonly models: Readonly<
    Record<string, { parameters: number; macs: number; state: Readonly<Record<string, Shape>> }>
  >;
}

/** torchvision_logits.json: answers to the image and weights of formula.ts; layers are [mean, root mean square] by path. */
export interface TorchvisionLogits {
  readonly image: Shape;
  readonly samples: Readonly<Record<string, { shape: Shape; first: readonly number[]; last: number }>>;
  readonly models: Readonly<
    Record<
      string,
      {
        logits: readonly number[];
        sum: number;
        largest: number;
        layers: Readonly<Record<string, readonly [mean: number, rms: number]>>;
      }
    >
  >;
}

export const readTorchvisionState = (): TorchvisionState => readFixtureJson("torchvision_state") as TorchvisionState;

export const readTorchvisionLogits = (): TorchvisionLogits =>
  readFixtureJson("torchvision_logits") as TorchvisionLogits;
