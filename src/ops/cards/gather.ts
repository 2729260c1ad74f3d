// Reading rows by number, and its adjoint. Numbers are int32; negative ones count from the end.
//
//   gather(x, i):          y[a, j, b] = x[a, i[j], b]                 index_select, embedding, ONNX Gather
//   scatterAdd(dy, i):     x[a, i[j], b] += dy[a, j, b]
//   takeAlongDim(x, i):   y[a, j, b] = x[a, i[a, j, b], b]           torch.gather, ONNX GatherElements
//   scatterAlongAxis:      x[a, i[a, j, b], b] += dy[a, j, b]

import { type NdArray, zeros64 } from "../../base/array.ts";
import { ShapeError } from "../../base/errors.ts";
import { formatShape, type Shape, sizeOf, stridesOf } from "../../base/shape.ts";
import { apply1 } from "../../graph/graph.ts";
import type { Op, Spatial, Tensor, TensorType } from "../../graph/op.ts";
import type { IndexKernel } from "../../kernel/kernel.ts";
import { placeAlong } from "../../kernel/places.ts";

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
  name: "takeAlongDim",
  infer([x, indices], { axis }) {
    checkElements("takeAlongDim", x.shape, indices, axis);
    return [{ shape: indices.shape, dtype: x.dtype }];
  },
  reference([x, indices], { axis }, [type]) {
    const y = zeros64(type.shape, type.dtype);
    eachElement("takeAlongDim", x.shape, axis, indices, (from, to) => {
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

/** Slices along an axis (from the front) by int32 numbers. */
export const gathered = (x: Tensor, indices: Tensor, axis = 0): Tensor => apply1(gatherOp, [x, indices], { axis });

/** One element for each int32 index, along an axis (from the front). */
export const taken = (x: Tensor, indices: Tensor, axis: number): Tensor =>
  apply1(takeAlongAxisOp, [x, indices], { axis });
