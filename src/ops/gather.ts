// Reading rows by number, and its adjoint. Numbers are int32; negative ones count from the end.
//
//   gather(x, i):          y[a, j, b] = x[a, i[j], b]                 index_select, embedding, ONNX Gather
//   scatterAdd(dy, i):     x[a, i[j], b] += dy[a, j, b]
//   takeAlongAxis(x, i):   y[a, j, b] = x[a, i[a, j, b], b]           torch.gather, ONNX GatherElements
//   scatterAlongAxis:      x[a, i[a, j, b], b] += dy[a, j, b]
import { understand } from "../base/arguments.ts";
import { type NdArray, zeros64 } from "../base/array.ts";
import { NeocogError, ShapeError } from "../base/errors.ts";
import { axis as axisRule, optional, whole } from "../base/rules.ts";
import { formatShape, normalizeAxis, type Shape, sizeOf, stridesOf } from "../base/shape.ts";
import { apply1, type Tensor, tensor } from "../graph/graph.ts";
import type { Op, Spatial, TensorType } from "../graph/op.ts";
import { binary, constant, operand, select } from "../kernel/expression.ts";
import type { IndexKernel } from "../kernel/kernel.ts";
import { placeAlong } from "../kernel/places.ts";
import { cast } from "./arithmetic.ts";
import { elementwise } from "./map.ts";
import { reshape } from "./reshape.ts";
import { broadcastTo } from "./sum.ts";

export interface GatherAttributes {
  /** From the front. */
  readonly axis: number;
}

export interface ScatterAddAttributes extends GatherAttributes {
  /** Shape of the result. */
  readonly shape: Shape;
}

/** Spatial rule of ops that mix places only along `axis`. */
const alongAxis = (shape: Shape, axis: number): Spatial =>
  axis >= 2 ? "everything" : shape.slice(2).map(() => ({ step: 1, low: 0, high: 0 }));

function indexKernel(form: "gather" | "scatterAdd", shape: Shape, axis: number, count: number): IndexKernel {
  const outer = sizeOf(shape.slice(0, axis));
  const inner = sizeOf(shape.slice(axis + 1));
  return { kind: "index", form, outer, inner, size: shape[axis], count };
}

/** Pairs the flat places of x and of the rows read from it. */
function eachRow(op: string, x: Shape, axis: number, indices: NdArray, visit: (x: number, y: number) => void): void {
  const outer = sizeOf(x.slice(0, axis));
  const inner = sizeOf(x.slice(axis + 1));
  const count = indices.data.length;
  for (let j = 0; j < count; j++) {
    const row = placeAlong(op, indices.data, j, x[axis]);
    for (let o = 0; o < outer; o++) {
      for (let r = 0; r < inner; r++) visit((o * x[axis] + row) * inner + r, (o * count + j) * inner + r);
    }
  }
}

export const gatherOp: Op<GatherAttributes> = {
  name: "gather",
  infer: ([x, indices], { axis }) => [
    { shape: [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)], dtype: x.dtype },
  ],
  reference([x, indices], { axis }, [type]) {
    const y = zeros64(type.shape, type.dtype);
    eachRow("gather", x.shape, axis, indices, (from, to) => {
      y.data[to] = x.data[from];
    });
    return [y];
  },
  lower: ([x, indices], { axis }) => indexKernel("gather", x.shape, axis, sizeOf(indices.shape)),
  gradient(node, [dy], { axis }) {
    const [x, indices] = node.inputs;
    return [dy && apply1(scatterAddOp, [dy, indices], { axis, shape: x.shape }), undefined];
  },
  spatial: ([x, indices], { axis }) => [
    indices.shape.length === 1 ? alongAxis(x.shape, axis) : "everything",
    "everything",
  ],
};

export const scatterAddOp: Op<ScatterAddAttributes> = {
  name: "scatterAdd",
  infer([dy, indices], { axis, shape }) {
    const expected = [...shape.slice(0, axis), ...indices.shape, ...shape.slice(axis + 1)];
    if (formatShape(dy.shape) !== formatShape(expected)) {
      throw new ShapeError(
        `scatterAdd into ${formatShape(shape)} needs ${formatShape(expected)}, not ${formatShape(dy.shape)}.`,
      );
    }
    return [{ shape, dtype: dy.dtype }];
  },
  reference([dy, indices], { axis, shape }, [type]) {
    const x = zeros64(type.shape, type.dtype);
    eachRow("scatterAdd", shape, axis, indices, (to, from) => {
      x.data[to] += dy.data[from];
    });
    return [x];
  },
  lower: ([, indices], { axis, shape }) => indexKernel("scatterAdd", shape, axis, sizeOf(indices.shape)),
  gradient: (node, [g], { axis }) => [g && apply1(gatherOp, [g, node.inputs[1]], { axis }), undefined],
  spatial: ([dy, indices], { axis }) => [
    indices.shape.length === 1 ? alongAxis(dy.shape, axis) : "everything",
    "everything",
  ],
};

/** Pairs the flat place of each element of `indices` with the place in `x` that it names. */
function eachElement(
  op: string,
  x: Shape,
  axis: number,
  indices: NdArray,
  visit: (x: number, y: number) => void,
): void {
  const strides = stridesOf(indices.shape);
  const steps = stridesOf(x);
  for (let j = 0; j < indices.data.length; j++) {
    let from = placeAlong(op, indices.data, j, x[axis]) * steps[axis];
    indices.shape.forEach((n, a) => {
      if (a !== axis) from += (Math.floor(j / strides[a]) % n) * steps[a];
    });
    visit(from, j);
  }
}

function checkElements(name: string, x: Shape, indices: TensorType, axis: number): void {
  if (indices.shape.length !== x.length || indices.shape.some((n, a) => a !== axis && n > x[a])) {
    throw new ShapeError(
      `${name}: the indices ${formatShape(indices.shape)} need as many axes as ${formatShape(x)}, and none longer but axis ${axis}.`,
    );
  }
}

export const takeAlongAxisOp: Op<GatherAttributes> = {
  name: "takeAlongAxis",
  infer([x, indices], { axis }) {
    checkElements("takeAlongAxis", x.shape, indices, axis);
    return [{ shape: indices.shape, dtype: x.dtype }];
  },
  reference([x, indices], { axis }, [type]) {
    const y = zeros64(type.shape, type.dtype);
    eachElement("takeAlongAxis", x.shape, axis, indices, (from, to) => {
      y.data[to] = x.data[from];
    });
    return [y];
  },
  gradient(node, [dy], { axis }) {
    const [x, indices] = node.inputs;
    return [dy && apply1(scatterAlongAxisOp, [dy, indices], { axis, shape: x.shape }), undefined];
  },
  spatial: ([x], { axis }) => [alongAxis(x.shape, axis), "everything"],
};

export const scatterAlongAxisOp: Op<ScatterAddAttributes> = {
  name: "scatterAlongAxis",
  infer([dy, indices], { axis, shape }) {
    checkElements("scatterAlongAxis", shape, indices, axis);
    if (formatShape(dy.shape) !== formatShape(indices.shape)) {
      throw new ShapeError(
        `scatterAlongAxis: the values ${formatShape(dy.shape)} and the indices ${formatShape(indices.shape)} must have one shape.`,
      );
    }
    return [{ shape, dtype: dy.dtype }];
  },
  reference([dy, indices], { axis, shape }, [type]) {
    const x = zeros64(type.shape, type.dtype);
    eachElement("scatterAlongAxis", shape, axis, indices, (to, from) => {
      x.data[to] += dy.data[from];
    });
    return [x];
  },
  gradient: (node, [g], { axis }) => [g && apply1(takeAlongAxisOp, [g, node.inputs[1]], { axis }), undefined],
  spatial: ([dy], { axis }) => [alongAxis(dy.shape, axis), "everything"],
};

function asIndices(name: string, indices: Tensor): Tensor {
  if (indices.dtype !== "int32" && indices.dtype !== "int64" && indices.dtype !== "uint8") {
    throw new NeocogError(`${name} needs whole numbers (int32) as indices, not ${indices.dtype}.`);
  }
  return cast(indices, "int32");
}

/**
 * Slices of x along an axis (0 unless told) by number: the axis is replaced by the axes of `indices`, [5, 4] by
 * indices [2, 3] to [2, 3, 4] (ONNX Gather; torch.index_select for a list). Negative indices count from the end; one
 * that names no place ends the run with a sentence.
 */
export function gather(x: Tensor, indices: Tensor, axis = 0): Tensor {
  understand("gather", arguments, { x: tensor, indices: tensor, axis: optional(axisRule) });
  return apply1(gatherOp, [x, asIndices("gather", indices)], { axis: normalizeAxis(axis, x.shape.length) });
}

/**
 * Rows of a table [count, width] by number: indices […] to […, width] (torch.nn.functional.embedding). Throws a
 * ShapeError for another table; a number that names no row ends the run with a sentence.
 */
export function embedding(indices: Tensor, table: Tensor): Tensor {
  understand("embedding", arguments, { indices: tensor, table: tensor });
  if (table.shape.length !== 2)
    throw new ShapeError(`embedding needs a table [count, width], not ${formatShape(table.shape)}.`);
  return gather(table, indices, 0);
}

/**
 * Adds slices to zeros of length `size` along an axis: the adjoint of gather, so that values [2, 3, 4] with indices
 * [2, 3] at axis 0 give [size, 4].
 */
export function scatterAdd(values: Tensor, indices: Tensor, axis: number, size: number): Tensor {
  understand("scatterAdd", arguments, { values: tensor, indices: tensor, axis: axisRule, size: whole(0) });
  const along = normalizeAxis(axis, values.shape.length - indices.shape.length + 1);
  const shape = [...values.shape.slice(0, along), size, ...values.shape.slice(along + indices.shape.length)];
  return apply1(scatterAddOp, [values, asIndices("scatterAdd", indices)], { axis: along, shape });
}

/**
 * One element for each index, along an axis, of the indices' shape (torch.gather, ONNX GatherElements). Negative
 * indices count from the end; one that names no place ends the run with a sentence.
 */
export function takeAlongAxis(x: Tensor, indices: Tensor, axis: number): Tensor {
  understand("takeAlongAxis", arguments, { x: tensor, indices: tensor, axis: axisRule });
  return apply1(takeAlongAxisOp, [x, asIndices("takeAlongAxis", indices)], {
    axis: normalizeAxis(axis, x.shape.length),
  });
}

/**
 * 1 where the class is the index, else 0, as float32: [...indices, classes], or with the classes at another axis (-1,
 * the last, unless told). An index outside 0 … classes − 1 gives zeros. Throws for less than 1 class.
 */
export function oneHot(indices: Tensor, classes: number, axis = -1): Tensor {
  understand("oneHot", arguments, { indices: tensor, classes: whole(1), axis: optional(axisRule) });
  if (!Number.isInteger(classes) || classes < 1)
    throw new NeocogError(`oneHot needs at least 1 class, not ${classes}.`);
  const along = normalizeAxis(axis, indices.shape.length + 1);
  const column = [...indices.shape.slice(0, along), 1, ...indices.shape.slice(along)];
  const shape = column.map((n, a) => (a === along ? classes : n));
  const hit = binary("equal", operand(0), { kind: "axisIndex", axis: along });
  return elementwise(
    "oneHot",
    select(hit, constant(1), constant(0)),
    [broadcastTo(reshape(asIndices("oneHot", indices), column), shape)],
    "float32",
  );
}
