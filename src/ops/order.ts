// Running sums, sorting and the k largest, as a user calls them.
import { understand } from "../base/arguments.ts";
import { NeocogError } from "../base/errors.ts";
import { axis as axisRule, options as byName, flag, type OptionsOf, optional, whole } from "../base/rules.ts";
import { normalizeAxis } from "../base/shape.ts";
import { apply, apply1, type Tensor, tensor } from "../graph/graph.ts";
import { cumulativeSumOp, sortOp } from "./cards/order.ts";
import { slice } from "./copy.ts";

/**
 * Running sum along an axis, the same shape (torch.cumsum); from the end with `reverse`, without the element itself
 * with `exclusive`.
 */
export function cumsum(
  x: Tensor,
  axis: number,
  options: {
    /** From the end; false unless told. */
    readonly reverse?: boolean;
    /** Without the element itself; false unless told. */
    readonly exclusive?: boolean;
  } = {},
): Tensor {
  understand("cumsum", arguments, {
    x: tensor,
    axis: axisRule,
    options: byName<OptionsOf<typeof cumsum>>({ reverse: flag, exclusive: flag }),
  });
  const { reverse = false, exclusive = false } = options;
  return apply1(cumulativeSumOp, [x], { axis: normalizeAxis(axis, x.shape.length), reverse, exclusive });
}

/**
 * Values in rising order along an axis (-1, the last, unless told), or falling with `descending`, and the int32
 * places that they came from, both of the same shape (torch.sort). Equal values keep their order; NaN is largest.
 */
export function sort(
  x: Tensor,
  axis = -1,
  options: {
    /** The largest first; false unless told. */
    readonly descending?: boolean;
  } = {},
): { values: Tensor; indices: Tensor } {
  understand("sort", arguments, {
    x: tensor,
    axis: optional(axisRule),
    options: byName<OptionsOf<typeof sort>>({ descending: flag }),
  });
  const { descending = false } = options;
  const [values, indices] = apply(sortOp, [x], { axis: normalizeAxis(axis, x.shape.length), descending });
  return { values, indices };
}

/**
 * The k largest values (or with largest: false the smallest) along an axis (-1, the last, unless told) in order, and
 * the int32 places that they came from: that axis becomes k long (torch.topk). Throws unless k lies between 1 and the
 * axis's length.
 */
export function topk(
  x: Tensor,
  k: number,
  axis = -1,
  options: {
    /** The largest (unless told), or the smallest. */
    readonly largest?: boolean;
  } = {},
): { values: Tensor; indices: Tensor } {
  understand("topk", arguments, {
    x: tensor,
    k: whole(1),
    axis: optional(axisRule),
    options: byName<OptionsOf<typeof topk>>({ largest: flag }),
  });
  const along = normalizeAxis(axis, x.shape.length);
  if (!Number.isInteger(k) || k < 1 || k > x.shape[along]) {
    throw new NeocogError(`topk: k = ${k} must lie between 1 and ${x.shape[along]}, the length of axis ${along}.`);
  }
  const { values, indices } = sort(x, along, { descending: options.largest ?? true });
  const first = x.shape.map((_, a) => (a === along ? { stop: k } : undefined));
  return { values: slice(values, first), indices: slice(indices, first) };
}
