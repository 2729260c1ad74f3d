// The same numbers under another shape, as a user calls it.
import { understand } from "../base/arguments.ts";
import { NeocogError, ShapeError } from "../base/errors.ts";
import { axis as axisRule, listOf, optional, type Rule } from "../base/rules.ts";
import { formatShape, normalizeAxis, type Shape, sizeOf } from "../base/shape.ts";
import { type Tensor, tensor } from "../graph/graph.ts";
import { reshaped } from "./cards/reshape.ts";

const newShape: Rule = {
  must: "a list of whole numbers, one of which may be -1",
  accepts: (value) => Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= -1),
};

/** The same elements in row-major order under a new shape; one size may be -1 and is worked out. Throws where they do not fit. */
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
  return reshaped(
    x,
    shape.map((n) => (n === -1 ? rest : n)),
  );
}

/**
 * Joins the axes from `start` to `end` (with it) into one: [N, C, H, W] becomes [N, C·H·W] unless told, for `start` is 1 and
 * `end` -1, the last (torch.flatten begins at 0). A scalar becomes [1]. Throws for an axis that x lacks and an end before the
 * start.
 */
export function flatten(x: Tensor, start = 1, end = -1): Tensor {
  understand("flatten", arguments, { x: tensor, start: optional(axisRule), end: optional(axisRule) });
  const rank = Math.max(1, x.shape.length);
  const [first, last] = [normalizeAxis(start, rank, "flatten's start"), normalizeAxis(end, rank, "flatten's end")];
  if (last < first)
    throw new NeocogError(`flatten's start ${start} lies behind its end ${end} in ${formatShape(x.shape)}.`);
  return reshape(x, [...x.shape.slice(0, first), sizeOf(x.shape.slice(first, last + 1)), ...x.shape.slice(last + 1)]);
}

/**
 * Drops those of the axes that have size 1 and keeps the others, as torch.squeeze: squeeze(x [N, C, 1, 1], [2, 3]) is [N, C].
 * Negative axes count from the end. Throws for an axis that x lacks.
 */
export function squeeze(x: Tensor, axes: readonly number[]): Tensor {
  understand("squeeze", arguments, {
    x: tensor,
    axes: listOf(axisRule, "a list of axes (negative counts from the end)"),
  });
  const places = axes.map((axis) => normalizeAxis(axis, x.shape.length));
  return reshape(
    x,
    x.shape.filter((n, axis) => !(n === 1 && places.includes(axis))),
  );
}

/** An axis of size 1 at the place `axis` of the result, -1 being its last: [N, C] becomes [N, 1, C] by 1. Throws beyond it. */
export function unsqueeze(x: Tensor, axis: number): Tensor {
  understand("unsqueeze", arguments, { x: tensor, axis: axisRule });
  const place = normalizeAxis(axis, x.shape.length + 1);
  return reshape(x, [...x.shape.slice(0, place), 1, ...x.shape.slice(place)]);
}
