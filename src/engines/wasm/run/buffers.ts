// Where the buffers of strategies lie: data and what stable `once` phases write is kept, each thread has scratch of its own, and
// the rest is scratch that steps use one after the other.
import type { Step } from "../../../kernel/plan.ts";
import type { BufferDefinition, Emission } from "../strategy.ts";
import type { Region } from "./barriers.ts";
import { isKept, sourcesOf } from "./budget.ts";
import { refusalBytes } from "./runtime.ts";

export const align = (bytes: number, to = 64): number => Math.ceil(bytes / to) * to;

/** A piece of one of the regions of the memory. */
export interface Spot {
  readonly base: "arena" | "kept" | "scratch" | "thread";
  readonly offset: number;
  readonly bytes: number;
}

/** Bytes of different bases never meet. */
export function regionOf({ base, offset, bytes }: Spot, written: boolean): Region {
  const start = { arena: 0, kept: 2 ** 40, scratch: 2 ** 41, thread: 2 ** 42 }[base] + offset;
  return { start, end: start + bytes, written };
}

export class Buffers {
  /** Of the kept region, of scratch of the step that needs most, and of a thread's scratch. */
  keptBytes = 0;
  scratchBytes = 0;
  threadBytes = refusalBytes;
  /** What is kept from the start. */
  readonly data: { offset: number; bytes: Uint8Array }[] = [];
  readonly #kept = new Map<string, Spot>();

  /** Places the buffers of a step; `stable` says which of its inputs keep their numbers. */
  place(step: Step, key: string, emission: Emission, stable: readonly boolean[]): Map<string, Spot> {
    const spots = new Map<string, Spot>();
    let scratch = 0;
    let thread = refusalBytes;
    for (const definition of emission.buffers) {
      const bytes = align(definition.bytes);
      if (definition.scope === "thread") {
        spots.set(definition.name, { base: "thread", offset: thread, bytes });
        thread += bytes;
        continue;
      }
      const slots = sourcesOf(emission, definition.name).map((index) => step.inputs[index]);
      if (isKept(definition, emission, stable))
        spots.set(definition.name, this.#keep(definition, `${key} ${definition.name} ${slots}`, bytes));
      else {
        spots.set(definition.name, { base: "scratch", offset: scratch, bytes });
        scratch += bytes;
      }
    }
    this.scratchBytes = Math.max(this.scratchBytes, scratch);
    this.threadBytes = Math.max(this.threadBytes, thread);
    return spots;
  }

  #keep(definition: BufferDefinition, key: string, bytes: number): Spot {
    const known = definition.data ? undefined : this.#kept.get(key);
    if (known) return known;
    const spot: Spot = { base: "kept", offset: this.keptBytes, bytes };
    this.keptBytes += bytes;
    this.#kept.set(key, spot);
    if (definition.data) this.data.push({ offset: spot.offset, bytes: definition.data });
    return spot;
  }
}
