// Conv1d, Conv2d, Conv3d and their transposes. The number of input channels comes from the incoming shape.
// Weights: [out, in / groups, …kernel]; transposed: [in, out / groups, …kernel]. Bias: [out].
import { NeocogError } from "../../base/errors.ts";
import { formatShape } from "../../base/shape.ts";
import type { Tensor } from "../../graph/graph.ts";
import { conv, convTranspose } from "../../ops/convolve.ts";
import { axisName, type Padding, type PerAxis } from "../../ops/geometry.ts";
import { defaultBias, defaultWeight, type Initialiser } from "../init.ts";
import { createLayer, type Layer, type LayerType } from "../layer.ts";
import { flag, initialiser, oneOf, padding, perAxis, required, whole } from "../options.ts";

export interface ConvolutionOptions {
  readonly stride?: PerAxis;
  readonly padding?: Padding;
  readonly dilation?: PerAxis;
  readonly groups?: number;
  /** Adds a learned number to each output channel (default true). */
  readonly bias?: boolean;
  readonly paddingMode?: "zeros" | "reflect" | "replicate" | "circular";
  readonly init?: Initialiser;
  readonly biasInit?: Initialiser;
}

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
      kernelSize: required(perAxis(rank, 1)),
      stride: perAxis(rank, 1),
      padding: padding(rank),
      dilation: perAxis(rank, 1),
      groups: whole(1),
      bias: flag,
      paddingMode: oneOf(["zeros", "reflect", "replicate", "circular"]),
      init: initialiser,
      biasInit: initialiser,
    },
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

export const Conv1d = (outChannels: number, kernelSize: PerAxis, options: ConvolutionOptions = {}): Layer =>
  createLayer(conv1d, { outChannels, kernelSize, ...options });
/** Cross-correlation over height and width: `Conv2d(64, 3, { padding: 1 })`. */
export const Conv2d = (outChannels: number, kernelSize: PerAxis, options: ConvolutionOptions = {}): Layer =>
  createLayer(conv2d, { outChannels, kernelSize, ...options });
export const Conv3d = (outChannels: number, kernelSize: PerAxis, options: ConvolutionOptions = {}): Layer =>
  createLayer(conv3d, { outChannels, kernelSize, ...options });

export interface TransposedOptions {
  readonly stride?: PerAxis;
  /** Cells cropped from either side of the full result. */
  readonly padding?: PerAxis;
  /** Cells added at the end, fewer than the stride or the dilation. */
  readonly outputPadding?: PerAxis;
  readonly dilation?: PerAxis;
  readonly groups?: number;
  readonly bias?: boolean;
  readonly init?: Initialiser;
  readonly biasInit?: Initialiser;
}

interface TransposedData extends TransposedOptions {
  readonly outChannels: number;
  readonly kernelSize: PerAxis;
}

function transposedType(rank: number): LayerType<TransposedData> {
  return {
    name: `ConvTranspose${rank}d`,
    rules: {
      outChannels: required(whole(1)),
      kernelSize: required(perAxis(rank, 1)),
      stride: perAxis(rank, 1),
      padding: perAxis(rank, 0),
      outputPadding: perAxis(rank, 0),
      dilation: perAxis(rank, 1),
      groups: whole(1),
      bias: flag,
      init: initialiser,
      biasInit: initialiser,
    },
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

export const ConvTranspose1d = (outChannels: number, kernelSize: PerAxis, options: TransposedOptions = {}): Layer =>
  createLayer(convTranspose1d, { outChannels, kernelSize, ...options });
/** The adjoint of Conv2d: `ConvTranspose2d(32, 4, { stride: 2, padding: 1 })` doubles height and width. */
export const ConvTranspose2d = (outChannels: number, kernelSize: PerAxis, options: TransposedOptions = {}): Layer =>
  createLayer(convTranspose2d, { outChannels, kernelSize, ...options });
export const ConvTranspose3d = (outChannels: number, kernelSize: PerAxis, options: TransposedOptions = {}): Layer =>
  createLayer(convTranspose3d, { outChannels, kernelSize, ...options });

export const convolutionTypes = [conv1d, conv2d, conv3d, convTranspose1d, convTranspose2d, convTranspose3d] as const;
