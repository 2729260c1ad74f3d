// Shapes: tuples of whole numbers, outermost axis first. A shape of no axes is a scalar of one element.
import { understand } from "./arguments.ts";
import { NeocogError, ShapeError } from "./errors.ts";
import { sizes } from "./rules.ts";

/** Sizes of the axes, the outermost first; no axes for a scalar. */
export type Shape = readonly number[];

/** Number of elements: the product of the sizes (1 for a scalar). */
export function sizeOf(shape: Shape): number {
  understand("sizeOf", arguments, { shape: sizes });
  let size = 1;
  for (const n of shape) size *= n;
  return size;
}

/** Row-major (C order) strides in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = step;
    step *= shape[axis];
  }
  return strides;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((n, axis) => n === b[axis]);
}

/** `[8, 1, 28, 28]`, the way shapes are written in every message and table. */
export function formatShape(shape: Shape): string {
  understand("formatShape", arguments, { shape: sizes });
  return `[${shape.join(", ")}]`;
}

/**
 * The shape that two shapes broadcast to under NumPy's rule (aligned at the last axis; 1 stretches),
 * or undefined where they do not fit.
 */
export function broadcastShapes(a: Shape, b: Shape): number[] | undefined {
  const rank = Math.max(a.length, b.length);
  const shape = new Array<number>(rank);
  for (let i = 1; i <= rank; i++) {
    const m = a[a.length - i] ?? 1;
    const n = b[b.length - i] ?? 1;
    if (m !== n && m !== 1 && n !== 1) return undefined;
    shape[rank - i] = m === 1 ? n : m;
  }
  return shape;
}

/** Turns a possibly negative axis into its place from the front; refuses one outside the shape. */
export function normalizeAxis(axis: number, rank: number, what = "axis"): number {
  const place = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || place < 0 || place >= rank) {
    throw new NeocogError(
      `${what} ${axis} does not exist: the tensor has ${rank} ${rank === 1 ? "axis" : "axes"}, so it can be ${-rank} to ${rank - 1}.`,
    );
  }
  return place;
}

/** Refuses sizes that are not whole numbers of at least `least`. */
export function checkShape(shape: Shape, least = 0, what = "shape"): void {
  for (const n of shape) {
    if (!Number.isSafeInteger(n) || n < least) {
      throw new ShapeError(
        `${what} ${formatShape(shape)} is impossible: every size must be a whole number of at least ${least}.`,
      );
    }
  }
}
