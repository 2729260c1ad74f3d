// reshape: the same numbers under another shape. No number moves: every engine sees a view.

import { ShapeError } from "../../base/errors.ts";
import { formatShape, type Shape, sameShape, sizeOf } from "../../base/shape.ts";
import type { Tensor } from "../../graph/graph.ts";
import { apply1 } from "../../graph/graph.ts";
import type { Op } from "../../graph/op.ts";

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
  gradient: (node, [dy]) => [dy && reshaped(dy, node.inputs[0].shape)],
  spatial: ([x], _attributes, [y]) => [
    sameShape(x.shape.slice(2), y.shape.slice(2)) && x.shape.length > 2
      ? x.shape.slice(2).map(() => ({ step: 1, low: 0, high: 0 }))
      : "everything",
  ],
};

/** The same numbers under another shape; x itself where it has that shape. */
export const reshaped = (x: Tensor, shape: Shape): Tensor =>
  sameShape(shape, x.shape) ? x : apply1(reshapeOp, [x], { shape });

/** [1, C, 1, …]: one number a channel, beside maps of so many axes. */
export const channelShape = (channels: number, axes: number): number[] =>
  Array.from({ length: axes }, (_, axis) => (axis === 1 ? channels : 1));

/** A number a channel (or one for all) as [1, C, 1, …], so that it broadcasts over maps of this shape. */
export const perChannel = (numbers: Tensor, maps: Shape): Tensor =>
  reshaped(numbers, channelShape(sizeOf(numbers.shape), maps.length));
