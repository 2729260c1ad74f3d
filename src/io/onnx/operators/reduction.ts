// Reductions, the place of an extreme value, and softmax.
import { DataError } from "../../../base/errors.ts";
import { normalizeAxis, sizeOf } from "../../../base/shape.ts";
import type { Tensor } from "../../../graph/graph.ts";
import { binary, constant, operand, select, subtract } from "../../../kernel/expression.ts";
import { abs, cast, log, sqrt, square } from "../../../ops/arithmetic.ts";
import { elementwise } from "../../../ops/cards/map.ts";
import { flip } from "../../../ops/copy.ts";
import { amax, amin, argmax, argmin, prod } from "../../../ops/reduce.ts";
import { reshape } from "../../../ops/reshape.ts";
import { logSoftmax, logsumexp, softmax } from "../../../ops/softmax.ts";
import { broadcastTo, mean, sum } from "../../../ops/sum.ts";
import { optional, type Row, row, type Table } from "../row.ts";

type Reduction = (x: Tensor, axes: readonly number[], keepDims: boolean) => Tensor;

/** Axes are an attribute in older operator sets and an input in newer ones; none means all, unless noop says nothing. */
function reduction(reduce: Reduction): Row {
  return row(1, (inputs, attributes, context) => {
    const [x] = inputs;
    const given = optional(inputs, 1);
    const list = given ? context.integers(given, "its axes") : attributes.ints("axes");
    const noop = attributes.int("noop_with_empty_axes", 0) === 1;
    const keepDims = attributes.int("keepdims", 1) === 1;
    if ((!list || list.length === 0) && noop) return x;
    const axes =
      list && list.length > 0 ? list.map((axis) => normalizeAxis(axis, x.shape.length)) : x.shape.map((_, i) => i);
    return reduce(x, axes, keepDims);
  });
}

function place(find: (x: Tensor, axis: number, keepDims: boolean) => Tensor): Row {
  return row(1, ([x], attributes) => {
    const axis = normalizeAxis(attributes.int("axis", 0), x.shape.length);
    const keepDims = attributes.int("keepdims", 1) === 1;
    if (attributes.int("select_last_index", 0) === 0) return cast(find(x, axis, keepDims), "int64");
    // The last of equals is the first of the reversed.
    const fromEnd = find(flip(x, [axis]), axis, keepDims);
    const last = elementwise("fromEnd", subtract(constant(x.shape[axis] - 1), operand(0)), [fromEnd]);
    return cast(last, "int64");
  });
}

/** Up to operator set 12, softmax was over all axes from one on; from 13 it is over one axis. */
function along(apply: (x: Tensor, axis: number) => Tensor): Row {
  return row(1, ([x], attributes, { opset }) => {
    const axis = attributes.int("axis", opset < 13 ? 1 : -1);
    if (opset >= 13) return apply(x, normalizeAxis(axis, x.shape.length));
    const first = axis === x.shape.length ? axis : normalizeAxis(axis, x.shape.length);
    const flat = reshape(x, [sizeOf(x.shape.slice(0, first)), sizeOf(x.shape.slice(first))]);
    return reshape(apply(flat, 1), x.shape);
  });
}

export const reductionTable: Table = {
  ReduceSum: reduction(sum),
  ReduceMean: reduction(mean),
  ReduceMax: reduction(amax),
  ReduceMin: reduction(amin),
  ReduceProd: reduction(prod),
  ReduceL1: reduction((x, axes, keep) => sum(abs(x), axes, keep)),
  ReduceL2: reduction((x, axes, keep) => sqrt(sum(square(x), axes, keep))),
  ReduceLogSum: reduction((x, axes, keep) => log(sum(x, axes, keep))),
  ReduceLogSumExp: reduction(logsumexp),
  ReduceSumSquare: reduction((x, axes, keep) => sum(square(x), axes, keep)),
  ArgMax: place(argmax),
  ArgMin: place(argmin),
  Softmax: along(softmax),
  LogSoftmax: along(logSoftmax),
  Hardmax: row(1, ([x], attributes, { opset }) => {
    if (opset < 13) throw new DataError("Hardmax is read from operator set 13 on.");
    const axis = normalizeAxis(attributes.int("axis", -1), x.shape.length);
    return hardmax(x, axis);
  }),
};

/** 1 at the first largest value along an axis, else 0. */
function hardmax(x: Tensor, axis: number): Tensor {
  const best = broadcastTo(argmax(x, axis, true), x.shape);
  const here = binary("equal", operand(0), { kind: "axisIndex", axis });
  return elementwise("hardmax", select(here, constant(1), constant(0)), [best], x.dtype);
}
