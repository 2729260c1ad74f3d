// What an engine is: it takes a whole plan and gives back something that can be run again and again.
import type { NdArray } from "../base/array.ts";
import type { Plan } from "../kernel/plan.ts";

export interface Engine {
  readonly name: string;
  /** One sentence on what this engine found and what it does without: threads, SIMD, memory. */
  readonly description: string;
  /** Which plans it runs best: the loops of the waist, or every op's float64 definition as a host step. */
  readonly lowering: "loops" | "definitions";
  compile(plan: Plan): Promise<Executable>;
  /** Ends threads and frees memory; executables of this engine must not be used afterwards. */
  close(): Promise<void>;
}

/** A plan made ready. Runs must not overlap: await one before the next. */
export interface Executable {
  /** Copies numbers into an input or variable slot. */
  write(slot: number, value: NdArray): void;
  run(): Promise<void>;
  /** A copy of the numbers of an output or variable slot. */
  read(slot: number): NdArray;
  /** Returns this plan's memory; the engine stays. */
  release(): void;
}
