// Partial convolution as padding (Liu et al. 2018, 1811.11718): the zeros at the border are not counted as picture. Each
// output is weighed by   window area / valid area,   9/4 in the corner of a 3x3 and 9/6 at its edge, before the bias.

import { ndarray } from "../../base/array.ts";
import { padding, perAxis, required, whole } from "../../base/rules.ts";
import { placesAlong, type Slide, seenAmong, slideAlong } from "../../base/window.ts";
import { constantTensor } from "../../graph/graph.ts";
import { add, mul } from "../../ops/arithmetic.ts";
import { conv } from "../../ops/convolution.ts";
import { type Padding, type PerAxis, resolvePadding, perAxis as spread } from "../../ops/geometry.ts";
import { reshape } from "../../ops/reshape.ts";
import { defaultBias, defaultWeight } from "../init.ts";
import { type LayerType, layerOf } from "../layer.ts";
import type { AnyCall } from "../shapes/calls.ts";
import { checkRank, convolutionTorch, type LearnedOptions, learned } from "./convolution.ts";

/** Options of PartialConv2d. */
export interface PartialConvolutionOptions extends LearnedOptions {
  /** Cells from one window to the next: one number, or one an axis; 1 unless told. */
  readonly stride?: PerAxis;
  /** Cells around the input: a number, one entry an axis, "same", "valid", "full", or { total }; 0 unless told. */
  readonly padding?: Padding;
  /** Cells from one tap of the kernel to the next; 1 (no gap) unless told. */
  readonly dilation?: PerAxis;
}

interface PartialData extends PartialConvolutionOptions {
  readonly outChannels: number;
  readonly kernelSize: PerAxis;
}

/** For each output place along an axis, taps of the window that lie on the picture. */
function validTaps(cells: number, kernel: number, slide: Slide): number[] {
  const { stride, dilation, padBefore } = slide;
  return Array.from(
    { length: placesAlong(cells, kernel, slide) },
    (_, i) => seenAmong(kernel, i * stride - padBefore, dilation, cells).count,
  );
}

const partial: LayerType<PartialData> = {
  name: "PartialConv2d",
  rules: {
    outChannels: required(whole(1)),
    kernelSize: required(perAxis(1, 2)),
    stride: perAxis(1, 2),
    padding: padding(2),
    dilation: perAxis(1, 2),
    ...learned,
  },
  torch: convolutionTorch,
  build(x, { options }, context) {
    checkRank(x, 2);
    const { outChannels, bias = true, init, biasInit } = options;
    const kernel = spread(options.kernelSize, 2, "kernelSize");
    const stride = spread(options.stride ?? 1, 2, "stride");
    const dilation = spread(options.dilation ?? 1, 2, "dilation");
    const size = x.shape.slice(2);
    const pads = resolvePadding(options.padding ?? 0, size, kernel, stride, dilation);
    const shape = [outChannels, x.shape[1], ...kernel];
    const weight = context.parameter("weight", shape, init ?? context.init.weight ?? defaultWeight);
    const y = conv(x, weight, { stride, dilation, padding: pads.before.map((b, axis) => [b, pads.after[axis]]) });
    const taps = kernel.map((k, axis) =>
      validTaps(size[axis], k, slideAlong({ stride, dilation, padBefore: pads.before, padAfter: pads.after }, axis)),
    );
    const area = kernel[0] * kernel[1];
    // A window that sees no picture at all gives 0, whatever its weight.
    const share = Float64Array.from(
      taps[0].flatMap((rows) => taps[1].map((columns) => area / Math.max(1, rows * columns))),
    );
    const weighed = mul(y, constantTensor(ndarray([1, 1, taps[0].length, taps[1].length], share)));
    if (!bias) return weighed;
    const own = context.parameter("bias", [outChannels], biasInit ?? context.init.bias ?? defaultBias(shape));
    return add(weighed, reshape(own, [1, outChannels, 1, 1]));
  },
};

/**
 * A convolution whose border is weighed up instead of darkened, [N, C, H, W] to [N, outChannels, H', W'] (Liu et al.
 * 2018, 1811.11718): each output is multiplied by the window's area over the part of it that lies on the picture,
 * before the bias. `PartialConv2d(64, 3, { padding: 1 })`. Throws for an input of other than 4 axes.
 */
export const PartialConv2d =
  layerOf<AnyCall<[outChannels: number, kernelSize: PerAxis, options?: PartialConvolutionOptions]>>(partial);

export const partialTypes = [partial] as const;
