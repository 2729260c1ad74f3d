// From a plan to a program: a strategy for every step, functions shared by equal kernels, a place for everything in one memory,
// and barriers only where two phases touch the same bytes.
//
//   memory:  control words · records · arguments · thread scratch · arena (the plan's slots) · kept buffers · scratch

import type { DType } from "../../base/dtype.ts";
import { bytesOf } from "../../base/dtype.ts";
import { NeocogError } from "../../base/errors.ts";
import { exactText } from "../../base/exact.ts";
import { sizeOf } from "../../base/shape.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { HostKernel, Plan, Slot, Step } from "../../kernel/plan.ts";
import { type Callable, constI32, i32, type Local, load } from "./assembler.ts";
import { flagsOf, type Region } from "./barriers.ts";
import { isKept, withinBudget } from "./budget.ts";
import { settleEmpty } from "./empty.ts";
import type { Features } from "./features.ts";
import { checkMemory } from "./limit.ts";
import { hostMath, type MathImports, type MathName } from "./math.ts";
import { ModuleBuilder } from "./module.ts";
import {
  addRuntime,
  barrierFlag,
  commitFlag,
  control,
  phaseParameters,
  recordBytes,
  refusalBytes,
  soloFlag,
} from "./runtime.ts";
import { waysOf } from "./strategies.ts";
import type { Bounds, BufferDefinition, Emission, Phase, Place, StrategyContext, Way } from "./strategy.ts";

export interface ProgramOptions {
  readonly features: Features;
  readonly threads: number;
  readonly shared: boolean;
  readonly spins: number;
  /** Notes when every thread came to, began and ended every record. */
  readonly trace?: boolean;
  /** Chooses among the ways to carry out a step, best first; where it gives none, the plan is refused in a sentence. */
  readonly choose?: (ways: readonly Way[], step: Step) => Way | undefined;
}

/** Records [start, end) run in one go; then, where there is one, a function on the host. */
export interface Segment {
  readonly start: number;
  readonly end: number;
  /** Worth waking other threads for. */
  readonly parallel: boolean;
  readonly host?: Step & { readonly kernel: HostKernel };
}

/** Records that depend on slots which steps never write: run when one of these slots was written. */
export interface Preparation {
  readonly slots: readonly number[];
  readonly start: number;
  readonly end: number;
}

export interface ProgramRecord {
  readonly name: string;
  readonly label: string;
  readonly items: number;
  readonly work: number;
  readonly grain: number;
  readonly flags: number;
  /** Where it takes places from data: how a refusal of the phase is known and told. */
  readonly places?: Bounds & { readonly argumentsAddress: number; readonly step: string };
}

/** Which way a step went, and between which it could choose, best first. */
export interface Choice {
  readonly step: string;
  readonly chosen: string;
  readonly ways: readonly Pick<Way, "name" | "time">[];
}

/** What is made of a plan: its module, and how that is run. */
export interface Program {
  /** The WebAssembly module, which `disassemble` prints. */
  readonly module: Uint8Array<ArrayBuffer>;
  /** Runs of records between steps of the host, in order. */
  readonly segments: readonly Segment[];
  /** Which record writes a variable; what a step of the host writes belongs to the record before it. */
  readonly writes: readonly {
    /** Place of the record in `records`. */
    readonly record: number;
    /** The variable's slot in the plan. */
    readonly slot: number;
  }[];
  /** What runs only where a slot was written: packing of weights. */
  readonly preparations: readonly Preparation[];
  /** Phases of steps, those of the preparations last. */
  readonly records: readonly ProgramRecord[];
  /** Of every step that is a loop, in order. */
  readonly choices: readonly Choice[];
  /** Bytes of the whole memory, whole pages of 65536. */
  readonly memoryBytes: number;
  /** Where the plan's slots begin. */
  readonly arenaAddress: number;
  /** Every thread's scratch. */
  readonly threadAddress: number;
  /** Bytes of scratch of one thread. */
  readonly threadBytes: number;
  /** Where times are noted when `trace` is on: for every thread and record three numbers. */
  readonly traceAddress: number;
  /** Bytes of packed weights and tables, and of scratch. */
  readonly keptBytes: number;
  /** Bytes of scratch of steps and of all threads. */
  readonly scratchBytes: number;
  /** Written into the memory at the start. */
  readonly data: readonly {
    /** Where they go. */
    readonly address: number;
    /** What goes there. */
    readonly bytes: Uint8Array;
  }[];
}

/** Below this many nanoseconds a phase is left to one thread: a barrier costs more than it would gain. */
const soloLimit = 12_000;
/** A thread takes items worth about this many nanoseconds at a time, at least. */
const grabTime = 4_000;

const align = (bytes: number, to = 64): number => Math.ceil(bytes / to) * to;

interface PlacedPhase {
  readonly phase: Phase;
  readonly functionKey: string;
  readonly label: string;
  readonly step: Step;
  readonly places: readonly Place[];
  readonly emission: Emission;
  /** Where each place lies: in a slot, in the kept region, in scratch; thread buffers in thread scratch. */
  readonly addressOf: (place: Place) => Spot;
}

interface CarriedOut {
  readonly key: string;
  readonly way: Way;
  readonly ways: Choice["ways"];
  readonly emission: Emission;
}

interface Spot {
  readonly base: "arena" | "kept" | "scratch" | "thread";
  readonly offset: number;
  readonly bytes: number;
}

/** Bytes of different bases never meet. */
function regionOf({ base, offset, bytes }: Spot, written: boolean): Region {
  const start = { arena: 0, kept: 2 ** 40, scratch: 2 ** 41, thread: 2 ** 42 }[base] + offset;
  return { start, end: start + bytes, written };
}

export function slotBytes(slot: Slot): number {
  return sizeOf(slot.shape) * bytesOf(slot.dtype);
}

/** A kernel as text, large tables by their lengths only (their numbers are data, not code). */
const kernelKey = (kernel: Kernel): string =>
  exactText(kernel, (value) => (ArrayBuffer.isView(value) ? `table of ${value.byteLength}` : value));

/** The way that a step goes: the fastest, unless the caller chooses. */
function chooseWay(step: Step, ways: readonly Way[], { choose }: ProgramOptions): Way {
  const what = `the ${step.kernel.kind} of ${step.label}`;
  if (ways.length === 0) throw new NeocogError(`The WASM engine has no strategy for ${what}.`);
  const chosen = choose ? choose(ways, step) : ways[0];
  if (!chosen)
    throw new NeocogError(
      `Of the strategies for ${what} (${ways.map(({ name }) => name).join(", ")}) none was chosen.`,
    );
  return chosen;
}

export function buildProgram(plan: Plan, options: ProgramOptions): Program {
  return new ProgramBuilder(plan, options).build();
}

class ProgramBuilder {
  readonly #plan: Plan;
  readonly #steps: readonly Step[];
  readonly #options: ProgramOptions;
  readonly #slots: Map<number, Slot>;
  readonly #writtenSlots: ReadonlySet<number>;
  readonly #placed: PlacedPhase[] = [];
  readonly #prepared: { placed: PlacedPhase; slots: number[] }[] = [];
  readonly #segments: Segment[] = [];
  readonly #records: ProgramRecord[] = [];
  readonly #data: { offset: number; bytes: Uint8Array }[] = [];
  readonly #keptBuffers = new Map<string, Spot>();
  readonly #carriedOut = new Map<string, CarriedOut>();
  /** Steps that do not take the fastest way, for the sake of memory. */
  #thrifty: ReadonlyMap<Step, Way> = new Map();
  readonly #choices: Choice[] = [];
  #keptBytes = 0;
  #scratchBytes = 0;
  #threadBytes = refusalBytes;

  constructor(plan: Plan, options: ProgramOptions) {
    this.#plan = plan;
    this.#steps = settleEmpty(plan);
    this.#options = options;
    this.#slots = new Map(plan.slots.map((slot) => [slot.id, slot]));
    this.#writtenSlots = new Set(plan.steps.flatMap((step) => step.outputs));
  }

  build(): Program {
    let start = 0;
    const close = (host?: Segment["host"]): void => {
      const end = this.#placed.length;
      this.#segments.push({ start, end, parallel: false, ...(host ? { host } : {}) });
      start = end;
    };
    if (!this.#options.choose) {
      const works = this.#steps.flatMap((step) =>
        step.kernel.kind === "host" ? [] : [{ step, kernel: step.kernel, context: this.#contextOf(step) }],
      );
      const stable = this.#plan.slots.filter((slot) => slot.offset >= 0 && this.#stable(slot));
      this.#thrifty = withinBudget(
        works,
        stable.reduce((sum, slot) => sum + slotBytes(slot), 0),
        ({ step, kernel, context }) => this.#carryOut(step, kernel, context),
      );
    }
    for (const step of this.#steps) {
      if (step.kernel.kind === "host") close(step as Step & { kernel: HostKernel });
      else this.#addStep(step, step.kernel);
    }
    close();
    return this.#assemble();
  }

  #slot(id: number): Slot {
    const slot = this.#slots.get(id);
    if (!slot) throw new NeocogError(`The plan names slot ${id}, but has none of that number.`);
    return slot;
  }

  #variablesOf({ outputs }: Step): number[] {
    return outputs.filter((id) => this.#slot(id).role === "variable");
  }

  #writes(): Program["writes"] {
    const phases = this.#placed.map(({ step }, record) => ({ step, record }));
    const hosts = this.#segments.flatMap(({ host, end }) => (host ? [{ step: host, record: end - 1 }] : []));
    return [...phases, ...hosts].flatMap(({ step, record }) =>
      this.#variablesOf(step).map((slot) => ({ record, slot })),
    );
  }

  /** Keeps its numbers from run to run unless the caller writes it. */
  #stable(slot: Slot): boolean {
    return slot.role === "constant" || (slot.role === "variable" && !this.#writtenSlots.has(slot.id));
  }

  /** The chosen way's phases; equal kernels of equal types are thought about once. */
  #carryOut(step: Step, kernel: Kernel, context: StrategyContext): CarriedOut {
    const thrifty = this.#thrifty.get(step);
    const text = `${kernelKey(kernel)} ${context.inputTypes} > ${context.outputTypes} ${context.stableInputs} ${thrifty?.name}`;
    const known = this.#carriedOut.get(text);
    if (known) return known;
    const ways = waysOf(kernel, context);
    const way = thrifty ?? chooseWay(step, ways, this.#options);
    const made = {
      key: `${way.name} ${text}`,
      way,
      ways: ways.map(({ name, time }) => ({ name, time })),
      emission: way.emit(),
    };
    // Tables are no part of the text, and a caller who chooses may choose by the step.
    const repeatable = !made.emission.buffers.some((definition) => definition.data) && !this.#options.choose;
    if (repeatable) this.#carriedOut.set(text, made);
    return made;
  }

  #contextOf({ inputs, outputs }: Step): StrategyContext {
    const typesOf = (ids: readonly number[]): DType[] => ids.map((id) => this.#slot(id).dtype);
    return {
      features: this.#options.features,
      inputTypes: typesOf(inputs),
      outputTypes: typesOf(outputs),
      stableInputs: inputs.map((id) => this.#stable(this.#slot(id))),
    };
  }

  #addStep(step: Step, kernel: Kernel): void {
    const context = this.#contextOf(step);
    const { key, emission, way, ways } = this.#carryOut(step, kernel, context);
    const { name } = way;
    this.#choices.push({ step: step.label, chosen: name, ways });
    const buffers = new Map(emission.buffers.map((definition) => [definition.name, definition]));
    const spots = this.#placeBuffers(step, key, emission);
    const addressOf = (place: Place): Spot => {
      const [kind, buffer] = place.split(" ");
      if (kind === "buffer") {
        const spot = spots.get(buffer);
        if (!spot) throw new Error(`${name} names the buffer ${buffer}, but defines none.`);
        return spot;
      }
      const slot = this.#slot((kind === "input" ? step.inputs : step.outputs)[Number(buffer)]);
      return { base: "arena", offset: slot.offset, bytes: slotBytes(slot) };
    };
    for (const [index, phase] of emission.phases.entries()) {
      const places = [...new Set([...phase.reads, ...phase.writes])].filter(
        (place) => !place.startsWith("buffer ") || buffers.get(place.slice(7))?.scope !== "thread",
      );
      const placed: PlacedPhase = {
        phase,
        functionKey: `${key} ${index}`,
        label: `${step.label} [${name}]`,
        step,
        places,
        emission,
        addressOf,
      };
      const inputs = phase.reads.filter((place) => place.startsWith("input "));
      const slots = inputs.map((place) => step.inputs[Number(place.slice(6))]);
      if (phase.once && slots.every((id) => this.#stable(this.#slot(id)))) {
        const known = this.#prepared.some(
          (other) => other.placed.functionKey === placed.functionKey && other.slots.join() === slots.join(),
        );
        if (!known) this.#prepared.push({ placed, slots });
      } else if (phase.items > 0) this.#placed.push(placed);
    }
  }

  /** Places the strategy's buffers: data and what stable `once` phases write is kept, the rest is scratch of this step. */
  #placeBuffers(step: Step, key: string, emission: Emission): Map<string, Spot> {
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
      const writers = emission.phases.filter((phase) => phase.writes.includes(`buffer ${definition.name}`));
      const sources = writers.flatMap((phase) => phase.reads.filter((place) => place.startsWith("input ")));
      const slots = sources.map((place) => step.inputs[Number(place.slice(6))]);
      const stable = step.inputs.map((id) => this.#stable(this.#slot(id)));
      if (isKept(definition, emission, stable))
        spots.set(definition.name, this.#keep(definition, `${key} ${definition.name} ${slots}`, bytes));
      else {
        spots.set(definition.name, { base: "scratch", offset: scratch, bytes });
        scratch += bytes;
      }
    }
    this.#scratchBytes = Math.max(this.#scratchBytes, scratch);
    this.#threadBytes = Math.max(this.#threadBytes, thread);
    return spots;
  }

  #keep(definition: BufferDefinition, key: string, bytes: number): Spot {
    const known = definition.data ? undefined : this.#keptBuffers.get(key);
    if (known) return known;
    const spot: Spot = { base: "kept", offset: this.#keptBytes, bytes };
    this.#keptBytes += bytes;
    this.#keptBuffers.set(key, spot);
    if (definition.data) this.#data.push({ offset: spot.offset, bytes: definition.data });
    return spot;
  }

  #assemble(): Program {
    const { threads } = this.#options;
    const all = [...this.#placed, ...this.#prepared.map(({ placed }) => placed)];
    const recordsAddress = control.end;
    const argumentsAddress = align(recordsAddress + (all.length + 1) * recordBytes);
    const argumentWords = all.map(({ places }) => places.length);
    const threadAddress = align(argumentsAddress + argumentWords.reduce((sum, n) => sum + n, 0) * 4);
    const arenaAddress = align(threadAddress + this.#threadBytes * threads);
    const keptAddress = align(arenaAddress + this.#plan.arenaBytes);
    const scratchAddress = align(keptAddress + this.#keptBytes);
    const traceAddress = align(scratchAddress + this.#scratchBytes);
    const traceBytes = this.#options.trace ? all.length * threads * 24 : 0;
    const memoryBytes = align(traceAddress + traceBytes, 65536);
    checkMemory(this.#plan, memoryBytes);
    const bases = { arena: arenaAddress, kept: keptAddress, scratch: scratchAddress, thread: 0 };
    const addressOf = (spot: Spot): number => bases[spot.base] + spot.offset;

    const table = this.#emitFunctions(all, {
      recordsAddress,
      threadAddress,
      traceAddress,
    });
    const words = new Int32Array((threadAddress - recordsAddress) / 4);
    const flags = flagsOf(
      all.map((placed, index) => ({
        solo:
          threads === 1 || placed.phase.work < soloLimit || placed.phase.items === 1 || index >= this.#placed.length,
        concurrent: placed.phase.concurrent === true,
        starts: this.#segments.some((segment) => segment.start === index),
        regions: placed.places.map((place) => regionOf(placed.addressOf(place), placed.phase.writes.includes(place))),
      })),
    );
    const refuses = all.some(({ phase }) => phase.places);
    const commit = refuses ? this.#placed.findIndex(({ step }) => this.#variablesOf(step).length > 0) : -1;
    if (commit >= 0) flags[commit] |= commitFlag | (threads > 1 ? barrierFlag : 0);
    let argument = argumentsAddress;
    for (const [i, { phase, places, functionKey, label, step }] of all.entries()) {
      const grabs = Math.max(1, Math.min(threads * 8, Math.floor(phase.work / grabTime)));
      const grain = Math.max(1, Math.ceil(phase.items / grabs));
      words.set([table.places.get(functionKey)!, phase.items, grain, flags[i], argument, 0], (i * recordBytes) / 4);
      const taken = phase.places && { places: { ...phase.places, argumentsAddress: argument, step: step.label } };
      for (const place of places) {
        words[(argument - recordsAddress) / 4] = addressOf(all[i].addressOf(place));
        argument += 4;
      }
      const { name, items, work } = phase;
      this.#records.push({ name, label, items, work, grain, flags: flags[i], ...taken });
    }
    const segments = this.#segments.map((segment) => ({
      ...segment,
      parallel: threads > 1 && flags.slice(segment.start, segment.end).some((flag) => (flag & soloFlag) === 0),
    }));
    return {
      module: table.module,
      segments,
      writes: this.#writes(),
      preparations: this.#prepared.map(({ slots }, i) => ({
        slots,
        start: this.#placed.length + i,
        end: this.#placed.length + i + 1,
      })),
      records: this.#records,
      choices: this.#choices,
      memoryBytes,
      arenaAddress,
      threadAddress,
      threadBytes: this.#threadBytes,
      traceAddress,
      keptBytes: this.#keptBytes,
      scratchBytes: this.#scratchBytes + this.#threadBytes * threads,
      data: [
        { address: recordsAddress, bytes: new Uint8Array(words.buffer) },
        ...this.#data.map(({ offset, bytes }) => ({ address: keptAddress + offset, bytes })),
      ],
    };
  }

  #emitFunctions(
    all: readonly PlacedPhase[],
    addresses: { recordsAddress: number; threadAddress: number; traceAddress: number },
  ): { module: Uint8Array<ArrayBuffer>; places: Map<string, number> } {
    const { features, shared, spins } = this.#options;
    const module = new ModuleBuilder();
    module.importMemory({ shared, minimumPages: 1, maximumPages: 65536 });
    const math = Object.fromEntries(
      (Object.keys(hostMath) as MathName[]).map((name) => {
        const parameters = hostMath[name].length === 2 ? (["f64", "f64"] as const) : (["f64"] as const);
        return [name, module.importFunction("math", name, parameters, "f64")];
      }),
    ) as unknown as MathImports;
    const trace = this.#options.trace
      ? {
          address: addresses.traceAddress,
          records: all.length,
          now: module.importFunction("clock", "now", [], "f64"),
        }
      : undefined;
    addRuntime(module, {
      ...(trace ? { trace } : {}),
      shared,
      refuses: all.some(({ phase }) => phase.places),
      recordsAddress: addresses.recordsAddress,
      threadScratchAddress: addresses.threadAddress,
      threadScratchBytes: this.#threadBytes,
      spins,
    });
    const places = new Map<string, number>();
    const helpers = new Map<string, Callable>();
    for (const { phase, functionKey, places: operands, emission, addressOf } of all) {
      if (places.has(functionKey)) continue;
      const f = module.function(`${phase.name}_${places.size}`, phaseParameters);
      const [from, to, list, threadScratch] = f.parameters;
      const known = new Map<Place, Local>();
      for (const [i, place] of operands.entries()) known.set(place, f.define(load("i32.load", list, i * 4)));
      for (const { name, scope } of emission.buffers) {
        const place: Place = `buffer ${name}`;
        if (scope === "thread") known.set(place, f.define(i32.add(threadScratch, addressOf(place).offset)));
      }
      phase.emit({
        f,
        from,
        to,
        features,
        math,
        address: (place) => {
          const local = known.get(place);
          if (!local) throw new Error(`${f.name} neither reads nor writes ${place}.`);
          return local;
        },
        refuse(index, at) {
          if (!phase.places) throw new Error(`${f.name} refuses an index, but does not say that it takes places.`);
          f.if(i32.eqz(load("i32.load", threadScratch)), () => {
            f.store("i32.store", threadScratch, list);
            f.store("i32.store", threadScratch, at, 4);
            f.store("i32.store", threadScratch, index, 8);
            f.store(shared ? "i32.atomic.store" : "i32.store", constI32(0), constI32(1), control.refused);
          });
        },
        helper(key, parameters, result, write) {
          const known = helpers.get(key);
          if (known) return known;
          const inner = module.function(key, parameters, result);
          helpers.set(key, inner);
          write({ f: inner, features, math });
          return inner;
        },
      });
      places.set(functionKey, module.tabulate(f));
    }
    return { module: module.build(), places };
  }
}
