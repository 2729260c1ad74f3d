// Reading by number, as a user calls it: rows, elements along an axis, tables of embeddings, one-hot classes.
import { understand } from "../base/arguments.ts";
import { NeocogError, ShapeError } from "../base/errors.ts";
import { axis as axisRule, optional, whole } from "../base/rules.ts";
import { formatShape, normalizeAxis } from "../base/shape.ts";
import { apply1, type Tensor, tensor } from "../graph/graph.ts";
import { binary, constant, operand, select } from "../kernel/expression.ts";
import { cast } from "./arithmetic.ts";
import { gathered, scatterAddOp, taken } from "./cards/gather.ts";
import { elementwise } from "./cards/map.ts";
import { reshape } from "./reshape.ts";
import { broadcastTo } from "./sum.ts";

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
  return gathered(x, asIndices("gather", indices), normalizeAxis(axis, x.shape.length));
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
export function takeAlongDim(x: Tensor, indices: Tensor, axis: number): Tensor {
  understand("takeAlongDim", arguments, { x: tensor, indices: tensor, axis: axisRule });
  return taken(x, asIndices("takeAlongDim", indices), normalizeAxis(axis, x.shape.length));
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
