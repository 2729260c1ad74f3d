// From a plan to a program: a strategy for every step, functions shared by equal kernels, a place for everything in one memory,
// and barriers only where two phases touch the same bytes.
//
//   memory:  control words · records · arguments · thread scratch · arena (the plan's slots) · kept buffers · scratch
import { bytesOf, type DType } from "../../../base/dtype.ts";
import { NeocogError } from "../../../base/errors.ts";
import { sizeOf } from "../../../base/shape.ts";
import type { HostKernel, Plan, Slot, Step } from "../../../kernel/plan.ts";
import type { Features } from "../code/features.ts";
import { profile } from "../profile.ts";
import { type Strategies, strategiesFor } from "../strategies.ts";
import { type Bounds, operandsRead, type Place, type StrategyContext } from "../strategy.ts";
import { flagsOf } from "./barriers.ts";
import type { Work } from "./budget.ts";
import { align, Buffers, regionOf, type Spot } from "./buffers.ts";
import { type CarriedOut, type Choice, type Choose, Chooser } from "./choose.ts";
import { emitFunctions, type PlacedPhase } from "./functions.ts";
import { checkMemory } from "./limit.ts";
import { barrierFlag, commitFlag, control, recordBytes, soloFlag } from "./runtime.ts";
import { settle } from "./settle.ts";

export interface ProgramOptions {
  readonly features: Features;
  readonly threads: number;
  readonly shared: boolean;
  readonly spins: number;
  /** Notes when every thread came to, began and ended every record. */
  readonly trace?: boolean;
  /** Writes every shared function anew for each that asks for it, and fails where that is other code: for tests. */
  readonly checks?: boolean;
  readonly choose?: Choose;
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

export function slotBytes(slot: Slot): number {
  return sizeOf(slot.shape) * bytesOf(slot.dtype);
}

export const buildProgram = async (plan: Plan, options: ProgramOptions): Promise<Program> =>
  (await builderFor(plan, options)).build();

/** What the steps of a plan would take, in order. */
export const choicesOf = async (plan: Plan, options: ProgramOptions): Promise<readonly Choice[]> =>
  (await builderFor(plan, options)).choose();

/** Loads the strategies that the plan may use. */
async function builderFor(plan: Plan, options: ProgramOptions): Promise<ProgramBuilder> {
  const steps = await settle(plan);
  const kernels = steps.flatMap(({ kernel }) => (kernel.kind === "host" ? [] : [kernel]));
  return new ProgramBuilder(plan, steps, await strategiesFor(kernels), options);
}

class ProgramBuilder {
  readonly #plan: Plan;
  readonly #steps: readonly Step[];
  readonly #strategies: Strategies;
  readonly #options: ProgramOptions;
  readonly #slots: Map<number, Slot>;
  readonly #writtenSlots: ReadonlySet<number>;
  readonly #placed: PlacedPhase[] = [];
  readonly #prepared: { placed: PlacedPhase; slots: number[] }[] = [];
  readonly #segments: Segment[] = [];
  readonly #records: ProgramRecord[] = [];
  readonly #choices: Choice[] = [];
  readonly #buffers = new Buffers();

  constructor(plan: Plan, steps: readonly Step[], strategies: Strategies, options: ProgramOptions) {
    this.#plan = plan;
    this.#steps = steps;
    this.#strategies = strategies;
    this.#options = options;
    this.#slots = new Map(plan.slots.map((slot) => [slot.id, slot]));
    this.#writtenSlots = new Set(plan.steps.flatMap((step) => step.outputs));
  }

  build(): Program {
    this.choose();
    return this.#assemble();
  }

  /** Gives every step its way, and its phases their places among the program's. */
  choose(): readonly Choice[] {
    let start = 0;
    const close = (host?: Segment["host"]): void => {
      const end = this.#placed.length;
      this.#segments.push({ start, end, parallel: false, ...(host ? { host } : {}) });
      start = end;
    };
    const works = this.#steps.flatMap((step) => this.#workOf(step) ?? []);
    const stable = this.#plan.slots.filter((slot) => slot.offset >= 0 && this.#stable(slot));
    const weightBytes = stable.reduce((sum, slot) => sum + slotBytes(slot), 0);
    const chooser = new Chooser(works, weightBytes, this.#strategies, this.#options.choose);
    for (const step of this.#steps) {
      const work = this.#workOf(step);
      if (work) this.#addStep(work, chooser.carryOut(work));
      else close(step as Step & { kernel: HostKernel });
    }
    close();
    return this.#choices;
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

  /** Undefined for a step of the host. */
  #workOf(step: Step): Work | undefined {
    const { kernel, inputs, outputs } = step;
    if (kernel.kind === "host") return undefined;
    const typesOf = (ids: readonly number[]): DType[] => ids.map((id) => this.#slot(id).dtype);
    const context: StrategyContext = {
      features: this.#options.features,
      inputTypes: typesOf(inputs),
      outputTypes: typesOf(outputs),
      profile,
      stableInputs: inputs.map((id) => this.#stable(this.#slot(id))),
    };
    return { step, kernel, context };
  }

  #addStep({ step, context }: Work, { key, emission, way, ways }: CarriedOut): void {
    const { name } = way;
    this.#choices.push({ step: step.label, chosen: name, ways });
    const buffers = new Map(emission.buffers.map((definition) => [definition.name, definition]));
    const spots = this.#buffers.place(step, key, emission, context.stableInputs);
    const addressOf = (place: Place): Spot => {
      if (place.kind === "buffer") {
        const spot = spots.get(place.name);
        if (!spot) throw new Error(`${name} names the buffer ${place.name}, but defines none.`);
        return spot;
      }
      const slot = this.#slot((place.kind === "input" ? step.inputs : step.outputs)[place.index]);
      return { base: "arena", offset: slot.offset, bytes: slotBytes(slot) };
    };
    for (const [index, phase] of emission.phases.entries()) {
      const places = [...new Set([...phase.reads, ...phase.writes])].filter(
        (place) => place.kind !== "buffer" || buffers.get(place.name)?.scope !== "thread",
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
      const slots = operandsRead(phase).map((index) => step.inputs[index]);
      if (phase.once && slots.every((id) => this.#stable(this.#slot(id)))) {
        const known = this.#prepared.some(
          (other) => other.placed.functionKey === placed.functionKey && other.slots.join() === slots.join(),
        );
        if (!known) this.#prepared.push({ placed, slots });
      } else if (phase.items > 0) this.#placed.push(placed);
    }
  }

  #assemble(): Program {
    const { threads } = this.#options;
    const { keptBytes, scratchBytes, threadBytes, data } = this.#buffers;
    const all = [...this.#placed, ...this.#prepared.map(({ placed }) => placed)];
    const recordsAddress = control.end;
    const argumentsAddress = align(recordsAddress + (all.length + 1) * recordBytes);
    const argumentWords = all.map(({ places }) => places.length);
    const threadAddress = align(argumentsAddress + argumentWords.reduce((sum, n) => sum + n, 0) * 4);
    const arenaAddress = align(threadAddress + threadBytes * threads);
    const keptAddress = align(arenaAddress + this.#plan.arenaBytes);
    const scratchAddress = align(keptAddress + keptBytes);
    const traceAddress = align(scratchAddress + scratchBytes);
    const traceBytes = this.#options.trace ? all.length * threads * 24 : 0;
    const memoryBytes = align(traceAddress + traceBytes, 65536);
    checkMemory(this.#plan, memoryBytes);
    const bases = { arena: arenaAddress, kept: keptAddress, scratch: scratchAddress, thread: 0 };
    const addressOf = (spot: Spot): number => bases[spot.base] + spot.offset;

    const table = emitFunctions(all, {
      ...this.#options,
      recordsAddress,
      threadAddress,
      threadBytes,
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
      threadBytes,
      traceAddress,
      keptBytes,
      scratchBytes: scratchBytes + threadBytes * threads,
      data: [
        { address: recordsAddress, bytes: new Uint8Array(words.buffer) },
        ...data.map(({ offset, bytes }) => ({ address: keptAddress + offset, bytes })),
      ],
    };
  }
}
