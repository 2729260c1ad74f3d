// Conv1d, Conv2d, Conv3d and their transposes. The number of input channels comes from the incoming shape.
// Weights: [out, in / groups, …kernel]; transposed: [in, out / groups, …kernel]. Bias: [out].
import { NeocogError } from "../../base/errors.ts";
import { flag, perAxis, required, whole } from "../../base/rules.ts";
import { formatShape } from "../../base/shape.ts";
import type { Tensor } from "../../graph/graph.ts";
import { axisName } from "../../ops/cards/geometry.ts";
import {
  type ConvolveOptions,
  type ConvolveTransposeOptions,
  conv,
  convolveRules,
  convolveTransposeRules,
  convTranspose,
} from "../../ops/convolution.ts";
import type { PerAxis } from "../../ops/geometry.ts";
import { defaultBias, defaultWeight, type Initialiser } from "../init.ts";
import { type LayerType, layerOf } from "../layer.ts";
import { initialiser } from "../rules.ts";
import type { ConvolutionCall, TransposedCall } from "../shapes/calls.ts";

/** What a convolution's weight and bias start as. */
export interface LearnedOptions {
  /** Adds a learned number to each output channel; true unless told. */
  readonly bias?: boolean;
  /** How the weight starts; PyTorch's way (uniform within ±1 / √fan_in) unless told. */
  readonly init?: Initialiser;
  /** How the bias starts; PyTorch's way unless told. */
  readonly biasInit?: Initialiser;
}

/** What the options of layers with a weight and a bias may be. */
export const learned = { bias: flag, init: initialiser, biasInit: initialiser };

/** What the options of Conv1d, Conv2d and Conv3d may be. */
export const convolutionRules = (rank: number) => ({ ...convolveRules(rank), ...learned });

/** PyTorch's order of their arguments. */
export const convolutionTorch = "inChannels outChannels kernelSize stride padding dilation groups bias paddingMode";

/** Options of Conv1d, Conv2d and Conv3d. */
export interface ConvolutionOptions extends Omit<ConvolveOptions, "bias">, LearnedOptions {}

interface ConvolutionData extends ConvolutionOptions {
  readonly outChannels: number;
  readonly kernelSize: PerAxis;
}

const spread = (value: PerAxis, rank: number): readonly number[] =>
  typeof value === "number" ? new Array<number>(rank).fill(value) : value;

/** Refuses an input without the layer's number of axes. */
export function checkRank(x: Tensor, rank: number): void {
  if (x.shape.length === rank + 2) return;
  const axes = Array.from({ length: rank }, (_, axis) => axisName(axis, rank)).join(", ");
  throw new NeocogError(
    `it needs an input [batch, channels, ${axes}] of ${rank + 2} axes, not ${formatShape(x.shape)}; add or reshape axes before it.`,
  );
}

function checkGroups({ outChannels, groups = 1 }: ConvolutionData): void {
  if (outChannels % groups !== 0)
    throw new NeocogError(`groups = ${groups} must divide the ${outChannels} output channels.`);
}

function convolutionType(rank: number): LayerType<ConvolutionData> {
  return {
    name: `Conv${rank}d`,
    rules: {
      outChannels: required(whole(1)),
      kernelSize: required(perAxis(1, rank)),
      ...convolutionRules(rank),
    },
    torch: convolutionTorch,
    check: checkGroups,
    build(x, { options }, context) {
      checkRank(x, rank);
      const { outChannels, kernelSize, groups = 1, bias = true, init, biasInit, ...geometry } = options;
      if (x.shape[1] % groups !== 0) {
        throw new NeocogError(
          `groups = ${groups} must divide the ${x.shape[1]} channels of the input ${formatShape(x.shape)}.`,
        );
      }
      const shape = [outChannels, x.shape[1] / groups, ...spread(kernelSize, rank)];
      const weight = context.parameter("weight", shape, init ?? context.init.weight ?? defaultWeight);
      return conv(x, weight, {
        ...geometry,
        groups,
        bias: bias
          ? context.parameter("bias", [outChannels], biasInit ?? context.init.bias ?? defaultBias(shape))
          : undefined,
      });
    },
  };
}

const conv1d = convolutionType(1);
const conv2d = convolutionType(2);
const conv3d = convolutionType(3);

/**
 * Cross-correlation along one axis, [N, C, W] to [N, outChannels, W']: `Conv1d(16, 5)`. Sizes, options, start and
 * errors as in Conv2d.
 */
export const Conv1d: ConvolutionCall<1, ConvolutionOptions> = layerOf(conv1d);
/**
 * Cross-correlation over height and width, [N, C, H, W] to [N, outChannels, H', W']: `Conv2d(64, 3, { padding: 1 })`,
 * H' = floor((H + p − d (k − 1) − 1) / s) + 1 with p the padding of both sides. The number of input channels comes
 * from the input. Stride, dilation and groups are 1, the padding 0 and the bias on unless told. Throws for an input
 * of other than 4 axes, groups that do not divide the channels, and windows that do not fit.
 */
export const Conv2d: ConvolutionCall<2, ConvolutionOptions> = layerOf(conv2d);
/**
 * Cross-correlation over depth, height and width, [N, C, D, H, W] to [N, outChannels, D', H', W']: `Conv3d(16, 3)`.
 * Sizes, options, start and errors as in Conv2d.
 */
export const Conv3d: ConvolutionCall<3, ConvolutionOptions> = layerOf(conv3d);

/** Options of the transposed convolutions. */
export interface TransposedOptions extends Omit<ConvolveTransposeOptions, "bias">, LearnedOptions {}

interface TransposedData extends TransposedOptions {
  readonly outChannels: number;
  readonly kernelSize: PerAxis;
}

function transposedType(rank: number): LayerType<TransposedData> {
  return {
    name: `ConvTranspose${rank}d`,
    rules: {
      outChannels: required(whole(1)),
      kernelSize: required(perAxis(1, rank)),
      ...convolveTransposeRules(rank),
      ...learned,
    },
    torch: "inChannels outChannels kernelSize stride padding outputPadding groups bias dilation",
    check: checkGroups,
    build(x, { options }, context) {
      checkRank(x, rank);
      const { outChannels, kernelSize, groups = 1, bias = true, init, biasInit, ...geometry } = options;
      const shape = [x.shape[1], outChannels / groups, ...spread(kernelSize, rank)];
      const weight = context.parameter("weight", shape, init ?? context.init.weight ?? defaultWeight);
      return convTranspose(x, weight, {
        ...geometry,
        groups,
        bias: bias
          ? context.parameter("bias", [outChannels], biasInit ?? context.init.bias ?? defaultBias(shape))
          : undefined,
      });
    },
  };
}

const convTranspose1d = transposedType(1);
const convTranspose2d = transposedType(2);
const convTranspose3d = transposedType(3);

/** The adjoint of Conv1d, [N, C, W] to [N, outChannels, W']. Sizes, options and errors as in ConvTranspose2d. */
export const ConvTranspose1d: TransposedCall<1, TransposedOptions> = layerOf(convTranspose1d);
/**
 * The adjoint of Conv2d, [N, C, H, W] to [N, outChannels, H', W'], H' = (H − 1) s − p + d (k − 1) + 1 + outputPadding
 * with p the padding of both sides: `ConvTranspose2d(32, 4, { stride: 2, padding: 1 })` doubles height and width.
 * Defaults as in Conv2d. Throws for an input of other than 4 axes, groups that do not divide the channels, and an
 * output without cells.
 */
export const ConvTranspose2d: TransposedCall<2, TransposedOptions> = layerOf(convTranspose2d);
/**
 * The adjoint of Conv3d, [N, C, D, H, W] to [N, outChannels, D', H', W']. Sizes, options and errors as in
 * ConvTranspose2d.
 */
export const ConvTranspose3d: TransposedCall<3, TransposedOptions> = layerOf(convTranspose3d);

export const convolutionTypes = [conv1d, conv2d, conv3d, convTranspose1d, convTranspose2d, convTranspose3d] as const;
