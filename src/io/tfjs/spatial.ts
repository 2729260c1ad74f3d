// What layers and graph ops share: windows, kernels and dense weights in TensorFlow's words.
//
//   kernel      [...k, I, O]  becomes  [O, I, ...k]
//   depthwise   [...k, C, M]  becomes  [C · M, 1, ...k] in C groups
//   transposed  [...k, O, I]  becomes  [I, O, ...k]
//   dense       [I, O]        becomes  [O, I], its columns in the order in which a flattened input is held

import { DataError } from "../../base/errors.ts";
import { formatShape } from "../../base/shape.ts";
import type { Slides } from "../../base/window.ts";
import type { Tensor } from "../../graph/graph.ts";
import { add } from "../../ops/arithmetic.ts";
import { convolution, inputGradient } from "../../ops/cards/convolution.ts";
import { averagePoolWith, maxPoolWith } from "../../ops/cards/pooling.ts";
import { perChannel } from "../../ops/cards/reshape.ts";
import { type ResizeAttributes, resize } from "../../ops/cards/resize.ts";
import { permute } from "../../ops/copy.ts";
import { resolvePadding } from "../../ops/geometry.ts";
import { linear, matmul } from "../../ops/matmul.ts";
import { reshape } from "../../ops/reshape.ts";
import { asPlain, plain, type Value, type WeightForm } from "./value.ts";

/** "same" gives ceil(n / s) places, the odd cell of padding behind; or cells before and behind each axis. */
export type Padding = "valid" | "same" | { readonly before: readonly number[]; readonly after: readonly number[] };

export interface Window extends Pick<Slides, "stride" | "dilation"> {
  readonly padding: Padding;
}

function pads(size: readonly number[], kernel: readonly number[], { stride, dilation, padding }: Window) {
  if ([...stride, ...dilation].some((n) => !Number.isSafeInteger(n) || n < 1))
    throw new DataError("strides and dilations must be whole numbers of at least 1.");
  if (stride.length !== size.length || dilation.length !== size.length)
    throw new DataError(`its strides or dilations do not fit ${size.length} spatial axes.`);
  const { before, after } =
    typeof padding === "string" ? resolvePadding(padding, size, kernel, stride, dilation) : padding;
  return { padBefore: before, padAfter: after };
}

/** The spatial sizes of maps [N, C, …sizes], of which there must be `rank`. */
function sizesOf(x: Tensor, rank: number): readonly number[] {
  if (x.shape.length !== rank + 2)
    throw new DataError(`its input ${formatShape(x.shape)} should have ${rank + 2} axes.`);
  return x.shape.slice(2);
}

/** A weight of the file taken in another order, or a computed value moved there. */
export function taken(value: Value, form: WeightForm): Tensor {
  if (value.weight) return value.weight.take(form);
  const x = form.before ? reshape(asPlain(value), form.before) : asPlain(value);
  const moved = form.axes ? permute(x, form.axes) : x;
  return form.shape ? reshape(moved, form.shape) : moved;
}

function kernelAxes(weight: Value, rank: number): number[] {
  if (weight.shape.length !== rank + 2)
    throw new DataError(`its kernel ${formatShape(weight.shape)} should have ${rank + 2} axes.`);
  return Array.from({ length: rank }, (_, i) => i);
}

/** Convolution of maps by a kernel [...k, I, O]; fewer input channels than the maps have mean groups. */
export function convolve(x: Tensor, weight: Value, window: Window): Tensor {
  const rank = window.stride.length;
  const size = sizesOf(x, rank);
  const spatial = kernelAxes(weight, rank);
  const channels = weight.shape[rank];
  const groups = channels > 0 && x.shape[1] % channels === 0 ? x.shape[1] / channels : 1;
  const w = taken(weight, { axes: [rank + 1, rank, ...spatial] });
  const { stride, dilation } = window;
  return convolution(x, w, { stride, dilation, groups, ...pads(size, w.shape.slice(2), window) });
}

/** Each channel by its own M kernels: [...k, C, M]. */
export function convolveDepthwise(x: Tensor, weight: Value, window: Window): Tensor {
  const rank = window.stride.length;
  const size = sizesOf(x, rank);
  const spatial = kernelAxes(weight, rank);
  const [channels, multiplier] = weight.shape.slice(rank);
  if (channels !== x.shape[1])
    throw new DataError(`its kernel ${formatShape(weight.shape)} does not fit ${x.shape[1]} channels.`);
  const kernel = weight.shape.slice(0, rank);
  const w = taken(weight, { axes: [rank, rank + 1, ...spatial], shape: [channels * multiplier, 1, ...kernel] });
  const { stride, dilation } = window;
  return convolution(x, w, { stride, dilation, groups: channels, ...pads(size, kernel, window) });
}

/** The adjoint of a convolution whose kernel is [...k, O, I]; `size` are the spatial sizes of the result. */
export function convolveTransposed(x: Tensor, weight: Value, window: Window, size: readonly number[]): Tensor {
  const rank = window.stride.length;
  sizesOf(x, rank);
  const spatial = kernelAxes(weight, rank);
  const w = taken(weight, { axes: [rank + 1, rank, ...spatial] });
  const { stride, dilation } = window;
  const shape = [x.shape[0], w.shape[1], ...size];
  return inputGradient(x, w, { stride, dilation, groups: 1, shape, ...pads(size, w.shape.slice(2), window) });
}

/** A number a channel, added to maps. */
export function addBias(x: Tensor, bias: Tensor): Tensor {
  return add(x, perChannel(bias, x.shape));
}

/** x · weight for a weight [I, O], over the last axis. */
export function dense(x: Value, weight: Value): Value {
  if (weight.shape.length !== 2) throw new DataError(`its weight ${formatShape(weight.shape)} should be a matrix.`);
  const features = x.shape[x.shape.length - 1];
  if (features !== weight.shape[0])
    throw new DataError(`its weight ${formatShape(weight.shape)} does not fit ${features} features.`);
  if (x.order === "flat" && weight.weight) {
    const [, channels, ...sizes] = x.maps!;
    const places = sizes.map((_, i) => i);
    const form: WeightForm = {
      before: [...sizes, channels, weight.shape[1]],
      axes: [sizes.length + 1, sizes.length, ...places],
      shape: [weight.shape[1], weight.shape[0]],
    };
    return plain(linear(x.held(), weight.weight.take(form)));
  }
  if (weight.weight) return plain(linear(asPlain(x), weight.weight.take({ axes: [1, 0] })));
  return plain(matmul(asPlain(x), asPlain(weight)));
}

export function pool(x: Tensor, kind: "max" | "average", window: readonly number[], geometry: Window): Tensor {
  const size = sizesOf(x, window.length);
  if (window.some((n) => !Number.isSafeInteger(n) || n < 1))
    throw new DataError(`its window ${formatShape(window)} must be whole numbers of at least 1.`);
  const { stride, dilation } = geometry;
  const attributes = { window, stride, dilation, ceilMode: false, ...pads(size, window, geometry) };
  return kind === "max" ? maxPoolWith(x, attributes).y : averagePoolWith(x, { ...attributes, countIncludePad: false });
}

/** The most cells along a resized axis: a table of this length is made while the graph is built. */
const LONGEST = 1 << 16;

/** TensorFlow's image resizing of maps [N, C, H, W]: asymmetric unless corners or centres are aligned. */
export function resizeMaps(
  x: Tensor,
  size: readonly number[],
  mode: "nearest" | "linear",
  options: { readonly alignCorners?: boolean; readonly halfPixelCenters?: boolean } = {},
): Tensor {
  sizesOf(x, 2);
  const { alignCorners = false, halfPixelCenters = false } = options;
  if (size.length !== 2 || size.some((n) => !Number.isSafeInteger(n) || n < 1 || n > LONGEST))
    throw new DataError(`it cannot make ${formatShape(size)} places; 1 to ${LONGEST} along an axis are possible.`);
  const rules: Pick<ResizeAttributes, "coordinates" | "nearest"> = alignCorners
    ? { coordinates: "align_corners", nearest: "round_prefer_ceil" }
    : halfPixelCenters
      ? // Nearest cells are floor((i + 1/2) / scale), which is half_pixel's coordinate with halves rounded up.
        { coordinates: "half_pixel", nearest: "round_prefer_ceil" }
      : { coordinates: "asymmetric", nearest: "floor" };
  return resize(x, {
    mode,
    ...rules,
    cubicCoefficient: -0.75,
    excludeOutside: false,
    antialias: false,
    extrapolation: 0,
    axes: size.map((cells, i) => ({ axis: i + 2, size: cells, scale: cells / x.shape[i + 2] })),
  });
}
