// What an engine is: it takes a whole plan and gives back something that can be run again and again.

import type { NdArray } from "../base/array.ts";
import { like, type Rule } from "../base/rules.ts";
import type { StopSignal } from "../base/web.ts";
import type { Plan } from "../kernel/plan.ts";

/** An engine as an argument. */
export const engineRule: Rule = like("an engine, as openEngine() gives it", "lowering", "compile", "close");

/** What runs plans: give it a whole plan, and run it again and again. */
export interface Engine {
  /** Its name in reports: "wasm", "reference", … */
  readonly name: string;
  /** One sentence on what this engine found and what it does without: threads, SIMD, memory. */
  readonly description: string;
  /** Which plans it runs best: the loops of the waist, or every op's float64 definition as a host step. */
  readonly lowering: "loops" | "definitions";
  /**
   * Makes a plan ready to run. Throws where its memory is more than the engine can hold. `like` is a plan of the same steps for
   * another number of pictures: each step then takes its sums as that plan does, so that the answer to a picture does not depend,
   * to the bit, on how many it is computed with.
   */
  compile(plan: Plan, like?: Plan): Promise<Executable>;
  /** What `compile` would take for a plan; nothing of that size is allocated. */
  memoryOf(plan: Plan): Promise<MemoryReport>;
  /** Ends threads and frees memory; executables of this engine must not be used afterwards. */
  close(): Promise<void>;
}

/** Where the bytes of a plan go, in an engine. */
export interface MemoryReport {
  /** The arena: inputs, weights, and everything in between at shared places. */
  readonly arenaBytes: number;
  /** Those of the arena that are kept from run to run: weights, running statistics, optimizer state, constants. */
  readonly weightBytes: number;
  /**
   * Beside the arena, made once and kept: weights a second time, in the order in which the loops read them (transformed, for
   * Winograd's algorithm), and tables. The plain weights stay in the arena, where they can be read and written.
   */
  readonly packedBytes: number;
  /** Beside the arena: room for single steps and for threads, which the next step uses again. */
  readonly scratchBytes: number;
}

/** A plan made ready. Runs must not overlap: await one before the next. */
export interface Executable {
  /** Bytes that it takes. */
  readonly memory: MemoryReport;
  /** Copies numbers into an input or variable slot. */
  write(slot: number, value: NdArray): void;
  /**
   * Runs the plan. The host has its turn now and then, also within a run that takes long. An index that names nothing is a
   * PlaceError, and every variable keeps its value. With a signal that fires the run is abandoned within a fraction of a
   * second: it rejects with the signal's reason; variables keep their values, or, where the run was past the first write,
   * those that it wrote can neither be read nor run with until they are written again.
   */
  run(signal?: StopSignal): Promise<void>;
  /** A copy of the numbers of an output or variable slot. */
  read(slot: number): NdArray;
  /** Returns this plan's memory; the engine stays. */
  release(): void;
}
