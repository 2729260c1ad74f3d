// Where the time of a whole network goes, record by record, alone and on several threads:
//
//   node dist/bench/trace.js infer-squeezenet [--threads=2] [--wide] [--turns=40] [--top=30] [--spins=100000]
//
// For every record: milliseconds on one thread (median over the turns), on all threads (from the moment when the last
// thread began it until the last one ended it), and how long threads stood idle around it.

import { Random } from "../src/base/random.ts";
import { build, openSession, trainingStep } from "../src/doors/graph.ts";
import { createModel, type Engine, ndarray, SGD } from "../src/doors/neocog.ts";
import { type WasmEngine, type WasmExecutable, wasmEngine } from "../src/engines/wasm/run/engine.ts";
import { barrierFlag, soloFlag } from "../src/engines/wasm/run/runtime.ts";

interface Workload {
  readonly name: string;
  readonly title: string;
  readonly kind: "train" | "infer";
  readonly model: string;
  readonly batch: number;
  readonly input: readonly number[];
  readonly classes: number;
}

const { workloads } = (await import(new URL("../../bench/workloads.mjs", import.meta.url).href)) as {
  workloads: Workload[];
};
const names: Record<string, string> = { lenet: "lenet-modern", fiveconv: "bench", "resnet18-cifar": "resnet18-small" };
const option = (name: string, otherwise: number): number =>
  Number(process.argv.find((arg) => arg.startsWith(`--${name}=`))?.split("=")[1] ?? otherwise);
const work = workloads.find(({ name }) => name === process.argv[2]);
if (!work) throw new Error(`Name a workload: ${workloads.map(({ name }) => name).join(", ")}.`);
const threads = option("threads", 2);
const turns = option("turns", 40);
const wide = process.argv.includes("--wide");

/** Opens the workload on an engine; gives what the engine made of its plan, and one iteration. */
async function open({ model, classes, input, batch, kind }: Workload, engine: WasmEngine) {
  let executable: WasmExecutable | undefined;
  const spy: Engine = {
    name: engine.name,
    lowering: engine.lowering,
    description: engine.description,
    compile: async (plan) => {
      executable = await engine.compile(plan);
      return executable;
    },
    memoryOf: (plan) => engine.memoryOf(plan),
    close: () => engine.close(),
  };
  const { layer } = createModel(names[model] ?? model, { classes, inChannels: input[0], inputSize: input[1] });
  const shape = [batch, ...input];
  const random = new Random(1);
  const images = ndarray(
    shape,
    Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => random.normal()),
  );
  const labels = ndarray(
    [batch],
    Int32Array.from({ length: batch }, (_, i) => (i * 7) % classes),
    "int32",
  );
  const ready = <T>(run: () => Promise<T>) => ({ executable: executable!, run });
  if (kind === "train") {
    const step = trainingStep(layer, { inputShape: shape, optimizer: SGD({ lr: 0.01, momentum: 0.9 }) });
    const session = await openSession(step.program, spy, { inputs: step.inputs });
    let count = 0;
    return ready(() => session.run({ images, labels, ...step.scalars(count++, 0.01, 1) }));
  }
  const built = build(layer, shape);
  const program = { outputs: { output: built.output }, updates: [] };
  const session = await openSession(program, spy, { frozen: true, inputs: [built.input] });
  return ready(() => session.run({ input: images }));
}

const median = (list: number[]): number => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

async function timesOf(workload: Workload, count: number) {
  const engine = await wasmEngine({
    threads: count,
    trace: true,
    spins: option("spins", 100_000),
    ...(wide ? { wide } : {}),
  });
  const { executable, run } = await open(workload, engine);
  const last = executable.program.segments.at(-1)!.end;
  const records = executable.program.records.slice(0, last);
  const spans: number[][] = records.map(() => []);
  const idle: number[][] = records.map(() => []);
  const whole: number[] = [];
  for (let turn = 0; turn < turns + 10; turn++) {
    const start = performance.now();
    await run();
    const end = performance.now();
    if (turn < 10) continue;
    whole.push(end - start);
    const trace = executable.trace();
    records.forEach((record, i) => {
      const own = (record.flags & soloFlag) !== 0 ? trace.slice(0, 1) : trace;
      const began = Math.min(...own.map((one) => one[i].began));
      const ended = Math.max(...own.map((one) => one[i].ended));
      spans[i].push(ended - began);
      idle[i].push(trace.reduce((sum, one) => sum + one[i].began - one[i].came, 0));
    });
  }
  const result = { records, whole: median(whole), spans: spans.map(median), idle: idle.map(median) };
  await engine.close();
  return result;
}

const alone = await timesOf(work, 1);
const shared = await timesOf(work, threads);
const sum = (list: number[]): number => list.reduce((a, b) => a + b, 0);
console.log(
  `${work.title}: alone ${alone.whole.toFixed(2)} ms (records ${sum(alone.spans).toFixed(2)}), ${threads} threads ${shared.whole.toFixed(2)} ms (records ${sum(shared.spans).toFixed(2)}, idle ${sum(shared.idle).toFixed(2)})`,
);
const rows = shared.records.map((record, i) => ({
  record,
  i,
  one: alone.spans[i],
  all: shared.spans[i],
  idle: shared.idle[i],
}));
const listed = [...rows]
  .sort((a, b) => b.all - a.all)
  .slice(0, option("top", 1000))
  .sort((a, b) => a.i - b.i);
for (const { record, i, one, all, idle } of listed)
  console.log(
    [
      String(i).padStart(4),
      one.toFixed(3).padStart(8),
      all.toFixed(3).padStart(8),
      (one / all).toFixed(2).padStart(6),
      idle.toFixed(3).padStart(7),
      `${record.items}/${record.grain}`.padStart(9),
      (record.work / 1e6).toFixed(3).padStart(8),
      `${record.flags & barrierFlag ? "|" : " "}${record.flags & soloFlag ? "1" : " "}`,
      record.name.padEnd(9),
      record.label,
    ].join(" "),
  );
