// Layers of Keras that move, join or repeat numbers, and those that do nothing at inference.
import { DataError } from "../../../base/errors.ts";
import { formatShape, normalizeAxis } from "../../../base/shape.ts";
import type { Tensor } from "../../../graph/graph.ts";
import { add, maximum, minimum, mul, sub } from "../../../ops/arithmetic.ts";
import { concat, pad, permute, slice, tile } from "../../../ops/copy.ts";
import { reshape } from "../../../ops/reshape.ts";
import { wholes } from "../fields.ts";
import { resizeMaps } from "../spatial.ts";
import { aligned, asPlain, channelsFirst, checkSize, flattened, heldAxis, plain, type Value } from "../value.ts";
import { fromMaps, type LayerRow, type LayerTable, mapsOf, pairs, perAxis, unsupported } from "./row.ts";

const identity: LayerRow = ([x]) => x;

/** Of a layer written for channels first, TensorFlow.js flattens as channels last too. */
const flatten: LayerRow = ([x], config) => {
  const turned = config.text("data_format", "channels_last") === "channels_first" && x.shape.length > 2;
  return flattened(turned ? channelsFirst(asPlain(x)) : x);
};

const reshaped: LayerRow = ([x], config) => {
  const target = wholes(config.raw("target_shape"), "its target_shape", -1);
  if (target.length === 1) return flattened(x);
  return plain(reshape(asPlain(x), [x.shape[0], ...target]));
};

/** dims counts from 1, the batch not included. */
const permuteRow: LayerRow = ([x], config) => {
  const dims = wholes(config.raw("dims"), "its dims", 1);
  return plain(permute(asPlain(x), [0, ...dims]));
};

const repeat: LayerRow = ([x], config) => {
  const n = config.whole("n");
  if (n < 1 || x.shape.length !== 2) throw new DataError(`it cannot repeat ${formatShape(x.shape)} ${n} times.`);
  checkSize([n, ...x.shape]);
  const flat = asPlain(x);
  return plain(tile(reshape(flat, [flat.shape[0], 1, flat.shape[1]]), [1, n, 1]));
};

const zeroPadding =
  (rank: number): LayerRow =>
  ([x], config) => {
    const around = pairs(config, "padding", rank);
    const maps = mapsOf(x, config);
    checkRank(maps, rank);
    return fromMaps(pad(maps, [0, 0, ...around.map(([a]) => a)], [0, 0, ...around.map(([, b]) => b)]), config);
  };

const cropping =
  (rank: number): LayerRow =>
  ([x], config) => {
    const around = pairs(config, "cropping", rank);
    const maps = mapsOf(x, config);
    checkRank(maps, rank);
    const sizes = maps.shape.slice(2);
    if (around.some(([a, b], i) => a + b >= sizes[i]))
      throw new DataError(`it crops everything of ${formatShape(maps.shape)}.`);
    const ranges = around.map(([a, b], i) => ({ start: a, stop: sizes[i] - b }));
    return fromMaps(slice(maps, [undefined, undefined, ...ranges]), config);
  };

function checkRank(maps: Tensor, rank: number): void {
  if (maps.shape.length !== rank + 2)
    throw new DataError(`its input ${formatShape(maps.shape)} should have ${rank + 2} axes.`);
}

const modeOf = (word: string): "nearest" | "linear" => {
  if (word === "nearest") return "nearest";
  if (word === "bilinear") return "linear";
  throw unsupported(`interpolation "${word}"`);
};

const upSampling2d: LayerRow = ([x], config) => {
  const factors = perAxis(config, "size", 2, 2);
  const maps = mapsOf(x, config);
  const size = factors.map((factor, i) => maps.shape[i + 2] * factor);
  return fromMaps(resizeMaps(maps, size, modeOf(config.text("interpolation", "nearest"))), config);
};

const upSampling1d: LayerRow = ([x], config) => {
  const [factor] = perAxis(config, "size", 1, 2);
  const maps = mapsOf(x, config);
  checkRank(maps, 1);
  if (factor < 1) throw new DataError("its size must be at least 1.");
  const [n, c, w] = maps.shape;
  checkSize([n, c, w, factor]);
  return fromMaps(reshape(tile(reshape(maps, [n, c, w, 1]), [1, 1, 1, factor]), [n, c, w * factor]), config);
};

/** TensorFlow.js aligns the corners here unless it crops. */
const resizing: LayerRow = ([x], config) => {
  if (config.flag("crop_to_aspect_ratio", false)) throw unsupported("crop_to_aspect_ratio");
  const size = [config.whole("height"), config.whole("width")];
  const mode = modeOf(config.text("interpolation", "bilinear"));
  return fromMaps(resizeMaps(mapsOf(x, config), size, mode, { alignCorners: true }), config);
};

const merge =
  (join: (tensors: readonly Tensor[]) => Tensor): LayerRow =>
  (inputs) => {
    if (inputs.length < 2) throw new DataError("it needs at least two inputs.");
    const ranks = inputs.map(({ shape }) => shape.length);
    // Keras stretches a smaller rank behind the batch axis, not before it.
    const rank = Math.max(...ranks);
    const same = inputs.map((value) => {
      const missing = rank - value.shape.length;
      if (missing === 0) return value;
      const [n, ...rest] = value.shape;
      return plain(reshape(asPlain(value), [n, ...new Array<number>(missing).fill(1), ...rest]));
    });
    const { tensors, wrap } = aligned(same);
    return wrap(join(tensors));
  };

const folded = (apply: (a: Tensor, b: Tensor) => Tensor): LayerRow =>
  merge((tensors) => tensors.reduce((a, b) => apply(a, b)));

const subtract: LayerRow = (inputs, config, context) => {
  if (inputs.length !== 2) throw new DataError("it needs exactly two inputs.");
  return folded(sub)(inputs, config, context);
};

const concatenate: LayerRow = (inputs, config) => {
  if (inputs.length === 0) throw new DataError("it has no inputs.");
  const axis = normalizeAxis(config.whole("axis", -1), inputs[0].shape.length);
  return concatenated(inputs, axis);
};

/** Joins values along an axis of the file's order, wherever that lies. */
export function concatenated(values: readonly Value[], axis: number): Value {
  const first = values.some(({ order }) => order === "first");
  if (!first || values.some(({ shape }) => shape.length !== values[0].shape.length)) {
    return plain(concat(values.map(asPlain), axis));
  }
  const { tensors, wrap } = aligned(values);
  return wrap(concat(tensors, heldAxis({ ...values[0], order: "first" }, axis)));
}

export const shapeTable: LayerTable = {
  Flatten: flatten,
  Reshape: reshaped,
  Permute: permuteRow,
  RepeatVector: repeat,
  ZeroPadding1D: zeroPadding(1),
  ZeroPadding2D: zeroPadding(2),
  ZeroPadding3D: zeroPadding(3),
  Cropping1D: cropping(1),
  Cropping2D: cropping(2),
  Cropping3D: cropping(3),
  UpSampling1D: upSampling1d,
  UpSampling2D: upSampling2d,
  Resizing: resizing,
  Add: folded(add),
  Subtract: subtract,
  Multiply: folded(mul),
  Maximum: folded(maximum),
  Minimum: folded(minimum),
  Average: merge((tensors) =>
    mul(
      tensors.reduce((a, b) => add(a, b)),
      1 / tensors.length,
    ),
  ),
  Concatenate: concatenate,
  Dropout: identity,
  SpatialDropout1D: identity,
  SpatialDropout2D: identity,
  SpatialDropout3D: identity,
  AlphaDropout: identity,
  GaussianDropout: identity,
  GaussianNoise: identity,
  ActivityRegularization: identity,
  RandomFlip: identity,
  RandomRotation: identity,
  RandomZoom: identity,
  RandomTranslation: identity,
  RandomContrast: identity,
  RandomBrightness: identity,
  RandomWidth: identity,
  RandomHeight: identity,
  Identity: identity,
};
