// A sparse linear map along one axis: out[…, i, …] = Σ_t weight[t] · in[…, source[t], …], t in [start[i], start[i + 1]).
// Resizing and adaptive averages are tables; the adjoint is the same op with the transposed table.
import { zeros64 } from "../../base/array.ts";
import { ShapeError } from "../../base/errors.ts";
import { formatShape, sizeOf } from "../../base/shape.ts";
import { apply1, type Tensor } from "../../graph/graph.ts";
import type { Op, SpatialAxis, TensorType } from "../../graph/op.ts";

/** Row i of the table has the entries start[i] … start[i + 1] − 1. */
export interface Table {
  /** Length of the axis that is read. */
  readonly size: number;
  readonly start: Int32Array;
  readonly source: Int32Array;
  readonly weight: Float64Array;
}

export interface TableAttributes {
  /** What the user called it. */
  readonly name: string;
  /** From the front. */
  readonly axis: number;
  readonly table: Table;
}

/** A table from rows of (source, weight) pairs; entries of one source are added up, zeros are dropped. */
export function tableOf(
  size: number,
  rows: readonly (readonly (readonly [source: number, weight: number])[])[],
): Table {
  const start = new Int32Array(rows.length + 1);
  const source: number[] = [];
  const weight: number[] = [];
  rows.forEach((row, i) => {
    const merged = new Map<number, number>();
    for (const [from, w] of row) merged.set(from, (merged.get(from) ?? 0) + w);
    for (const [from, w] of [...merged].sort((a, b) => a[0] - b[0])) {
      if (w === 0) continue;
      source.push(from);
      weight.push(w);
    }
    start[i + 1] = source.length;
  });
  return { size, start, source: Int32Array.from(source), weight: Float64Array.from(weight) };
}

const transposes = new WeakMap<Table, Table>();

/** The adjoint's table. The same object for the same table, so that equal nodes are known to be equal. */
export function transposed(table: Table): Table {
  const known = transposes.get(table);
  if (known) return known;
  const rows = Array.from({ length: table.size }, (): [number, number][] => []);
  for (let i = 0; i + 1 < table.start.length; i++) {
    for (let t = table.start[i]; t < table.start[i + 1]; t++) rows[table.source[t]].push([i, table.weight[t]]);
  }
  const result = tableOf(table.start.length - 1, rows);
  transposes.set(table, result);
  transposes.set(result, table);
  return result;
}

const countOf = ({ start }: Table): number => start.length - 1;

export const tableOp: Op<TableAttributes> = {
  name: "table",
  ofFloats: true,
  infer([x], { name, axis, table }) {
    if (x.shape[axis] !== table.size) {
      throw new ShapeError(`${name} is for ${table.size} places along axis ${axis}, not for ${formatShape(x.shape)}.`);
    }
    return [{ shape: x.shape.map((n, a) => (a === axis ? countOf(table) : n)), dtype: x.dtype }];
  },
  reference([x], { axis, table }, [type]) {
    const y = zeros64(type.shape, type.dtype);
    const { outer, inner } = lines(x, axis);
    const count = countOf(table);
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < count; i++) {
        for (let t = table.start[i]; t < table.start[i + 1]; t++) {
          const from = (o * table.size + table.source[t]) * inner;
          const to = (o * count + i) * inner;
          for (let r = 0; r < inner; r++) y.data[to + r] += table.weight[t] * x.data[from + r];
        }
      }
    }
    return [y];
  },
  lower([x], { axis, table: { size, start, source, weight } }) {
    return { kind: "index", form: "table", ...lines(x, axis), size, count: start.length - 1, start, source, weight };
  },
  gradient: (_node, [dy], { name, axis, table }) => [
    dy && apply1(tableOp, [dy], { name: `adjoint of ${name}`, axis, table: transposed(table) }),
  ],
  spatial: ([x], { axis, table }) => [
    x.shape.slice(2).map((_, a) => (a + 2 === axis ? reach(table) : { step: 1, low: 0, high: 0 })),
  ],
};

/** Independent lines before and after an axis. */
function lines({ shape }: TensorType, axis: number): { outer: number; inner: number } {
  return { outer: sizeOf(shape.slice(0, axis)), inner: sizeOf(shape.slice(axis + 1)) };
}

/** The narrowest [i · step + low, i · step + high], step = size / count, that holds what every row reads. */
export function reach(table: Table): SpatialAxis {
  const count = countOf(table);
  const step = count > 0 ? table.size / count : 1;
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < count; i++) {
    for (let t = table.start[i]; t < table.start[i + 1]; t++) {
      low = Math.min(low, table.source[t] - i * step);
      high = Math.max(high, table.source[t] - i * step);
    }
  }
  const places = Array.from({ length: count }, (_, i) => [...table.source.slice(table.start[i], table.start[i + 1])]);
  return low <= high ? { step, low, high, places } : { step, low: 0, high: 0, places };
}

/** Applies a table along an axis. */
export function applyTable(name: string, x: Tensor, axis: number, table: Table): Tensor {
  return apply1(tableOp, [x], { name, axis, table });
}
