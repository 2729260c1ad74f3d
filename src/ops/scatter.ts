// Writing at places that a tensor of indices names. Negative indices count from the end; one outside is an error.
//
//   scatterElements  y = x, then y[index[i][j]][j] = updates[i][j], or combined with what is there    (axis 0; torch.scatter)
//   scatterNd        y = x, then y[index[i]] = updates[i]: the last axis of the indices is a place of x
//   gatherNd         y[i] = x[index[i]]
//
// No loop of the waist writes at a place per element: scatterElements runs by its definition on the host.
import type { NdArray } from "../base/array.ts";
import { NeocogError, ShapeError } from "../base/errors.ts";
import { formatShape, normalizeAxis, type Shape, sameShape, sizeOf, stridesOf } from "../base/shape.ts";
import { apply1, constantTensor, type Tensor } from "../graph/graph.ts";
import type { Op } from "../graph/op.ts";
import { add, constant, type Expression, multiply, operand } from "../kernel/expression.ts";
import { placeAlong } from "../kernel/places.ts";
import { cast } from "./arithmetic.ts";
import { slice } from "./copy.ts";
import { gather, takeAlongAxis } from "./gather.ts";
import { elementwise } from "./map.ts";
import { reshape } from "./reshape.ts";
import { broadcastTo } from "./sum.ts";

/** How a written value is combined with what is there. */
export type Combination = "none" | "add" | "mul" | "max" | "min";

const combine: Readonly<Record<Combination, (old: number, now: number) => number>> = {
  none: (_old, now) => now,
  add: (old, now) => old + now,
  mul: (old, now) => old * now,
  max: Math.max,
  min: Math.min,
};

/** Visits every element of the indices: its own flat place, and the place in x with the index along the axis. */
function eachPlace(x: Shape, indices: NdArray, axis: number, visit: (at: number, place: number) => void): void {
  const own = stridesOf(indices.shape);
  const strides = stridesOf(x);
  for (let at = 0; at < indices.data.length; at++) {
    let place = placeAlong("scatterElements", indices.data, at, x[axis]) * strides[axis];
    for (let k = 0; k < x.length; k++) {
      if (k !== axis) place += (Math.floor(at / own[k]) % indices.shape[k]) * strides[k];
    }
    visit(at, place);
  }
}

export interface ScatterAttributes {
  /** From the front. */
  readonly axis: number;
  readonly combination: Combination;
}

export const scatterElementsOp: Op<ScatterAttributes> = {
  name: "scatterElements",
  infer([x, indices, updates], { axis }) {
    if (x.shape.length !== indices.shape.length || indices.shape.some((n, k) => k !== axis && n > x.shape[k])) {
      throw new ShapeError(
        `scatterElements along axis ${axis}: the indices ${formatShape(indices.shape)} do not fit ${formatShape(x.shape)}; they need as many axes, and no other axis may be longer.`,
      );
    }
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
  gradient(node, [dy], { axis, combination }) {
    if (!dy) return [undefined, undefined, undefined];
    const [, indices] = node.inputs;
    const written = takeAlongAxis(dy, indices, axis);
    if (combination === "add") return [dy, undefined, written];
    if (combination !== "none") throw new NeocogError(`scatterElements with "${combination}" has no gradient.`);
    // What was overwritten gets nothing. Of several writers of one place all get its gradient, as in PyTorch.
    return [scatterElements(dy, indices, zeros(indices.shape), axis), undefined, written];
  },
  spatial: () => ["everything", "everything", "everything"],
};

const zeros = (shape: Shape): Tensor =>
  broadcastTo(constantTensor({ shape: shape.map(() => 1), dtype: "float32", data: new Float64Array(1) }), shape);

/** Writes values at the places of the indices, along an axis, in order (torch.scatter and scatter_reduce). */
export function scatterElements(
  x: Tensor,
  indices: Tensor,
  updates: Tensor,
  axis: number,
  combination: Combination = "none",
): Tensor {
  const along = normalizeAxis(axis, x.shape.length);
  return apply1(scatterElementsOp, [x, cast(indices, "int32"), updates], { axis: along, combination });
}

/**
 * Places [m, depth] in axes of the given sizes as row numbers of the tensor that has those axes joined. With batches
 * the m places belong to equal shares of `batches` blocks of rows. What a place adds along one axis is looked up, so that
 * every axis refuses what it does not have.
 */
function rowNumbers(places: Tensor, sizes: Shape, batches: number): Tensor {
  const [m] = places.shape;
  const strides = stridesOf(sizes);
  const within = sizes
    .map((size, axis) => {
      const steps = Float64Array.from({ length: size }, (_, i) => i * strides[axis]);
      const along = reshape(slice(cast(places, "int32"), [undefined, { start: axis, stop: axis + 1 }]), [m]);
      return gather(constantTensor({ shape: [size], dtype: "int32", data: steps }), along);
    })
    .reduce((sum, steps) => elementwise("rowNumber", add(operand(0), operand(1)), [sum, steps]));
  if (batches === 1) return within;
  const share = m / batches;
  const block: Expression = { kind: "axisIndex", axis: 0 };
  const rows = elementwise("batchRows", add(multiply(block, constant(sizeOf(sizes))), operand(0)), [
    reshape(within, [batches, share]),
  ]);
  return reshape(rows, [m]);
}

/** Picks slices of x; the last axis of the indices is a place of x, after `batchAxes` axes that both share. */
export function gatherNd(x: Tensor, indices: Tensor, batchAxes = 0): Tensor {
  const depth = indices.shape[indices.shape.length - 1] ?? 0;
  const lead = indices.shape.slice(0, -1);
  const shared = sameShape(x.shape.slice(0, batchAxes), indices.shape.slice(0, batchAxes));
  if (depth < 1 || indices.shape.length <= batchAxes || batchAxes + depth > x.shape.length || !shared) {
    throw new ShapeError(`gatherNd: the indices ${formatShape(indices.shape)} do not fit ${formatShape(x.shape)}.`);
  }
  const sizes = x.shape.slice(batchAxes, batchAxes + depth);
  const rest = x.shape.slice(batchAxes + depth);
  const batches = sizeOf(x.shape.slice(0, batchAxes));
  const rows = rowNumbers(reshape(indices, [sizeOf(lead), depth]), sizes, batches);
  const table = reshape(x, [batches * sizeOf(sizes), sizeOf(rest)]);
  return reshape(gather(table, rows), [...lead, ...rest]);
}

/** Writes slices into a copy of x; the last axis of the indices is a place of x. */
export function scatterNd(x: Tensor, indices: Tensor, updates: Tensor, combination: Combination = "none"): Tensor {
  const depth = indices.shape[indices.shape.length - 1] ?? 0;
  const lead = indices.shape.slice(0, -1);
  const rest = x.shape.slice(depth);
  if (depth < 1 || depth > x.shape.length || !sameShape(updates.shape, [...lead, ...rest])) {
    throw new ShapeError(
      `scatterNd: the indices ${formatShape(indices.shape)} and updates ${formatShape(updates.shape)} do not fit ${formatShape(x.shape)}.`,
    );
  }
  const sizes = x.shape.slice(0, depth);
  const m = sizeOf(lead);
  const width = sizeOf(rest);
  const rows = reshape(rowNumbers(reshape(indices, [m, depth]), sizes, 1), [m, 1]);
  const table = reshape(x, [sizeOf(sizes), width]);
  const y = scatterElements(table, broadcastTo(rows, [m, width]), reshape(updates, [m, width]), 0, combination);
  return reshape(y, x.shape);
}
