// Writing and reading at places that a tensor of indices names.
//
//   scatterElements  y = x, then y[index[i][j]][j] = updates[i][j], or combined with what is there    (axis 0; torch.scatter)
//   scatterNd        y = x, then y[index[i]] = updates[i]: the last axis of the indices is a place of x
//   gatherNd         y[i] = x[index[i]]
import { ShapeError } from "../base/errors.ts";
import { formatShape, normalizeAxis, type Shape, sameShape, sizeOf, stridesOf } from "../base/shape.ts";
import { apply1, constantTensor, type Tensor } from "../graph/graph.ts";
import { add, constant, type Expression, multiply, operand } from "../kernel/expression.ts";
import { cast } from "./arithmetic.ts";
import { elementwise } from "./cards/map.ts";
import { type Combination, scatterElementsOp } from "./cards/scatter.ts";
import { slice } from "./copy.ts";
import { gather } from "./gather.ts";
import { reshape } from "./reshape.ts";
import { broadcastTo } from "./sum.ts";

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
