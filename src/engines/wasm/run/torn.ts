// Variables that an abandoned run has written: neither the old state nor the new one. Nobody may use them until they are
// written again.
import { NeocogError } from "../../../base/errors.ts";
import type { Slot } from "../../../kernel/plan.ts";

export class Torn {
  readonly #slots = new Map<number, Slot>();

  add(slot: Slot): void {
    this.#slots.set(slot.id, slot);
  }

  mend(id: number): void {
    this.#slots.delete(id);
  }

  /** Throws where a variable, or any, is torn. */
  check(slot?: Slot): void {
    const [torn] = slot ? [this.#slots.get(slot.id)] : this.#slots.values();
    if (!torn) return;
    throw new NeocogError(
      `The last run was abandoned while it wrote variables, "${torn.name}" among them; write all of them again to go on.`,
    );
  }
}
