// The WASM engine: one module per plan, one memory per executable, threads that stay. See program.ts for how a plan
// becomes code, pool.ts for the threads.
import { clock, threads as host } from "#host";
import { type NdArray, type Numbers, storageOf } from "../../base/array.ts";
import { checkOptions, NeocogError, ShapeError } from "../../base/errors.ts";
import { formatShape, sizeOf } from "../../base/shape.ts";
import { type Plan, type Slot, weightBytes } from "../../kernel/plan.ts";
import type { Engine, Executable, MemoryReport } from "../engine.ts";
import { type Features, probeFeatures } from "./features.ts";
import { type Instance, instantiate } from "./instance.ts";
import { Memories } from "./memories.ts";
import { Pool } from "./pool.ts";
import { buildProgram, type Program, type ProgramOptions, type Segment } from "./program.ts";
import { maximumThreads } from "./runtime.ts";
import { wideWorks } from "./wide.ts";

export interface WasmOptions {
  /** Threads that take part; all cores unless told. */
  readonly threads?: number;
  /** Fused multiply-add; used where the machine has it unless told. */
  readonly relaxedSimd?: boolean;
  /** 256-bit arithmetic by an experimental option of V8 (Node 24 and newer, x64): about 1.5 times faster, off unless told. */
  readonly wide?: boolean;
  /** How often a waiting thread looks before it sleeps, at most; fewer times where looking was in vain. */
  readonly spins?: number;
  /** Notes when threads come to, begin and end every record: `executable.trace()` gives the times of the last run. */
  readonly trace?: boolean;
  /** Chooses a strategy for a step; for tests and benchmarks. */
  readonly choose?: ProgramOptions["choose"];
}

/** A plan made ready by this engine: also tells what it is made of. */
export interface WasmExecutable extends Executable {
  readonly program: Program;
  /** Runs once on the calling thread alone, and gives the milliseconds of every record of the program. */
  measure(): number[];
  /** With the option `trace`: milliseconds at which each thread came to, began and ended each record of the last run. */
  trace(): { came: number; began: number; ended: number }[][];
}

export interface WasmEngine extends Engine {
  readonly threads: number;
  readonly features: Features;
  compile(plan: Plan): Promise<WasmExecutable>;
}

export async function wasmEngine(options: WasmOptions = {}): Promise<WasmEngine> {
  checkOptions("wasmEngine", options, ["threads", "relaxedSimd", "wide", "spins", "trace", "choose"]);
  const { threads: wanted } = options;
  if (wanted !== undefined && !(Number.isInteger(wanted) && wanted >= 1 && wanted <= maximumThreads))
    throw new NeocogError(`threads is ${wanted}; it must be a whole number from 1 to ${maximumThreads}.`);
  const probed = probeFeatures(host.enableRelaxedSimd);
  if (!probed.simd)
    throw new NeocogError("This machine's WebAssembly has no 128-bit vectors, which the WASM engine needs.");
  if (options.relaxedSimd === true && !probed.relaxedSimd)
    throw new NeocogError("relaxedSimd is asked for, but this machine's WebAssembly has no fused multiply-add.");
  const relaxedSimd = options.relaxedSimd ?? probed.relaxedSimd;
  if (options.wide && !(relaxedSimd && host.enableWideSimd() && wideWorks(probed)))
    throw new NeocogError(
      "wide is asked for, but 256-bit arithmetic needs Node 24 or newer on an x64 processor; leave the option out.",
    );
  const features = { ...probed, relaxedSimd, wide: options.wide ?? false };
  const missing =
    host.missing() ?? (probed.threads ? undefined : "Threads are off: WebAssembly has no shared memory here.");
  const threads = missing ? 1 : Math.min(wanted ?? host.cores(), maximumThreads);
  const engine = new SharedEngine({ ...options, threads }, features, describe(features, threads, missing));
  if (threads === 1 || !host.mayRefuse) return engine;
  const reason = await engine.start();
  if (reason === undefined) return engine;
  await engine.close();
  const alone = `Threads are off: the script of a thread, worker.js, did not run (${reason}); it must stand beside what calls it, and the page's policy must allow workers.`;
  return new SharedEngine({ ...options, threads: 1 }, features, describe(features, 1, alone));
}

function describe(features: Features, threads: number, missing: string | undefined): string {
  return [
    `WebAssembly with 128-bit vectors${features.relaxedSimd ? " and fused multiply-add" : ", without fused multiply-add"}${features.wide ? ", 256 bits at a time where it can" : ""}, ${threads} ${threads === 1 ? "thread" : "threads"}.`,
    ...(missing ? [missing] : []),
  ].join(" ");
}

const reportOf = (plan: Plan, { keptBytes, scratchBytes }: Program): MemoryReport => ({
  arenaBytes: plan.arenaBytes,
  weightBytes: weightBytes(plan),
  packedBytes: keptBytes,
  scratchBytes,
});

class SharedEngine implements WasmEngine {
  readonly name = "wasm";
  readonly lowering = "loops";
  readonly description: string;
  readonly threads: number;
  readonly features: Features;
  readonly #options: ProgramOptions;
  readonly #pool: Pool | undefined;
  readonly #modules = new Map<string, { bytes: Uint8Array; module: WebAssembly.Module }>();
  readonly #memories: Memories;
  #count = 0;

  constructor(options: WasmOptions & { readonly threads: number }, features: Features, description: string) {
    this.threads = options.threads;
    this.features = features;
    this.description = description;
    this.#pool = options.threads > 1 ? new Pool(options.threads, host.mayBlock()) : undefined;
    this.#memories = new Memories(this.#pool !== undefined);
    this.#options = {
      features,
      threads: options.threads,
      shared: this.#pool !== undefined,
      spins: options.spins ?? 100_000,
      trace: options.trace ?? false,
      ...(options.choose ? { choose: options.choose } : {}),
    };
  }

  async compile(plan: Plan): Promise<WasmExecutable> {
    this.#pool?.check();
    const program = buildProgram(plan, this.#options);
    const module = await this.#module(program.module);
    const memory = this.#memories.take(program.memoryBytes);
    const executable = this.#count++;
    this.#pool?.post({ kind: "load", executable, module, memory });
    return new PlanExecutable(
      plan,
      program,
      instantiate(module, memory),
      memory,
      executable,
      this.#pool,
      this.#memories,
    );
  }

  memoryOf(plan: Plan): MemoryReport {
    return reportOf(plan, buildProgram(plan, this.#options));
  }

  /** Compiles, or finds the same bytes compiled before. */
  async #module(bytes: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Module> {
    let hash = bytes.length;
    for (const byte of bytes) hash = (Math.imul(hash, 0x01000193) ^ byte) | 0;
    const key = `${bytes.length} ${hash}`;
    const known = this.#modules.get(key);
    if (known?.bytes.every((byte, i) => byte === bytes[i])) return known.module;
    const module = await WebAssembly.compile(bytes);
    if (this.#modules.size >= 16) this.#modules.delete(this.#modules.keys().next().value!);
    this.#modules.set(key, { bytes, module });
    return module;
  }

  /** Waits for the threads; gives the reason where one could not start. */
  async start(): Promise<string | undefined> {
    return this.#pool?.start();
  }

  async close(): Promise<void> {
    this.#modules.clear();
    await this.#pool?.close();
  }
}

class PlanExecutable implements WasmExecutable {
  readonly program: Program;
  readonly memory: MemoryReport;
  readonly #slots: ReadonlyMap<number, Slot>;
  readonly #id: number;
  readonly #pool: Pool | undefined;
  readonly #memories: Memories;
  readonly #unprepared: Set<number>;
  #instance: Instance | undefined;
  #memory: WebAssembly.Memory | undefined;
  #running = false;
  #broken: NeocogError | undefined;

  constructor(
    plan: Plan,
    program: Program,
    instance: Instance,
    memory: WebAssembly.Memory,
    id: number,
    pool: Pool | undefined,
    memories: Memories,
  ) {
    this.program = program;
    this.memory = reportOf(plan, program);
    this.#slots = new Map(plan.slots.map((slot) => [slot.id, slot]));
    this.#instance = instance;
    this.#memory = memory;
    this.#id = id;
    this.#pool = pool;
    this.#memories = memories;
    this.#unprepared = new Set(program.preparations.keys());
    const bytes = new Uint8Array(memory.buffer);
    for (const { address, bytes: content } of program.data) bytes.set(content, address);
    for (const slot of plan.slots) if (slot.value && slot.offset >= 0) this.#put(slot, slot.value.data);
  }

  #slot(id: number): Slot {
    const slot = this.#slots.get(id);
    if (!slot) throw new NeocogError(`This plan has no slot ${id}.`);
    return slot;
  }

  /** The slot's numbers where they lie. */
  #view(slot: Slot): Float32Array | Float64Array | Int32Array {
    if (!this.#memory) throw new NeocogError("This executable was released.");
    const address = this.program.arenaAddress + slot.offset;
    const size = sizeOf(slot.shape);
    const { buffer } = this.#memory;
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

  write(slot: number, value: NdArray): void {
    this.#put(this.#slot(slot), value.data);
    for (const [i, { slots }] of this.program.preparations.entries()) if (slots.includes(slot)) this.#unprepared.add(i);
  }

  read(slot: number): NdArray {
    const { shape, dtype } = this.#slot(slot);
    return { shape, dtype, data: new (storageOf(dtype))(this.#view(this.#slot(slot))) };
  }

  async run(): Promise<void> {
    if (this.#running) throw new NeocogError("This executable is running: await one run before the next.");
    this.#running = true;
    try {
      this.#prepare();
      for (const segment of this.program.segments) await this.#runSegment(segment);
    } finally {
      this.#running = false;
    }
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
    for (const { start, end, host: step } of this.program.segments) {
      for (let i = start; i < end; i++) {
        const begin = clock.now();
        this.#runAlone(i, i + 1);
        times[i] = clock.now() - begin;
      }
      if (step) this.#runHost(step);
    }
    return times;
  }

  trace(): { came: number; began: number; ended: number }[][] {
    const { traceAddress, records } = this.program;
    const threads = this.#pool?.threads ?? 1;
    const memory = this.#memory;
    if (!memory) throw new NeocogError("This executable was released.");
    return Array.from({ length: threads }, (_, thread) => {
      const times = new Float64Array(memory.buffer, traceAddress + thread * records.length * 24, records.length * 3);
      return records.map((_, i) => ({ came: times[i * 3], began: times[i * 3 + 1], ended: times[i * 3 + 2] }));
    });
  }

  #live(): Instance {
    this.#pool?.check();
    if (this.#broken) throw this.#broken;
    if (!this.#instance) throw new NeocogError("This executable was released.");
    return this.#instance;
  }

  #runAlone(start: number, end: number): void {
    try {
      this.#live().main(0, 1, start, end, 0);
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError)) throw error;
      throw this.#fail(error);
    }
  }

  async #runSegment({ start, end, parallel, host: step }: Segment): Promise<void> {
    if (end > start) {
      if (parallel && this.#pool) await this.#runShared(this.#pool, start, end);
      else this.#runAlone(start, end);
    }
    if (step) this.#runHost(step);
  }

  #runHost(step: NonNullable<Segment["host"]>): void {
    const inputs = step.inputs.map((id) => {
      const { shape, dtype } = this.#slot(id);
      return { shape, dtype, data: Float64Array.from(this.#view(this.#slot(id))) };
    });
    const results = step.kernel.run(inputs);
    step.outputs.forEach((id, i) => {
      this.#put(this.#slot(id), results[i].data);
    });
  }

  async #runShared(pool: Pool, start: number, end: number): Promise<void> {
    const instance = this.#live();
    instance.reset(start, end);
    pool.go(this.#id, start, end);
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
    for (let turn = 0; turn < 100; turn++) {
      await clock.breathe();
      pool.check();
    }
    throw new NeocogError("A thread of the WASM engine failed.");
  }

  /** A run that ended halfway leaves numbers that nobody should use. */
  #fail(error: unknown): NeocogError {
    if (error instanceof NeocogError) return error;
    const reason = error instanceof Error ? error.message : String(error);
    this.#broken = new NeocogError(`A run ended halfway (${reason}); compile the plan again to go on.`, {
      cause: error,
    });
    return this.#broken;
  }

  release(): void {
    if (!this.#instance) return;
    if (this.#running) throw new NeocogError("This executable is running: await the run before its release.");
    // After a fault another thread may still be busy in it.
    if (this.#memory && !this.#broken) this.#memories.give(this.#memory);
    this.#instance = undefined;
    this.#memory = undefined;
    this.#pool?.post({ kind: "release", executable: this.#id });
  }
}
