// The reference engine: every step in float64, by the op's own definition or by that of its loop. It is not fast; it is
// what "right" means, and it runs wherever JavaScript runs.

import { clock } from "#host";
import { understand } from "../../base/arguments.ts";
import { type NdArray, storageOf, zeros64 } from "../../base/array.ts";
import { NeocogError } from "../../base/errors.ts";
import { formatShape, sameShape, sizeOf } from "../../base/shape.ts";
import type { StopSignal } from "../../base/web.ts";
import { interpret } from "../../kernel/interpret.ts";
import { naming } from "../../kernel/places.ts";
import { type Plan, type Step, weightBytes } from "../../kernel/plan.ts";
import type { Engine, Executable, MemoryReport } from "../engine.ts";

/** The engine of definitions: every op in float64, slow and exact. */
export function referenceEngine(): Engine {
  understand("referenceEngine", arguments, {});
  return {
    name: "reference",
    description: "Plain JavaScript in float64 on one thread: the definition of every op, not built for speed.",
    lowering: "definitions",
    compile: async (plan) => new ReferenceExecutable(plan),
    memoryOf: async (plan) => memoryOf(plan),
    close: async () => {},
  };
}

/** As planned; in fact its arrays are float64, each of its own, and those of temporaries last from first to last use. */
const memoryOf = (plan: Plan): MemoryReport => ({
  arenaBytes: plan.arenaBytes,
  weightBytes: weightBytes(plan),
  packedBytes: 0,
  scratchBytes: 0,
});

/** Milliseconds of computing after which timers, input and signals get their turn. */
const turn = 30;

class ReferenceExecutable implements Executable {
  readonly memory: MemoryReport;
  readonly #plan: Plan;
  readonly #values: (NdArray | undefined)[];
  #running = false;
  /** When the host last had its turn. */
  #breathed = clock.now();
  /** For each step, the temporaries that nobody reads after it. */
  readonly #dying: readonly number[][];

  constructor(plan: Plan) {
    this.#plan = plan;
    this.memory = memoryOf(plan);
    this.#values = plan.slots.map((slot) => slot.value && toFloat64(slot.value));
    const last = new Map<number, number>();
    plan.steps.forEach((step, i) => {
      for (const slot of [...step.inputs, ...step.outputs]) last.set(this.#owner(slot), i);
    });
    const read = new Set(plan.slots.filter(({ output }) => output).map(({ id }) => this.#owner(id)));
    const dying: number[][] = plan.steps.map(() => []);
    for (const [slot, step] of last) {
      if (plan.slots[slot].role === "temporary" && !read.has(slot)) dying[step].push(slot);
    }
    this.#dying = dying;
  }

  write(slot: number, value: NdArray): void {
    const { shape, name } = this.#plan.slots[slot];
    if (!sameShape(value.shape, shape)) {
      throw new NeocogError(`"${name}" holds ${formatShape(shape)}, but was given ${formatShape(value.shape)}.`);
    }
    this.#values[slot] = toFloat64(value);
  }

  async run(signal?: StopSignal): Promise<void> {
    if (this.#running) throw new NeocogError("This executable is running: await one run before the next.");
    signal?.throwIfAborted();
    this.#running = true;
    const before = [...this.#values];
    try {
      for (const [i, step] of this.#plan.steps.entries()) {
        if (clock.now() - this.#breathed > turn) {
          await clock.breathe();
          this.#breathed = clock.now();
          signal?.throwIfAborted();
        }
        this.#runStep(step);
        for (const slot of this.#dying[i]) this.#values[slot] = undefined;
      }
    } catch (error) {
      // A run that fails or is abandoned leaves the variables as they were.
      for (const { id, role } of this.#plan.slots) if (role === "variable") this.#values[id] = before[id];
      throw error;
    } finally {
      this.#running = false;
    }
  }

  #runStep({ kernel, inputs, outputs, label }: Step): void {
    const arrays = inputs.map((slot) => this.#value(slot));
    const results = naming(label, () => (kernel.kind === "host" ? kernel.run(arrays) : interpret(kernel, arrays)));
    outputs.forEach((slot, k) => {
      this.#put(slot, results[k]);
    });
  }

  read(slot: number): NdArray {
    const { shape, dtype, data } = this.#value(slot);
    return { shape, dtype, data: dtype === "float32" ? Float64Array.from(data) : storageOf(dtype).from(data) };
  }

  release(): void {
    this.#values.fill(undefined);
  }

  /** The slot whose array holds the numbers of `slot`: another where it lies within that. */
  #owner(slot: number): number {
    return this.#plan.slots[slot].within?.slot ?? slot;
  }

  #put(slot: number, { data }: NdArray): void {
    const { shape, dtype, within } = this.#plan.slots[slot];
    if (!within) {
      this.#values[slot] = { shape, dtype, data };
      return;
    }
    const owner = this.#plan.slots[within.slot];
    const whole = this.#values[owner.id] ?? zeros64(owner.shape, owner.dtype);
    whole.data.set(data, within.start);
    this.#values[owner.id] = whole;
  }

  #value(slot: number): NdArray {
    const { name, shape, within } = this.#plan.slots[slot];
    const value = this.#values[this.#owner(slot)];
    if (!value) throw new NeocogError(`"${name}" was read before it was written; give it as an input.`);
    return within ? { ...value, shape, data: value.data.subarray(within.start, within.start + sizeOf(shape)) } : value;
  }
}

function toFloat64({ shape, dtype, data }: NdArray): NdArray {
  if (data.length !== sizeOf(shape))
    throw new NeocogError(`An array of ${formatShape(shape)} holds ${data.length} numbers.`);
  return { shape, dtype, data: Float64Array.from(data) };
}
