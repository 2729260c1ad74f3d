// The WASM engine: one module per plan, one memory per executable, threads that stay. See program.ts for how a plan
// becomes code, pool.ts for the threads.
import { threads as host } from "#host";
import { understand } from "../../../base/arguments.ts";
import { NeocogError } from "../../../base/errors.ts";
import { options as byName, callback, flag, type OptionsOf, type Rules, whole } from "../../../base/rules.ts";
import { UnusedOption } from "../../../base/unused.ts";
import type { Plan } from "../../../kernel/plan.ts";
import type { Engine, MemoryReport } from "../../engine.ts";
import { type Features, probeFeatures } from "../code/features.ts";
import { following } from "./choose.ts";
import { PlanExecutable, reportOf, type WasmExecutable } from "./executable.ts";
import { instantiate } from "./instance.ts";
import { Memories } from "./memories.ts";
import { Pool } from "./pool.ts";
import { buildProgram, choicesOf, type Program, type ProgramOptions } from "./program.ts";
import { maximumThreads } from "./runtime.ts";
import { wideWorks } from "./wide.ts";

/** Options of wasmEngine. */
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

export type { WasmExecutable } from "./executable.ts";

/** The engine of WebAssembly. */
export interface WasmEngine extends Engine {
  /** Threads that take part. */
  readonly threads: number;
  /** What this machine's WebAssembly can do. */
  readonly features: Features;
  /** Makes a plan ready to run, as a module and one memory; `like` as every engine takes it. */
  compile(plan: Plan, like?: Plan): Promise<WasmExecutable>;
}

const wasmRules = {
  threads: whole(1, maximumThreads),
  relaxedSimd: flag,
  wide: flag,
  spins: whole(0),
  trace: flag,
  choose: callback,
} satisfies Rules<WasmOptions>;

/** Opens the engine of WebAssembly. Throws where the machine has no vectors. */
export async function wasmEngine(options: WasmOptions = {}): Promise<WasmEngine> {
  understand("wasmEngine", arguments, { options: byName<OptionsOf<typeof wasmEngine>>(wasmRules) });
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
    throw new UnusedOption("wide", "cannot be here: 256-bit arithmetic needs Node 24 or newer on an x64 processor.");
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

/** Ends the threads of engines that nobody closed and nobody can reach any more. */
const forgotten = new FinalizationRegistry<Pool>((pool) => void pool.close());

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
    if (this.#pool) forgotten.register(this, this.#pool, this);
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

  async compile(plan: Plan, like?: Plan): Promise<WasmExecutable> {
    this.#pool?.check();
    const program = await this.#program(plan, like);
    const module = await this.#module(program.module);
    const memory = this.#memories.take(program.memoryBytes);
    const id = this.#count++;
    this.#pool?.post({ kind: "load", executable: id, module, memory });
    const instance = instantiate(module, memory);
    return new PlanExecutable(plan, program, {
      engine: this,
      id,
      instance,
      memory,
      pool: this.#pool,
      memories: this.#memories,
    });
  }

  async memoryOf(plan: Plan): Promise<MemoryReport> {
    return reportOf(plan, await this.#program(plan));
  }

  async #program(plan: Plan, like?: Plan): Promise<Program> {
    const choose = like && { choose: following(await choicesOf(like, this.#options)) };
    return buildProgram(plan, { ...this.#options, ...choose });
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
    forgotten.unregister(this);
    await this.#pool?.close();
  }
}
