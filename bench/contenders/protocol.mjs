// The protocol between the benchmark (run.mjs) and a contender, one process each, so that rounds can be interleaved:
//   contender → {"ready": true, "prepareMs": 12.3, "note": "…"}  or  {"unsupported": "one sentence"}
//   benchmark → a number of iterations, one a line;   contender → {"ms": milliseconds per iteration}
import { createInterface } from "node:readline";

/** Speaks the protocol for a contender: `prepare(workload, threads)` gives an async function that does one iteration. */
export async function contend(prepare) {
  const [workload, threads] = [process.argv[2], Number(process.argv[3] ?? 1)];
  const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
  let iterate;
  try {
    const start = performance.now();
    const prepared = await prepare(JSON.parse(workload), threads);
    iterate = prepared.iterate;
    await iterate();
    say({ ready: true, prepareMs: performance.now() - start, note: prepared.note });
  } catch (error) {
    say({
      unsupported: String(error?.message ?? error)
        .split("\n")[0]
        .slice(0, 200),
    });
    process.exit(0);
  }
  for await (const line of createInterface({ input: process.stdin })) {
    const count = Number(line);
    // A contender that stood still has cold caches and a sleeping pool: a tenth of a second (or one turn) to wake up, not counted.
    const wake = performance.now();
    do await iterate();
    while (performance.now() - wake < 100);
    const start = performance.now();
    for (let i = 0; i < count; i++) await iterate();
    say({ ms: (performance.now() - start) / count });
  }
  process.exit(0);
}

/** Repeatable numbers in [-1, 1): contents do not matter for speed, but denormals and NaN would. */
export function fill(count, seed = 1) {
  const data = new Float32Array(count);
  let state = seed;
  for (let i = 0; i < count; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    data[i] = state / 2 ** 31;
  }
  return data;
}

/** Class numbers 0 … classes − 1. */
export function fillLabels(count, classes) {
  return Int32Array.from({ length: count }, (_, i) => (i * 7) % classes);
}
