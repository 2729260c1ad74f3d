// How one kernel is carried out: the contract between the engine and the many ways of running a loop.
//
// A strategy turns a kernel into phases. A phase is one WebAssembly function over the items [from, to): the engine calls it
// on one or several threads with ranges of its choice, every item exactly once, in any order, and keeps phases that touch
// the same bytes apart by barriers. So an item must write its own part of the outputs, and its numbers must not depend
// on how the range was cut: that makes the bits the same for any number of threads.
//
// It plans once: `plan` says what it would do with a kernel, or that it does not take it; `estimate` and `emit` are given that plan.
//
//   emit(plan, kernel, context) {
//     const packed = buffer("packed");
//     return {
//       buffers: [{ name: "packed", bytes: 4096, scope: "step" }],
//       phases: [
//         { name: "pack", items: 16, work: 900, reads: [input(1)], writes: [packed], once: true, emit: (k) => … },
//         { name: "multiply", items: 64, work: 50_000, reads: [input(0), packed], writes: [output(0)], emit: (k) => … },
//       ],
//     };
//   }
import type { DType } from "../../base/dtype.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { Callable, Local, Value, ValueType } from "./code/assembler.ts";
import type { Features } from "./code/features.ts";
import type { Profile } from "./profile.ts";
import type { Emitter } from "./scalar/math.ts";

/** A region of memory that a phase touches: an operand of the step, one of its outputs, or a buffer of the strategy. */
export type Place =
  | { readonly kind: "input"; readonly index: number }
  | { readonly kind: "output"; readonly index: number }
  | { readonly kind: "buffer"; readonly name: string };

const known = new Map<string, Place>();

/** The same place is the same object, so that sets and maps can hold places. */
function only(place: Place): Place {
  const text = placeName(place);
  const first = known.get(text) ?? place;
  known.set(text, first);
  return first;
}

export const input = (index: number): Place => only({ kind: "input", index });
export const output = (index: number): Place => only({ kind: "output", index });
export const buffer = (name: string): Place => only({ kind: "buffer", name });

/** For messages. */
export const placeName = (place: Place): string =>
  `${place.kind} ${place.kind === "buffer" ? place.name : place.index}`;

export interface StrategyContext {
  readonly features: Features;
  /** What estimates are made of. */
  readonly profile: Profile;
  /** Element types of the step's operands and outputs: float32, or 4-byte integers (int32, bool, uint8), or 8-byte float64. */
  readonly inputTypes: readonly DType[];
  readonly outputTypes: readonly DType[];
  /** Which inputs keep their numbers from run to run: phases marked `once` that read only these cost nothing in a run. */
  readonly stableInputs: readonly boolean[];
}

export interface BufferDefinition {
  readonly name: string;
  readonly bytes: number;
  /**
   * step: shared by all threads from phase to phase of one step (and kept for ever when a `once` phase writes it, or when
   * it has data). thread: each thread's own; holds nothing from one call to the next.
   */
  readonly scope: "step" | "thread";
  /** What it holds from the start (tables): never written. */
  readonly data?: Uint8Array;
}

/** Between which bounds an index must lie, for the sentence. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
}

export interface Phase {
  readonly name: string;
  readonly items: number;
  /** Estimated nanoseconds for all items on one thread: decides whether threads share it and how finely. */
  readonly work: number;
  readonly reads: readonly Place[];
  readonly writes: readonly Place[];
  /** Depends on its inputs only in a way that need not be repeated while they keep their values: packing of weights. */
  readonly once?: boolean;
  /** Touches other elements than the phases before it, back to the last that is not concurrent: no barrier among them. */
  readonly concurrent?: boolean;
  /** Takes addresses from what an operand holds: each is checked, and a wrong one handed to `refuse`. */
  readonly places?: Bounds | undefined;
  /** Writes the code of the function; called at most once for all steps with the same kernel, types and strategy. */
  readonly emit: (k: PhaseFunction) => void;
}

/** The operands of the step that a phase reads. */
export const operandsRead = ({ reads }: Pick<Phase, "reads">): number[] =>
  reads.flatMap((place) => (place.kind === "input" ? [place.index] : []));

export interface Emission {
  readonly buffers: readonly BufferDefinition[];
  readonly phases: readonly Phase[];
}

/** The function being written for a phase. */
export interface PhaseFunction extends Emitter {
  /** The items to do, from <= item < to. */
  readonly from: Local;
  readonly to: Local;
  /** Byte address of a place that the phase reads or writes, or of a thread buffer (16-aligned). */
  address(place: Place): Local;
  /** Ends the run with a sentence: index number `at` is `index`, which names no place. The code goes on, and must touch nothing for it. */
  refuse(index: Local, at: Value): void;
  /** A function that phases of the module share (a micro-kernel): written at the first call with this key, found again after. */
  helper(
    key: string,
    parameters: readonly ValueType[],
    result: ValueType | undefined,
    write: (e: Emitter) => void,
  ): Callable;
}

/** A strategy that takes a kernel, with its plan for it: nothing is thought about again. */
export interface Way extends Pick<Strategy, "name" | "exact"> {
  /** Estimated nanoseconds on one thread; the chooser takes the smallest. */
  readonly time: number;
  emit(): Emission;
}

/** What a file of a strategy says. `P` is its plan for a kernel: shapes, tiles, tables, whatever it measures and writes by. */
export interface Definition<K extends Kernel, P extends object> {
  /** A grammar: loop, algorithm, configuration: `contract.gemm.6x8`. Each configuration is a strategy of its own. */
  readonly name: string;
  /**
   * Computes the products and sums of the definition and no others: only their order, and whether they are fused, is its own. False
   * where neighbours are mixed before they are multiplied (Winograd), which rounds by where a tile begins.
   */
  readonly exact: boolean;
  /** Undefined where it does not take the kernel. */
  plan(kernel: K, context: StrategyContext): P | undefined;
  /** Estimated nanoseconds on one thread. */
  estimate(plan: P, context: StrategyContext): number;
  emit(plan: P, kernel: K, context: StrategyContext): Emission;
}

export interface Strategy<K extends Kernel = Kernel> {
  readonly name: string;
  readonly exact: boolean;
  /** The way that it goes, or undefined where it does not take the kernel. */
  way(kernel: K, context: StrategyContext): Way | undefined;
}

/** The strategy that is defined so. It alone brings plans and kernels together, so no plan is measured or written for another kernel. */
export function strategy<K extends Kernel, P extends object>(definition: Definition<K, P>): Strategy<K> {
  const { name, exact } = definition;
  return {
    name,
    exact,
    way(kernel, context) {
      const plan = definition.plan(kernel, context);
      if (!plan) return undefined;
      const time = definition.estimate(plan, context);
      return { name, exact, time, emit: () => definition.emit(plan, kernel, context) };
    },
  };
}

/** Strategies of one file, loaded once a plan has a kernel that they may take: a page loads no code that it never needs. */
export interface Family<K extends Kernel = Kernel, S extends Strategy<K> = Strategy<K>> {
  /** False where none of them takes such a kernel: a look at its form, for loading takes longer than planning. */
  mayTake(kernel: K): boolean;
  load(): Promise<readonly S[]>;
}

/** A family that is always there: its strategies take most of what there is. */
export const present = <K extends Kernel, S extends Strategy<K>>(...strategies: S[]): Family<K, S> => ({
  mayTake: () => true,
  load: async () => strategies,
});

/** The strategies of the families that may take one of these kernels, in the order of the list; of all without kernels. */
export async function loadFamilies<K extends Kernel, S extends Strategy<K>>(
  families: readonly Family<K, S>[],
  kernels?: readonly K[],
): Promise<readonly S[]> {
  const wanted = kernels ? families.filter(({ mayTake }) => kernels.some(mayTake)) : families;
  return (await Promise.all(wanted.map(({ load }) => load()))).flat();
}
