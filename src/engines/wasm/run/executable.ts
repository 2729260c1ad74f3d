// A program in its memory: numbers go in and out by slot, and runs go slice by slice over the threads of the engine.

import { clock } from "#host";
import { type NdArray, type Numbers, storageOf } from "../../../base/array.ts";
import { NeocogError, reasonOf, ShapeError } from "../../../base/errors.ts";
import { formatShape, sizeOf } from "../../../base/shape.ts";
import type { StopSignal, WasmMemory } from "../../../base/web.ts";
import { naming } from "../../../kernel/places.ts";
import { type Plan, type Slot, weightBytes } from "../../../kernel/plan.ts";
import type { Executable, MemoryReport } from "../../engine.ts";
import type { Instance } from "./instance.ts";
import type { Memories } from "./memories.ts";
import type { Pool } from "./pool.ts";
import type { Program, Segment } from "./program.ts";
import { refusalIn } from "./refusals.ts";
import { control, recordBytes } from "./runtime.ts";
import { type Slice, slicesOf } from "./slices.ts";
import { Torn } from "./torn.ts";

/** A plan made ready by this engine: also tells what it is made of. */
export interface WasmExecutable extends Executable {
  readonly program: Program;
  /** Runs once on the calling thread alone, and gives the milliseconds of every record of the program. */
  measure(): number[];
  /** With the option `trace`: milliseconds at which each thread came to, began and ended each record of the last run. */
  trace(): { came: number; began: number; ended: number }[][];
}

/** What an executable has of its engine. */
export interface Home {
  /** Kept, so that its threads live as long as the executable. */
  readonly engine: object;
  readonly id: number;
  readonly instance: Instance;
  readonly memory: WasmMemory;
  readonly pool: Pool | undefined;
  readonly memories: Memories;
}

export const reportOf = (plan: Plan, { keptBytes, scratchBytes }: Program): MemoryReport => ({
  arenaBytes: plan.arenaBytes,
  weightBytes: weightBytes(plan),
  packedBytes: keptBytes,
  scratchBytes,
});

/** Milliseconds of computing after which timers, input and signals get their turn. */
const turn = 30;

/** Gives back the memory of executables that nobody released and nobody can reach any more. */
const forgotten = new FinalizationRegistry<() => void>((giveBack) => giveBack());

export class PlanExecutable implements WasmExecutable {
  readonly program: Program;
  readonly memory: MemoryReport;
  readonly #slots: ReadonlyMap<number, Slot>;
  readonly #segments: readonly (Segment & { readonly slices: readonly Slice[] })[];
  readonly #pool: Pool | undefined;
  readonly #unprepared: Set<number>;
  readonly #torn = new Torn();
  readonly #giveBack: () => void;
  /** Absent once it was released. */
  #home: Home | undefined;
  #running = false;
  /** When the host last had its turn: many short runs starve it as one long run does. */
  #breathed = clock.now();
  readonly #state: { broken: NeocogError | undefined } = { broken: undefined };

  constructor(plan: Plan, program: Program, home: Home) {
    this.program = program;
    this.memory = reportOf(plan, program);
    this.#slots = new Map(plan.slots.map((slot) => [slot.id, slot]));
    this.#home = home;
    this.#pool = home.pool;
    this.#segments = program.segments.map((segment) => ({
      ...segment,
      slices: slicesOf(program.records, segment, home.pool?.threads ?? 1),
    }));
    this.#unprepared = new Set(program.preparations.keys());
    this.#giveBack = giveBackOf(home, this.#state);
    forgotten.register(this, this.#giveBack, this);
    const bytes = new Uint8Array(home.memory.buffer);
    for (const { address, bytes: content } of program.data) bytes.set(content, address);
    for (const slot of plan.slots) if (slot.value && slot.offset >= 0) this.#put(slot, slot.value.data);
  }

  #slot(id: number): Slot {
    const slot = this.#slots.get(id);
    if (!slot) throw new NeocogError(`This plan has no slot ${id}.`);
    return slot;
  }

  #alive(): Home {
    if (!this.#home) throw new NeocogError("This executable was released.");
    return this.#home;
  }

  #live(): Instance {
    this.#pool?.check();
    if (this.#state.broken) throw this.#state.broken;
    return this.#alive().instance;
  }

  /** The slot's numbers where they lie. */
  #view(slot: Slot): Float32Array | Float64Array | Int32Array {
    const { buffer } = this.#alive().memory;
    const address = this.program.arenaAddress + slot.offset;
    const size = sizeOf(slot.shape);
    switch (slot.dtype) {
      case "float32":
        return new Float32Array(buffer, address, size);
      case "float64":
      case "int64":
        return new Float64Array(buffer, address, size);
      default:
        return new Int32Array(buffer, address, size);
    }
  }

  #put(slot: Slot, numbers: Numbers): void {
    const view = this.#view(slot);
    if (numbers.length !== view.length) {
      throw new ShapeError(
        `${slot.name} has the shape ${formatShape(slot.shape)}, ${view.length} numbers, but ${numbers.length} were given.`,
      );
    }
    view.set(numbers);
  }

  write(id: number, value: NdArray): void {
    this.#put(this.#slot(id), value.data);
    this.#torn.mend(id);
    for (const [i, { slots }] of this.program.preparations.entries()) if (slots.includes(id)) this.#unprepared.add(i);
  }

  read(id: number): NdArray {
    const slot = this.#slot(id);
    this.#torn.check(slot);
    const { shape, dtype } = slot;
    return { shape, dtype, data: new (storageOf(dtype))(this.#view(slot)) };
  }

  async run(signal?: StopSignal): Promise<void> {
    if (this.#running) throw new NeocogError("This executable is running: await one run before the next.");
    this.#torn.check();
    signal?.throwIfAborted();
    this.#running = true;
    try {
      this.#prepare();
      for (const { slices, parallel, host } of this.#segments) {
        for (const slice of slices) {
          if (clock.now() - this.#breathed > turn) {
            await clock.breathe();
            this.#breathed = clock.now();
          }
          if (signal?.aborted) {
            this.#tear(slice);
            throw signal.reason;
          }
          await this.#runSlice(slice, parallel);
        }
        this.#checkPlaces();
        if (host) this.#runHost(host);
      }
    } finally {
      this.#running = false;
    }
  }

  /** The run ends before a slice: what was written until then belongs to no state that should be used. */
  #tear({ start, part }: Slice): void {
    for (const { record, slot } of this.program.writes)
      if (record < start || (record === start && part !== undefined && part.from > 0)) this.#torn.add(this.#slot(slot));
  }

  /** Ends a run whose data named a place that is none. */
  #checkPlaces(): void {
    const error = refusalIn(this.#alive().memory as WebAssembly.Memory, this.program, this.#pool?.threads ?? 1);
    if (error) throw error;
  }

  /** Packs what was written since the last run. */
  #prepare(): void {
    for (const i of this.#unprepared) {
      const { start, end } = this.program.preparations[i];
      this.#runAlone(start, end);
    }
    this.#unprepared.clear();
  }

  measure(): number[] {
    const times: number[] = [];
    this.#prepare();
    for (const { start, end, host } of this.program.segments) {
      for (let i = start; i < end; i++) {
        const begin = clock.now();
        this.#runAlone(i, i + 1);
        times[i] = clock.now() - begin;
      }
      this.#checkPlaces();
      if (host) this.#runHost(host);
    }
    return times;
  }

  trace(): { came: number; began: number; ended: number }[][] {
    const { traceAddress, records } = this.program;
    const { buffer } = this.#alive().memory;
    return Array.from({ length: this.#pool?.threads ?? 1 }, (_, thread) => {
      const times = new Float64Array(buffer, traceAddress + thread * records.length * 24, records.length * 3);
      return records.map((_, i) => ({ came: times[i * 3], began: times[i * 3 + 1], ended: times[i * 3 + 2] }));
    });
  }

  async #runSlice({ start, end, part }: Slice, parallel: boolean): Promise<void> {
    this.#live();
    if (part) this.#limit(start, part.from, part.to, part.grain);
    if (parallel && this.#pool) await this.#runShared(this.#pool, start, end);
    else this.#runAlone(start, end);
    if (!part) return;
    const { items, grain } = this.program.records[start];
    this.#limit(start, 0, items, grain);
  }

  /** Lets the record be run for some of its items only. */
  #limit(record: number, from: number, to: number, grain: number): void {
    const words = new Int32Array(this.#alive().memory.buffer, control.end + record * recordBytes, recordBytes / 4);
    words[1] = to;
    words[2] = grain;
    words[6] = from;
  }

  #runAlone(start: number, end: number): void {
    try {
      this.#live().main(0, 1, start, end, 0);
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError)) throw error;
      throw this.#fail(error);
    }
  }

  #runHost({ kernel, inputs, outputs, label }: NonNullable<Segment["host"]>): void {
    const arrays = inputs.map((id) => {
      const { shape, dtype } = this.#slot(id);
      return { shape, dtype, data: Float64Array.from(this.#view(this.#slot(id))) };
    });
    const results = naming(label, () => kernel.run(arrays));
    outputs.forEach((id, i) => {
      this.#put(this.#slot(id), results[i].data);
    });
  }

  async #runShared(pool: Pool, start: number, end: number): Promise<void> {
    const instance = this.#live();
    instance.reset(start, end);
    pool.go(this.#alive().id, start, end);
    if (!pool.joins) {
      pool.keep(true);
      await pool.finished().finally(() => pool.keep(false));
      return;
    }
    let place: number;
    try {
      place = instance.main(0, pool.threads, start, end, 0);
      while (place >= 0) {
        await clock.breathe();
        pool.check();
        place = instance.main(0, pool.threads, place, end, 1);
      }
    } catch (error) {
      instance.abort();
      throw this.#fail(error);
    }
    if (place === -1) return;
    // Another thread failed; its message comes with the next turns of the event loop.
    for (let wait = 0; wait < 100; wait++) {
      await clock.breathe();
      pool.check();
    }
    throw new NeocogError("A thread of the WASM engine failed.");
  }

  /** A run that ended halfway leaves numbers that nobody should use. */
  #fail(error: unknown): NeocogError {
    if (error instanceof NeocogError) return error;
    const broken = new NeocogError(`A run ended halfway (${reasonOf(error)}); compile the plan again to go on.`, {
      cause: error,
    });
    this.#state.broken = broken;
    return broken;
  }

  release(): void {
    if (!this.#home) return;
    if (this.#running) throw new NeocogError("This executable is running: await the run before its release.");
    this.#home = undefined;
    forgotten.unregister(this);
    this.#giveBack();
  }
}

/** Knows the home and not the executable, which could not be forgotten otherwise. */
function giveBackOf({ id, memory, pool, memories }: Home, state: { readonly broken: unknown }): () => void {
  return () => {
    // After a fault another thread may still be busy in it.
    if (!state.broken) memories.give(memory);
    pool?.post({ kind: "release", executable: id });
  };
}
