// Resize (operator sets 10 to 19) and its elder, Upsample.
import { DataError } from "../../../base/errors.ts";
import { formatShape, normalizeAxis } from "../../../base/shape.ts";
import type { Tensor } from "../../../graph/graph.ts";
import {
  type CoordinateMode,
  type NearestMode,
  type ResizeAttributes,
  type ResizeAxis,
  resize,
} from "../../../ops/cards/resize.ts";
import { type Attributes, type Context, type Inputs, optional, row, type Table, unsupported } from "../row.ts";

const modes: Readonly<Record<string, ResizeAttributes["mode"]>> = {
  nearest: "nearest",
  linear: "linear",
  bilinear: "linear",
  trilinear: "linear",
  cubic: "cubic",
};
const coordinateModes: readonly string[] = [
  "half_pixel",
  "half_pixel_symmetric",
  "pytorch_half_pixel",
  "align_corners",
  "asymmetric",
  "tf_crop_and_resize",
];
const nearestModes: readonly string[] = ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"];

function modeOf(attributes: Attributes): ResizeAttributes["mode"] {
  const word = attributes.text("mode", "nearest");
  const mode = modes[word];
  if (!mode) throw unsupported(`resizing with mode "${word}"`);
  return mode;
}

/** How coordinates and nearest cells are found; one word of operator set 11 is a shifted form of another. */
function rules(attributes: Attributes): Pick<ResizeAttributes, "coordinates" | "nearest"> {
  const word = attributes.text("coordinate_transformation_mode", "half_pixel");
  const nearest = attributes.text("nearest_mode", "round_prefer_floor");
  if (!nearestModes.includes(nearest)) throw unsupported(`nearest_mode "${nearest}"`);
  if (word === "tf_half_pixel_for_nn") {
    // (i + 1/2) / scale is half_pixel moved by half a cell: rounding half down becomes ceil, floor becomes rounding half up.
    if (nearest === "round_prefer_floor") return { coordinates: "half_pixel", nearest: "ceil" };
    if (nearest === "floor") return { coordinates: "half_pixel", nearest: "round_prefer_ceil" };
  }
  if (!coordinateModes.includes(word))
    throw unsupported(`coordinate_transformation_mode "${word}" with nearest_mode "${nearest}"`);
  return { coordinates: word as CoordinateMode, nearest: nearest as NearestMode };
}

function numbersOf(inputs: Inputs, place: number, what: string, context: Context): number[] | undefined {
  const given = optional(inputs, place);
  const list = given && Array.from(context.constant(given, what).data);
  return list && list.length > 0 ? list : undefined;
}

/** Files keep factors in float32; the simplest fraction that rounds to one is what was meant, so that 3 / (1/3) is 9. */
function meant(factor: number): number {
  const rounded = Math.fround(factor);
  let [before, denominator] = [0, 1];
  for (let rest = rounded; denominator <= MOST_DENOMINATOR; ) {
    const numerator = Math.round(rounded * denominator);
    if (Math.fround(numerator / denominator) === rounded) return numerator / denominator;
    rest = 1 / (rest - Math.floor(rest));
    [before, denominator] = [denominator, Math.floor(rest) * denominator + before];
  }
  return factor;
}

const MOST_DENOMINATOR = 1000;

function axisOf(n: number, axis: number, scale: number, size = Math.floor(n * scale)): ResizeAxis {
  if (!(scale > 0) || !Number.isSafeInteger(size) || size < 1 || size > 2 ** 24)
    throw new DataError(`it cannot make ${size} cells of ${n} (factor ${scale}).`);
  return { axis, size, scale };
}

function resizeRow(inputs: Inputs, attributes: Attributes, context: Context): Tensor {
  const [x] = inputs;
  const mode = modeOf(attributes);
  if (context.opset < 11) return upsampled(x, mode, numbersOf(inputs, 1, "its scales", context));
  const axes = attributes.ints("axes")?.map((axis) => normalizeAxis(axis, x.shape.length)) ?? x.shape.map((_, i) => i);
  const scales = numbersOf(inputs, 2, "its scales", context)?.map(meant);
  const sizes = numbersOf(inputs, 3, "its sizes", context);
  const list = sizes ?? scales;
  if (!list || list.length !== axes.length)
    throw new DataError(
      `its scales or sizes ${formatShape(list ?? [])} do not fit the axes of ${formatShape(x.shape)}.`,
    );
  const region = numbersOf(inputs, 1, "its region", context);
  const wanted =
    sizes &&
    keptAspect(
      sizes,
      axes.map((axis) => x.shape[axis]),
      attributes.text("keep_aspect_ratio_policy", "stretch"),
    );
  const { coordinates, nearest } = rules(attributes);
  const along = axes.map((axis, i): ResizeAxis => {
    const n = x.shape[axis];
    const own = wanted ? axisOf(n, axis, wanted[i].scale, wanted[i].size) : axisOf(n, axis, scales![i]);
    const cropped = coordinates === "tf_crop_and_resize" && region;
    return cropped ? { ...own, region: [region[i], region[i + axes.length]] } : own;
  });
  const rounded =
    coordinates === "align_corners" && along.some(({ axis, size, scale }) => size !== x.shape[axis] * scale);
  return resize(x, {
    mode,
    coordinates: rounded ? "tf_crop_and_resize" : coordinates,
    nearest,
    cubicCoefficient: attributes.float("cubic_coeff_a", -0.75),
    excludeOutside: attributes.int("exclude_outside", 0) === 1,
    antialias: attributes.int("antialias", 0) === 1,
    extrapolation: attributes.float("extrapolation_value", 0),
    axes: rounded
      ? along.map((one) => alignedCorners(one, x.shape[one.axis])).filter(({ scale }) => scale !== 1)
      : along,
  });
}

/**
 * Where n · scale is no whole number, ONNX aligns the last cell with that unrounded length: i (n − 1) / (n · scale − 1),
 * which is the part [0, (size − 1) / (n · scale − 1)] of the input.
 */
function alignedCorners(one: ResizeAxis, n: number): ResizeAxis {
  return { ...one, region: [0, one.size > 1 ? (one.size - 1) / (n * one.scale - 1) : 0] };
}

/** Sizes that keep the proportions fit inside the wanted ones (not_larger) or around them (not_smaller). */
function keptAspect(
  sizes: readonly number[],
  own: readonly number[],
  policy: string,
): { size: number; scale: number }[] {
  const factors = sizes.map((size, i) => size / own[i]);
  if (policy === "stretch") return sizes.map((size, i) => ({ size, scale: factors[i] }));
  if (policy !== "not_larger" && policy !== "not_smaller") throw unsupported(`keep_aspect_ratio_policy "${policy}"`);
  const scale = policy === "not_larger" ? Math.min(...factors) : Math.max(...factors);
  return own.map((n) => ({ size: Math.floor(n * scale + 0.5), scale }));
}

/** Coordinates i / scale; the nearest cell is the one before. */
function upsampled(x: Tensor, mode: ResizeAttributes["mode"], scales: readonly number[] | undefined): Tensor {
  if (scales?.length !== x.shape.length)
    throw new DataError(`its scales ${formatShape(scales ?? [])} do not fit ${formatShape(x.shape)}.`);
  return resize(x, {
    mode,
    coordinates: "asymmetric",
    nearest: "floor",
    cubicCoefficient: -0.75,
    excludeOutside: false,
    antialias: false,
    extrapolation: 0,
    axes: x.shape.map((n, axis) => axisOf(n, axis, meant(scales[axis]))),
  });
}

export const resizeTable: Table = {
  Resize: row(1, resizeRow),
  Upsample: row(1, (inputs, attributes, context) =>
    upsampled(
      inputs[0],
      modeOf(attributes),
      attributes.floats("scales") ?? numbersOf(inputs, 1, "its scales", context),
    ),
  ),
};
