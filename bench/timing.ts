// Times strategies on a contraction without the engine, on one thread: for the benchmark of layers and for the fit of estimates.
import v8 from "node:v8";
import { type NdArray, ndarray } from "../src/base/array.ts";
import { Random } from "../src/base/random.ts";
import { constF32x4, f32x4 } from "../src/engines/wasm/code/assembler.ts";
import { type Features, probeFeatures } from "../src/engines/wasm/code/features.ts";
import { ModuleBuilder } from "../src/engines/wasm/code/module.ts";
import { prepare } from "../src/engines/wasm/contract/harness.ts";
import { profile } from "../src/engines/wasm/profile.ts";
import { strategiesFor, waysOf } from "../src/engines/wasm/strategies.ts";
import type { StrategyContext } from "../src/engines/wasm/strategy.ts";
import type { ContractKernel } from "../src/kernel/kernel.ts";
import { kernelOf, type LayerShape, nameOf } from "./shapes.ts";

/** All, those that only training needs among them. */
export const strategies = await strategiesFor();

/** What this machine's WebAssembly can do; with `wide` pairs of 128-bit operations are joined. */
export function featuresOf(wide: boolean): Features {
  if (wide) v8.setFlagsFromString("--experimental-wasm-revectorize");
  return { ...probeFeatures(() => v8.setFlagsFromString("--experimental-wasm-relaxed-simd")), wide };
}

/** How a shape is met: with packed weights at hand where it answers about one image. */
export function contextOf(shape: LayerShape, kernel: ContractKernel, features: Features): StrategyContext {
  const operands = 2 + (kernel.epilogue?.operands.length ?? 0);
  return {
    features,
    profile,
    inputTypes: new Array<"float32">(operands).fill("float32"),
    outputTypes: ["float32"],
    stableInputs: Array.from({ length: operands }, (_, i) => i > 0 && !trains(shape)),
  };
}

const trains = ({ role, batch }: LayerShape): boolean => role.endsWith("Gradient") || batch > 1;

/** GFLOP/s of 128-bit multiply-adds that wait for nothing. */
export function measurePeak({ relaxedSimd }: Features): number {
  const module = new ModuleBuilder();
  const f = module.function("peak", ["i32"], "v128");
  const sums = f.locals("v128", 12);
  const x = f.define(constF32x4(0.5));
  const i = f.local("i32");
  f.forRange(i, 0, f.parameters[0], 1, () => {
    for (const sum of sums) f.set(sum, relaxedSimd ? f32x4.relaxed_madd(x, x, sum) : f32x4.add(f32x4.mul(x, x), sum));
  });
  f.return(sums.reduce((a, b) => f.define(f32x4.add(a, b))));
  const run = module.function("run", ["i32"]);
  run.drop({ type: "v128", arguments: [run.parameters[0]], code: [0x10, f.index] });
  module.export(run);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.build()));
  const call = exports.run as (count: number) => void;
  const count = 400_000;
  let best = Number.POSITIVE_INFINITY;
  for (let t = 0; t < 15; t++) {
    const start = performance.now();
    call(count);
    if (t > 2) best = Math.min(best, performance.now() - start);
  }
  return (count * 12 * 8) / best / 1e6;
}

function inputsOf(kernel: ContractKernel): NdArray[] {
  const random = new Random(1);
  const numbers = (count: number): NdArray =>
    ndarray(
      [count],
      Float32Array.from({ length: count }, () => random.uniform() - 0.5),
    );
  const { form } = kernel;
  if (form.kind === "matmul") return [numbers(form.m * form.k), numbers(form.k * form.n), numbers(form.n)];
  const { batch, groups, inChannels, outChannels, input, kernel: taps, output } = form.geometry;
  const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);
  const x = batch * inChannels * product(input);
  const w = outChannels * (inChannels / groups) * product(taps);
  const y = batch * outChannels * product(output);
  const counts = { forward: [x, w], inputGradient: [y, w], filterGradient: [x, y] }[form.role];
  return [...counts, ...(kernel.epilogue ? [outChannels] : [])].map(numbers);
}

/** Operations of the definition: 2 for each product that is not with a padding zero counted in full. */
function operationsOf(s: LayerShape): number {
  const out = s.role === "linear" ? 1 : Math.floor((s.size + 2 * s.padding - s.kernel) / s.stride) + 1;
  return 2 * s.batch * out * out * s.outChannels * (s.inChannels / s.groups) * s.kernel * s.kernel;
}

export interface Timing {
  readonly shape: string;
  readonly strategy: string;
  readonly chosen: boolean;
  /** The least time, which nobody disturbed, and the middle one. */
  readonly milliseconds: number;
  readonly median: number;
  readonly estimated: number;
  readonly gigaflops: number;
}

export interface TimingOptions {
  readonly features: Features;
  /** Strategies whose names hold it. */
  readonly only?: string;
  /** Strategies that are expected to take less than so many times the fastest; all where it is not said. */
  readonly within?: number;
  readonly profile?: boolean;
  /** Milliseconds for each strategy. */
  readonly spend?: number;
}

/** Times the strategies on one shape, turn by turn. */
export function timeShape(shape: LayerShape, options: TimingOptions): Timing[] {
  const { features, only = "", within = Number.POSITIVE_INFINITY, spend = 300 } = options;
  const kernel = kernelOf(shape);
  const inputs = inputsOf(kernel);
  const ways = waysOf(strategies, kernel, contextOf(shape, kernel, features));
  const ready = ways
    .filter(({ name, time }) => name.includes(only) && time < within * ways[0].time)
    .map((way) => ({ way, prepared: prepare(way.emit(), kernel, inputs, features), times: [] as number[], repeat: 1 }));
  // Many short turns: on a shared machine the least time is the one that nobody disturbed.
  const begin = performance.now();
  for (let round = 0; round < 6 || (round < 60 && performance.now() - begin < spend * ready.length); round++) {
    for (const one of ready) {
      // Processor time: what others run on the machine in between does not count.
      const start = process.cpuUsage();
      for (let i = 0; i < one.repeat; i++) one.prepared.run(1, trains(shape));
      const used = process.cpuUsage(start);
      const time = (used.user + used.system) / 1000 / one.repeat;
      if (round > 2) one.times.push(time);
      one.repeat = Math.max(1, Math.min(100, Math.ceil(2 / Math.max(time, 1e-3))));
    }
  }
  if (options.profile)
    for (const { way, prepared } of ready) console.error(way.name, JSON.stringify(prepared.profile()));
  return ready.map(({ way, times }) => {
    const sorted = times.sort((a, b) => a - b);
    return {
      shape: nameOf(shape),
      strategy: way.name,
      chosen: way === ways[0],
      milliseconds: sorted[0],
      median: sorted[Math.floor(sorted.length / 2)],
      estimated: way.time / 1e6,
      gigaflops: operationsOf(shape) / sorted[0] / 1e6,
    };
  });
}
