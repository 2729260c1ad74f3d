// What the compiler makes of the plans of plans.ts, in a few words each: hashes of the code and of how it is run, and the strategy of
// every step that has a choice. And of the forty layer shapes: the estimate and the code of every strategy that takes them.
import { createHash } from "node:crypto";
import { kernelOf, layerShapes, nameOf } from "../../bench/shapes.ts";
import type { Features } from "../../src/engines/wasm/code/features.ts";
import type { Choice } from "../../src/engines/wasm/run/choose.ts";
import { buildProgram, type Program } from "../../src/engines/wasm/run/program.ts";
import { planOf } from "../../src/engines/wasm/run/testing.ts";
import { strategiesFor } from "../../src/engines/wasm/strategies.ts";
import type { Way } from "../../src/engines/wasm/strategy.ts";
import { contractShape } from "../../src/kernel/interpret.ts";
import type { ContractKernel } from "../../src/kernel/kernel.ts";
import type { Plan } from "../../src/kernel/plan.ts";
import { type Replayed, replayed } from "./plans.ts";

/** One line of a record: what it is about, and what was made of it. */
export type Line = readonly [what: string, made: string];

/** By the name of a plan or of a layer. */
export type Records = Readonly<Record<string, readonly Line[]>>;

const hash = (...parts: readonly (Uint8Array | string)[]): string => {
  const sum = createHash("sha256");
  for (const part of parts) sum.update(part);
  return sum.digest("hex").slice(0, 12);
};

export async function programOf(
  plan: Plan,
  { features, threads }: Pick<Replayed, "features" | "threads">,
  choose?: (ways: readonly Way[]) => Way | undefined,
): Promise<Program> {
  const shared = threads > 1;
  return buildProgram(plan, { features, threads, shared, spins: 1000, checks: true, ...(choose ? { choose } : {}) });
}

/** All that is known of a program but its code. */
function hashOfRun(program: Program): string {
  const { module: _, choices: __, data, segments, ...rest } = program;
  const steps = segments.map(({ host, ...segment }) => ({ ...segment, host: host?.label }));
  return hash(JSON.stringify({ ...rest, steps }), ...data.flatMap(({ address, bytes }) => [String(address), bytes]));
}

const code = (program: Program): Line[] => [
  ["code", `${hash(program.module)}, ${program.module.length} bytes`],
  ["records, memory and tables", `${hashOfRun(program)}, ${program.records.length} records`],
];

/** The names of the steps with a choice; equal ones are counted. */
function choicesOf(choices: readonly Choice[]): Line[] {
  const seen = new Map<string, number>();
  return choices
    .filter(({ ways }) => ways.length > 1)
    .map(({ step, chosen }) => {
      const count = (seen.get(step) ?? 0) + 1;
      seen.set(step, count);
      return [count > 1 ? `${step} (${count})` : step, chosen];
    });
}

export const fused: Features = { simd: true, relaxedSimd: true, wide: false, threads: true };

/** A layer by every strategy that takes it. */
async function everyWay(kernel: ContractKernel): Promise<Line[]> {
  const { form } = kernel;
  const shape = contractShape(form);
  const sizes = inputSizes(kernel);
  const inputs = sizes.map((size) => ({ shape: [size], dtype: "float32" as const, data: new Float32Array(0) }));
  const plan = planOf(kernel, inputs, [{ shape, dtype: "float32" }]);
  const lineOf = async (way: Pick<Way, "name" | "time">): Promise<Line> => {
    const program = await programOf(plan, { features: fused, threads: 2 }, (ways) =>
      ways.find(({ name }) => name === way.name),
    );
    return [way.name, `${(way.time / 1000).toFixed(1)} µs, code ${hash(program.module)}, run ${hashOfRun(program)}`];
  };
  const [{ ways }] = (await programOf(plan, { features: fused, threads: 2 })).choices;
  return Promise.all(ways.map(lineOf));
}

function inputSizes({ form, epilogue }: ContractKernel): number[] {
  const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
  const operands = (epilogue?.operands ?? []).map(() => contractShape(form)[1]);
  if (form.kind === "matmul") return [form.m * form.k, form.k * form.n, ...operands];
  const { batch, groups, inChannels, outChannels, input, kernel, output } = form.geometry;
  const x = batch * inChannels * size(input);
  const w = (outChannels * inChannels * size(kernel)) / groups;
  const y = batch * outChannels * size(output);
  return [...{ forward: [x, w], inputGradient: [y, w], filterGradient: [x, y] }[form.role], ...operands];
}

export interface Replay {
  readonly records: Records;
  /** Strategies that no plan chose. */
  readonly unused: readonly string[];
}

/** Compiles everything anew. */
export async function replay(): Promise<Replay> {
  const records: Record<string, Line[]> = {};
  const chosen = new Set<string>();
  const add = (name: string, lines: Line[]): void => {
    if (name in records) throw new Error(`Replay has two entries of the name ${name}.`);
    records[name] = lines;
  };
  for (const entry of replayed) {
    const program = await programOf(entry.plan(), entry);
    for (const choice of program.choices) chosen.add(choice.chosen);
    add(entry.name, [...code(program), ...choicesOf(program.choices)]);
  }
  for (const shape of layerShapes) add(`layer ${nameOf(shape)}`, await everyWay(kernelOf(shape)));
  const all = Object.values(await strategiesFor()).flatMap((list) => list.map(({ name }) => name));
  return { records, unused: all.filter((name) => !chosen.has(name)) };
}

/** What differs, a sentence each. */
export function differences(before: Records, after: Records): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name) => {
    if (!(name in after)) return [`${name}: it is in the file, but replayed no more.`];
    if (!(name in before)) return [`${name}: it is new.`];
    const [old, now] = [new Map(before[name]), new Map(after[name])];
    return [...new Set([...old.keys(), ...now.keys()])].flatMap((what) => {
      const [was, is] = [old.get(what), now.get(what)];
      if (was === is) return [];
      if (was === undefined) return [`${name}: ${what} is new: ${is}.`];
      return [is === undefined ? `${name}: ${what} is no more (${was}).` : `${name}: ${what}: ${is}, was ${was}.`];
    });
  });
}
