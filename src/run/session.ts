// A session: a program made ready on an engine. Inputs and answers go by name; variables live inside from run to run.
// Nothing to dispose: `release` only gives memory back early.

import { clock } from "#host";
import { understand } from "../base/arguments.ts";
import { type NdArray, ndarrayRule, stateRule } from "../base/array.ts";
import { checkOptions, NeocogError, unknownName } from "../base/errors.ts";
import { options as byName, flag, type OptionsOf, recordOf } from "../base/rules.ts";
import type { StopSignal } from "../base/web.ts";
import { type Compiled, compile } from "../compile/compile.ts";
import { freeze } from "../compile/freeze.ts";
import { type Program, programRule, rootsOf } from "../compile/program.ts";
import { type Engine, type Executable, engineRule, type MemoryReport } from "../engines/engine.ts";
import { attributesIf, type Tensor, tensor, tensorList, variableOp } from "../graph/graph.ts";
import { walk } from "../graph/walk.ts";
import type { Slot } from "../kernel/plan.ts";
import { checkValue } from "./values.ts";

/** Numbers of variables by name. Variables without an entry start from their initialiser. */
export type State = ReadonlyMap<string, NdArray>;

/** Options of openSession. */
export interface SessionOptions {
  /** Values of variables at the start. */
  readonly state?: State;
  /** Make variables constants (inference): faster, and they cannot change. */
  readonly frozen?: boolean;
  /** Inputs that may be given even if the program does not read them. */
  readonly inputs?: readonly Tensor[];
  /**
   * The same program for another number of pictures: sums are taken as there, so that the answer to a picture is the same to
   * the bit however many it is computed with.
   */
  readonly like?: Program;
}

export interface RunOptions {
  /** Abandons the run, within a fraction of a second also where one takes minutes. */
  readonly signal?: StopSignal;
}

/** A program made ready: variables live inside from run to run. */
export interface Session {
  /** The program after all passes, for printing. */
  readonly compiled: Compiled;
  /** Bytes that it takes in its engine. */
  readonly memory: MemoryReport;
  /**
   * Writes the inputs, runs, and reads every output. Refused: a name, shape or type that is not the program's, a second run
   * before the first has ended, a run after the release.
   *
   * An index in the data that names no place ends the run with a sentence; every variable then keeps its value. A signal
   * that fires makes the run reject with the signal's reason; variables keep their values, or, where some were written
   * already, those cannot be used until they are written again (`writeVariable`).
   */
  run(inputs?: Readonly<Record<string, NdArray>>, options?: RunOptions): Promise<Record<string, NdArray>>;
  /** Names of the variables, in the order of the graph. */
  readonly variables: readonly string[];
  /** A copy of a variable's numbers. */
  readVariable(name: string): NdArray;
  /** Other numbers for a variable, of its shape and type. */
  writeVariable(name: string, value: NdArray): void;
  /** Gives its memory back; it cannot be used any more. */
  release(): void;
}

/** Makes a program ready on an engine. Throws for inputs and states that do not fit. */
export async function openSession(program: Program, engine: Engine, options: SessionOptions = {}): Promise<Session> {
  understand("openSession", arguments, {
    program: programRule,
    engine: engineRule,
    options: byName<OptionsOf<typeof openSession>>({
      state: stateRule,
      frozen: flag,
      inputs: tensorList,
      like: programRule,
    }),
  });
  const { state, frozen = false, inputs, like } = options;
  const { lowering } = engine;
  const ready = (given: Program): Program =>
    frozen ? freeze(given, (name, initial) => state?.get(name) ?? initial()) : given;
  // Compiling a large network takes long: what was asked to stop hears of it before and after.
  await clock.breathe();
  const compiled = compile(ready(program), { lowering, inputs });
  await clock.breathe();
  const followed = like && compile(ready(like), { lowering }).memory.plan;
  const executable = await engine.compile(compiled.memory.plan, followed);
  const session = new PlanSession(compiled, executable);
  if (frozen) return session;
  try {
    await start(session, initialisers(program), state);
  } catch (error) {
    session.release();
    throw error;
  }
  return session;
}

/** First values of all variables. Drawing millions takes seconds, so the host has its turn in between. */
async function start(session: Session, initials: ReadonlyMap<string, () => NdArray>, state?: State): Promise<void> {
  let breathed = clock.now();
  for (const name of session.variables) {
    session.writeVariable(name, state?.get(name) ?? initials.get(name)!());
    if (clock.now() - breathed < 30) continue;
    await clock.breathe();
    breathed = clock.now();
  }
}

function initialisers(program: Program): Map<string, () => NdArray> {
  const found = new Map<string, () => NdArray>();
  for (const node of walk([...rootsOf(program), ...program.updates.map(({ variable }) => variable)])) {
    const variable = attributesIf(node, variableOp);
    if (variable) found.set(variable.name, variable.initial);
  }
  return found;
}

class PlanSession implements Session {
  readonly compiled: Compiled;
  readonly variables: readonly string[];
  readonly #executable: Executable;
  readonly #inputs = new Map<string, Slot>();
  readonly #variables = new Map<string, Slot>();
  #state: "ready" | "running" | "released" = "ready";

  constructor(compiled: Compiled, executable: Executable) {
    this.compiled = compiled;
    this.#executable = executable;
    for (const slot of compiled.memory.plan.slots) {
      if (slot.role === "input") this.#inputs.set(slot.name, slot);
      if (slot.role === "variable") this.#variables.set(slot.name, slot);
    }
    this.variables = [...this.#variables.keys()];
  }

  async run(
    inputs: Readonly<Record<string, NdArray>> = {},
    options: RunOptions = {},
  ): Promise<Record<string, NdArray>> {
    checkOptions("session.run", options, ["signal"]);
    this.#mayUse("run");
    for (const name of this.#inputs.keys()) {
      if (!(name in inputs)) throw new NeocogError(`The input "${name}" is missing.`);
    }
    for (const [name, value] of Object.entries(inputs)) {
      const slot = this.#inputs.get(name);
      if (!slot) throw unknownName("input", name, [...this.#inputs.keys()]);
      checkValue("input", slot, value);
      this.#executable.write(slot.id, value);
    }
    this.#state = "running";
    try {
      await this.#executable.run(options.signal);
    } finally {
      this.#state = "ready";
    }
    // An output that is a view shares the slot of what it views, and has a shape of its own.
    const { outputs } = this.compiled.program;
    return Object.fromEntries(
      Object.entries(this.compiled.lowered.outputs).map(([name, slot]) => [
        name,
        { ...this.#executable.read(slot), shape: outputs[name].shape },
      ]),
    );
  }

  readVariable(name: string): NdArray {
    this.#mayUse("read");
    return this.#executable.read(this.#variable(name).id);
  }

  writeVariable(name: string, value: NdArray): void {
    this.#mayUse("written");
    const slot = this.#variable(name);
    checkValue("variable", slot, value);
    this.#executable.write(slot.id, value);
  }

  get memory(): MemoryReport {
    return this.#executable.memory;
  }

  release(): void {
    if (this.#state === "released") return;
    this.#mayUse("released");
    this.#executable.release();
    this.#state = "released";
  }

  #mayUse(how: string): void {
    if (this.#state === "ready") return;
    throw new NeocogError(
      this.#state === "released"
        ? `This session was released and cannot be ${how} any more; open another.`
        : `This session is running and cannot be ${how} until that run has ended; await it first.`,
    );
  }

  #variable(name: string): Slot {
    const slot = this.#variables.get(name);
    if (!slot) throw unknownName("variable", name, this.variables);
    return slot;
  }
}

/**
 * Computes some tensors once from inputs by name: `const { y } = await runOnce({ y }, { x }, engine)`. Variables
 * start from their initialisers. Throws for an input that is missing or does not fit.
 */
export async function runOnce(
  outputs: Readonly<Record<string, Tensor>>,
  inputs: Readonly<Record<string, NdArray>>,
  engine: Engine,
): Promise<Record<string, NdArray>> {
  understand("runOnce", arguments, {
    outputs: recordOf(tensor, "tensors by name"),
    inputs: recordOf(ndarrayRule, "arrays by name"),
    engine: engineRule,
  });
  const session = await openSession({ outputs, updates: [] }, engine);
  try {
    return await session.run(inputs);
  } finally {
    session.release();
  }
}
