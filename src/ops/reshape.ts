// reshape: the same numbers under another shape. No number moves: every engine sees a view.
import { understand } from "../base/arguments.ts";
import { ShapeError } from "../base/errors.ts";
import { listOf, optional, type Rule, whole } from "../base/rules.ts";
import { formatShape, type Shape, sameShape, sizeOf } from "../base/shape.ts";
import { apply1, type Tensor, tensor } from "../graph/graph.ts";
import type { Op } from "../graph/op.ts";

export interface ReshapeAttributes {
  readonly shape: Shape;
}

export const reshapeOp: Op<ReshapeAttributes> = {
  name: "reshape",
  infer([x], { shape }) {
    if (sizeOf(shape) !== sizeOf(x.shape)) {
      throw new ShapeError(
        `${formatShape(x.shape)} has ${sizeOf(x.shape)} elements and cannot be reshaped to ${formatShape(shape)}, which has ${sizeOf(shape)}.`,
      );
    }
    return [{ shape, dtype: x.dtype }];
  },
  reference: ([x], { shape }) => [{ ...x, shape }],
  lower: () => "view",
  gradient: (node, [dy]) => [dy && reshape(dy, node.inputs[0].shape)],
  spatial: ([x], _attributes, [y]) => [
    sameShape(x.shape.slice(2), y.shape.slice(2)) && x.shape.length > 2
      ? x.shape.slice(2).map(() => ({ step: 1, low: 0, high: 0 }))
      : "everything",
  ],
};

const newShape: Rule = {
  must: "a list of whole numbers, one of which may be -1",
  accepts: (value) => Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= -1),
};

/** The same elements in row-major order under a new shape; one size may be -1 and is worked out. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  understand("reshape", arguments, { x: tensor, shape: newShape });
  const known = shape.filter((n) => n !== -1);
  if (known.length < shape.length - 1)
    throw new ShapeError(`reshape to ${formatShape(shape)}: only one size may be -1.`);
  const rest = known.length === shape.length ? 0 : sizeOf(x.shape) / Math.max(1, sizeOf(known));
  if (!Number.isInteger(rest)) {
    throw new ShapeError(
      `${formatShape(x.shape)} has ${sizeOf(x.shape)} elements, which ${formatShape(shape)} cannot divide evenly.`,
    );
  }
  const full = shape.map((n) => (n === -1 ? rest : n));
  return sameShape(full, x.shape) ? x : apply1(reshapeOp, [x], { shape: full });
}

/** Joins axes `start` and all after it into one (torch.flatten with start_dim 1 by default). */
export function flatten(x: Tensor, start = 1): Tensor {
  understand("flatten", arguments, { x: tensor, start: optional(whole(0)) });
  return reshape(x, [...x.shape.slice(0, start), sizeOf(x.shape.slice(start))]);
}

/** Drops axes of size 1. */
export function squeeze(x: Tensor, axes: readonly number[]): Tensor {
  understand("squeeze", arguments, { x: tensor, axes: listOf(whole(0), "a list of axes from the front") });
  return reshape(
    x,
    x.shape.filter((n, axis) => !(n === 1 && axes.includes(axis))),
  );
}

/** Inserts an axis of size 1 at `axis`. */
export function unsqueeze(x: Tensor, axis: number): Tensor {
  understand("unsqueeze", arguments, { x: tensor, axis: whole(0) });
  return reshape(x, [...x.shape.slice(0, axis), 1, ...x.shape.slice(axis)]);
}
