// Broadcast and sum, each the other's adjoint, and the mean.
//   broadcast: out[i, j] = x[j]          sum: out[j] = Σ_i x[i, j]

import { zeros64 } from "../../base/array.ts";
import { ShapeError } from "../../base/errors.ts";
import { formatShape, normalizeAxis, type Shape, sameShape, sizeOf, stridesOf } from "../../base/shape.ts";
import { apply1, type Tensor } from "../../graph/graph.ts";
import type { Op, TensorType } from "../../graph/op.ts";
import { constant, multiply, operand } from "../../kernel/expression.ts";
import type { CopyPiece } from "../../kernel/kernel.ts";
import { movePiece } from "./copy.ts";
import { elementwise } from "./map.ts";
import { reshaped } from "./reshape.ts";

export interface BroadcastAttributes {
  readonly shape: Shape;
}

export const broadcastOp: Op<BroadcastAttributes> = {
  name: "broadcast",
  infer([x], { shape }) {
    const lead = shape.length - x.shape.length;
    if (lead < 0 || x.shape.some((n, axis) => n !== 1 && n !== shape[axis + lead])) {
      throw new ShapeError(
        `${formatShape(x.shape)} cannot be broadcast to ${formatShape(shape)}: aligned at the last axis, each size must be equal or 1.`,
      );
    }
    return [{ shape, dtype: x.dtype }];
  },
  reference([x], { shape }, [type]) {
    const out = zeros64(shape, type.dtype);
    movePiece(x, out.data, broadcastPiece(x, shape));
    return [out];
  },
  lower: ([x], { shape }) => ({ kind: "copy", shape, pieces: [broadcastPiece(x, shape)] }),
  gradient: (node, [dy]) => [dy && sumTo(dy, node.inputs[0].shape)],
  spatial: ([x], { shape }) => [
    x.shape.length < shape.length
      ? "everything"
      : shape.slice(2).map((n, i) => ({ step: x.shape[i + 2] === n ? 1 : 0, low: 0, high: 0 })),
  ],
};

function broadcastPiece(x: TensorType, shape: Shape): CopyPiece {
  const lead = shape.length - x.shape.length;
  const own = stridesOf(x.shape);
  const strides = shape.map((_, axis) => (axis < lead || x.shape[axis - lead] === 1 ? 0 : own[axis - lead]));
  return {
    operand: 0,
    shape,
    from: { strides, offset: 0 },
    to: { strides: stridesOf(shape), offset: 0 },
    accumulate: false,
  };
}

/** Stretched to a shape by NumPy's rule; x itself where it has that shape. */
export const stretched = (x: Tensor, shape: Shape): Tensor =>
  sameShape(x.shape, shape) ? x : apply1(broadcastOp, [x], { shape });

export interface SumAttributes {
  /** Axes from the front, ascending. */
  readonly axes: readonly number[];
  readonly keepDims: boolean;
  /** Divides by the number of summed elements. */
  readonly mean: boolean;
}

export const sumOp: Op<SumAttributes> = {
  name: "sum",
  infer: ([x], { axes, keepDims }) => [{ shape: reducedShape(x.shape, axes, keepDims), dtype: x.dtype }],
  reference([x], { axes, mean }, [type]) {
    const out = zeros64(type.shape, type.dtype);
    const strides = new Array<number>(x.shape.length).fill(0);
    const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
    stridesOf(kept.map((axis) => x.shape[axis])).forEach((stride, i) => {
      strides[kept[i]] = stride;
    });
    const from = { strides: stridesOf(x.shape), offset: 0 };
    movePiece(x, out.data, { operand: 0, shape: x.shape, from, to: { strides, offset: 0 }, accumulate: true });
    if (mean) {
      const n = countOf(x.shape, axes);
      for (let i = 0; i < out.data.length; i++) out.data[i] /= n;
    }
    return [out];
  },
  lower: ([x], { axes, mean }) => ({
    kind: "reduce",
    shape: x.shape,
    axes,
    operands: [{ strides: stridesOf(x.shape), offset: 0 }],
    accumulators: [{ combine: "sum", value: operand(0) }],
    finishOperands: [],
    outputs: [mean ? multiply(operand(0), constant(1 / countOf(x.shape, axes))) : operand(0)],
  }),
  gradient(node, [dy], { axes, mean }) {
    if (!dy) return [undefined];
    const { shape } = node.inputs[0];
    const scaled = mean ? elementwise("mul", multiply(operand(0), constant(1 / countOf(shape, axes))), [dy]) : dy;
    return [stretched(reshaped(scaled, reducedShape(shape, axes, true)), shape)];
  },
  spatial: ([x], { axes, keepDims }) => [
    axes.some((axis) => axis >= 2) || !keepDims
      ? "everything"
      : x.shape.slice(2).map(() => ({ step: 1, low: 0, high: 0 })),
  ],
};

const countOf = (shape: Shape, axes: readonly number[]): number => sizeOf(axes.map((axis) => shape[axis]));

/** The shape that is left when `axes` are reduced. */
export function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): number[] {
  return keepDims
    ? shape.map((n, axis) => (axes.includes(axis) ? 1 : n))
    : shape.filter((_, axis) => !axes.includes(axis));
}

/** Axes as the user may give them (one, several, negative, none for all), sorted from the front. */
export type Axes = number | readonly number[];

export function normalizeAxes(axes: Axes | undefined, rank: number): number[] {
  const list =
    axes === undefined ? Array.from({ length: rank }, (_, i) => i) : typeof axes === "number" ? [axes] : axes;
  return [...new Set(list.map((axis) => normalizeAxis(axis, rank)))].sort((a, b) => a - b);
}

function reducedBy(x: Tensor, axes: Axes | undefined, keepDims: boolean, mean: boolean): Tensor {
  const list = normalizeAxes(axes, x.shape.length);
  if (countOf(x.shape, list) === 1) return reshaped(x, reducedShape(x.shape, list, keepDims));
  return apply1(sumOp, [x], { axes: list, keepDims, mean });
}

/** The sum over axes (all of them if left out). */
export const summed = (x: Tensor, axes?: Axes, keepDims = false): Tensor => reducedBy(x, axes, keepDims, false);

/** The mean over axes (all of them if left out). */
export const averaged = (x: Tensor, axes?: Axes, keepDims = false): Tensor => reducedBy(x, axes, keepDims, true);

/** The adjoint of broadcasting: sums a tensor down to `shape`. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const lead = x.shape.length - shape.length;
  const axes = x.shape
    .map((_, axis) => axis)
    .filter((axis) => axis < lead || (shape[axis - lead] === 1 && x.shape[axis] !== 1));
  return reshaped(summed(x, axes), shape);
}
