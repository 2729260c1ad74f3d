// The other reductions: product, maximum, minimum, and the place of the first maximum or minimum.
// Ties of a maximum share its gradient evenly, as torch.amax does. Sums and means stand in sum.ts.

import { zeros64 } from "../../base/array.ts";
import { ShapeError } from "../../base/errors.ts";
import { formatShape, sizeOf, stridesOf } from "../../base/shape.ts";
import { apply1, type Tensor } from "../../graph/graph.ts";
import type { Op } from "../../graph/op.ts";
import { binary, operand } from "../../kernel/expression.ts";
import type { Combine } from "../../kernel/kernel.ts";
import { broadcastMap, castTo, over, times } from "./arithmetic.ts";
import { padded, transposed } from "./copy.ts";
import { reshaped } from "./reshape.ts";
import { type Axes, normalizeAxes, reducedShape, stretched, summed } from "./sum.ts";

export interface ReduceAttributes {
  readonly combine: Exclude<Combine, "sum">;
  /** Axes from the front, ascending. */
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

export const reduceOp: Op<ReduceAttributes> = {
  name: "reduce",
  infer([x], { combine, axes, keepDims }) {
    if (combine !== "product" && axes.some((axis) => x.shape[axis] === 0)) {
      throw new ShapeError(`${combine} over an empty axis of ${formatShape(x.shape)} has no value.`);
    }
    return [{ shape: reducedShape(x.shape, axes, keepDims), dtype: combine.startsWith("arg") ? "int32" : x.dtype }];
  },
  reference([x], { combine, axes }, [type]) {
    const out = zeros64(type.shape, type.dtype);
    const best = new Float64Array(out.data.length);
    const seen = new Uint8Array(out.data.length);
    const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
    const keptStrides = stridesOf(kept.map((axis) => x.shape[axis]));
    const placeStrides = stridesOf(axes.map((axis) => x.shape[axis]));
    const strides = stridesOf(x.shape);
    const at = (i: number, axis: number): number => Math.floor(i / strides[axis]) % x.shape[axis];
    const dot = (i: number, list: readonly number[], steps: readonly number[]): number =>
      list.reduce((total, axis, k) => total + at(i, axis) * steps[k], 0);
    if (combine === "product") best.fill(1);
    for (let i = 0; i < x.data.length; i++) {
      const cell = dot(i, kept, keptStrides);
      const value = x.data[i];
      if (combine === "product") {
        best[cell] *= value;
      } else if (!seen[cell] || beats(combine, value, best[cell])) {
        best[cell] = value;
        seen[cell] = 1;
        if (combine.startsWith("arg")) out.data[cell] = dot(i, axes, placeStrides);
      }
    }
    return [combine.startsWith("arg") ? out : { ...out, data: best }];
  },
  lower: ([x], { combine, axes }) => ({
    kind: "reduce",
    shape: x.shape,
    axes,
    operands: [{ strides: stridesOf(x.shape), offset: 0 }],
    accumulators: [{ combine, value: operand(0) }],
    finishOperands: [],
    outputs: [operand(0)],
  }),
  gradient(node, [dy], { combine, axes }) {
    const x = node.inputs[0];
    if (!dy || combine.startsWith("arg")) return [undefined];
    const [y] = node.outputs;
    const spread = (t: Tensor): Tensor => stretched(reshaped(t, reducedShape(x.shape, axes, true)), x.shape);
    if (combine === "product") {
      const alone = sizeOf(axes.map((axis) => x.shape[axis])) < 2;
      return [alone ? spread(dy) : times(spread(dy), productOfOthers(x, axes))];
    }
    const hit = castTo(
      broadcastMap("eq", [x, spread(y)], (a, b) => binary("equal", a, b), "bool"),
      x.dtype,
    );
    return [times(hit, spread(over(dy, reshaped(summed(hit, axes), dy.shape))))];
  },
  spatial: ([x], { axes, keepDims }) => [
    axes.some((axis) => axis >= 2) || !keepDims
      ? "everything"
      : x.shape.slice(2).map(() => ({ step: 1, low: 0, high: 0 })),
  ],
};

/**
 * For each element the product of all others along the axes: what stands before it times what stands behind it, each by
 * doubling steps. No division, so that it is right where elements are 0, and can be differentiated again.
 */
function productOfOthers(x: Tensor, axes: readonly number[]): Tensor {
  const order = [...x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis)), ...axes];
  const moved = transposed(x, order);
  const count = sizeOf(axes.map((axis) => x.shape[axis]));
  const rows = reshaped(moved, [sizeOf(x.shape) / count, count]);
  const shifted = (t: Tensor, by: number): Tensor => padded(t, [0, by], [0, -by], "constant", 1);
  const running = (direction: 1 | -1): Tensor => {
    let product = shifted(rows, direction);
    for (let step = 1; step < count; step *= 2) product = times(product, shifted(product, direction * step));
    return product;
  };
  const others = reshaped(times(running(1), running(-1)), moved.shape);
  return transposed(
    others,
    order.map((_, axis) => order.indexOf(axis)),
  );
}

/** Whether a value takes the place of the best so far: the first of equals stays, and a NaN beats every number. */
function beats(combine: ReduceAttributes["combine"], value: number, best: number): boolean {
  if (Number.isNaN(best)) return false;
  return Number.isNaN(value) || (combine === "maximum" || combine === "argMaximum" ? value > best : value < best);
}

export function reduced(
  x: Tensor,
  combine: ReduceAttributes["combine"],
  axes: Axes | undefined,
  keepDims: boolean,
): Tensor {
  return apply1(reduceOp, [x], { combine, axes: normalizeAxes(axes, x.shape.length), keepDims });
}
