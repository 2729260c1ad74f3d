// softmax, logSoftmax and logsumexp, shifted by the largest value so that nothing overflows.
//
//   m = max x      logsumexp = m + ln Σ exp(x − m)      softmax = exp(x − m) / Σ exp(x − m)      logSoftmax = x − logsumexp
//
// Gradients in closed form: softmax y (dy − Σ dy y); logSoftmax dy − exp(y) Σ dy; logsumexp dy exp(x − y).

import { zeros64 } from "../../base/array.ts";
import { ShapeError } from "../../base/errors.ts";
import { formatShape, sizeOf, stridesOf } from "../../base/shape.ts";
import type { Tensor } from "../../graph/graph.ts";
import type { Op, Spatial, TensorType } from "../../graph/op.ts";
import { constant, operand, select, subtract, unary } from "../../kernel/expression.ts";
import { exponential, logarithm, minus, over, plus, times } from "./arithmetic.ts";
import { elementwise } from "./map.ts";
import { reduced } from "./reduce.ts";
import { reshaped } from "./reshape.ts";
import { reducedShape, stretched, summed } from "./sum.ts";

export interface SoftmaxAttributes {
  /** From the front. */
  readonly axis: number;
}

/** Visits the lines along an axis: the flat place of the first element, and the step to the next. */
function eachLine(
  { shape }: TensorType,
  axis: number,
  visit: (start: number, step: number, count: number) => void,
): void {
  const step = stridesOf(shape)[axis];
  const count = shape[axis];
  for (let outer = 0; outer < sizeOf(shape); outer += step * count) {
    for (let inner = 0; inner < step; inner++) visit(outer + inner, step, count);
  }
}

function softmaxReference(x: { readonly data: ArrayLike<number> } & TensorType, axis: number, logarithm: boolean) {
  const y = zeros64(x.shape, x.dtype);
  eachLine(x, axis, (start, step, count) => {
    let top = -Infinity;
    for (let i = 0; i < count; i++) top = Math.max(top, x.data[start + i * step]);
    let total = 0;
    for (let i = 0; i < count; i++) total += Math.exp(x.data[start + i * step] - top);
    for (let i = 0; i < count; i++) {
      const shifted = x.data[start + i * step] - top;
      y.data[start + i * step] = logarithm ? shifted - Math.log(total) : Math.exp(shifted) / total;
    }
  });
  return y;
}

const alongAxes = (shape: readonly number[], axes: readonly number[]): Spatial =>
  axes.some((axis) => axis >= 2) ? "everything" : shape.slice(2).map(() => ({ step: 1, low: 0, high: 0 }));

function checkNotEmpty(name: string, { shape }: TensorType, axes: readonly number[]): void {
  if (axes.some((axis) => shape[axis] === 0)) {
    throw new ShapeError(`${name} over an empty axis of ${formatShape(shape)} has no value.`);
  }
}

export const softmaxOp: Op<SoftmaxAttributes> = {
  name: "softmax",
  ofFloats: true,
  infer([x], { axis }) {
    checkNotEmpty("softmax", x, [axis]);
    return [{ shape: x.shape, dtype: x.dtype }];
  },
  reference: ([x], { axis }) => [softmaxReference(x, axis, false)],
  expand([x], { axis }) {
    const powers = exponential(minus(x, reduced(x, "maximum", axis, true)));
    return [over(powers, summed(powers, axis, true))];
  },
  gradient(node, [dy], { axis }) {
    const y = node.outputs[0];
    return [dy && times(y, minus(dy, summed(times(dy, y), axis, true)))];
  },
  spatial: ([x], { axis }) => [alongAxes(x.shape, [axis])],
};

export const logSoftmaxOp: Op<SoftmaxAttributes> = {
  name: "logSoftmax",
  ofFloats: true,
  infer([x], { axis }) {
    checkNotEmpty("logSoftmax", x, [axis]);
    return [{ shape: x.shape, dtype: x.dtype }];
  },
  reference: ([x], { axis }) => [softmaxReference(x, axis, true)],
  expand([x], { axis }) {
    const shifted = minus(x, reduced(x, "maximum", axis, true));
    return [minus(shifted, logarithm(summed(exponential(shifted), axis, true)))];
  },
  gradient: (node, [dy], { axis }) => [dy && minus(dy, times(exponential(node.outputs[0]), summed(dy, axis, true)))],
  spatial: ([x], { axis }) => [alongAxes(x.shape, [axis])],
};

export interface LogSumExpAttributes {
  /** From the front, ascending. */
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

/** The largest value, or 0 where it is infinite: what may be subtracted without making NaN of ∞ − ∞. */
const finiteTop = (x: Tensor, axes: readonly number[]): Tensor =>
  elementwise("finiteOr0", select(unary("isFinite", operand(0)), operand(0), constant(0)), [
    reduced(x, "maximum", axes, true),
  ]);

export const logSumExpOp: Op<LogSumExpAttributes> = {
  name: "logsumexp",
  ofFloats: true,
  infer([x], { axes, keepDims }) {
    checkNotEmpty("logsumexp", x, axes);
    return [{ shape: reducedShape(x.shape, axes, keepDims), dtype: x.dtype }];
  },
  reference([x], { axes }, [type]) {
    const y = zeros64(type.shape, type.dtype);
    const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
    const strides = stridesOf(x.shape);
    const keptStrides = stridesOf(kept.map((axis) => x.shape[axis]));
    const cellOf = (i: number): number =>
      kept.reduce((cell, axis, k) => cell + (Math.floor(i / strides[axis]) % x.shape[axis]) * keptStrides[k], 0);
    const top = new Float64Array(y.data.length).fill(-Infinity);
    for (let i = 0; i < x.data.length; i++) top[cellOf(i)] = Math.max(top[cellOf(i)], x.data[i]);
    for (let k = 0; k < top.length; k++) if (!Number.isFinite(top[k])) top[k] = 0;
    for (let i = 0; i < x.data.length; i++) y.data[cellOf(i)] += Math.exp(x.data[i] - top[cellOf(i)]);
    for (let k = 0; k < top.length; k++) y.data[k] = top[k] + Math.log(y.data[k]);
    return [y];
  },
  expand([x], { axes, keepDims }) {
    const top = finiteTop(x, axes);
    const total = summed(exponential(minus(x, top)), axes, true);
    return [reshaped(plus(logarithm(total), top), reducedShape(x.shape, axes, keepDims))];
  },
  gradient(node, [dy], { axes }) {
    const x = node.inputs[0];
    const column = (t: Tensor): Tensor => stretched(reshaped(t, reducedShape(x.shape, axes, true)), x.shape);
    if (!dy) return [undefined];
    // dy exp(x − y), with nothing where x is −∞ (then x − y may be ∞ − ∞).
    const weight = elementwise(
      "exp",
      select(unary("isFinite", operand(0)), unary("exp", subtract(operand(0), operand(1))), constant(0)),
      [x, column(node.outputs[0])],
    );
    return [times(column(dy), weight)];
  },
  spatial: ([x], { axes, keepDims }) => [keepDims ? alongAxes(x.shape, axes) : "everything"],
};
