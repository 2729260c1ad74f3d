// Resizing: every output place looks up a coordinate of the input, and mixes the cells around it. Separable: one table
// (table.ts) for each axis whose size changes.
//
//   half_pixel      centres of cells are aligned: (i + 1/2) / scale − 1/2    (PyTorch's alignCorners: false)
//   align_corners   first and last cells are aligned: i (n − 1) / (m − 1)    (alignCorners: true)
//   asymmetric      i / scale                                                (PyTorch's "nearest")
//
// nearest: one cell.   linear: two cells.   cubic: four cells by Keys' kernel with coefficient a (1981; PyTorch a = −3/4).
// With antialias the kernel is stretched by the factor of shrinking, so that every input cell counts.

import { zeros64 } from "../../base/array.ts";
import { ShapeError } from "../../base/errors.ts";
import { formatShape, stridesOf } from "../../base/shape.ts";
import { apply1, constantTensor, type Tensor } from "../../graph/graph.ts";
import type { Op } from "../../graph/op.ts";
import { plus } from "./arithmetic.ts";
import { applyTable, reach, type Table, tableOf } from "./table.ts";

export type CoordinateMode =
  | "half_pixel"
  | "half_pixel_symmetric"
  | "pytorch_half_pixel"
  | "align_corners"
  | "asymmetric"
  | "tf_half_pixel_for_nn"
  | "tf_crop_and_resize";

export type NearestMode = "round_prefer_floor" | "round_prefer_ceil" | "floor" | "ceil";

/** ONNX's words for everything that Resize can be told, one axis at a time. */
export interface ResizeAxis {
  readonly axis: number;
  /** Length of the result. */
  readonly size: number;
  /** Output length over input length as far as coordinates go; `size` may be a rounded one. */
  readonly scale: number;
  /** Part of the input that tf_crop_and_resize reads, from 0 to 1. */
  readonly region?: readonly [start: number, end: number];
}

export interface ResizeAttributes {
  readonly mode: "nearest" | "linear" | "cubic";
  readonly coordinates: CoordinateMode;
  readonly nearest: NearestMode;
  readonly cubicCoefficient: number;
  /** Cells outside the input count for nothing, and the other weights make up for them; else the edge cell stands in. */
  readonly excludeOutside: boolean;
  readonly antialias: boolean;
  /** What tf_crop_and_resize gives where it reads outside the input. */
  readonly extrapolation: number;
  readonly axes: readonly ResizeAxis[];
}

/** The input coordinate that output place i looks at; `round` is applied to a quotient by the factor. */
function coordinate(
  i: number,
  n: number,
  { size, scale, region = [0, 1] }: ResizeAxis,
  mode: CoordinateMode,
  round = (value: number): number => value,
): number {
  switch (mode) {
    case "half_pixel":
      return round((i + 0.5) / scale) - 0.5;
    case "half_pixel_symmetric": {
      // Keeps the middle in the middle where the length was rounded.
      const adjustment = size / (scale * n);
      return (n / 2) * (1 - adjustment) + (i + 0.5) / scale - 0.5;
    }
    case "pytorch_half_pixel":
      return size > 1 ? round((i + 0.5) / scale) - 0.5 : 0;
    case "align_corners": {
      // ONNX takes the length before rounding where a scale was given.
      const length = Math.abs(scale * n - size) < 1e-6 ? size : scale * n;
      return length === 1 ? 0 : (i * (n - 1)) / (length - 1);
    }
    case "asymmetric":
      return round(i / scale);
    case "tf_half_pixel_for_nn":
      return (i + 0.5) / scale;
    case "tf_crop_and_resize":
      return size > 1
        ? region[0] * (n - 1) + (i * (region[1] - region[0]) * (n - 1)) / (size - 1)
        : 0.5 * (region[0] + region[1]) * (n - 1);
  }
}

function nearestCell(x: number, mode: NearestMode): number {
  switch (mode) {
    case "floor":
      return Math.floor(x);
    case "ceil":
      return Math.ceil(x);
    case "round_prefer_floor":
      return Math.ceil(x - 0.5);
    case "round_prefer_ceil":
      return Math.floor(x + 0.5);
  }
}

/** Keys' cubic convolution kernel. */
function cubic(x: number, a: number): number {
  const d = Math.abs(x);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

/** (cell, weight) pairs around coordinate x; cells may lie outside the input. */
function taps(x: number, { scale }: ResizeAxis, attributes: ResizeAttributes): [number, number][] {
  const { mode, nearest, cubicCoefficient, antialias } = attributes;
  if (mode === "nearest") return [[nearestCell(x, nearest), 1]];
  const stretch = antialias ? Math.min(1, scale) : 1;
  const support = (mode === "linear" ? 1 : 2) / stretch;
  const kernel = (d: number): number => (mode === "linear" ? Math.max(0, 1 - Math.abs(d)) : cubic(d, cubicCoefficient));
  const list: [number, number][] = [];
  for (let cell = Math.ceil(x - support); cell <= Math.floor(x + support); cell++) {
    const weight = kernel((cell - x) * stretch);
    if (weight !== 0) list.push([cell, weight]);
  }
  return stretch === 1 ? list : normalized(list);
}

function normalized(list: readonly [number, number][]): [number, number][] {
  const total = list.reduce((sum, [, weight]) => sum + weight, 0);
  return list.map(([cell, weight]) => [cell, weight / total]);
}

/** Rows of (cell, weight) for every output place; undefined where tf_crop_and_resize leaves the input. */
function rowsOf(n: number, along: ResizeAxis, attributes: ResizeAttributes): ([number, number][] | undefined)[] {
  return Array.from({ length: along.size }, (_, i) => {
    const x = coordinate(i, n, along, attributes.coordinates);
    if (attributes.coordinates === "tf_crop_and_resize" && (x < 0 || x > n - 1)) return undefined;
    const all = taps(x, along, attributes);
    const inside = attributes.excludeOutside ? normalized(all.filter(([cell]) => cell >= 0 && cell < n)) : all;
    return inside.map(([cell, weight]): [number, number] => [Math.min(n - 1, Math.max(0, cell)), weight]);
  });
}

/**
 * The cell of each output place of a resize by nearest cells; undefined where one lies outside the input. `round` says how a
 * runtime rounds a place that it finds by the factor.
 */
export function cellsOf(
  n: number,
  along: ResizeAxis,
  attributes: ResizeAttributes,
  round?: (value: number) => number,
): number[] | undefined {
  const { coordinates, nearest } = attributes;
  const places = Array.from({ length: along.size }, (_, i) => coordinate(i, n, along, coordinates, round));
  if (coordinates === "tf_crop_and_resize" && places.some((x) => x < 0 || x > n - 1)) return undefined;
  return places.map((x) => Math.min(n - 1, Math.max(0, nearestCell(x, nearest))));
}

const tables = new Map<string, Table>();

/** Equal geometries share one table, so that equal resizes are known to be equal. */
function tableFor(n: number, along: ResizeAxis, attributes: ResizeAttributes): Table {
  const { axes: _, ...rest } = attributes;
  const key = JSON.stringify([n, { ...along, axis: 0 }, rest]);
  const known = tables.get(key);
  if (known) return known;
  const table = tableOf(
    n,
    rowsOf(n, along, attributes).map((row) => row ?? []),
  );
  tables.set(key, table);
  return table;
}

export const resizeOp: Op<ResizeAttributes> = {
  name: "resize",
  ofFloats: true,
  infer([x], { axes }) {
    if (axes.some(({ axis }) => x.shape[axis] === 0)) {
      throw new ShapeError(`resize of ${formatShape(x.shape)}: an axis without places cannot be resized.`);
    }
    return [{ shape: x.shape.map((n, axis) => axes.find((along) => along.axis === axis)?.size ?? n), dtype: x.dtype }];
  },
  /** Every output place by itself: the sum over all combinations of the cells that it sees. */
  reference([x], attributes, [type]) {
    const y = zeros64(type.shape, type.dtype);
    const rows = x.shape.map((n, axis) => {
      const along = attributes.axes.find((one) => one.axis === axis);
      return along && rowsOf(n, along, attributes);
    });
    const own = stridesOf(x.shape);
    const strides = stridesOf(type.shape);
    for (let o = 0; o < y.data.length; o++) {
      let outside = false;
      const mix = (axis: number, from: number): number => {
        if (axis === x.shape.length) return x.data[from];
        const place = Math.floor(o / strides[axis]) % type.shape[axis];
        const table = rows[axis];
        if (!table) return mix(axis + 1, from + place * own[axis]);
        const row = table[place];
        if (!row) outside = true;
        return (row ?? []).reduce((sum, [cell, weight]) => sum + weight * mix(axis + 1, from + cell * own[axis]), 0);
      };
      const value = mix(0, 0);
      y.data[o] = outside ? attributes.extrapolation : value;
    }
    return [y];
  },
  expand([x], attributes) {
    let y = x;
    for (const along of attributes.axes) {
      y = applyTable("resize", y, along.axis, tableFor(x.shape[along.axis], along, attributes));
    }
    // Rows outside the input are empty and gave 0.
    const fill = attributes.extrapolation === 0 ? undefined : outsideMask(x, attributes);
    return [fill ? plus(y, fill) : y];
  },
  spatial: ([x], attributes) => [
    x.shape.slice(2).map((n, i) => {
      const along = attributes.axes.find(({ axis }) => axis === i + 2);
      return along ? reach(tableFor(n, along, attributes)) : { step: 1, low: 0, high: 0 };
    }),
  ],
};

/** The extrapolation value where any axis leaves the input, else 0; undefined if none does. */
function outsideMask(x: Tensor, attributes: ResizeAttributes): Tensor | undefined {
  const shape = x.shape.map(() => 1);
  const lists = attributes.axes.map((along) => {
    shape[along.axis] = along.size;
    return { axis: along.axis, rows: rowsOf(x.shape[along.axis], along, attributes) };
  });
  if (lists.every(({ rows }) => rows.every((row) => row))) return undefined;
  const mask = zeros64(shape, x.dtype);
  const strides = stridesOf(shape);
  for (let i = 0; i < mask.data.length; i++) {
    if (lists.some(({ axis, rows }) => !rows[Math.floor(i / strides[axis]) % shape[axis]])) {
      mask.data[i] = attributes.extrapolation;
    }
  }
  return constantTensor(mask);
}

/** A resize with everything given (ONNX). Axes that keep their size and coordinates are left alone. */
export function resize(x: Tensor, attributes: ResizeAttributes): Tensor {
  for (const { axis, size } of attributes.axes) {
    if (!Number.isInteger(size) || size < 1 || x.shape[axis] < 1) {
      throw new ShapeError(
        `resize cannot make ${size} cells of the ${x.shape[axis]} along axis ${axis} of ${formatShape(x.shape)}.`,
      );
    }
  }
  const moving = attributes.axes.filter(
    ({ axis, size, scale }) => attributes.coordinates === "tf_crop_and_resize" || size !== x.shape[axis] || scale !== 1,
  );
  return moving.length === 0 ? x : apply1(resizeOp, [x], { ...attributes, axes: moving });
}
