// What only moves numbers, as a user calls it: permute, slice, flip, pad, concat, tile.
import { understand } from "../base/arguments.ts";
import { ShapeError } from "../base/errors.ts";
import {
  anyNumber,
  axis as axisRule,
  integer,
  listOf,
  oneOf,
  optional,
  options,
  type Rule,
  shape as shapeRule,
} from "../base/rules.ts";
import { formatShape, normalizeAxis, stridesOf } from "../base/shape.ts";
import { apply1, type Tensor, tensor } from "../graph/graph.ts";
import { copyOp, joined, type PaddingMode, padded, type SliceRange, sliced, transposed } from "./cards/copy.ts";

/**
 * Reorders axes: output axis i is input axis `axes[i]` (torch.permute), [N, C, H, W] by [0, 2, 3, 1] to [N, H, W, C].
 * Without axes, reverses them. Throws a ShapeError unless each axis is named once.
 */
export function permute(x: Tensor, axes?: readonly number[]): Tensor {
  understand("permute", arguments, { x: tensor, axes: optional(listOf(axisRule, "a list of axes")) });
  return transposed(x, axes);
}

const rangeRule = options({ start: integer, stop: integer, step: integer });

const rangesRule: Rule = {
  must: "a list of ranges { start, stop, step } with whole numbers, one an axis, or undefined for all of it",
  accepts: (value) =>
    Array.isArray(value) &&
    value.every(
      (range) =>
        range === undefined ||
        (rangeRule.accepts(range) &&
          Object.entries(range as object).every(([name, place]) =>
            place === undefined ? true : (rangeRule.fields?.[name]?.accepts(place) ?? false),
          )),
    ),
};

const widths = listOf(axisRule, "a list of whole numbers, one an axis");

/**
 * NumPy's `x[start:stop:step, …]`: one range an axis, from the first; missing ranges take everything, negative places
 * count from the end, places beyond the ends are cut off. Throws for a step of 0 and for more ranges than axes.
 */
export function slice(x: Tensor, ranges: readonly (SliceRange | undefined)[]): Tensor {
  understand("slice", arguments, { x: tensor, ranges: rangesRule });
  return sliced(x, ranges);
}

/**
 * Reverses the order along the given axes, the same shape (torch.flip); negative axes count from the end. Throws for
 * an axis that x lacks.
 */
export function flip(x: Tensor, axes: readonly number[]): Tensor {
  understand("flip", arguments, { x: tensor, axes: listOf(axisRule, "a list of axes") });
  const flipped = axes.map((axis) => normalizeAxis(axis, x.shape.length));
  return slice(
    x,
    x.shape.map((_, axis) => (flipped.includes(axis) ? { step: -1 } : undefined)),
  );
}

/**
 * Joins tensors along an axis (torch.cat): [2, 3] and [2, 4] by 1 give [2, 7]. Throws a ShapeError for an empty list
 * and where another axis differs.
 */
export function concat(tensors: readonly Tensor[], axis: number): Tensor {
  understand("concat", arguments, { tensors: listOf(tensor, "a list of tensors"), axis: axisRule });
  return joined(tensors, axis);
}

/**
 * Cells around a tensor: axis i grows from n to before[i] + n + after[i]. The mode is "zeros" unless told; "constant"
 * fills with `value` (0 unless told), "reflect" leaves the edge cell out (as torch and NumPy), "replicate" repeats
 * it, "circular" wraps around; negative widths crop (zeros and constant only). Throws unless there is a width for
 * every axis, and for more cells than a mode has.
 */
export function pad(
  x: Tensor,
  before: readonly number[],
  after: readonly number[],
  mode: PaddingMode = "zeros",
  value = 0,
): Tensor {
  understand("pad", arguments, {
    x: tensor,
    before: widths,
    after: widths,
    mode: optional(oneOf(["zeros", "reflect", "replicate", "circular", "constant"])),
    value: optional(anyNumber),
  });
  return padded(x, before, after, mode, value);
}

/**
 * Repeats the tensor along each axis, n to repeats[i] · n (NumPy's tile, torch's repeat with as many counts as axes).
 * Throws a ShapeError unless there is a count for every axis.
 */
export function tile(x: Tensor, repeats: readonly number[]): Tensor {
  understand("tile", arguments, { x: tensor, repeats: shapeRule() });
  const rank = x.shape.length;
  if (repeats.length !== rank)
    throw new ShapeError(`tile of ${formatShape(x.shape)} needs ${rank} counts, not ${repeats.length}.`);
  if (repeats.every((n) => n === 1)) return x;
  const shape = x.shape.map((n, axis) => n * repeats[axis]);
  const boxes = x.shape.flatMap((n, axis) => [repeats[axis], n]);
  const from = stridesOf(x.shape).flatMap((stride) => [0, stride]);
  const to = stridesOf(shape).flatMap((stride, axis) => [stride * x.shape[axis], stride]);
  return apply1(copyOp, [x], {
    name: "tile",
    shape,
    pieces: [
      {
        operand: 0,
        shape: boxes,
        from: { strides: from, offset: 0 },
        to: { strides: to, offset: 0 },
        accumulate: false,
      },
    ],
    spatial: ["everything"],
    parameters: { repeats },
  });
}
