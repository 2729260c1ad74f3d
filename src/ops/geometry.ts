// Sliding windows: how many places a window finds along an axis, and how the user's words for padding become numbers.
//   out = floor((n + p − d(k − 1) − 1) / s) + 1      with p the total padding of both sides (SPEC 14)
import { NeocogError, ShapeError } from "../base/errors.ts";

export interface WindowAxis {
  readonly what: string;
  readonly axis: number;
  /** Number of spatial axes, for naming this one. */
  readonly rank: number;
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly padBefore: number;
  readonly padAfter: number;
  /** Count a last window that starts inside the input or its padding before but hangs over the end. */
  readonly ceilMode?: boolean;
}

/** `height`, `width`, … of an axis among `rank` spatial ones. */
export function axisName(axis: number, rank: number): string {
  return (["width", "height", "depth"] as const)[rank - 1 - axis] ?? `axis ${axis}`;
}

/** Output places along one axis; an impossible one is an error that names the axis and the numbers (SPEC K5). */
export function windowOutput({
  what,
  axis,
  rank,
  size,
  kernel,
  stride,
  dilation,
  padBefore,
  padAfter,
  ceilMode,
}: WindowAxis): number {
  const name = axisName(axis, rank);
  for (const [word, value, least] of [
    ["kernel size", kernel, 1],
    ["stride", stride, 1],
    ["dilation", dilation, 1],
  ] as const) {
    if (!Number.isInteger(value) || value < least)
      throw new ShapeError(
        `${what}: ${word} along the ${name} must be a whole number of at least ${least}, not ${value}.`,
      );
  }
  const reach = dilation * (kernel - 1) + 1;
  const padded = size + padBefore + padAfter;
  if (padded < reach) {
    throw new ShapeError(
      `${what}: along the ${name} the input has ${size} ${size === 1 ? "cell" : "cells"}${padBefore + padAfter > 0 ? ` and padding adds ${padBefore + padAfter}` : ""}, but the kernel of ${kernel}${dilation > 1 ? ` with dilation ${dilation}` : ""} needs ${reach}; use a larger input, a smaller kernel or more padding.`,
    );
  }
  if (!ceilMode) return Math.floor((padded - reach) / stride) + 1;
  const out = Math.ceil((padded - reach) / stride) + 1;
  // The last window must start inside the input or the padding before it (PyTorch's rule).
  return (out - 1) * stride >= size + padBefore ? out - 1 : out;
}

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
  const split = (totals: readonly number[], extraFirst = false): Pads => {
    const small = totals.map((total) => Math.floor(total / 2));
    const large = totals.map((total, axis) => total - small[axis]);
    return extraFirst ? { before: large, after: small } : { before: small, after: large };
  };
  if (typeof padding === "string") {
    const reach = kernel.map((k, axis) => dilation[axis] * (k - 1));
    switch (padding) {
      case "valid":
        return split(reach.map(() => 0));
      case "full":
        return { before: reach, after: [...reach] };
      case "same":
      case "same-lower":
        return split(
          size.map((n, axis) => Math.max(0, (Math.ceil(n / stride[axis]) - 1) * stride[axis] + reach[axis] + 1 - n)),
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
