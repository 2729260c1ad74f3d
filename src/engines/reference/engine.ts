// The reference engine: every step in float64, by the op's own definition or by that of its loop. It is not fast; it is
// what "right" means, and it runs wherever JavaScript runs.
import { type NdArray, storageOf } from "../../base/array.ts";
import { NeocogError } from "../../base/errors.ts";
import { formatShape, sameShape, sizeOf } from "../../base/shape.ts";
import { interpret } from "../../kernel/interpret.ts";
import type { Plan } from "../../kernel/plan.ts";
import type { Engine, Executable } from "../engine.ts";

export function referenceEngine(): Engine {
  return {
    name: "reference",
    description: "Plain JavaScript in float64 on one thread: the definition of every op, not built for speed.",
    lowering: "definitions",
    compile: async (plan) => new ReferenceExecutable(plan),
    close: async () => {},
  };
}

class ReferenceExecutable implements Executable {
  readonly #plan: Plan;
  readonly #values: (NdArray | undefined)[];
  /** For each step, the temporaries that nobody reads after it. */
  readonly #dying: readonly number[][];

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#values = plan.slots.map((slot) => slot.value && toFloat64(slot.value));
    const last = new Map<number, number>();
    plan.steps.forEach((step, i) => {
      for (const slot of [...step.inputs, ...step.outputs]) last.set(slot, i);
    });
    const dying: number[][] = plan.steps.map(() => []);
    for (const [slot, step] of last) {
      if (plan.slots[slot].role === "temporary" && !plan.slots[slot].output) dying[step].push(slot);
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

  async run(): Promise<void> {
    this.#plan.steps.forEach((step, i) => {
      const inputs = step.inputs.map((slot) => this.#value(slot));
      const outputs = step.kernel.kind === "host" ? step.kernel.run(inputs) : interpret(step.kernel, inputs);
      step.outputs.forEach((slot, k) => {
        const { shape, dtype } = this.#plan.slots[slot];
        this.#values[slot] = { shape, dtype, data: outputs[k].data };
      });
      for (const slot of this.#dying[i]) this.#values[slot] = undefined;
    });
  }

  read(slot: number): NdArray {
    const { shape, dtype, data } = this.#value(slot);
    return { shape, dtype, data: dtype === "float32" ? Float64Array.from(data) : storageOf(dtype).from(data) };
  }

  release(): void {
    this.#values.fill(undefined);
  }

  #value(slot: number): NdArray {
    const value = this.#values[slot];
    if (!value)
      throw new NeocogError(`"${this.#plan.slots[slot].name}" was read before it was written; give it as an input.`);
    return value;
  }
}

function toFloat64({ shape, dtype, data }: NdArray): NdArray {
  if (data.length !== sizeOf(shape))
    throw new NeocogError(`An array of ${formatShape(shape)} holds ${data.length} numbers.`);
  return { shape, dtype, data: Float64Array.from(data) };
}
