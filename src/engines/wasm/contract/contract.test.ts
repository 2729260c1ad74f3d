// Every strategy on seeded random contractions, against the plain float64 loops, and with equal bits for 1, 2 and 4 threads.
import assert from "node:assert/strict";
import { test } from "node:test";
import v8 from "node:v8";
import { type NdArray, ndarray } from "../../../base/array.ts";
import { Random } from "../../../base/random.ts";
import { sizeOf } from "../../../base/shape.ts";
import { interpret } from "../../../kernel/interpret.ts";
import { type Features, probeFeatures } from "../code/features.ts";
import { profile } from "../profile.ts";
import { largestDifference, runKernel, withEngines } from "../run/testing.ts";
import type { StrategyContext, Way } from "../strategy.ts";
import { type Case, caseOf, convolutionCase, matmulCase } from "./cases.ts";
import { anything, type ContractStrategy } from "./contraction.ts";
import { prepare } from "./harness.ts";
import { contractFamilies } from "./list.ts";
import { gemmStrategy } from "./packed/gemm.ts";
import { winogradFilterStrategy } from "./winograd/filter.ts";
import { threeByThree } from "./winograd/schemes.ts";
import { winogradStrategy } from "./winograd/winograd.ts";

/** Each with the condition under which it is loaded. */
const rows = await Promise.all(
  contractFamilies.map(async ({ mayTake, load }) => (await load()).map((strategy) => ({ strategy, mayTake }))),
);
const contractStrategies = rows.flat().map(({ strategy }) => strategy);

const features = probeFeatures(() => v8.setFlagsFromString("--experimental-wasm-relaxed-simd"));

/** As it is; without fused multiply-add; with tiles for 256-bit arithmetic, which are right on every machine. */
const variants: readonly Features[] = [features, { ...features, relaxedSimd: false }, { ...features, wide: true }];

const contextOf = ({ inputs }: Case, with_: Features): StrategyContext => ({
  features: with_,
  profile,
  inputTypes: inputs.map(({ dtype }) => dtype),
  outputTypes: ["float32"],
  stableInputs: inputs.map(() => false),
});

/** Largest difference from the definition, in units of the tolerance: 1e-6 times what sums of this length may reach. */
function check(way: Way, example: Case, with_: Features): void {
  const { kernel, inputs, depth } = example;
  const [expected] = interpret(kernel, inputs);
  const prepared = prepare(way.emit(), kernel, inputs, with_, 4);
  prepared.run(1);
  const result = prepared.result();
  const tolerance = 2e-6 * (1 + Math.sqrt(depth)) * (way.exact ? 1 : 20);
  for (let i = 0; i < result.length; i++) {
    const error = Math.abs(result[i] - expected.data[i]);
    assert.ok(
      error <= tolerance * (1 + Math.abs(expected.data[i])),
      `${example.name}\n[${i}]: ${result[i]}, not ${expected.data[i]}`,
    );
  }
  assert.ok(prepared.keptInside(), `nothing is written beside the output: ${example.name}`);
  for (const threads of [2, 4]) {
    prepared.run(threads);
    assert.deepEqual(prepared.result(), result, `${threads} threads: ${example.name}`);
  }
}

/** Cases that a strategy must take, and how many are drawn until it has. */
const wanted = 40;
const mostDrawn = 2000;

/** Every fifth is a matrix product where a strategy takes both; every second of those has one or two rows. */
function draw(random: Random, { cases, name }: ContractStrategy, i: number): Case {
  const { convolutions, rows } = cases;
  if (rows !== undefined && (!convolutions || i % 5 === 4)) return matmulCase(random, i % 2 ? rows : Math.min(2, rows));
  if (!convolutions)
    throw new Error(`${name} has no cases: say in its file which convolutions or matrix products it takes.`);
  return convolutionCase(random, convolutions);
}

/** Runs a strategy on random cases of its own, with the first of the variants, begun with another each time, that it takes. */
function checkCases(strategy: ContractStrategy, mayTake = (_: Case["kernel"]) => true): void {
  const random = new Random(7, strategy.name);
  let taken = 0;
  let drawn = 0;
  while (drawn < mostDrawn && (drawn < 150 || taken < wanted)) {
    const example = draw(random, strategy, drawn);
    const first = drawn % 8 === 0 ? 1 : drawn % 4 === 1 ? 2 : 0;
    drawn++;
    for (let v = 0; v < variants.length; v++) {
      const variant = variants[(first + v) % variants.length];
      const way = strategy.way(example.kernel, contextOf(example, variant));
      if (!way) continue;
      assert.ok(mayTake(example.kernel), `its family is not loaded, but takes it: ${example.name}`);
      taken++;
      check(way, example, variant);
      break;
    }
  }
  const said = taken === 0 ? `fits none of ${drawn}` : `fits only ${taken} of ${drawn}`;
  assert.ok(taken >= wanted, `${strategy.name} ${said} random cases: narrow the cases in its file to what it takes.`);
}

for (const { strategy, mayTake } of rows.flat())
  test(`${strategy.name} on random contractions`, () => {
    checkCases(strategy, mayTake);
  });

test("a strategy for something else is tested by cases of its own, and one that takes none of them is told so", () => {
  const [gemm] = contractStrategies;
  const sizesOf = ({ form }: Case["kernel"]): readonly number[] =>
    form.kind === "convolution" ? form.geometry.kernel : [];
  const stems: ContractStrategy = {
    ...gemm,
    name: "contract.stems",
    way: (kernel, context) => (sizesOf(kernel).every((n) => n === 7) ? gemm.way(kernel, context) : undefined),
  };
  const seven = {
    convolutions: { ...anything, axes: [2, 2], kernel: [7, 7], dilation: [1, 1], size: [7, 12] },
  } as const;
  checkCases({ ...stems, cases: seven });
  assert.throws(() => checkCases({ ...stems, cases: { convolutions: { ...anything, axes: [2, 2] } } }), {
    message: "contract.stems fits none of 2000 random cases: narrow the cases in its file to what it takes.",
  });
  const small = { convolutions: { ...anything, kernel: [70, 70], size: [1, 2] } } as const;
  assert.throws(() => checkCases({ ...stems, cases: small }), /None of 1000 random convolutions has an output/);
  assert.throws(() => checkCases({ ...stems, cases: {} }), /contract\.stems has no cases/);
});

test("Winograd's algorithm with many blocks of tiles and many filters", () => {
  const random = new Random(21);
  const ways = contractStrategies.filter(({ exact }) => !exact);
  for (const [i, size] of [
    [9, 14],
    [27, 34],
    [12, 13],
    [40, 44],
  ].entries()) {
    const channels = i % 2 ? ([5, 9] as const) : ([33, 70] as const);
    for (const strategy of ways)
      for (const variant of [features, variants[2]]) {
        const { convolutions = threeByThree(1) } = strategy.cases;
        const ranges = { ...convolutions, size: [size[0], size[1]] as const, channels };
        const role = random.below(2) ? "forward" : "inputGradient";
        const example = convolutionCase(random, ranges, role);
        const way = strategy.way(example.kernel, contextOf(example, variant));
        if (way) check(way, example, variant);
      }
  }
});

const gemms = [gemmStrategy({ rows: 6, vectors: 2 }), gemmStrategy({ rows: 6, vectors: 4 })];

test("contract.gemm with a depth in slices, b packed in a phase of its own, and a column that is left", () => {
  const random = new Random(3);
  const two = (n: number): number[] => [n, n];
  const geometry = {
    batch: 1,
    groups: 1,
    inChannels: 130,
    outChannels: 129,
    input: two(7),
    kernel: two(3),
    output: two(7),
    stride: two(1),
    dilation: two(1),
    padBefore: two(1),
  };
  for (const variant of variants) {
    let taken = 0;
    for (const strategy of gemms) {
      const example = caseOf(random, { kind: "convolution", role: "forward", geometry });
      const way = strategy.way(example.kernel, contextOf(example, variant));
      if (!way) continue;
      taken++;
      assert.ok(way.emit().phases.some(({ name }) => name === "patches"));
      check(way, example, variant);
    }
    assert.equal(taken, 1);
  }
});

test("256-bit tiles change no bit", () => {
  const random = new Random(5);
  const winograds = contractStrategies.filter(({ exact }) => !exact);
  for (let i = 0; i < 40; i++) {
    const example = convolutionCase(random, i % 2 ? threeByThree(1) : anything);
    const { kernel, inputs, name } = example;
    const results = [variants[0], variants[2]].map((with_) => {
      for (const strategy of i % 2 ? winograds : gemms) {
        const way = strategy.way(kernel, contextOf(example, with_));
        if (!way) continue;
        const prepared = prepare(way.emit(), kernel, inputs, with_);
        prepared.run();
        return prepared.result();
      }
      return undefined;
    });
    assert.deepEqual(results[0], results[1], name);
  }
});

/** A 3x3 convolution of 32 channels with 13 x 13 outputs, in one of the three roles, with the numbers that `draw` gives. */
function winogradCase(role: "forward" | "inputGradient" | "filterGradient", stride: number, draw: () => number): Case {
  const size = 13 * stride;
  const two = (n: number): number[] => [n, n];
  const geometry = {
    batch: 2,
    groups: 1,
    inChannels: 32,
    outChannels: 32,
    input: two(size),
    kernel: two(3),
    output: two(13),
    stride: two(stride),
    dilation: two(1),
    padBefore: two(1),
  };
  const image = [2, 32, size, size];
  const gradient = [2, 32, 13, 13];
  const filter = [32, 32, 3, 3];
  const shapes = { forward: [image, filter], inputGradient: [gradient, filter], filterGradient: [image, gradient] }[
    role
  ];
  const inputs = shapes.map((shape) => ndarray(shape, Float32Array.from({ length: sizeOf(shape) }, draw)));
  return {
    name: role,
    kernel: { kind: "contract", form: { kind: "convolution", role, geometry } },
    inputs,
    depth: 288,
  };
}

const roles = ["forward", "inputGradient", "filterGradient"] as const;

/** Tiles of two outputs: halves are all that their transforms multiply by. */
const onWholeNumbers = [winogradStrategy("f2x3"), winogradStrategy("f2x3s2"), winogradFilterStrategy("f3x2")].map(
  ({ name }) => name,
);

test("Winograd's algorithm: F(2x2, 3x3) is exact on small whole numbers, errors stay below 5e-6 and 1e-4 of the rms", () => {
  const random = new Random(34);
  for (const [role, stride] of roles.flatMap((one) => [1, 2].map((step) => [one, step] as const))) {
    const whole = winogradCase(role, stride, () => random.below(7) - 3);
    const real = winogradCase(role, stride, () => random.normal());
    for (const strategy of contractStrategies.filter(({ exact }) => !exact)) {
      const way = strategy.way(real.kernel, contextOf(real, features));
      if (!way) continue;
      const small = onWholeNumbers.includes(strategy.name);
      const answer = ({ kernel, inputs }: Case): Float32Array => {
        const prepared = prepare(way.emit(), kernel, inputs, features);
        prepared.run();
        return prepared.result();
      };
      const [expected] = interpret(real.kernel, real.inputs);
      const numbers = Array.from(expected.data);
      const rms = Math.sqrt(numbers.reduce((sum, value) => sum + value * value, 0) / numbers.length);
      const worst = answer(real).reduce((most, value, i) => Math.max(most, Math.abs(value - expected.data[i])), 0);
      assert.ok(worst / rms < (small ? 5e-6 : 1e-4), `${strategy.name} ${role}, stride ${stride}: ${worst / rms}`);
      if (small) assert.deepEqual(Array.from(answer(whole)), Array.from(interpret(whole.kernel, whole.inputs)[0].data));
    }
  }
});

test("the engine runs contractions, with packed factors kept or not", async () => {
  const random = new Random(11);
  const examples = Array.from({ length: 12 }, (_, i) =>
    i % 4 === 3 ? matmulCase(random) : convolutionCase(random, anything),
  );
  await withEngines(async (engine) => {
    const results: NdArray[] = [];
    for (const [i, { kernel, inputs, depth, name }] of examples.entries()) {
      const { actual, expected } = await runKernel(engine, kernel, inputs, ["float32"], i % 2 ? "variable" : "input");
      assert.ok(largestDifference(actual[0], expected[0]) < 2e-6 * (1 + Math.sqrt(depth)), name);
      results.push(actual[0]);
    }
    return results;
  });
});
