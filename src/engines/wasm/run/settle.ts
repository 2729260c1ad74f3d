// Steps that are not for code. Code for a loop may count on at least one of everything, so here is where an axis of length 0 ends:
// a step that writes nothing is left out, and one that makes something of nothing (a sum over an empty axis, a product with
// an inner axis of 0) runs its definition on the host. So does a product or a window of other numbers than float32, which the
// strategies for them are written for.
import type { DType } from "../../../base/dtype.ts";
import { sizeOf } from "../../../base/shape.ts";
import type { Kernel } from "../../../kernel/kernel.ts";
import type { Plan, Step } from "../../../kernel/plan.ts";

const isEmpty = ({ shape }: { readonly shape: readonly number[] }): boolean => sizeOf(shape) === 0;

/**
 * The steps of a plan that have something to do, none of them a loop without a turn or of types that no strategy takes.
 * Definitions are loaded with the first such plan.
 */
export async function settle({ slots, steps }: Plan): Promise<Step[]> {
  const known = new Map(slots.map((slot) => [slot.id, slot]));
  const empty = (id: number): boolean => isEmpty(known.get(id)!);
  const done = steps.filter(({ kernel, outputs }) => kernel.kind === "host" || !outputs.every(empty));
  return Promise.all(
    done.map(async (step) => {
      const { kernel } = step;
      if (kernel.kind === "host") return step;
      const types = step.inputs.map((id) => known.get(id)!.dtype);
      return step.inputs.some(empty) || turnsNever(kernel) || !taken(kernel, types) ? onHost(step, kernel) : step;
    }),
  );
}

/** Whether there is code for operands of these types. An epilogue's own operands may be of any. */
function taken(kernel: Kernel, types: readonly DType[]): boolean {
  if (kernel.kind !== "contract" && kernel.kind !== "window") return true;
  return types.slice(0, kernel.kind === "contract" ? 2 : 1).every((type) => type === "float32");
}

/** Pieces of a copy may be empty by themselves: its strategy leaves those out. */
function turnsNever(kernel: Kernel): boolean {
  switch (kernel.kind) {
    case "reduce":
      return isEmpty(kernel);
    case "copy":
      return kernel.pieces.every(isEmpty) && kernel.fill === undefined;
    default:
      return false;
  }
}

async function onHost(step: Step, kernel: Kernel): Promise<Step> {
  const { interpret } = await import("../../../kernel/interpret.ts");
  return { ...step, kernel: { kind: "host", name: kernel.kind, run: (inputs) => interpret(kernel, inputs) } };
}
