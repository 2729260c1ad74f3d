// Writing at places that a tensor of indices names, and reading whole slices so. No loop of the waist fits a place per
// element, so these run by their definitions on the host. Negative indices count from the end; one outside is an error.
//
//   scatterElements  y = x, then y[index[i][j]][j] = updates[i][j], or combined with what is there (torch.scatter)
//   gatherNd         y[i] = x[index[i]]: the last axis of the indices is a place of x
//   scatterNd        y = x, then y[index[i]] = updates[i]
import { type NdArray, zeros64 } from "../base/array.ts";
import { DataError, ShapeError } from "../base/errors.ts";
import { formatShape, normalizeAxis, type Shape, sameShape, sizeOf, stridesOf } from "../base/shape.ts";
import { apply1, type Tensor } from "../graph/graph.ts";
import type { Op } from "../graph/op.ts";

/** How a written value is combined with what is there. */
export type Combination = "none" | "add" | "mul" | "max" | "min";

const combine: Readonly<Record<Combination, (old: number, now: number) => number>> = {
  none: (_old, now) => now,
  add: (old, now) => old + now,
  mul: (old, now) => old * now,
  max: Math.max,
  min: Math.min,
};

/** An index from the front, refused outside. */
function placeOf(index: number, size: number): number {
  const place = index < 0 ? index + size : index;
  if (!(place >= 0 && place < size)) throw new DataError(`The index ${index} lies outside an axis of ${size}.`);
  return place;
}

export interface AlongAttributes {
  readonly axis: number;
}

/** Visits every element of the indices: its own flat place, and the place in x with the index along the axis. */
function eachPlace(x: Shape, indices: NdArray, axis: number, visit: (at: number, place: number) => void): void {
  const own = stridesOf(indices.shape);
  const strides = stridesOf(x);
  for (let at = 0; at < indices.data.length; at++) {
    let place = 0;
    for (let k = 0; k < x.length; k++) {
      const i = k === axis ? placeOf(indices.data[at], x[k]) : Math.floor(at / own[k]) % indices.shape[k];
      place += i * strides[k];
    }
    visit(at, place);
  }
}

function checkIndices(name: string, x: Shape, indices: Shape, axis: number): void {
  if (x.length !== indices.length || indices.some((n, k) => k !== axis && n > x[k])) {
    throw new ShapeError(
      `${name} along axis ${axis}: the indices ${formatShape(indices)} do not fit ${formatShape(x)}; they need as many axes, and no other axis may be longer.`,
    );
  }
}

export interface ScatterAttributes {
  readonly combination: Combination;
}

export const scatterElementsOp: Op<AlongAttributes & ScatterAttributes> = {
  name: "scatterElements",
  infer([x, indices, updates], { axis }) {
    checkIndices("scatterElements", x.shape, indices.shape, axis);
    if (!sameShape(indices.shape, updates.shape)) {
      throw new ShapeError(
        `scatterElements: the updates ${formatShape(updates.shape)} must have the shape of the indices, ${formatShape(indices.shape)}.`,
      );
    }
    return [{ shape: x.shape, dtype: x.dtype }];
  },
  reference([x, indices, updates], { axis, combination }, [type]) {
    const y = { ...type, data: Float64Array.from(x.data) };
    eachPlace(x.shape, indices, axis, (at, place) => {
      y.data[place] = combine[combination](y.data[place], updates.data[at]);
    });
    return [y];
  },
  spatial: () => ["everything", "everything", "everything"],
};

export interface BatchedAttributes {
  /** Leading axes that x and the indices share. */
  readonly batchAxes: number;
}

/** Flat start in x of the slice that the n-th place of the indices names. */
function sliceStart(x: Shape, indices: NdArray, n: number, batchAxes: number): number {
  const depth = indices.shape[indices.shape.length - 1];
  const strides = stridesOf(x);
  const places = sizeOf(indices.shape.slice(0, -1));
  const batch = sizeOf(x.slice(0, batchAxes));
  let start = Math.floor(n / (places / batch)) * sizeOf(x.slice(batchAxes));
  for (let k = 0; k < depth; k++) {
    start += placeOf(indices.data[n * depth + k], x[batchAxes + k]) * strides[batchAxes + k];
  }
  return start;
}

export const gatherNdOp: Op<BatchedAttributes> = {
  name: "gatherNd",
  infer([x, indices], { batchAxes }) {
    const depth = indices.shape[indices.shape.length - 1] ?? 0;
    const shared = sameShape(x.shape.slice(0, batchAxes), indices.shape.slice(0, batchAxes));
    if (indices.shape.length <= batchAxes || batchAxes + depth > x.shape.length || !shared) {
      throw new ShapeError(`gatherNd: the indices ${formatShape(indices.shape)} do not fit ${formatShape(x.shape)}.`);
    }
    return [{ shape: [...indices.shape.slice(0, -1), ...x.shape.slice(batchAxes + depth)], dtype: x.dtype }];
  },
  reference([x, indices], { batchAxes }, [type]) {
    const y = zeros64(type.shape, type.dtype);
    const inner = sizeOf(x.shape.slice(batchAxes + indices.shape[indices.shape.length - 1]));
    const places = sizeOf(indices.shape.slice(0, -1));
    for (let n = 0; n < places; n++) {
      const start = sliceStart(x.shape, indices, n, batchAxes);
      for (let i = 0; i < inner; i++) y.data[n * inner + i] = x.data[start + i];
    }
    return [y];
  },
  spatial: () => ["everything", "everything"],
};

export const scatterNdOp: Op<ScatterAttributes> = {
  name: "scatterNd",
  infer([x, indices, updates]) {
    const depth = indices.shape[indices.shape.length - 1] ?? 0;
    const expected = [...indices.shape.slice(0, -1), ...x.shape.slice(depth)];
    if (indices.shape.length < 1 || depth > x.shape.length || !sameShape(updates.shape, expected)) {
      throw new ShapeError(
        `scatterNd: the indices ${formatShape(indices.shape)} and updates ${formatShape(updates.shape)} do not fit ${formatShape(x.shape)}.`,
      );
    }
    return [{ shape: x.shape, dtype: x.dtype }];
  },
  reference([x, indices, updates], { combination }, [type]) {
    const y = { ...type, data: Float64Array.from(x.data) };
    const inner = sizeOf(x.shape.slice(indices.shape[indices.shape.length - 1]));
    const places = sizeOf(indices.shape.slice(0, -1));
    for (let n = 0; n < places; n++) {
      const start = sliceStart(x.shape, indices, n, 0);
      for (let i = 0; i < inner; i++) {
        y.data[start + i] = combine[combination](y.data[start + i], updates.data[n * inner + i]);
      }
    }
    return [y];
  },
  spatial: () => ["everything", "everything", "everything"],
};

/** Writes values at the places of the indices, along an axis, in order (torch.scatter and scatter_reduce). */
export function scatterElements(
  x: Tensor,
  indices: Tensor,
  updates: Tensor,
  axis: number,
  combination: Combination = "none",
): Tensor {
  return apply1(scatterElementsOp, [x, indices, updates], { axis: normalizeAxis(axis, x.shape.length), combination });
}

/** Picks slices of x; the last axis of the indices is a place of x, after the axes that both share. */
export function gatherNd(x: Tensor, indices: Tensor, batchAxes = 0): Tensor {
  return apply1(gatherNdOp, [x, indices], { batchAxes });
}

/** Writes slices into a copy of x; the last axis of the indices is a place of x. */
export function scatterNd(x: Tensor, indices: Tensor, updates: Tensor, combination: Combination = "none"): Tensor {
  return apply1(scatterNdOp, [x, indices, updates], { combination });
}
