// Broken and hostile TensorFlow.js models: seeded mutations of real files, bytes and JSON alike. Each gives a graph or one
// error in a sentence, quickly and without allocating more than the file can account for. NEOCOG_FUZZ sets the number of
// mutants a file (150 unless told), NEOCOG_SEED the first seed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DataError, NeocogError } from "../../src/base/errors.ts";
import { Random } from "../../src/base/random.ts";
import { tfjsGraph } from "../../src/io/tfjs/import.ts";
import { openModel } from "../../src/io/tfjs/model.ts";
import { type Fixture, fixture, fixtureNames } from "./fixture.ts";

const mutants = Number(process.env.NEOCOG_FUZZ ?? 150);
const firstSeed = Number(process.env.NEOCOG_SEED ?? 1);

type Mutable = null | boolean | number | string | Mutable[] | { [key: string]: Mutable };

const hostile: readonly Mutable[] = [
  null,
  true,
  0,
  -1,
  1.5,
  2 ** 31,
  2 ** 53,
  1e308,
  "",
  "__proto__",
  "constructor",
  "../../etc/passwd",
  "9007199254740993",
  [],
  {},
  [2 ** 31, 2 ** 31],
  [[]],
  "SAME",
  "U0FNRQ==",
];

/** Every place of a JSON value that can be changed. */
function places(value: Mutable, found: [Mutable[] | { [key: string]: Mutable }, string][] = []) {
  if (typeof value === "object" && value !== null) {
    for (const key of Object.keys(value)) {
      found.push([value, key]);
      places((value as { [key: string]: Mutable })[key], found);
    }
  }
  return found;
}

function changedJson(bytes: Uint8Array, random: Random): Uint8Array {
  const value = JSON.parse(new TextDecoder().decode(bytes)) as Mutable;
  const times = 1 + random.below(3);
  for (let i = 0; i < times; i++) {
    const all = places(value);
    const [owner, key] = all[random.below(all.length)];
    const holder = owner as { [key: string]: Mutable };
    const kind = random.below(6);
    const [other, otherKey] = all[random.below(all.length)];
    if (kind === 0) delete holder[key];
    else if (kind === 1) holder[key] = structuredClone((other as { [key: string]: Mutable })[otherKey]);
    else if (kind === 2 && typeof holder[key] === "number")
      holder[key] = (holder[key] as number) * 10 ** random.below(10);
    else if (kind === 3 && Array.isArray(holder[key])) holder[key] = [...holder[key], ...holder[key]];
    else holder[key] = structuredClone(hostile[random.below(hostile.length)]);
  }
  return new TextEncoder().encode(JSON.stringify(value));
}

function changedBytes(bytes: Uint8Array, random: Random): Uint8Array {
  const kind = random.below(3);
  if (kind === 0) return bytes.slice(0, random.below(bytes.length));
  const copy = bytes.slice();
  const times = kind === 1 ? 1 : 1 + random.below(20);
  for (let i = 0; i < times; i++) copy[random.below(copy.length)] = random.below(256);
  return copy;
}

interface Outcome {
  readonly kind: "graph" | "error";
}

async function attempt({ bytes, readBeside }: Pick<Fixture, "bytes" | "readBeside">): Promise<Outcome> {
  try {
    tfjsGraph(await openModel(bytes, readBeside), { batch: 1 });
    return { kind: "graph" };
  } catch (error) {
    assert.ok(error instanceof NeocogError, `not a sentence but ${(error as Error).stack}`);
    assert.ok(error.message.length < 4000 && error.message.length > 20, error.message);
    return { kind: "error" };
  }
}

const counts = { graph: 0, error: 0 };
for (const name of fixtureNames) {
  test(`mutants of ${name} give a graph or one sentence`, async () => {
    const original = fixture(name);
    for (let seed = firstSeed; seed < firstSeed + mutants; seed++) {
      const random = new Random(seed, name);
      const kind = random.below(4);
      const bytes =
        kind === 0
          ? original.bytes
          : kind === 1
            ? changedBytes(original.bytes, random)
            : changedJson(original.bytes, random);
      const readBeside = async (path: string): Promise<Uint8Array> => {
        const shard = await original.readBeside(path).catch(() => {
          throw new DataError(`The file ${path} does not exist.`);
        });
        return kind === 0 ? changedBytes(shard, random) : shard;
      };
      const started = performance.now();
      const before = process.memoryUsage().arrayBuffers;
      try {
        counts[(await attempt({ bytes, readBeside })).kind]++;
      } catch (error) {
        throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
      }
      const spent = performance.now() - started;
      const grown = process.memoryUsage().arrayBuffers - before;
      assert.ok(spent < 5000, `seed ${seed} took ${spent} ms`);
      assert.ok(grown < 2 ** 28, `seed ${seed} allocated ${grown} bytes`);
    }
  });
}

test("both happened", (t) => {
  t.diagnostic(`${counts.error} mutants were refused, ${counts.graph} were still networks`);
  assert.ok(counts.error > 0 && counts.graph > 0);
});
