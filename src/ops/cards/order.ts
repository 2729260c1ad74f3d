// Ops along one axis whose order matters: running sums, sorting, the k largest. They run on the host in every engine.
import { zeros64 } from "../../base/array.ts";
import { sizeOf, stridesOf } from "../../base/shape.ts";
import { apply1 } from "../../graph/graph.ts";
import type { Op, Spatial, TensorType } from "../../graph/op.ts";
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
