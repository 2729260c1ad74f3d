// Places that data names: the one source of addresses that no compiler can check. An index is a whole number within its
// bounds, or the run ends in a sentence; no engine reads or writes anything for it.
import { NeocogError } from "../base/errors.ts";
import type { Kernel } from "./kernel.ts";
import type { HostKernel } from "./plan.ts";

/** An index that names no place. */
export class PlaceError extends NeocogError {
  /** `where`: the op, or the label of its step; `at`: which of the indices, counted row-major from 0. */
  static of(where: string, index: number, at: number, low: number, high: number): PlaceError {
    const bounds = high < 0 ? "the axis has no places" : `it must be a whole number from ${low} to ${high}`;
    return new PlaceError(`the index ${index} at place ${at} names nothing: ${bounds}.`, {
      where: [{ kind: "step", name: where }],
    });
  }
}

/** Runs a step; where it refuses an index, the sentence begins with the step's label. */
export function naming<T>(label: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw error instanceof PlaceError ? error.tell({ where: [{ kind: "step", name: label }] }) : error;
  }
}

/** The place along an axis that index number `at` names: negative ones count from the end. */
export function placeAlong(op: string, indices: ArrayLike<number>, at: number, size: number): number {
  const index = indices[at];
  if (!(Number.isInteger(index) && index >= -size && index < size)) throw PlaceError.of(op, index, at, -size, size - 1);
  return index < 0 ? index + size : index;
}

/** The cell of a plane that index number `at` names, −1 for none. */
export function cellOf(op: string, indices: ArrayLike<number>, at: number, cells: number): number {
  const index = indices[at];
  if (!(Number.isInteger(index) && index >= -1 && index < cells)) throw PlaceError.of(op, index, at, -1, cells - 1);
  return index;
}

/** Which operand of a loop holds places, and their bounds. Engines check it for every kernel that has one. */
export function placesOf(
  kernel: Kernel,
): { readonly operand: number; readonly low: number; readonly high: number } | undefined {
  switch (kernel.kind) {
    case "index":
      return kernel.form === "table" ? undefined : { operand: 1, low: -kernel.size, high: kernel.size - 1 };
    case "window": {
      const cells = kernel.input.reduce((count, n) => count * n, 1);
      const scatters = kernel.combine === "maximum" && kernel.role === "gradient";
      return scatters ? { operand: 1, low: -1, high: cells - 1 } : undefined;
    }
    case "map":
    case "reduce":
    case "contract":
    case "copy":
      return undefined;
  }
}

/** Whether a step may end a run because of the numbers it meets: variables must not be written before it. */
export const mayRefuse = (kernel: Kernel | HostKernel): boolean =>
  kernel.kind === "host" || placesOf(kernel) !== undefined;
