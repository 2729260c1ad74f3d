// The conformance harness. For every case of an op card, or of a function made of cards:
//
//   shapes      what `infer` promised is what the definition gives
//   engines     every engine's answer is close to the definition's, with a tolerance that grows with the length of the sums
//   bits        a second run gives the same bits, and so does any number of threads
//   gradient    `gradient` agrees with central differences in float64 (relative error below 1e-6)
//   places      an output place depends on no input place outside what `spatial` says
//   MACs        `macs` is what a plain loop counts
//
// Cases are named, or drawn from a seed: a seed that ever fails becomes a named case. A part that cannot hold for a case is
// left out with a reason (`skip`), never silently.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { type NdArray, zeros64 } from "../src/base/array.ts";
import { isFloat } from "../src/base/dtype.ts";
import { Random } from "../src/base/random.ts";
import { type Shape, sizeOf, stridesOf } from "../src/base/shape.ts";
import { gradients } from "../src/compile/grad.ts";
import { referenceEngine } from "../src/engines/reference/engine.ts";
import { apply, input, type Tensor } from "../src/graph/graph.ts";
import type { Op, SpatialAxis } from "../src/graph/op.ts";
import { openSession, type Session } from "../src/run/session.ts";
import { closeEngines, testEngines } from "./engines.ts";
import { checkEmpty, checkHardNumbers, type HardSkips } from "./hard-numbers.ts";

after(closeEngines);

export interface OpCase<A extends object = object> {
  readonly name: string;
  readonly inputs: readonly NdArray[];
  readonly attributes: A;
  /** Multiply-accumulates, counted by a loop of the test's own. */
  readonly macs?: number;
  readonly skip?: Skips;
}

/** Parts left out, each with its reason. */
export interface Skips {
  readonly gradient?: string;
  readonly engines?: string;
  readonly places?: string;
}

export interface CheckOptions<A extends object> {
  readonly cases: readonly OpCase<A>[];
  /** Draws a case from a generator. */
  readonly random?: (random: Random) => Omit<OpCase<A>, "name">;
  /** How many seeds; 0, 1, 2, … are taken. */
  readonly seeds?: number;
  /** Kinds of hard numbers left out, each with its reason. */
  readonly hard?: HardSkips;
}

/** Runs every check on every case of an op. */
export function checkOp<A extends object>(op: Op<A>, { cases, random, seeds = 12, hard = {} }: CheckOptions<A>): void {
  // NEOCOG_SEEDS=500 looks further than the suite has time for.
  const count = random ? Math.max(seeds, Number(process.env.NEOCOG_SEEDS ?? 0)) : 0;
  const drawn = Array.from({ length: count }, (_, seed): OpCase<A> => {
    return { name: `seed ${seed}`, ...random!(new Random(seed, op.name)) };
  });
  for (const one of [...cases, ...drawn]) {
    test(`${op.name}: ${one.name}`, async () => {
      const outputs = checkDefinition(op, one);
      await checkFunction((inputs) => apply(op, inputs, one.attributes), one.inputs, one.skip, outputs);
      if (one.macs !== undefined) {
        const types = op.infer(one.inputs, one.attributes);
        assert.equal(op.macs?.(one.inputs, one.attributes, types), one.macs, "macs differ from the counted ones");
      }
    });
  }
  checkHard(op, [...cases, ...drawn], hard);
}

/** As many cases of an op are run with hard numbers: the named ones first. */
const hardCases = 8;

function checkHard<A extends object>(op: Op<A>, cases: readonly OpCase<A>[], skips: HardSkips): void {
  const chosen = cases.filter(({ skip }) => !skip?.engines).slice(0, hardCases);
  test(`${op.name}: hard numbers`, async () => {
    for (const { name, inputs, attributes, skip } of chosen) {
      const build = (list: readonly Tensor[]): readonly Tensor[] => apply(op, list, attributes);
      await checkHardNumbers(build, inputs, `${op.name}, ${name}`, skips, !skip?.gradient);
    }
  });
  test(`${op.name}: axes without places`, async (t) => {
    if (skips.empty) return t.skip(skips.empty);
    let taken = 0;
    for (const { name, inputs, attributes } of chosen) {
      const build = (list: readonly Tensor[], own: object): readonly Tensor[] => apply(op, list, own as A);
      taken += await checkEmpty(build, inputs, attributes, `${op.name}, ${name}`);
    }
    assert.ok(taken > 0, "no case with an empty axis is taken: say why in `hard`");
  });
}

/** Inferred types against what the definition gives; the answers, if the op has a definition of its own. */
export function checkDefinition<A extends object>(op: Op<A>, one: OpCase<A>): readonly NdArray[] | undefined {
  const types = op.infer(one.inputs, one.attributes);
  const outputs = op.reference?.(one.inputs, one.attributes, types);
  outputs?.forEach((output, i) => {
    assert.deepEqual([...output.shape], [...types[i].shape], `output ${i}: the shape differs from the inferred one`);
    assert.equal(output.data.length, sizeOf(types[i].shape), `output ${i}: the count of numbers`);
    assert.equal(output.dtype, types[i].dtype, `output ${i}: the type`);
  });
  if (outputs) assert.equal(outputs.length, types.length, "the number of outputs");
  return outputs;
}

/** All checks of a function of tensors that need no card. `expected`: the definition's answers, if known. */
export async function checkFunction(
  build: (inputs: readonly Tensor[]) => readonly Tensor[],
  arrays: readonly NdArray[],
  skip: Skips = {},
  expected?: readonly NdArray[],
): Promise<void> {
  const inputs = arrays.map(({ shape, dtype }, i) => input(`x${i}`, shape, dtype));
  const outputs = build(inputs);
  const feeds = Object.fromEntries(arrays.map((array, i) => [`x${i}`, array]));
  const program = { outputs: Object.fromEntries(outputs.map((tensor, i) => [`y${i}`, tensor])), updates: [] };
  const definition = await openSession(program, referenceEngine(), { inputs });
  const answers = await run(definition, feeds, outputs.length);
  answers.forEach((answer, i) => {
    assert.deepEqual([...answer.shape], [...outputs[i].shape], `output ${i}: the shape differs from the inferred one`);
    if (expected) assertClose(answer, expected[i], 1e-12, `output ${i}: the program and the definition`);
  });
  if (!skip.engines) {
    const terms = arrays.reduce((total, { shape }) => Math.max(total, sizeOf(shape)), 1);
    const families = new Map<string, readonly NdArray[]>();
    for (const { name, family, make, epsilon } of testEngines) {
      const engine = await make();
      const session = await openSession(program, engine, { inputs });
      const first = await run(session, feeds, outputs.length);
      const second = await run(session, feeds, outputs.length);
      first.forEach((answer, i) => {
        assert.equal(
          answer.data.length,
          sizeOf(answer.shape),
          `output ${i} of the engine ${name}: the count of numbers`,
        );
        const scale = Math.max(magnitude(answers[i]), ...arrays.map(magnitude));
        const room = isFloat(outputs[i].dtype) ? epsilon * (8 + 2 * Math.sqrt(terms)) * scale : 0;
        assertClose(answer, answers[i], room, `output ${i} of the engine ${name}`, true);
        assert.deepEqual(second[i].data, answer.data, `output ${i} of the engine ${name}: a second run differs`);
        const relative = families.get(family)?.[i];
        if (relative)
          assert.deepEqual(answer.data, relative.data, `output ${i}: the bits depend on the threads (${name})`);
      });
      families.set(family, first);
      session.release();
    }
  }
  if (!skip.gradient) await checkGradient(inputs, outputs, arrays);
  if (!skip.places && !skip.gradient) await checkPlaces(inputs, outputs, feeds);
}

async function run(session: Session, feeds: Readonly<Record<string, NdArray>>, count: number): Promise<NdArray[]> {
  const answers = await session.run(feeds);
  return Array.from({ length: count }, (_, i) => answers[`y${i}`]);
}

const magnitude = ({ data }: NdArray): number => {
  let most = 1e-3;
  for (const value of data) if (Number.isFinite(value)) most = Math.max(most, Math.abs(value));
  return most;
};

/** Places where floats come in or go out. */
const floats = (tensors: readonly Tensor[]): number[] =>
  tensors.map((_, i) => i).filter((i) => isFloat(tensors[i].dtype));

async function checkGradient(
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
  arrays: readonly NdArray[],
): Promise<void> {
  const random = new Random(outputs.length, "cotangents");
  const seeded = floats(outputs);
  const wanted = floats(inputs);
  if (seeded.length === 0 || wanted.length === 0) return;
  const seeds = seeded.map((i) => input(`seed${i}`, outputs[i].shape));
  const found = gradients(
    seeded.map((i) => outputs[i]),
    wanted.map((i) => inputs[i]),
    seeds,
  );
  const feeds: Record<string, NdArray> = Object.fromEntries(arrays.map((array, i) => [`x${i}`, array]));
  const cotangents = seeds.map(({ shape }) => numbers(random, shape));
  const engine = referenceEngine();
  const backward = await openSession(
    { outputs: Object.fromEntries(found.map((tensor, k) => [`y${k}`, tensor])), updates: [] },
    engine,
    { inputs: [...inputs, ...seeds] },
  );
  const seedFeeds = Object.fromEntries(seeded.map((i, k) => [`seed${i}`, cotangents[k]]));
  const analytic = await run(backward, { ...feeds, ...seedFeeds }, found.length);
  const forward = await openSession(
    { outputs: Object.fromEntries(seeded.map((i, k) => [`y${k}`, outputs[i]])), updates: [] },
    engine,
    { inputs },
  );
  const total = async (changed: number, at: readonly number[], step: number): Promise<number> => {
    const moved = Float64Array.from(arrays[changed].data);
    for (let i = 0; i < moved.length; i++) moved[i] += at[i] * step;
    const answers = await run(
      forward,
      { ...feeds, [`x${changed}`]: { ...arrays[changed], data: moved } },
      seeded.length,
    );
    return answers.reduce((sum, answer, k) => sum + dot(answer.data, cotangents[k].data), 0);
  };
  for (const [k, place] of wanted.entries()) {
    const size = sizeOf(inputs[place].shape);
    assert.deepEqual([...analytic[k].shape], [...inputs[place].shape], `gradient of input ${place}: the shape`);
    const scale = Math.max(...Array.from(analytic[k].data, Math.abs), 1e-6);
    for (const direction of directions(random, size)) {
      // Five-point central difference: the error of the step falls with its fourth power.
      const h = 2 ** -11;
      const [a, b, c, d] = [
        await total(place, direction, -2 * h),
        await total(place, direction, -h),
        await total(place, direction, h),
        await total(place, direction, 2 * h),
      ];
      const numeric = (a - 8 * b + 8 * c - d) / (12 * h);
      const exact = dot(analytic[k].data, direction);
      const error = Math.abs(numeric - exact) / Math.max(Math.abs(numeric), Math.abs(exact), 1e-2 * scale, 1e-3);
      assert.ok(
        error < 1e-6,
        `gradient of input ${place}: central differences give ${numeric}, the card ${exact} (relative error ${error})`,
      );
    }
  }
  backward.release();
  forward.release();
}

/** Some single elements, and one direction in which everything moves. */
function directions(random: Random, size: number): number[][] {
  if (size === 0) return [];
  const chosen = size <= 8 ? Array.from({ length: size }, (_, i) => i) : [0, size - 1, ...draw(random, size, 6)];
  return [
    Array.from({ length: size }, () => random.below(3) - 1),
    ...chosen.map((at) => Array.from({ length: size }, (_, i) => (i === at ? 1 : 0))),
  ];
}

const draw = (random: Random, below: number, count: number): number[] =>
  Array.from({ length: count }, () => random.below(below));

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) if (b[i] !== 0) sum += a[i] * b[i];
  return sum;
};

/** One place of the first output at a time: where its gradient is not zero must lie inside what `spatial` says. */
async function checkPlaces(
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
  feeds: Readonly<Record<string, NdArray>>,
): Promise<void> {
  const y = outputs[0];
  const { node } = y;
  if (!isFloat(y.dtype) || y.shape.length < 3 || sizeOf(y.shape) === 0 || !node.op.spatial) return;
  if (!node.inputs.every((tensor) => inputs.includes(tensor))) return;
  const rules = node.op.spatial(node.inputs, node.attributes, node.outputs);
  const wanted = node.inputs.map((_, i) => i).filter((i) => isFloat(node.inputs[i].dtype) && Array.isArray(rules[i]));
  if (wanted.length === 0) return;
  const seed = input("seed", y.shape);
  const found = gradients(
    [y],
    wanted.map((i) => node.inputs[i]),
    [seed],
  );
  const session = await openSession(
    { outputs: Object.fromEntries(found.map((tensor, k) => [`y${k}`, tensor])), updates: [] },
    referenceEngine(),
    { inputs: [...inputs, seed] },
  );
  const random = new Random(sizeOf(y.shape), "places");
  for (const at of [0, sizeOf(y.shape) - 1, ...draw(random, sizeOf(y.shape), 3)]) {
    const oneHot = zeros64(y.shape);
    oneHot.data[at] = 1;
    const answers = await run(session, { ...feeds, seed: oneHot }, found.length);
    wanted.forEach((i, k) => {
      const rule = rules[i] as readonly SpatialAxis[];
      const { shape } = node.inputs[i];
      answers[k].data.forEach((value, from) => {
        if (value === 0) return;
        rule.forEach(({ step, low, high }, axis) => {
          const output = placeOn(y.shape, at, axis + 2);
          const seen = placeOn(shape, from, axis + 2);
          assert.ok(
            seen >= output * step + low - 1e-9 && seen <= output * step + high + 1e-9,
            `spatial of input ${i}: output ${output} depends on place ${seen} of axis ${axis + 2}, outside [${output * step + low}, ${output * step + high}]`,
          );
        });
      });
    });
  }
  session.release();
}

const placeOn = (shape: Shape, flat: number, axis: number): number =>
  Math.floor(flat / stridesOf(shape)[axis]) % shape[axis];

/** Numbers of the same kind (NaN, infinite) and close: within `tolerance` (absolute, or relative to the larger if not told). */
export function assertClose(
  actual: NdArray,
  expected: NdArray,
  tolerance: number,
  what: string,
  absolute = false,
): void {
  assert.deepEqual([...actual.shape], [...expected.shape], `${what}: the shape`);
  for (let i = 0; i < expected.data.length; i++) {
    const [a, b] = [actual.data[i], expected.data[i]];
    if (Object.is(a, b) || a === b) continue;
    const room = absolute ? tolerance : tolerance * Math.max(1, Math.abs(b));
    assert.ok(Math.abs(a - b) <= room, `${what}: element ${i} is ${a}, not ${b} (tolerance ${room})`);
  }
}

// ---- inputs -----------------------------------------------------------------------------------------------------------

/** Multiples of 1/64 in [low, high]: exact in float32. */
export function numbers(random: Random, shape: Shape, low = -2, high = 2): NdArray {
  const array = zeros64(shape);
  const steps = (high - low) * 64;
  for (let i = 0; i < array.data.length; i++) array.data[i] = low + random.below(steps + 1) / 64;
  return array;
}

/** Shuffled numbers 1/16 apart and never 0: no ties and no kinks within the steps of a central difference. */
export function distinct(random: Random, shape: Shape): NdArray {
  const array = zeros64(shape);
  const order = random.permutation(array.data.length);
  for (let i = 0; i < array.data.length; i++) array.data[i] = (order[i] - Math.floor(order.length / 2) + 0.5) / 16;
  return array;
}

/** Whole numbers from 0 below `below`. */
export function integers(random: Random, shape: Shape, below: number): NdArray {
  const array = zeros64(shape, "int32");
  for (let i = 0; i < array.data.length; i++) array.data[i] = random.below(below);
  return array;
}
