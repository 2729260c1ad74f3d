// Pooling: the largest or the mean value of a window that slides over each map by itself, for any number of spatial axes.
//
//   maxPool(x) → y, indices        maxPoolGradient(dy, indices) → dx        gatherPlaces(g, indices) → what y's places hold
//   averagePool(x) → y             averagePoolGradient(dy) → dx
//
// Padding never wins a maximum (it counts as −∞); the first of equal maxima wins (row-major in the window), and a NaN beats
// every number. Means divide by the window's cells that lie inside input plus padding, or inside the input.
import { type NdArray, zeros64 } from "../../base/array.ts";
import { ShapeError } from "../../base/errors.ts";
import { formatShape, type Shape, sameShape, sizeOf } from "../../base/shape.ts";
import {
  cellsAlong,
  type Slides,
  sightBack,
  sightOf,
  slideAlong,
  tapCells,
  tapsWithPadding,
} from "../../base/window.ts";
import { apply, apply1, type Tensor } from "../../graph/graph.ts";
import type { Op, SpatialAxis, TensorType } from "../../graph/op.ts";
import { constant, multiply, operand } from "../../kernel/expression.ts";
import type { ReduceKernel, WindowKernel } from "../../kernel/kernel.ts";
import { cellOf } from "../../kernel/places.ts";
import { windowOutput } from "./geometry.ts";

export interface PoolAttributes extends Slides {
  /** Cells of the window along each spatial axis. */
  readonly window: readonly number[];
  /** A last window may hang over the end. */
  readonly ceilMode: boolean;
}

export interface AveragePoolAttributes extends PoolAttributes {
  /** Divide by the cells inside input plus padding, not only by those inside the input. */
  readonly countIncludePad: boolean;
}

interface ShapeOf {
  /** Shape of the pooled input, which the gradient alone does not tell. */
  readonly shape: Shape;
}

/** Shape of the pooled x, or an error in words. */
export function pooledShape(x: Shape, attributes: PoolAttributes): number[] {
  const rank = attributes.window.length;
  if (x.length !== rank + 2) {
    throw new ShapeError(
      `pooling with ${rank} spatial ${rank === 1 ? "axis" : "axes"} needs an input of ${rank + 2} axes [batch, channels, …sizes]; it got ${formatShape(x)}.`,
    );
  }
  return [
    x[0],
    x[1],
    ...attributes.window.map((kernel, axis) =>
      windowOutput({
        what: "pooling",
        axis,
        rank,
        size: x[axis + 2],
        kernel,
        ...slideAlong(attributes, axis),
        ceilMode: attributes.ceilMode,
      }),
    ),
  ];
}

/** Cells behind the input that the last window touches along each axis, fewer than none where it ends before; padded or not. */
export const paddingTouched = (x: Shape, attributes: PoolAttributes): number[] =>
  pooledShape(x, attributes)
    .slice(2)
    .map((places, axis) => {
      const slide = { ...slideAlong(attributes, axis), padAfter: 0 };
      return cellsAlong(places, attributes.window[axis], slide) - x[axis + 2];
    });

function windowKernel(
  combine: WindowKernel["combine"],
  role: WindowKernel["role"],
  x: Shape,
  y: Shape,
  attributes: PoolAttributes | AveragePoolAttributes,
): WindowKernel {
  const { window, stride, dilation, padBefore, padAfter } = attributes;
  return {
    kind: "window",
    combine,
    role,
    withIndices: combine === "maximum" && role === "forward",
    countIncludePad: "countIncludePad" in attributes && attributes.countIncludePad,
    planes: x[0] * x[1],
    input: x.slice(2),
    output: y.slice(2),
    window,
    stride,
    dilation,
    padBefore,
    padAfter,
  };
}

/** For every output place: the flat input places that its window sees, and how many of its cells lie in input or padding. */
function windows(x: Shape, y: Shape, attributes: PoolAttributes): { places: number[]; padded: number }[] {
  const window = { ...attributes, kernel: attributes.window, input: x.slice(2), output: y.slice(2) };
  const taps = sizeOf(attributes.window);
  const cells = tapCells(window);
  return tapsWithPadding(window).map((padded, p) => ({
    places: [...cells.subarray(p * taps, (p + 1) * taps)].filter((cell) => cell >= 0),
    padded,
  }));
}

const windowSpatial = (attributes: PoolAttributes): SpatialAxis[] => sightOf(attributes.window, attributes);

const adjointSpatial = (attributes: PoolAttributes): SpatialAxis[] => sightBack(attributes.window, attributes);

function checkGradient(dy: TensorType, expected: Shape): void {
  if (!sameShape(dy.shape, expected)) {
    throw new ShapeError(`the gradient is ${formatShape(dy.shape)}, but this pooling gives ${formatShape(expected)}.`);
  }
}

function checkPlaces(dy: TensorType, indices: TensorType): void {
  if (!sameShape(dy.shape, indices.shape)) {
    throw new ShapeError(
      `the gradient ${formatShape(dy.shape)} and the places ${formatShape(indices.shape)} must have one shape.`,
    );
  }
}

function checkPlanes(x: Shape, pooled: Shape): void {
  if (!sameShape(x.slice(0, 2), pooled.slice(0, 2))) {
    throw new ShapeError(`the maps of ${formatShape(x)} and those pooled, ${formatShape(pooled)}, are not as many.`);
  }
}

/** Outputs: y, and the int32 places of the maxima, row-major within the plane (−1 where a window saw only padding). */
export const maxPoolOp: Op<PoolAttributes> = {
  name: "maxPool",
  infer([x], attributes) {
    const shape = pooledShape(x.shape, attributes);
    return [
      { shape, dtype: x.dtype },
      { shape, dtype: "int32" },
    ];
  },
  reference([x], attributes, [type]) {
    const y = zeros64(type.shape, type.dtype);
    const indices = zeros64(type.shape, "int32");
    const plane = sizeOf(x.shape.slice(2));
    const cells = windows(x.shape, type.shape, attributes);
    for (let o = 0; o < y.data.length; o++) {
      const base = Math.floor(o / cells.length) * plane;
      let best = -1;
      for (const place of cells[o % cells.length].places) {
        if (best < 0 || beats(x.data[base + place], x.data[base + best])) best = place;
      }
      y.data[o] = best < 0 ? -Infinity : x.data[base + best];
      indices.data[o] = best;
    }
    return [y, indices];
  },
  lower: ([x], attributes, [y]) => windowKernel("maximum", "forward", x.shape, y.shape, attributes),
  gradient(node, [dy], attributes) {
    if (!dy) return [undefined];
    const { shape } = node.inputs[0];
    return [apply1(maxPoolGradientOp, [dy, node.outputs[1]], { ...attributes, shape })];
  },
  spatial: (_inputs, attributes) => [windowSpatial(attributes)],
};

const beats = (value: number, best: number): boolean => value > best || (Number.isNaN(value) && !Number.isNaN(best));

/** (dy, indices) → dx: each gradient goes to the place that won. */
export const maxPoolGradientOp: Op<PoolAttributes & ShapeOf> = {
  name: "maxPoolGradient",
  infer([dy, indices], attributes) {
    checkGradient(dy, pooledShape(attributes.shape, attributes));
    checkPlaces(dy, indices);
    return [{ shape: attributes.shape, dtype: dy.dtype }];
  },
  reference([dy, indices], { shape }, [type]) {
    const dx = zeros64(type.shape, type.dtype);
    eachPlace("maxPoolGradient", dy, indices, sizeOf(shape.slice(2)), (from, to) => {
      dx.data[to] += dy.data[from];
    });
    return [dx];
  },
  lower: ([dy], attributes, [dx]) => windowKernel("maximum", "gradient", dx.shape, dy.shape, attributes),
  gradient: (node, [g]) => [g && apply1(gatherPlacesOp, [g, node.inputs[1]], {}), undefined],
  spatial: (_inputs, attributes) => [adjointSpatial(attributes), adjointSpatial(attributes)],
};

/** (x, indices) → the numbers of x at these places of each plane: the adjoint of maxPoolGradient (second derivatives). */
export const gatherPlacesOp: Op = {
  name: "gatherPlaces",
  infer([x, indices]) {
    checkPlanes(x.shape, indices.shape);
    return [{ shape: indices.shape, dtype: x.dtype }];
  },
  reference([x, indices], _attributes, [type]) {
    const y = zeros64(type.shape, type.dtype);
    eachPlace("gatherPlaces", y, indices, sizeOf(x.shape.slice(2)), (to, from) => {
      y.data[to] = x.data[from];
    });
    return [y];
  },
  gradient(node, [dy]) {
    const [x, indices] = node.inputs;
    return [dy && apply1(scatterPlacesOp, [dy, indices], { shape: x.shape }), undefined];
  },
  spatial: () => ["everything", "everything"],
};

/** The adjoint of gatherPlaces where no window geometry is known. */
export const scatterPlacesOp: Op<ShapeOf> = {
  name: "scatterPlaces",
  infer([dy, indices], { shape }) {
    checkPlaces(dy, indices);
    checkPlanes(shape, dy.shape);
    return [{ shape, dtype: dy.dtype }];
  },
  reference([dy, indices], { shape }, [type]) {
    const dx = zeros64(type.shape, type.dtype);
    eachPlace("scatterPlaces", dy, indices, sizeOf(shape.slice(2)), (from, to) => {
      dx.data[to] += dy.data[from];
    });
    return [dx];
  },
  gradient: (node, [g]) => [g && apply1(gatherPlacesOp, [g, node.inputs[1]], {}), undefined],
  spatial: () => ["everything", "everything"],
};

/** Pairs every pooled place with the flat place in the input that its index names. */
function eachPlace(
  op: string,
  pooled: NdArray,
  indices: NdArray,
  plane: number,
  visit: (pooled: number, input: number) => void,
): void {
  const cells = sizeOf(pooled.shape.slice(2));
  for (let o = 0; o < pooled.data.length; o++) {
    const cell = cellOf(op, indices.data, o, plane);
    if (cell >= 0) visit(o, Math.floor(o / cells) * plane + cell);
  }
}

/** One window that is the whole map: global pooling. */
const seesWholeMaps = (x: Shape, { window, dilation, padBefore, padAfter }: PoolAttributes): boolean =>
  sameShape(x.slice(2), window) && [...padBefore, ...padAfter].every((n) => n === 0) && dilation.every((n) => n === 1);

function meanOfMaps(x: Shape): ReduceKernel {
  const size = sizeOf(x.slice(2));
  return {
    kind: "reduce",
    shape: [x[0] * x[1], size],
    axes: [1],
    operands: [{ strides: [size, 1], offset: 0 }],
    accumulators: [{ combine: "sum", value: operand(0) }],
    finishOperands: [],
    outputs: [multiply(operand(0), constant(1 / size))],
  };
}

export const averagePoolOp: Op<AveragePoolAttributes> = {
  name: "averagePool",
  ofFloats: true,
  infer: ([x], attributes) => [{ shape: pooledShape(x.shape, attributes), dtype: x.dtype }],
  reference([x], attributes, [type]) {
    const y = zeros64(type.shape, type.dtype);
    const plane = sizeOf(x.shape.slice(2));
    const cells = windows(x.shape, type.shape, attributes);
    for (let o = 0; o < y.data.length; o++) {
      const base = Math.floor(o / cells.length) * plane;
      const { places, padded } = cells[o % cells.length];
      let total = 0;
      for (const place of places) total += x.data[base + place];
      y.data[o] = total / (attributes.countIncludePad ? padded : places.length);
    }
    return [y];
  },
  lower: ([x], attributes, [y]) =>
    seesWholeMaps(x.shape, attributes)
      ? meanOfMaps(x.shape)
      : windowKernel("average", "forward", x.shape, y.shape, attributes),
  gradient: (node, [dy], attributes) => [
    dy && apply1(averagePoolGradientOp, [dy], { ...attributes, shape: node.inputs[0].shape }),
  ],
  spatial: (_inputs, attributes) => [windowSpatial(attributes)],
};

export const averagePoolGradientOp: Op<AveragePoolAttributes & ShapeOf> = {
  name: "averagePoolGradient",
  infer([dy], attributes) {
    checkGradient(dy, pooledShape(attributes.shape, attributes));
    return [{ shape: attributes.shape, dtype: dy.dtype }];
  },
  reference([dy], attributes, [type]) {
    const dx = zeros64(type.shape, type.dtype);
    const plane = sizeOf(type.shape.slice(2));
    const cells = windows(type.shape, dy.shape, attributes);
    for (let o = 0; o < dy.data.length; o++) {
      const base = Math.floor(o / cells.length) * plane;
      const { places, padded } = cells[o % cells.length];
      const share = dy.data[o] / (attributes.countIncludePad ? padded : places.length);
      for (const place of places) dx.data[base + place] += share;
    }
    return [dx];
  },
  lower: ([dy], attributes, [dx]) => windowKernel("average", "gradient", dx.shape, dy.shape, attributes),
  gradient(_node, [g], { shape: _shape, ...attributes }) {
    return [g && apply1(averagePoolOp, [g], attributes)];
  },
  spatial: (_inputs, attributes) => [adjointSpatial(attributes)],
};

/** Maxima and their places, with every geometry given. */
export function maxPoolWith(x: Tensor, attributes: PoolAttributes): { y: Tensor; indices: Tensor } {
  const [y, indices] = apply(maxPoolOp, [x], attributes);
  return { y, indices };
}

/** Means, with every geometry given. */
export function averagePoolWith(x: Tensor, attributes: AveragePoolAttributes): Tensor {
  return apply1(averagePoolOp, [x], attributes);
}
