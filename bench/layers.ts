// Times every strategy that fits on each of the forty layer shapes, on one thread:
//
//   node dist/bench/layers.js [part of a shape's name] [--strategy=part of a name] [--profile] [--wide] [--json | --markdown]
//
// --wide joins pairs of 128-bit operations to 256-bit ones (Node 24 and newer, x64). GFLOP/s counts the operations of the definition (so Winograd may pass 100 % of the peak); the peak is measured first: eight
// or more independent chains of 128-bit multiply-adds.
import { cpus } from "node:os";
import v8 from "node:v8";
import { type NdArray, ndarray } from "../src/base/array.ts";
import { Random } from "../src/base/random.ts";
import { constF32x4, f32x4 } from "../src/engines/wasm/code/assembler.ts";
import { type Features, probeFeatures } from "../src/engines/wasm/code/features.ts";
import { ModuleBuilder } from "../src/engines/wasm/code/module.ts";
import { prepare } from "../src/engines/wasm/contract/harness.ts";
import { profile as machine } from "../src/engines/wasm/profile.ts";
import { strategiesFor, waysOf } from "../src/engines/wasm/strategies.ts";
import type { ContractKernel } from "../src/kernel/kernel.ts";
import { kernelOf, type LayerShape, layerShapes, nameOf } from "./shapes.ts";

const strategies = await strategiesFor();
const wide = process.argv.includes("--wide");
if (wide) v8.setFlagsFromString("--experimental-wasm-revectorize");
const features = { ...probeFeatures(() => v8.setFlagsFromString("--experimental-wasm-relaxed-simd")), wide };

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

export function inputsOf(kernel: ContractKernel): NdArray[] {
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
export function operationsOf(s: LayerShape): number {
  const out = s.role === "linear" ? 1 : Math.floor((s.size + 2 * s.padding - s.kernel) / s.stride) + 1;
  return 2 * s.batch * out * out * s.outChannels * (s.inChannels / s.groups) * s.kernel * s.kernel;
}

export interface Timing {
  readonly shape: string;
  readonly strategy: string;
  readonly chosen: boolean;
  readonly milliseconds: number;
  readonly estimated: number;
  readonly gigaflops: number;
}

/** Times the strategies on one shape, turn by turn, and takes the least time of each. */
export function timeShape(shape: LayerShape, only: string, profile: boolean): Timing[] {
  const kernel = kernelOf(shape);
  const inputs = inputsOf(kernel);
  const training = shape.role.endsWith("Gradient") || shape.batch > 1;
  const context = {
    features,
    profile: machine,
    inputTypes: inputs.map(({ dtype }) => dtype),
    outputTypes: ["float32" as const],
    stableInputs: inputs.map((_, i) => i > 0 && !training),
  };
  const ways = waysOf(strategies, kernel, context);
  const ready = ways
    .filter(({ name }) => name.includes(only))
    .map((way) => ({
      way,
      prepared: prepare(way.emit(), kernel, inputs, features),
      best: Number.POSITIVE_INFINITY,
    }));
  // Turn by turn, many short turns: on a shared machine the least time is the one that nobody disturbed.
  const begin = performance.now();
  for (let round = 0; round < 6 || (round < 60 && performance.now() - begin < 300 * ready.length); round++) {
    for (const one of ready) {
      // Processor time: what others run on the machine in between does not count.
      const repeat = one.best < 2 ? Math.min(100, Math.ceil(2 / one.best)) : 1;
      const start = process.cpuUsage();
      for (let i = 0; i < repeat; i++) one.prepared.run(1, training);
      const used = process.cpuUsage(start);
      const time = (used.user + used.system) / 1000 / repeat;
      if (round > 2) one.best = Math.min(one.best, time);
    }
  }
  if (profile) for (const { way, prepared } of ready) console.error(way.name, JSON.stringify(prepared.profile()));
  return ready.map(({ way, best }) => ({
    shape: nameOf(shape),
    strategy: way.name,
    chosen: way === ways[0],
    milliseconds: best,
    estimated: way.time / 1e6,
    gigaflops: operationsOf(shape) / best / 1e6,
  }));
}

/** A row for each shape: what the chooser took, how fast it is, and how much faster the best would have been. */
function markdownOf(timings: readonly Timing[], peak: number): string {
  const lines = [
    `One thread, Node ${process.version}, ${cpus()[0].model}${wide ? ", 256-bit arithmetic" : ""}; peak of 128-bit multiply-adds ${peak.toFixed(1)} GFLOP/s.`,
    "",
    "| layer | chosen | ms | GFLOP/s | of the peak | chosen / best |",
    "|---|---|---|---|---|---|",
  ];
  for (const t of timings.filter(({ chosen }) => chosen)) {
    const best = Math.min(...timings.filter(({ shape }) => shape === t.shape).map((other) => other.milliseconds));
    const share = ((100 * t.gigaflops) / peak).toFixed(0);
    const ratio = (t.milliseconds / best).toFixed(2);
    lines.push(
      `| ${t.shape} | ${t.strategy.slice(9)} | ${t.milliseconds.toFixed(3)} | ${t.gigaflops.toFixed(1)} | ${share} % | ${ratio} |`,
    );
  }
  return lines.join("\n");
}

function main(): void {
  const words = process.argv.slice(2);
  const option = (name: string): string => words.find((w) => w.startsWith(`--${name}=`))?.split("=")[1] ?? "";
  const filters = words.filter((word) => !word.startsWith("--"));
  const peak = measurePeak(features);
  const all: Timing[] = [];
  const silent = words.includes("--json") || words.includes("--markdown");
  if (!silent) console.log(`peak ${peak.toFixed(1)} GFLOP/s, Node ${process.version}`);
  for (const shape of layerShapes) {
    if (!filters.every((part) => nameOf(shape).includes(part))) continue;
    const timings = timeShape(shape, option("strategy"), words.includes("--profile"));
    all.push(...timings);
    if (silent) continue;
    const best = Math.min(...timings.map((t) => t.milliseconds));
    console.log(nameOf(shape));
    for (const t of timings) {
      const marks = `${t.chosen ? " chosen" : ""}${t.milliseconds === best ? " best" : ""}`;
      const share = ((100 * t.gigaflops) / peak).toFixed(0).padStart(4);
      console.log(
        `  ${t.strategy.padEnd(28)} ${t.milliseconds.toFixed(3).padStart(9)} ms ${t.gigaflops.toFixed(1).padStart(7)} GFLOP/s ${share} % · estimated ${t.estimated.toFixed(3)} ms${marks}`,
      );
    }
  }
  if (words.includes("--markdown")) console.log(markdownOf(all, peak));
  if (words.includes("--json")) console.log(JSON.stringify({ peak, node: process.version, timings: all }));
}

main();
