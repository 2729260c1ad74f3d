// `neocog bench resnet18`: how fast a network runs and trains on this machine, one thread beside all. The comparison with other
// libraries is `npm run bench` in the repository, which installs them first.

import { cpus } from "node:os";
import { clock } from "#host";
import { bytes, short } from "../../src/base/amounts.ts";
import { summary } from "../../src/doors/analyze.ts";
import { build, openSession, type Session, trainingStep } from "../../src/doors/graph.ts";
import { type Engine, formatShape, type Layer, ndarray, SGD, type Shape, sizeOf } from "../../src/doors/neocog.ts";
import { type benchCard, usualNetworks } from "../cards/bench.ts";
import type { Run } from "../command.ts";
import type { Context } from "../context.ts";
import { withEngine } from "../engine.ts";
import { findNetwork } from "../model.ts";
import { table } from "../table.ts";

type Work = "inference" | "training";

interface Row {
  readonly work: Work;
  readonly batch: number;
  readonly threads: number;
  /** Median milliseconds of a run. */
  readonly ms: number;
  readonly imagesPerSecond: number;
  /** Multiply-accumulates counted twice; a training step counts three times the forward work. */
  readonly gflops: number;
  /** Compiling, making the weights, and the first run. */
  readonly firstMs: number;
  readonly arenaBytes: number;
}

export const run: Run<typeof benchCard> = async (
  names,
  { input, classes, work = "both", batch, threads, wide, rounds = 7 },
  context,
) => {
  const counts = threads ? [threads] : [...new Set([1, cpus().length])];
  const works: Work[] = work === "both" ? ["inference", "training"] : [work];
  const results: { model: string; rows: Row[] }[] = [];
  for (const name of names.length > 0 ? names : usualNetworks) {
    const network = await findNetwork(name, { input, classes });
    const rows: Row[] = [];
    for (const kind of works) {
      const shape = [batch ?? usualBatch(kind, network.input), ...network.input];
      for (const count of counts) {
        context.say(`${name}: ${kind}, ${formatShape(shape)}, ${count} ${count === 1 ? "thread" : "threads"}`);
        rows.push(await timeIt(network.layer, kind, shape, { threads: count, wide }, rounds, context));
      }
    }
    results.push({ model: name, rows });
  }
  return {
    json: { processor: cpus()[0]?.model, results },
    lines: () => results.flatMap((one, i) => [...(i > 0 ? [""] : []), ...report(one, context)]),
  };
};

/** Training wants a batch, but one of large pictures takes seconds a step. */
const usualBatch = (work: Work, [, height]: readonly number[]): number =>
  work === "inference" ? 1 : height > 64 ? 4 : 32;

async function timeIt(
  layer: Layer,
  work: Work,
  shape: Shape,
  given: { readonly threads: number; readonly wide?: boolean },
  rounds: number,
  context: Context,
): Promise<Row> {
  const macs = summary(layer, shape).macs;
  return withEngine({ engine: "wasm", ...given }, context, async (engine) => {
    const start = clock.now();
    const { session, run } = await prepare(layer, work, shape, engine);
    await run();
    const firstMs = clock.now() - start;
    const times: number[] = [];
    // One run tells how many make a round of about a tenth of a second.
    const once = clock.now();
    await run();
    const repeats = Math.max(1, Math.min(100, Math.round(100 / Math.max(0.05, clock.now() - once))));
    for (let round = 0; round < rounds; round++) {
      const begun = clock.now();
      for (let i = 0; i < repeats; i++) await run();
      times.push((clock.now() - begun) / repeats);
    }
    const ms = times.sort((a, b) => a - b)[Math.floor(times.length / 2)];
    const arenaBytes = session.compiled.memory.plan.arenaBytes;
    session.release();
    const operations = 2 * macs * (work === "training" ? 3 : 1);
    return {
      work,
      batch: shape[0],
      threads: given.threads,
      ms,
      imagesPerSecond: (shape[0] * 1000) / ms,
      gflops: operations / ms / 1e6,
      firstMs,
      arenaBytes,
    };
  });
}

async function prepare(
  layer: Layer,
  work: Work,
  shape: Shape,
  engine: Engine,
): Promise<{ session: Session; run: () => Promise<unknown> }> {
  const images = ndarray(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i * 0.7)),
  );
  if (work === "inference") {
    const built = build(layer, shape);
    const program = { outputs: { output: built.output }, updates: [] };
    const session = await openSession(program, engine, { frozen: true, inputs: [built.input] });
    return { session, run: () => session.run({ input: images }) };
  }
  const step = trainingStep(layer, { inputShape: shape, optimizer: SGD({ lr: 1e-3, momentum: 0.9 }) });
  const session = await openSession(step.program, engine, { inputs: step.inputs });
  const labels = ndarray([shape[0]], new Int32Array(shape[0]), "int32");
  let count = 0;
  return { session, run: () => session.run({ images, labels, ...step.scalars(count++, 1e-3, 1) }) };
}

function report({ model, rows }: { model: string; rows: readonly Row[] }, { paint }: Context): string[] {
  const right = { align: "right" } as const;
  const heads = ["batch", "threads", "ms", "images/s", "GFLOP/s", "first after", "memory"].map((head) => ({
    head,
    ...right,
  }));
  return table(
    [{ head: model }, ...heads],
    rows.map((row) => [
      row.work,
      String(row.batch),
      String(row.threads),
      row.ms.toFixed(row.ms < 10 ? 2 : 1),
      short(row.imagesPerSecond),
      row.gflops.toFixed(1),
      `${Math.round(row.firstMs)} ms`,
      bytes(row.arenaBytes),
    ]),
    paint,
  );
}
