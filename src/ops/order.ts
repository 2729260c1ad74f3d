// Ops along one axis whose order matters: running sums, sorting, the k largest. They run on the host in every engine.
import { understand } from "../base/arguments.ts";
import { zeros64 } from "../base/array.ts";
import { NeocogError } from "../base/errors.ts";
import { axis as axisRule, options as byName, flag, optional, whole } from "../base/rules.ts";
import { normalizeAxis, sizeOf, stridesOf } from "../base/shape.ts";
import { apply, apply1, type Tensor, tensor } from "../graph/graph.ts";
import type { Op, Spatial, TensorType } from "../graph/op.ts";
import { slice } from "./copy.ts";
import { scatterAlongAxisOp } from "./gather.ts";

/** Visits the lines along an axis: flat place of the first element, step to the next. */
function eachLine({ shape }: TensorType, axis: number, visit: (start: number, step: number) => void): void {
  const step = stridesOf(shape)[axis];
  for (let outer = 0; outer < sizeOf(shape); outer += step * shape[axis]) {
    for (let inner = 0; inner < step; inner++) visit(outer + inner, step);
  }
}

const alongAxis = ({ shape }: TensorType, axis: number): Spatial =>
  axis >= 2 ? "everything" : shape.slice(2).map(() => ({ step: 1, low: 0, high: 0 }));

export interface CumulativeSumAttributes {
  /** From the front. */
  readonly axis: number;
  /** From the end to the start. */
  readonly reverse: boolean;
  /** Without the element itself. */
  readonly exclusive: boolean;
}

export const cumulativeSumOp: Op<CumulativeSumAttributes> = {
  name: "cumulativeSum",
  infer: ([x]) => [{ shape: x.shape, dtype: x.dtype }],
  reference([x], { axis, reverse, exclusive }) {
    const y = zeros64(x.shape, x.dtype);
    const count = x.shape[axis];
    eachLine(x, axis, (start, step) => {
      let total = 0;
      for (let i = 0; i < count; i++) {
        const at = start + (reverse ? count - 1 - i : i) * step;
        if (exclusive) y.data[at] = total;
        total += x.data[at];
        if (!exclusive) y.data[at] = total;
      }
    });
    return [y];
  },
  gradient: (_node, [dy], attributes) => [
    dy && apply1(cumulativeSumOp, [dy], { ...attributes, reverse: !attributes.reverse }),
  ],
  spatial: ([x], { axis }) => [alongAxis(x, axis)],
};

export interface SortAttributes {
  readonly axis: number;
  readonly descending: boolean;
}

/** Outputs: the values in order, and the int32 places that they came from. Equal values keep their order; NaN is largest. */
export const sortOp: Op<SortAttributes> = {
  name: "sort",
  infer: ([x]) => [
    { shape: x.shape, dtype: x.dtype },
    { shape: x.shape, dtype: "int32" },
  ],
  reference([x], { axis, descending }) {
    const values = zeros64(x.shape, x.dtype);
    const indices = zeros64(x.shape, "int32");
    const key = (value: number): number => (Number.isNaN(value) ? Infinity : value);
    const isNaNAfter = (a: number, b: number): number => Number(Number.isNaN(a)) - Number(Number.isNaN(b));
    eachLine(x, axis, (start, step) => {
      const order = Array.from({ length: x.shape[axis] }, (_, i) => i).sort((i, j) => {
        const [a, b] = [x.data[start + i * step], x.data[start + j * step]];
        const ascending = key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : isNaNAfter(a, b);
        return descending ? -ascending : ascending;
      });
      order.forEach((from, i) => {
        values.data[start + i * step] = x.data[start + from * step];
        indices.data[start + i * step] = from;
      });
    });
    return [values, indices];
  },
  gradient(node, [dy], { axis }) {
    const shape = node.inputs[0].shape;
    return [dy && apply1(scatterAlongAxisOp, [dy, node.outputs[1]], { axis, shape })];
  },
  spatial: ([x], { axis }) => [alongAxis(x, axis)],
};

/**
 * Running sum along an axis, the same shape (torch.cumsum); from the end with `reverse`, without the element itself
 * with `exclusive`.
 */
export function cumsum(
  x: Tensor,
  axis: number,
  options: {
    /** From the end; false unless told. */
    readonly reverse?: boolean;
    /** Without the element itself; false unless told. */
    readonly exclusive?: boolean;
  } = {},
): Tensor {
  understand("cumsum", arguments, { x: tensor, axis: axisRule, options: byName({ reverse: flag, exclusive: flag }) });
  const { reverse = false, exclusive = false } = options;
  return apply1(cumulativeSumOp, [x], { axis: normalizeAxis(axis, x.shape.length), reverse, exclusive });
}

/**
 * Values in rising order along an axis (-1, the last, unless told), or falling with `descending`, and the int32
 * places that they came from, both of the same shape (torch.sort). Equal values keep their order; NaN is largest.
 */
export function sort(
  x: Tensor,
  axis = -1,
  options: {
    /** The largest first; false unless told. */
    readonly descending?: boolean;
  } = {},
): { values: Tensor; indices: Tensor } {
  understand("sort", arguments, { x: tensor, axis: optional(axisRule), options: byName({ descending: flag }) });
  const { descending = false } = options;
  const [values, indices] = apply(sortOp, [x], { axis: normalizeAxis(axis, x.shape.length), descending });
  return { values, indices };
}

/**
 * The k largest values (or with largest: false the smallest) along an axis (-1, the last, unless told) in order, and
 * the int32 places that they came from: that axis becomes k long (torch.topk). Throws unless k lies between 1 and the
 * axis's length.
 */
export function topk(
  x: Tensor,
  k: number,
  axis = -1,
  options: {
    /** The largest (unless told), or the smallest. */
    readonly largest?: boolean;
  } = {},
): { values: Tensor; indices: Tensor } {
  understand("topk", arguments, {
    x: tensor,
    k: whole(1),
    axis: optional(axisRule),
    options: byName({ largest: flag }),
  });
  const along = normalizeAxis(axis, x.shape.length);
  if (!Number.isInteger(k) || k < 1 || k > x.shape[along]) {
    throw new NeocogError(`topk: k = ${k} must lie between 1 and ${x.shape[along]}, the length of axis ${along}.`);
  }
  const { values, indices } = sort(x, along, { descending: options.largest ?? true });
  const first = x.shape.map((_, a) => (a === along ? { stop: k } : undefined));
  return { values: slice(values, first), indices: slice(indices, first) };
}
