// Every strategy on seeded random contractions, against the plain float64 loops, and with equal bits for 1, 2 and 4 threads.
import assert from "node:assert/strict";
import { test } from "node:test";
import v8 from "node:v8";
import { type NdArray, ndarray } from "../../../base/array.ts";
import { Random } from "../../../base/random.ts";
import { sizeOf } from "../../../base/shape.ts";
import { interpret } from "../../../kernel/interpret.ts";
import { type Features, probeFeatures } from "../features.ts";
import { largestDifference, runKernel, withEngines } from "../testing.ts";
import {
  anything,
  type Case,
  caseOf,
  convolutionCase,
  manyImages,
  matmulCase,
  oneChannel,
  threeByThree,
} from "./cases.ts";
import { prepare } from "./harness.ts";
import { contractStrategies } from "./list.ts";

const features = probeFeatures(() => v8.setFlagsFromString("--experimental-wasm-relaxed-simd"));

/** As it is; without fused multiply-add; with tiles for 256-bit arithmetic, which are right on every machine. */
const variants: readonly Features[] = [features, { ...features, relaxedSimd: false }, { ...features, wide: true }];
const wideGemm = "contract.gemm.6x16";

/** Largest difference from the definition, in units of the tolerance: 1e-6 times what sums of this length may reach. */
function check(strategy: (typeof contractStrategies)[number], example: Case, with_: Features): void {
  const { kernel, inputs, depth } = example;
  const [expected] = interpret(kernel, inputs);
  const prepared = prepare(strategy, kernel, inputs, with_, 4);
  prepared.run(1);
  const result = prepared.result();
  const tolerance = 2e-6 * (1 + Math.sqrt(depth)) * (strategy.name.includes("winograd") ? 20 : 1);
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

for (const strategy of contractStrategies) {
  test(`${strategy.name} on random contractions`, () => {
    const random = new Random(7, strategy.name);
    let fitted = 0;
    for (let i = 0; i < 150 || fitted < 40; i++) {
      const ranges = strategy.name.includes("winograd")
        ? { ...threeByThree, stride: strategy.name.endsWith("s2") ? ([2, 2] as const) : threeByThree.stride }
        : strategy.name.includes("depthwise")
          ? oneChannel
          : strategy.name.includes("images")
            ? manyImages
            : anything;
      const example = i % 5 === 4 ? matmulCase(random, i % 2 ? 40 : 2) : convolutionCase(random, ranges);
      const variant = variants[i % 8 === 0 ? 1 : i % 4 === 1 || strategy.name === wideGemm ? 2 : 0];
      const context = {
        features: variant,
        inputTypes: example.inputs.map(({ dtype }) => dtype),
        outputTypes: ["float32" as const],
        stableInputs: example.inputs.map(() => false),
      };
      if (!strategy.fits(example.kernel, context)) continue;
      fitted++;
      check(strategy, example, variant);
    }
  });
}

test("Winograd's algorithm with many blocks of tiles and many filters", () => {
  const random = new Random(21);
  const ways = contractStrategies.filter(({ name }) => /winograd.f[24.]+x3/.test(name));
  for (const [i, size] of [
    [9, 14],
    [27, 34],
    [12, 13],
    [40, 44],
  ].entries()) {
    const channels = i % 2 ? ([5, 9] as const) : ([33, 70] as const);
    for (const strategy of ways)
      for (const variant of [features, variants[2]]) {
        const stride = strategy.name.endsWith("s2") ? ([2, 2] as const) : threeByThree.stride;
        const ranges = { ...threeByThree, size: [size[0], size[1]] as const, channels, stride };
        const role = random.below(2) ? "forward" : "inputGradient";
        const example = convolutionCase(random, ranges, role);
        const context = { features: variant, inputTypes: [], outputTypes: [], stableInputs: [] };
        if (strategy.fits(example.kernel, context)) check(strategy, example, variant);
      }
  }
});

test("contract.gemm with a depth in slices, b packed in a phase of its own, and a column that is left", () => {
  const random = new Random(3);
  const two = (n: number): number[] => [n, n];
  const geometry = {
    ...{ batch: 1, groups: 1, inChannels: 130, outChannels: 129, input: two(7), kernel: two(3), output: two(7) },
    ...{ stride: two(1), dilation: two(1), padBefore: two(1) },
  };
  for (const variant of variants) {
    const context = { features: variant, inputTypes: [], outputTypes: [], stableInputs: [] };
    for (const strategy of contractStrategies.filter(({ name }) => name.startsWith("contract.gemm"))) {
      const example = caseOf(random, { kind: "convolution", role: "forward", geometry });
      if (!strategy.fits(example.kernel, context)) continue;
      const { phases } = strategy.emit(example.kernel, { ...context, stableInputs: [false, false] });
      assert.ok(phases.some(({ name }) => name === "patches"));
      check(strategy, example, variant);
    }
  }
});

test("256-bit tiles change no bit", () => {
  const random = new Random(5);
  for (let i = 0; i < 40; i++) {
    const { kernel, inputs, name } = convolutionCase(random, i % 2 ? threeByThree : anything);
    const inputTypes = inputs.map(({ dtype }) => dtype);
    const results = [variants[0], variants[2]].map((with_) => {
      const context = { features: with_, inputTypes, outputTypes: ["float32" as const], stableInputs: [] };
      const wanted = i % 2 ? "contract.winograd" : "contract.gemm";
      const strategy = contractStrategies.find((s) => s.name.startsWith(wanted) && s.fits(kernel, context));
      if (!strategy) return undefined;
      const prepared = prepare(strategy, kernel, inputs, with_);
      prepared.run();
      return prepared.result();
    });
    assert.deepEqual(results[0], results[1], name);
  }
});

/** A 3x3 convolution of 32 channels with 13 x 13 outputs, in one of the three roles, with the numbers that `draw` gives. */
function winogradCase(role: "forward" | "inputGradient" | "filterGradient", stride: number, draw: () => number): Case {
  const size = 13 * stride;
  const two = (n: number): number[] => [n, n];
  const geometry = {
    ...{ batch: 2, groups: 1, inChannels: 32, outChannels: 32, input: two(size), kernel: two(3), output: two(13) },
    ...{ stride: two(stride), dilation: two(1), padBefore: two(1) },
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

test("Winograd's algorithm: F(2x2, 3x3) is exact on small whole numbers, errors stay below 5e-6 and 1e-4 of the rms", () => {
  const random = new Random(34);
  for (const [role, stride] of roles.flatMap((one) => [1, 2].map((step) => [one, step] as const))) {
    const whole = winogradCase(role, stride, () => random.below(7) - 3);
    const real = winogradCase(role, stride, () => random.normal());
    for (const strategy of contractStrategies.filter(({ name }) => name.includes("winograd"))) {
      const context = { features, inputTypes: [], outputTypes: [], stableInputs: [] };
      if (!strategy.fits(real.kernel, context)) continue;
      const small = /f2x3|f3x2/.test(strategy.name);
      const answer = ({ kernel, inputs }: Case): Float32Array => {
        const prepared = prepare(strategy, kernel, inputs, features);
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
