// A seeded fuzzer for ONNX files: real files and models of every kind of op are mutated, byte by byte and in their structure.
// Whatever comes out, reading and building must end soon, either well or with one NeocogError; anything else is a failure.
// Small mutants that are still sound are run as well.
//
//   node dist/test/onnx/fuzz.js [--from SEED] [--count N]
//
// A failing seed is printed; it says all there is to say.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { filled } from "../../src/base/array.ts";
import { NeocogError } from "../../src/base/errors.ts";
import { Random } from "../../src/base/random.ts";
import { sizeOf } from "../../src/base/shape.ts";
import { referenceEngine } from "../../src/engines/reference/engine.ts";
import { walk } from "../../src/graph/walk.ts";
import { type ImportedGraph, onnxGraph } from "../../src/io/onnx/import.ts";
import { readModel, writeModel } from "../../src/io/onnx/model.ts";
import type { OnnxModel } from "../../src/io/onnx/schema.ts";
import { openSession } from "../../src/run/session.ts";
import { find } from "../outside.ts";
import { ownFiles } from "./material.ts";

/** Longer than any of these files takes, shorter than a hang. */
const SLOWEST = 5000;
const LARGEST_FILE = 150_000;

/** Networks of this library, and where they are installed the small files of the ONNX conformance data. */
export function material(): Uint8Array[] {
  const files = ownFiles();
  const root = find("onnxTestData");
  for (const group of ["pytorch-converted", "pytorch-operator", "node", "simple"]) {
    if (root === undefined || !existsSync(join(root, group))) continue;
    for (const name of readdirSync(join(root, group)).sort()) {
      const file = join(root, group, name, "model.onnx");
      const bytes = existsSync(file) ? readFileSync(file) : new Uint8Array(0);
      if (bytes.length > 0 && bytes.length < LARGEST_FILE) files.push(new Uint8Array(bytes));
    }
  }
  return files;
}

/** Numbers that break things. */
const nasty = [
  -1,
  0,
  1,
  2,
  7,
  255,
  65536,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  -(2 ** 31),
  2 ** 53,
  -(2 ** 63),
  2 ** 62,
  1e9,
];

function mutateBytes(bytes: Uint8Array, random: Random): Uint8Array {
  let out = Uint8Array.from(bytes);
  for (let times = 1 + random.below(4); times > 0; times--) {
    const at = random.below(Math.max(1, out.length));
    switch (random.below(6)) {
      case 0:
        out[at] ^= 1 << random.below(8);
        break;
      case 1:
        out[at] = random.below(256);
        break;
      case 2:
        out = out.slice(0, at);
        break;
      case 3: {
        // A piece is left out or told twice.
        const end = Math.min(out.length, at + 1 + random.below(64));
        const parts =
          random.below(2) === 0 ? [out.subarray(0, at), out.subarray(end)] : [out.subarray(0, end), out.subarray(at)];
        out = Uint8Array.from([...parts[0], ...parts[1]]);
        break;
      }
      case 4:
        // Longest varint: a claim of 2^63.
        for (let i = 0; i < 9 && at + i < out.length; i++) out[at + i] = 0xff;
        break;
      case 5:
        if (at + 4 < out.length) new DataView(out.buffer).setUint32(at, random.bits(), true);
        break;
    }
  }
  return out;
}

type Loose = Record<string, unknown>;

/** Every object and list inside a model. */
function parts(value: unknown, found: (Loose | unknown[])[] = []): (Loose | unknown[])[] {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return found;
  found.push(value as Loose);
  for (const child of Object.values(value)) parts(child, found);
  return found;
}

/** Changes one thing that the format allows: a number, a name, an order, a count. */
function mutateTree(model: OnnxModel, random: Random): void {
  const all = parts(model);
  const names = all
    .flatMap((part) => Object.values(part))
    .filter((value): value is string => typeof value === "string");
  for (let times = 1 + random.below(3); times > 0; times--) {
    const part = all[random.below(all.length)];
    const keys = Object.keys(part);
    if (keys.length === 0) continue;
    const key = keys[random.below(keys.length)];
    const place = part as Loose;
    const value = place[key];
    if (typeof value === "number") place[key] = nasty[random.below(nasty.length)];
    else if (typeof value === "string") place[key] = names[random.below(names.length)];
    else if (value instanceof Uint8Array) place[key] = value.slice(0, random.below(value.length + 1));
    else if (ArrayBuffer.isView(value))
      place[key] = (value as Float64Array).slice(0, random.below((value as Float64Array).length + 1));
    else if (Array.isArray(value) && value.length > 0) {
      const list = [...value];
      const i = random.below(list.length);
      const j = random.below(list.length);
      switch (random.below(4)) {
        case 0:
          list.splice(i, 1);
          break;
        case 1:
          list.push(list[i]);
          break;
        case 2:
          [list[i], list[j]] = [list[j], list[i]];
          break;
        case 3:
          if (typeof list[i] === "number") list[i] = nasty[random.below(nasty.length)];
          else list.reverse();
          break;
      }
      place[key] = list;
    } else if (value !== undefined) place[key] = undefined;
  }
}

/** Field lists must stay lists for the writer: a mutation may have dropped one. */
function written(model: OnnxModel): Uint8Array | undefined {
  try {
    return writeModel(model);
  } catch {
    return undefined;
  }
}

export interface Tally {
  cases: number;
  /** Mutants that are still sound. */
  built: number;
  /** Sound ones that were run. */
  ran: number;
  /** Refused in a sentence. */
  refused: number;
  readonly failures: string[];
}

/** Runs a graph on zeros if it is small. */
async function runSmall({ inputs, outputs }: ImportedGraph): Promise<boolean> {
  const made = walk(Object.values(outputs)).flatMap((node) => node.outputs);
  const size = [...made, ...Object.values(inputs)].reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  if (size > 20_000) return false;
  const feeds = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, dtype }]) => [name, filled(shape, 0, dtype)]),
  );
  const session = await openSession({ outputs, updates: [] }, referenceEngine(), { inputs: Object.values(inputs) });
  await session.run(feeds);
  session.release();
  return true;
}

export async function fuzz(from: number, count: number, files = material()): Promise<Tally> {
  const tally: Tally = { cases: 0, built: 0, ran: 0, refused: 0, failures: [] };
  for (let seed = from; seed < from + count; seed++) {
    const random = new Random(seed, "onnx fuzz");
    const file = files[random.below(files.length)];
    let bytes: Uint8Array | undefined;
    if (random.below(2) === 0) bytes = mutateBytes(file, random);
    else {
      const model = readModel(file);
      mutateTree(model, random);
      bytes = written(model);
    }
    if (!bytes) continue;
    tally.cases++;
    const start = performance.now();
    try {
      const graph = onnxGraph(readModel(bytes), { sizes: { batch: 2 } });
      tally.built++;
      if (await runSmall(graph)) tally.ran++;
    } catch (error) {
      if (error instanceof NeocogError && error.message.length < 5000) tally.refused++;
      else
        tally.failures.push(
          `seed ${seed}: ${error instanceof Error ? (error.stack ?? error.message).slice(0, 400) : String(error)}`,
        );
    }
    const took = performance.now() - start;
    if (took > SLOWEST) tally.failures.push(`seed ${seed}: took ${Math.round(took)} ms`);
  }
  return tally;
}

export function describeTally({ cases, built, ran, refused, failures }: Tally): string {
  const peak = Math.round(process.resourceUsage().maxRSS / 1024);
  return `${cases} mutants: ${refused} refused, ${built} still sound (${ran} of them run), ${failures.length} failures; at most ${peak} MiB.`;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values } = parseArgs({
    options: { from: { type: "string", default: "0" }, count: { type: "string", default: "2000" } },
  });
  const tally = await fuzz(Number(values.from), Number(values.count));
  for (const failure of tally.failures.slice(0, 20)) console.log(failure);
  console.log(describeTally(tally));
  process.exitCode = tally.failures.length > 0 ? 1 : 0;
}
