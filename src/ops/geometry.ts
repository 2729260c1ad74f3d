// Sliding windows in the user's words: how stride and padding as they are said become numbers.
import { NeocogError } from "../base/errors.ts";
import { reachOf, samePadding, splitPadding } from "../base/window.ts";

/** One number for all axes, or one an axis. */
export type PerAxis = number | readonly number[];

export function perAxis(value: PerAxis, rank: number, what: string): number[] {
  if (typeof value === "number") return new Array<number>(rank).fill(value);
  if (value.length !== rank)
    throw new NeocogError(`${what} needs one number, or ${rank} (one an axis), not ${value.length}.`);
  return [...value];
}

/**
 * Padding as a user says it:
 * a number or one an axis (cells on either side, as PyTorch); a pair [before, after] an axis; "valid" (none); "full"
 * (d(k − 1) on either side); "same" (output ceil(n / s), odd cell at the end) and "same-lower" (odd cell at the start);
 * or { total } (cells of both sides together, as textbooks write p; odd cell at the end).
 */
export type Padding =
  | number
  | readonly (number | readonly [number, number])[]
  | "valid"
  | "same"
  | "same-lower"
  | "full"
  | {
      /** Cells of both sides together, one number or one an axis. */
      readonly total: PerAxis;
    };

export interface Pads {
  readonly before: number[];
  readonly after: number[];
}

export function resolvePadding(
  padding: Padding,
  size: readonly number[],
  kernel: readonly number[],
  stride: readonly number[],
  dilation: readonly number[],
): Pads {
  const rank = size.length;
  const split = (totals: readonly number[], oddFirst = false): Pads => {
    const sides = totals.map((total) => splitPadding(total, oddFirst));
    return { before: sides.map(([before]) => before), after: sides.map(([, after]) => after) };
  };
  if (typeof padding === "string") {
    switch (padding) {
      case "valid":
        return split(size.map(() => 0));
      case "full":
        return split(kernel.map((k, axis) => 2 * (reachOf(k, dilation[axis]) - 1)));
      case "same":
      case "same-lower":
        return split(
          size.map((n, axis) => samePadding(n, kernel[axis], stride[axis], dilation[axis])),
          padding === "same-lower",
        );
      default:
        throw new NeocogError(
          `Unknown padding "${String(padding)}"; use a number, a list, { total }, "valid", "same", "same-lower" or "full".`,
        );
    }
  }
  if (typeof padding === "object" && "total" in padding) return split(perAxis(padding.total, rank, "total padding"));
  if (typeof padding === "number")
    return checked({ before: perAxis(padding, rank, "padding"), after: perAxis(padding, rank, "padding") });
  if (padding.length !== rank)
    throw new NeocogError(`padding needs one entry for each of the ${rank} spatial axes, not ${padding.length}.`);
  return checked({
    before: padding.map((p) => (typeof p === "number" ? p : p[0])),
    after: padding.map((p) => (typeof p === "number" ? p : p[1])),
  });
}

function checked(pads: Pads): Pads {
  for (const n of [...pads.before, ...pads.after]) {
    if (!Number.isInteger(n) || n < 0) throw new NeocogError(`Padding must be whole numbers of at least 0, not ${n}.`);
  }
  return pads;
}
