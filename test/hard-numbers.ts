// The second half of the conformance harness: every case again with hard numbers, forward and gradient, on every engine and
// on every strategy that fits. The definition is computed in float64 and rounded to float32.
//
//   NaN          one, anywhere: NaN comes out exactly where the definition says
//   infinities   one of each sign
//   zeros        half of the numbers are 0 or −0
//   denormals    all numbers about 1e-40
//   huge         one number of 1e30, so that products leave float32
//   empty        an axis of no places: refused in words, or right
//
// A kind that cannot hold for an op is left out with a reason (`hard` of checkOp).
import assert from "node:assert/strict";
import type { NdArray } from "../src/base/array.ts";
import { isFloat } from "../src/base/dtype.ts";
import { NeocogError } from "../src/base/errors.ts";
import { Random } from "../src/base/random.ts";
import { sizeOf } from "../src/base/shape.ts";
import { gradients } from "../src/compile/grad.ts";
import { referenceEngine } from "../src/engines/reference/engine.ts";
import { input, type Tensor } from "../src/graph/graph.ts";
import { openSession, type Session } from "../src/run/session.ts";
import { numbers } from "./check-op.ts";
import { strategyEngine, testEngines } from "./engines.ts";

export type HardKind = "NaN" | "infinities" | "zeros" | "denormals" | "huge" | "empty";
/** Kinds left out, each with its reason; "gradient of …" leaves out the gradient alone. */
export interface HardSkips extends Readonly<Partial<Record<HardKind | `gradient of ${HardKind}`, string>>> {
  /** Why what is not finite may come out at more places than the definition says. Never at fewer. */
  readonly spreads?: string;
}

type Build = (inputs: readonly Tensor[]) => readonly Tensor[];
type Change = (arrays: readonly NdArray[], random: Random) => readonly NdArray[];

/** Puts numbers at random places of random float arrays. */
const planted =
  (...values: readonly number[]): Change =>
  (arrays, random) => {
    const changed = arrays.map((array) => ({ ...array, data: Float64Array.from(array.data) }));
    const floats = changed.filter(({ dtype, data }) => isFloat(dtype) && data.length > 0);
    if (floats.length === 0) return changed;
    for (const value of values) {
      const { data } = floats[random.below(floats.length)];
      data[random.below(data.length)] = value;
    }
    return changed;
  };

const everywhere =
  (change: (value: number, random: Random) => number): Change =>
  (arrays, random) =>
    arrays.map((array) =>
      isFloat(array.dtype)
        ? { ...array, data: Float64Array.from(array.data, (value) => change(value, random)) }
        : array,
    );

const changes: Readonly<Record<Exclude<HardKind, "empty">, Change>> = {
  NaN: planted(Number.NaN),
  infinities: planted(Infinity, -Infinity),
  zeros: everywhere((value, random) => [0, -0, value, value][random.below(4)]),
  denormals: everywhere((value) => value * 2 ** -134),
  huge: planted(2 ** 100),
};

/** Outputs, and gradients of the float inputs for given cotangents, in one program. */
function programOf(build: Build, arrays: readonly NdArray[], withGradient: boolean) {
  const inputs = arrays.map(({ shape, dtype }, i) => input(`x${i}`, shape, dtype));
  const outputs = build(inputs);
  const results: Record<string, Tensor> = Object.fromEntries(outputs.map((tensor, i) => [`output ${i}`, tensor]));
  const seeded = outputs.filter(({ dtype }) => isFloat(dtype));
  const wanted = inputs.filter(({ dtype }) => isFloat(dtype));
  const seeds = seeded.map(({ shape }, k) => input(`seed${k}`, shape));
  const random = new Random(outputs.length, "cotangents");
  const feeds = Object.fromEntries(seeds.map(({ shape }, k) => [`seed${k}`, numbers(random, shape)]));
  if (withGradient && seeded.length > 0) {
    gradients(seeded, wanted, seeds).forEach((tensor, k) => {
      results[`gradient of input ${inputs.indexOf(wanted[k])}`] = tensor;
    });
  }
  return { program: { outputs: results, updates: [] }, inputs: [...inputs, ...seeds], results, feeds };
}

/** How an engine's answers stand to the definition's. */
interface Judge {
  readonly name: string;
  readonly epsilon: number;
}

/** Every kind of hard numbers on every engine. `label` names the case in messages. Gives the strategies that were tried. */
export async function checkHardNumbers(
  build: Build,
  arrays: readonly NdArray[],
  label: string,
  skips: HardSkips = {},
  withGradient = true,
): Promise<ReadonlySet<string>> {
  const { program, inputs, results, feeds } = programOf(build, arrays, withGradient);
  const kinds = (Object.keys(changes) as (keyof typeof changes)[]).filter((kind) => !skips[kind]);
  const rows: { kind: HardKind; feeds: Record<string, NdArray>; answers: Record<string, NdArray> }[] = [];
  const definition = await openSession(program, referenceEngine(), { inputs });
  for (const kind of kinds) {
    for (let seed = 0; seed < 2; seed++) {
      const hard = changes[kind](arrays, new Random(seed, `${label} ${kind}`));
      const all = { ...feeds, ...Object.fromEntries(hard.map((array, i) => [`x${i}`, array])) };
      rows.push({ kind, feeds: all, answers: await definition.run(all) });
    }
  }
  const terms = arrays.reduce((total, { shape }) => Math.max(total, sizeOf(shape)), 1);
  const judge = async (session: Session, by: Judge): Promise<void> => {
    for (const { kind, feeds: given, answers } of rows) {
      const got = await session.run(given);
      for (const [name, tensor] of Object.entries(results)) {
        if (name.startsWith("gradient") && skips[`gradient of ${kind}`]) continue;
        const scale = Math.max(magnitude(answers[name]), ...Object.values(given).map(magnitude));
        const room = isFloat(tensor.dtype) ? (by.epsilon * scale + 2 ** -149) * (8 + 2 * Math.sqrt(terms)) : 0;
        const spreads = skips.spreads !== undefined && (kind === "NaN" || kind === "infinities");
        compare(got[name], answers[name], room, spreads, `${label}, ${kind}: ${name} of the engine ${by.name}`);
      }
    }
    session.release();
  };
  for (const { name, make, epsilon } of testEngines) {
    await judge(await openSession(program, await make(), { inputs }), { name, epsilon });
  }
  const tried = new Set<string>();
  for (let turn = 0, ways = 1; turn < ways; turn++) {
    const { engine, taken } = await strategyEngine(turn);
    const session = await openSession(program, engine, { inputs });
    ways = Math.max(ways, taken.ways);
    for (const name of taken.names) tried.add(name);
    const name = `wasm by ${[...new Set(taken.names)].join(", ")}`;
    await judge(session, { name, epsilon: 2 ** -21 * (taken.exact ? 1 : 20) });
  }
  return tried;
}

const magnitude = ({ data }: NdArray): number => {
  let most = 0;
  for (const value of data) if (Number.isFinite(value)) most = Math.max(most, Math.abs(value));
  return most;
};

function compare(actual: NdArray, expected: NdArray, room: number, spreads: boolean, what: string): void {
  assert.deepEqual([...actual.shape], [...expected.shape], `${what}: the shape`);
  for (let i = 0; i < expected.data.length; i++) {
    const [a, e] = [Math.fround(actual.data[i]), Math.fround(expected.data[i])];
    if (Object.is(a, e) || a === e) continue;
    if (spreads && Number.isNaN(a)) continue;
    assert.ok(Math.abs(a - e) <= room, `${what}: element ${i} is ${a}, not ${e} (tolerance ${room})`);
  }
}

/** Shapes with an axis of no places, one for each axis of an input: alone, and in all inputs that have as many there. */
function* emptied(
  arrays: readonly NdArray[],
  attributes: object,
): Generator<{ arrays: NdArray[]; attributes: object }> {
  const without = (array: NdArray, axis: number): NdArray => ({
    ...array,
    shape: array.shape.map((n, a) => (a === axis ? 0 : n)),
    data: new Float64Array(0),
  });
  if (arrays.some(({ data }) => data.length === 0)) yield { arrays: [...arrays], attributes };
  for (const { shape } of arrays) {
    for (let axis = 0; axis < shape.length; axis++) {
      const alike = (other: readonly number[]): boolean => other[axis] === shape[axis] && shape[axis] > 0;
      const all = arrays.map((array) => (alike(array.shape) ? without(array, axis) : array));
      const named = attributes as { readonly shape?: readonly number[] };
      yield { arrays: all, attributes };
      if (named.shape && alike(named.shape)) {
        yield { arrays: all, attributes: { ...attributes, shape: named.shape.map((n, a) => (a === axis ? 0 : n)) } };
      }
      for (const [i, array] of arrays.entries()) {
        if (alike(array.shape)) yield { arrays: arrays.with(i, without(array, axis)), attributes };
      }
    }
  }
}

/** Axes of no places on every engine; gives how many such cases the op takes. The others it must refuse in words. */
export async function checkEmpty(
  build: (inputs: readonly Tensor[], attributes: object) => readonly Tensor[],
  given: readonly NdArray[],
  attributes: object,
  label: string,
): Promise<number> {
  let taken = 0;
  const seen = new Set<string>();
  for (const { arrays, attributes: own } of emptied(given, attributes)) {
    const shapes = `${label}, empty ${JSON.stringify([arrays.map(({ shape }) => shape), own])}`;
    if (seen.has(shapes)) continue;
    seen.add(shapes);
    let made: ReturnType<typeof programOf>;
    try {
      made = programOf((inputs) => build(inputs, own), arrays, true);
    } catch (error) {
      if (error instanceof NeocogError) continue;
      throw new Error(`${shapes}: ${String(error)}`, { cause: error });
    }
    taken++;
    const feeds = { ...made.feeds, ...Object.fromEntries(arrays.map((array, i) => [`x${i}`, array])) };
    const definition = await openSession(made.program, referenceEngine(), { inputs: made.inputs });
    const answers = await definition.run(feeds).catch((error: unknown) => {
      if (error instanceof NeocogError) return undefined;
      throw error;
    });
    for (const { name, make, epsilon } of testEngines) {
      const session = await openSession(made.program, await make(), { inputs: made.inputs });
      if (!answers) {
        // An index into nothing.
        await assert.rejects(session.run(feeds), NeocogError, `${shapes} on the engine ${name}`);
        continue;
      }
      const got = await session.run(feeds);
      for (const key of Object.keys(made.results))
        compare(got[key], answers[key], epsilon * 100, false, `${shapes}: ${key} of the engine ${name}`);
      session.release();
    }
  }
  return taken;
}
