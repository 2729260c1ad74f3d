// Convolutions and dense layers of Keras.
import { DataError } from "../../../base/errors.ts";
import { formatShape } from "../../../base/shape.ts";
import type { Tensor } from "../../../graph/graph.ts";
import { add } from "../../../ops/arithmetic.ts";
import { type Fields, isNumber } from "../fields.ts";
import * as spatial from "../spatial.ts";
import { asPlain, plain, type Value, weightValue } from "../value.ts";
import { activate } from "./activation.ts";
import { fromMaps, type LayerContext, type LayerRow, type LayerTable, mapsOf, perAxis, unsupported } from "./row.ts";

/** The window of a layer with `rank` spatial axes; `size` and `kernel` only matter to causal padding. */
export function windowOf(config: Fields, rank: number, stride: readonly number[], kernel?: number): spatial.Window {
  const word = config.text("padding", "valid").toLowerCase();
  const dilation = perAxis(config, "dilation_rate", rank, 1);
  if (word === "causal" && rank === 1 && kernel !== undefined)
    return { stride, dilation, padding: { before: [(kernel - 1) * dilation[0]], after: [0] } };
  if (word !== "valid" && word !== "same") throw unsupported(`padding "${word}"`);
  return { stride, dilation, padding: word };
}

/** Bias and activation behind a convolution's maps. */
function finish(maps: Tensor, config: Fields, context: LayerContext): Value {
  const biased = config.flag("use_bias", true) ? spatial.addBias(maps, context.weight("bias").take()) : maps;
  return activate(fromMaps(biased, config), config.text("activation", "linear"));
}

const conv =
  (rank: number): LayerRow =>
  ([x], config, context) => {
    const kernel = weightValue(context.weight("kernel"));
    const stride = perAxis(config, "strides", rank, 1);
    const maps = mapsOf(x, config);
    const groups = config.whole("groups", 1);
    const channels = kernel.shape[rank];
    if (groups * channels !== maps.shape[1])
      throw new DataError(
        `its kernel ${formatShape(kernel.shape)} in ${groups} groups does not fit ${maps.shape[1]} channels.`,
      );
    return finish(spatial.convolve(maps, kernel, windowOf(config, rank, stride, kernel.shape[0])), config, context);
  };

const depthwise =
  (rank: number): LayerRow =>
  ([x], config, context) => {
    // tfjs calls it depthwise_kernel; Keras 3 simply kernel.
    const kernel = weightValue(context.weight("depthwise_kernel"));
    const window = windowOf(config, rank, perAxis(config, "strides", rank, 1));
    return finish(spatial.convolveDepthwise(mapsOf(x, config), kernel, window), config, context);
  };

const separable =
  (rank: number): LayerRow =>
  ([x], config, context) => {
    const window = windowOf(config, rank, perAxis(config, "strides", rank, 1));
    const each = spatial.convolveDepthwise(mapsOf(x, config), weightValue(context.weight("depthwise_kernel")), window);
    const ones = new Array<number>(rank).fill(1);
    const point = { stride: ones, dilation: ones, padding: "valid" } as const;
    return finish(spatial.convolve(each, weightValue(context.weight("pointwise_kernel")), point), config, context);
  };

/** "same" gives n · s places, "valid" n · s + max(k − s, 0). */
const transposed =
  (rank: number): LayerRow =>
  ([x], config, context) => {
    const kernel = weightValue(context.weight("kernel"));
    const stride = perAxis(config, "strides", rank, 1);
    const window = windowOf(config, rank, stride);
    if (config.has("output_padding")) throw unsupported("output_padding");
    if (window.dilation.some((n) => n !== 1)) throw unsupported("dilation of a transposed convolution");
    const maps = mapsOf(x, config);
    const size = stride.map((s, i) => {
      const n = maps.shape[i + 2] * s;
      return window.padding === "same" ? n : n + Math.max(kernel.shape[i] - s, 0);
    });
    return finish(spatial.convolveTransposed(maps, kernel, window, size), config, context);
  };

const dense: LayerRow = ([x], config, context) => {
  const y = spatial.dense(x, weightValue(context.weight("kernel")));
  const bias = config.flag("use_bias", true) ? context.weight("bias").take() : undefined;
  const units = config.raw("units");
  if (isNumber(units) && units !== y.shape[y.shape.length - 1])
    throw new DataError(`its kernel gives ${y.shape[y.shape.length - 1]} units instead of ${units}.`);
  const biased = bias ? plain(add(asPlain(y), bias)) : y;
  return activate(biased, config.text("activation", "linear"));
};

export const convolutionTable: LayerTable = {
  Conv1D: conv(1),
  Conv2D: conv(2),
  Conv3D: conv(3),
  Convolution1D: conv(1),
  Convolution2D: conv(2),
  DepthwiseConv1D: depthwise(1),
  DepthwiseConv2D: depthwise(2),
  SeparableConv1D: separable(1),
  SeparableConv2D: separable(2),
  Conv1DTranspose: transposed(1),
  Conv2DTranspose: transposed(2),
  Conv3DTranspose: transposed(3),
  Dense: dense,
};
