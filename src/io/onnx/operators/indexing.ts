// Operators that read, write or choose by index: gather and scatter, one-hot, top-k, running sums, sampling, box choice.
import { DataError } from "../../../base/errors.ts";
import { formatShape, normalizeAxis, sizeOf } from "../../../base/shape.ts";
import { constantTensor, type Tensor } from "../../../graph/graph.ts";
import { add, binary, constant, type Expression, less, operand, select } from "../../../kernel/expression.ts";
import { cast } from "../../../ops/arithmetic.ts";
import { elementwise } from "../../../ops/cards/map.ts";
import type { Combination } from "../../../ops/cards/scatter.ts";
import { gather, takeAlongDim } from "../../../ops/gather.ts";
import { gridSample } from "../../../ops/grid.ts";
import { cumsum, topk } from "../../../ops/order.ts";
import { reshape } from "../../../ops/reshape.ts";
import { gatherNd, scatterElements, scatterNd } from "../../../ops/scatter.ts";
import { broadcastTo } from "../../../ops/sum.ts";
import { checkSize } from "../inputs.ts";
import { type Attributes, type Context, type Inputs, optional, row, type Table, unsupported } from "../row.ts";
import { suppress } from "./boxes.ts";

function combinationOf(attributes: Attributes): Combination {
  const word = attributes.text("reduction", "none");
  if (!["none", "add", "mul", "max", "min"].includes(word)) throw unsupported(`the reduction "${word}"`);
  return word as Combination;
}

/** 1 where the place along an axis is the index, on and off values in the place of 1 and 0. */
function oneHot([indices, depth, values]: Inputs, attributes: Attributes, context: Context): Tensor {
  const count = context.constant(depth, "its depth").data[0];
  if (!Number.isSafeInteger(count) || count < 0) throw new DataError(`a depth of ${count} cannot be.`);
  if (values.shape.length !== 1 || values.shape[0] !== 2)
    throw new DataError(`its values must be two, not ${formatShape(values.shape)}.`);
  const [off, on] = context.constant(values, "its values").data;
  const axis = normalizeAxis(attributes.int("axis", -1), indices.shape.length + 1);
  const lifted = reshape(indices, [...indices.shape.slice(0, axis), 1, ...indices.shape.slice(axis)]);
  const shape = lifted.shape.map((n, i) => (i === axis ? count : n));
  const index = operand(0);
  const fromFront = select(less(index, constant(0)), add(index, constant(count)), index);
  const here = binary("equal", { kind: "axisIndex", axis }, fromFront);
  return elementwise("oneHot", select(here, constant(on), constant(off)), [broadcastTo(lifted, shape)], values.dtype);
}

function topValues(inputs: Inputs, attributes: Attributes, context: Context): Tensor[] {
  const [x] = inputs;
  const given = optional(inputs, 1);
  const k = given ? context.constant(given, "its k").data[0] : attributes.int("k", 0);
  attributes.int("sorted", 1);
  const { values, indices } = topk(x, k, attributes.int("axis", -1), { largest: attributes.int("largest", 1) === 1 });
  return [values, cast(indices, "int64")];
}

/** Keeps the upper or the lower triangle of the last two axes. */
function triangle(inputs: Inputs, attributes: Attributes, context: Context): Tensor {
  const [x] = inputs;
  const rank = x.shape.length;
  if (rank < 2) throw new DataError(`it needs at least two axes, not ${formatShape(x.shape)}.`);
  const given = optional(inputs, 1);
  const k = given ? context.constant(given, "its k").data[0] : 0;
  const row: Expression = { kind: "axisIndex", axis: rank - 2 };
  const column: Expression = { kind: "axisIndex", axis: rank - 1 };
  const diagonal = add(row, constant(k));
  const kept =
    attributes.int("upper", 1) === 1 ? binary("lessEqual", diagonal, column) : binary("lessEqual", column, diagonal);
  return elementwise("triangle", select(kept, operand(0), constant(0)), [x]);
}

function runningSum([x, axis]: Inputs, attributes: Attributes, context: Context): Tensor {
  return cumsum(x, context.constant(axis, "its axis").data[0], {
    exclusive: attributes.int("exclusive", 0) === 1,
    reverse: attributes.int("reverse", 0) === 1,
  });
}

function sampled([x, grid]: Inputs, attributes: Attributes): Tensor {
  const words: Record<string, "bilinear" | "nearest" | "bicubic"> = {
    bilinear: "bilinear",
    linear: "bilinear",
    nearest: "nearest",
    bicubic: "bicubic",
    cubic: "bicubic",
  };
  const mode = words[attributes.text("mode", "bilinear")];
  const paddingMode = attributes.text("padding_mode", "zeros");
  if (!mode || (paddingMode !== "zeros" && paddingMode !== "border" && paddingMode !== "reflection")) {
    throw unsupported(`sampling with mode "${attributes.text("mode", "")}" and padding "${paddingMode}"`);
  }
  return gridSample(x, grid, { mode, paddingMode, alignCorners: attributes.int("align_corners", 0) === 1 });
}

/** How many boxes are left is not known before the numbers are: boxes and scores must be known when the graph is built. */
function boxes(inputs: Inputs, attributes: Attributes, context: Context): Tensor {
  const [corners, scores] = inputs.map((t, i) =>
    context.constant(t, i === 0 ? "the list of boxes" : "the list of scores"),
  );
  const { shape } = corners;
  if (
    shape.length !== 3 ||
    shape[2] !== 4 ||
    scores.shape.length !== 3 ||
    scores.shape[0] !== shape[0] ||
    scores.shape[2] !== shape[1]
  ) {
    throw new DataError(`boxes ${formatShape(shape)} and scores ${formatShape(scores.shape)} do not fit together.`);
  }
  const number = (place: number, otherwise: number): number => {
    const given = optional(inputs, place);
    return given ? context.constant(given, "a limit").data[0] : otherwise;
  };
  const chosen = suppress(corners, scores, {
    most: number(2, 0),
    overlap: number(3, 0),
    score: number(4, -Infinity),
    centred: attributes.int("center_point_box", 0) === 1,
  });
  return constantTensor({ shape: [chosen.length, 3], dtype: "int64", data: Float64Array.from(chosen.flat()) });
}

/**
 * Values go back to the places that a max pooling found, counted in the whole tensor that was pooled, which the result is like;
 * all else is 0. `output_shape` says what that tensor was where several are pooled to one size, so places count in it, as the
 * operator's text and onnxruntime have it. (The standard's own test_maxunpool_export_with_output_shape counts them in the
 * smallest such tensor and puts that into a corner.)
 */
function maxUnpool(inputs: Inputs, attributes: Attributes, context: Context): Tensor {
  const [x, indices] = inputs;
  const kernel = attributes.ints("kernel_shape") ?? [];
  const rank = x.shape.length - 2;
  const strides = attributes.ints("strides") ?? kernel.map(() => 1);
  const pads = attributes.ints("pads") ?? kernel.flatMap(() => [0, 0]);
  if (kernel.length !== rank || strides.length !== rank || pads.length !== 2 * rank)
    throw new DataError(`its window does not fit ${formatShape(x.shape)}.`);
  const given = optional(inputs, 2);
  const shape = given
    ? context.integers(given, "its output shape")
    : [
        ...x.shape.slice(0, 2),
        ...kernel.map((k, i) => (x.shape[i + 2] - 1) * strides[i] - pads[i] - pads[i + rank] + k),
      ];
  if (shape.length !== x.shape.length || sizeOf(shape) < sizeOf(x.shape))
    throw new DataError(`its output shape ${formatShape(shape)} does not fit an input ${formatShape(x.shape)}.`);
  checkSize(shape, "its result");
  const zeros = broadcastTo(constantTensor({ shape: [1], dtype: x.dtype, data: new Float64Array(1) }), [sizeOf(shape)]);
  return reshape(scatterElements(zeros, reshape(indices, [-1]), reshape(x, [-1]), 0), shape);
}

/** Reverses the first `lengths[b]` places of each sequence: a place t of length n reads n − 1 − t. */
function reverseSequence([x, lengths]: Inputs, attributes: Attributes): Tensor {
  const batch = normalizeAxis(attributes.int("batch_axis", 1), x.shape.length);
  const time = normalizeAxis(attributes.int("time_axis", 0), x.shape.length);
  const counts = reshape(
    lengths,
    x.shape.map((n, i) => (i === batch ? n : 1)),
  );
  const t: Expression = { kind: "axisIndex", axis: time };
  const places = elementwise(
    "reversedPlaces",
    select(less(t, operand(0)), binary("subtract", binary("subtract", operand(0), constant(1)), t), t),
    [broadcastTo(counts, x.shape)],
  );
  return takeAlongDim(x, places, time);
}

export const indexingTable: Table = {
  Gather: row(2, ([x, indices], attributes) => gather(x, indices, attributes.int("axis", 0))),
  GatherElements: row(2, ([x, indices], attributes) => takeAlongDim(x, indices, attributes.int("axis", 0))),
  ScatterElements: row(3, ([x, indices, updates], attributes) =>
    scatterElements(x, indices, updates, attributes.int("axis", 0), combinationOf(attributes)),
  ),
  Scatter: row(3, ([x, indices, updates], attributes) =>
    scatterElements(x, indices, updates, attributes.int("axis", 0)),
  ),
  GatherND: row(2, ([x, indices], attributes) => gatherNd(x, indices, attributes.int("batch_dims", 0))),
  ScatterND: row(3, ([x, indices, updates], attributes) => scatterNd(x, indices, updates, combinationOf(attributes))),
  OneHot: row(3, oneHot),
  TopK: row(1, topValues),
  Trilu: row(1, triangle),
  CumSum: row(2, runningSum),
  GridSample: row(2, sampled),
  NonMaxSuppression: row(2, boxes),
  MaxUnpool: row(2, maxUnpool),
  ReverseSequence: row(2, reverseSequence),
};
