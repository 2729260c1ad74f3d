// TensorFlow.js models: `model.json` (the architecture and a list of weights) with its shards, files of bare numbers.
// https://www.tensorflow.org/js/guide/save_load
//
//   model.json   { modelTopology, weightsManifest: [ { paths: [shard, …], weights: [ { name, shape, dtype }, … ] }, … ] }
//   a group      its shards joined end to end hold its weights end to end, little-endian
//
// Quantised weights are widened here: uint8 and uint16 as scale · q + min, float16 exactly. Every claim is checked against
// the bytes that are there before anything is allocated; what is allocated is at most four times the shards.
import { understand } from "../../base/arguments.ts";
import { type NdArray, ndarray, storageOf } from "../../base/array.ts";
import type { DType } from "../../base/dtype.ts";
import { DataError } from "../../base/errors.ts";
import { atMost, type Limit, limits } from "../../base/limits.ts";
import { isInsidePath } from "../../base/paths.ts";
import { bytes as bytesRule, callback, like, type Rule } from "../../base/rules.ts";
import { formatShape, sizeOf } from "../../base/shape.ts";
import { fromFloat16 } from "../half.ts";
import { type Json, parseJson } from "../json.ts";
import type { ReadBeside } from "../onnx/model.ts";
import { type Fields, fieldsOf, isList, wholes } from "./fields.ts";

/** A model as an argument. */
export const tfjsModelRule: Rule = like(
  "a TensorFlow.js model, as openTfjs() gives it",
  "format",
  "topology",
  "weights",
);

/** A TensorFlow.js model as it is read. */
export interface TfjsModel {
  /** A Keras model of layers, or a TensorFlow graph of ops. */
  readonly format: "layers" | "graph";
  /** The architecture as the file has it, under `modelTopology`. */
  readonly topology: Json;
  /** Inputs and outputs of a graph model, where the file tells. */
  readonly signature: Json | undefined;
  /** Numbers by their names, in the order of the file and in TensorFlow's layout; texts are left out. */
  readonly weights: ReadonlyMap<string, NdArray>;
}

const mostAxes = 12;

/** Reads model.json and the shards that it names. Throws a DataError in one sentence for anything that is not right. */
export async function openModel(bytes: Uint8Array, readBeside: ReadBeside): Promise<TfjsModel> {
  understand("openTfjs", arguments, { bytes: bytesRule, readBeside: callback });
  const file = readFile(bytes);
  const topology = file.raw("modelTopology");
  if (topology === undefined) {
    throw new DataError(
      "This model.json holds weights alone, without the network (no modelTopology); use the file that the converter wrote for the whole model.",
    );
  }
  const isGraph = fieldsOf(topology, "modelTopology").has("node");
  const metadata = file.raw("userDefinedMetadata");
  const signature = file.raw("signature") ?? (metadata instanceof Map ? metadata.get("signature") : undefined);
  const weights = new Map<string, NdArray>();
  const groups = file.has("weightsManifest") ? file.list("weightsManifest") : [];
  const counted = (field: string, limit: Limit): void => {
    let count = 0;
    for (const group of groups) {
      const list = group instanceof Map ? group.get(field) : undefined;
      count += isList(list) ? list.length : 0;
    }
    if (count > limit.most) throw new DataError(`weightsManifest lists ${count} ${field}; ${atMost(limit)}.`);
  };
  counted("weights", limits.tfjsWeights);
  counted("paths", limits.tfjsShards);
  for (const [i, group] of groups.entries()) {
    await readGroup(fieldsOf(group, `weightsManifest group ${i + 1}`), readBeside, weights);
  }
  return { format: isGraph ? "graph" : "layers", topology, signature: signature ?? undefined, weights };
}

function readFile(bytes: Uint8Array): Fields {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return fieldsOf(parseJson(text), "The file");
  } catch (error) {
    if (error instanceof DataError) throw error;
    const reason = error instanceof TypeError ? "it is not UTF-8 text" : (error as Error).message;
    throw new DataError(`This is not a model.json of TensorFlow.js: ${reason}.`, { cause: error });
  }
}

// ---- shards -----------------------------------------------------------------------------------------------------------

async function readGroup(group: Fields, readBeside: ReadBeside, weights: Map<string, NdArray>): Promise<void> {
  const paths = group.list("paths").map(insidePath);
  const entries = group.list("weights").map((entry, i) => readEntry(entry, i));
  const named = new Set<string>();
  for (const { name } of entries) {
    if (weights.has(name) || named.has(name)) throw new DataError(`weightsManifest names the weight "${name}" twice.`);
    named.add(name);
  }
  const shards: Uint8Array[] = [];
  for (const path of paths) shards.push(await readBeside(path));
  const bytes = joined(shards);
  const where = paths.length === 1 ? `the shard ${paths[0]}` : `the ${paths.length} shards ${paths[0]} …`;
  let at = 0;
  for (const entry of entries) {
    if (entry.stored === undefined) {
      at = skipTexts(bytes, at, sizeOf(entry.shape), entry.name, where);
      continue;
    }
    const end = at + sizeOf(entry.shape) * entry.stored.bytes;
    if (end > bytes.length) {
      throw new DataError(
        `The weight "${entry.name}" ${formatShape(entry.shape)} lies at bytes ${at} to ${end}, but ${where} hold${paths.length === 1 ? "s" : ""} only ${bytes.length}: it is cut off, or of another model.`,
      );
    }
    weights.set(entry.name, widened(entry, entry.stored, bytes, at));
    at = end;
  }
  if (at !== bytes.length) {
    throw new DataError(
      `The weights fill ${at} bytes, but ${where} hold${paths.length === 1 ? "s" : ""} ${bytes.length}: it belongs to another model.`,
    );
  }
}

/** A shard's path, refused where it could leave the model's folder. */
function insidePath(path: Json): string {
  if (typeof path !== "string" || !isInsidePath(path)) {
    throw new DataError(
      `weightsManifest points to the file ${JSON.stringify(path).slice(0, 200)}, which does not lie inside the model's folder.`,
    );
  }
  return path
    .split("/")
    .filter((part) => part !== ".")
    .join("/");
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0];
  const whole = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** How one number stands in a shard. */
interface Stored {
  readonly bytes: number;
  readonly get: (view: DataView, offset: number) => number;
}

interface Entry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** Undefined for texts, whose lengths stand in the shard. */
  readonly stored: Stored | undefined;
}

const storages: Readonly<Record<string, Stored>> = {
  float32: { bytes: 4, get: (view, offset) => view.getFloat32(offset, true) },
  float16: { bytes: 2, get: (view, offset) => fromFloat16(view.getUint16(offset, true)) },
  int32: { bytes: 4, get: (view, offset) => view.getInt32(offset, true) },
  uint16: { bytes: 2, get: (view, offset) => view.getUint16(offset, true) },
  uint8: { bytes: 1, get: (view, offset) => view.getUint8(offset) },
  bool: { bytes: 1, get: (view, offset) => (view.getUint8(offset) === 0 ? 0 : 1) },
};
const dtypes: readonly string[] = ["float32", "int32", "bool"];

function readEntry(value: Json, i: number): Entry {
  const fields = fieldsOf(value, `weight ${i + 1} of weightsManifest`);
  const name = fields.text("name");
  const what = `The weight "${name}"`;
  const shape = wholes(fields.raw("shape"), `The shape of the weight "${name}"`);
  if (shape.length > mostAxes || !Number.isSafeInteger(sizeOf(shape)))
    throw new DataError(`${what} has the impossible shape ${formatShape(shape)}.`);
  const dtype = fields.text("dtype");
  if (dtype === "string") return { name, shape, dtype: "uint8", stored: undefined };
  if (!dtypes.includes(dtype))
    throw new DataError(`${what} has the type ${dtype}; readable are ${dtypes.join(", ")} and string.`);
  if (!fields.has("quantization")) return { name, shape, dtype: dtype as DType, stored: storages[dtype] };
  const quantization = fields.object("quantization");
  const type = quantization.text("dtype");
  if (type === "float16") return { name, shape, dtype: dtype as DType, stored: storages.float16 };
  if (type !== "uint8" && type !== "uint16")
    throw new DataError(`${what} is quantised as ${type}; readable are uint8, uint16 and float16.`);
  const scale = quantization.number("scale");
  const min = quantization.number("min");
  const { bytes, get } = storages[type];
  const round = dtype === "float32" ? (x: number): number => x : Math.round;
  return {
    name,
    shape,
    dtype: dtype as DType,
    stored: { bytes, get: (view, offset) => round(get(view, offset) * scale + min) },
  };
}

function widened({ shape, dtype }: Entry, { bytes: step, get }: Stored, bytes: Uint8Array, at: number): NdArray {
  const count = sizeOf(shape);
  if (get === storages.float32.get) {
    // A copy of its own: shards may lie at odd addresses, and `slice` of a Node Buffer copies nothing.
    return ndarray(shape, new Float32Array(new Uint8Array(bytes.subarray(at, at + 4 * count)).buffer), dtype);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const data = new (storageOf(dtype))(count);
  for (let i = 0; i < count; i++) data[i] = get(view, at + i * step);
  return ndarray(shape, data, dtype);
}

/** Texts stand as a length of four bytes and that many bytes each. */
function skipTexts(bytes: Uint8Array, start: number, count: number, name: string, where: string): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = start;
  for (let i = 0; i < count; i++) {
    const end = at + 4 > bytes.length ? Number.POSITIVE_INFINITY : at + 4 + view.getUint32(at, true);
    if (end > bytes.length) throw new DataError(`The texts of "${name}" reach beyond the end of ${where}.`);
    at = end;
  }
  return at;
}

/** The sizes of a shape in a file, where null or -1 stands for "any". */
export function openSizes(value: Json | undefined, what: string): (number | undefined)[] {
  if (!isList(value)) throw new DataError(`${what} is not a list of sizes.`);
  return value.map((n) => {
    if (n === null || n === -1) return undefined;
    if (!Number.isSafeInteger(n) || (n as number) < 0)
      throw new DataError(`${what} holds ${JSON.stringify(n)}, which is no size.`);
    return n as number;
  });
}
