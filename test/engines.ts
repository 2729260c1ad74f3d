// The engines that the conformance harness runs. `epsilon` is the rounding of one operation in that engine.
import type { Engine } from "../src/engines/engine.ts";
import { referenceEngine } from "../src/engines/reference/engine.ts";
import { wasmEngine } from "../src/engines/wasm/run/engine.ts";

export interface TestEngine {
  readonly name: string;
  readonly epsilon: number;
  /** Engines of one family give the same bits. */
  readonly family: string;
  /** The engine is made once and shared by all checks of a test file. */
  make(): Promise<Engine>;
}

/** The reference engine's loops: what each op lowers to, fused, in float64. */
const loops: TestEngine = {
  name: "reference, loops",
  family: "reference",
  epsilon: 2 ** -50,
  make: async () => ({ ...referenceEngine(), lowering: "loops" }),
};

function wasm(threads: number, relaxedSimd: boolean): TestEngine {
  let made: Promise<Engine> | undefined;
  const family = relaxedSimd ? "wasm with fused multiply-add" : "wasm";
  return {
    name: `${family}, ${threads} ${threads === 1 ? "thread" : "threads"}`,
    family,
    epsilon: 2 ** -21,
    make: () => {
      made ??= wasmEngine({ threads, relaxedSimd });
      return made;
    },
  };
}

export const testEngines: readonly TestEngine[] = [loops, wasm(1, false), wasm(1, true), wasm(2, true), wasm(4, true)];

/** What the strategy engine did since it was asked for: the ways that were taken, and the most that any step could go. */
export interface Taken {
  readonly names: string[];
  /** Whether all of them compute the sums of the definition. */
  exact: boolean;
  ways: number;
}

let choosing: { readonly turn: number; readonly taken: Taken } = {
  turn: 0,
  taken: { names: [], exact: true, ways: 0 },
};
let chooser: Promise<Engine> | undefined;

/** One thread that takes for every step the strategy at place `turn` of those that fit, or the last: turn 0 is its own choice. */
export async function strategyEngine(turn: number): Promise<{ readonly engine: Engine; readonly taken: Taken }> {
  const taken: Taken = { names: [], exact: true, ways: 0 };
  choosing = { turn, taken };
  chooser ??= wasmEngine({
    threads: 1,
    choose(candidates) {
      const chosen = candidates[Math.min(choosing.turn, candidates.length - 1)];
      choosing.taken.ways = Math.max(choosing.taken.ways, candidates.length);
      if (chosen) choosing.taken.names.push(chosen.name);
      if (chosen?.exact === false) choosing.taken.exact = false;
      return chosen;
    },
  });
  return { engine: await chooser, taken };
}

/** Ends the threads of every engine that was made; without it a test file never ends. */
export async function closeEngines(): Promise<void> {
  for (const { make, family } of testEngines) if (family !== "reference") await (await make()).close();
}
