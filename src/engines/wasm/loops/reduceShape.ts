// How a reduction of lanes is cut: which axes are kept and which summed over, which of them is innermost, and into how many
// chunks the summed places fall. All of it follows from the shape alone.
import { sizeOf } from "../../../base/shape.ts";
import type { Access, Combine, ReduceKernel } from "../../../kernel/kernel.ts";
import { f32x4, type Value } from "../code/assembler.ts";
import { collapse, rowMajor, type ViewAxis } from "../scalar/view.ts";

/** Places of r in one run along the innermost axis, and about as many as are summed in float32 before a total takes them. */
export const runLength = 512;
/** A chunk has at least this many places of r. */
const chunkLength = 8192;
/** Where rows of several sums alternate in memory, a chunk has about as many places, in whole rows. */
const interleavedLength = 400;
/** Places of k in one item of lanes along k. */
export const blockLength = 64;

export const neutral: Record<Combine, number> = {
  sum: 0,
  product: 1,
  maximum: Number.NEGATIVE_INFINITY,
  minimum: Number.POSITIVE_INFINITY,
  argMaximum: 0,
  argMinimum: 0,
};

export function combineVectors(combine: Combine, a: Value, b: Value): Value {
  switch (combine) {
    case "sum":
      return f32x4.add(a, b);
    case "product":
      return f32x4.mul(a, b);
    case "maximum":
      return f32x4.max(a, b);
    case "minimum":
      return f32x4.min(a, b);
    default:
      throw new Error(`${combine} is no sum.`);
  }
}

export interface ReduceShape {
  /** Strides per operand of the kernel. */
  readonly kept: readonly ViewAxis[];
  readonly reduced: readonly ViewAxis[];
  /** The innermost axis: of the kept or of the reduced places. */
  readonly inner: ViewAxis;
  readonly innerIs: "kept" | "reduced";
  readonly keptSize: number;
  readonly keptShape: readonly number[];
  /** Runs of the innermost axis, and rows of the other reduced axes. */
  readonly runs: number;
  readonly rows: number;
  readonly chunks: number;
  /** rows times runs that one chunk takes. */
  readonly chunkUnits: number;
  readonly blocks: number;
}

export function reduceShape(kernel: ReduceKernel): ReduceShape {
  const isReduced = (axis: number): boolean => kernel.axes.includes(axis);
  const keptShape = kernel.shape.filter((_, axis) => !isReduced(axis));
  const keptStrides = rowMajor(keptShape).strides;
  let next = 0;
  const place: Access = {
    strides: kernel.shape.map((_, axis) => (isReduced(axis) ? 0 : keptStrides[next++])),
    offset: 0,
  };
  const accesses = [...kernel.operands, place];
  const all = collapse(kernel.shape, accesses, (a, b) => isReduced(a) === isReduced(b));
  const kinds = new Map<number, boolean>();
  all.place.forEach((index, axis) => {
    if (index >= 0) kinds.set(index, isReduced(axis));
  });
  const axes = all.axes.map((axis, i) => ({ ...axis, isReduced: kinds.get(i) ?? true }));
  const inner = axes.pop() ?? { size: 1, strides: accesses.map(() => 0), isReduced: true };
  const kept = axes.filter((axis) => !axis.isReduced);
  const reduced = axes.filter((axis) => axis.isReduced);
  const keptSize = sizeOf(keptShape);
  const rows = sizeOf(reduced.map((axis) => axis.size));
  const runs = inner.isReduced ? Math.ceil(inner.size / runLength) : 1;
  const blocks = inner.isReduced ? 1 : Math.ceil(inner.size / blockLength);
  // Enough chunks to keep a few threads busy where there are few sums.
  const reducedSize = rows * (inner.isReduced ? inner.size : 1);
  const items = sizeOf(kept.map((axis) => axis.size)) * blocks;
  const perItem = reducedSize * (inner.isReduced ? 1 : Math.min(inner.size, blockLength));
  const wanted = Math.max(1, Math.min(Math.floor(perItem / chunkLength), Math.ceil(32 / Math.max(1, items))));
  const units = rows * runs;
  // Rows of one sum with rows of others between them (a channel of many images): only a few of them in a chunk, so that the
  // items, one after the other, read memory from its beginning to its end.
  const apart = inner.isReduced && rows > 1 && items > 1;
  const few = apart ? runs * Math.max(1, Math.round(interleavedLength / inner.size)) : units;
  const chunkUnits = Math.max(1, Math.min(few, Math.ceil(units / wanted)));
  return {
    kept,
    reduced,
    inner,
    innerIs: inner.isReduced ? "reduced" : "kept",
    keptSize,
    keptShape,
    runs,
    rows,
    chunks: Math.max(1, Math.ceil(units / chunkUnits)),
    chunkUnits,
    blocks,
  };
}
