// What the blocks of newer networks are made of: channels weighed by what the whole map says, branches left out at random while
// training, branches that start small, and axes in another order. Names are torchvision's (torchvision.ops) where it has one.
import { understand } from "../../base/arguments.ts";
import { NeocogError } from "../../base/errors.ts";
import {
  axis,
  options as byName,
  integer,
  listOf,
  type OptionsOf,
  oneOf,
  real,
  required,
  text,
  whole,
} from "../../base/rules.ts";
import { formatShape, normalizeAxis } from "../../base/shape.ts";
import { mul } from "../../ops/arithmetic.ts";
import { permute, slice } from "../../ops/copy.ts";
import { type ActivationName, activation, activationNames } from "../../ops/named.ts";
import { globalAvgPool2d } from "../../ops/pooling.ts";
import { dropoutExamples } from "../../ops/random.ts";
import { reshape } from "../../ops/reshape.ts";
import { constant, type Initialiser } from "../init.ts";
import { createLayer, type Layer, type LayerType, layerOf } from "../layer.ts";
import { initialiser, layer as layerRule } from "../rules.ts";
import type { AnyCall, KeepCall } from "../shapes/calls.ts";
import { Conv2d, checkRank } from "./convolution.ts";

/** Options of SqueezeExcitation. */
export interface SqueezeExcitationOptions {
  /** What the few channels go through; "relu" unless told. */
  readonly activation?: ActivationName;
  /** What makes weights of the many; "sigmoid" unless told. */
  readonly scaleActivation?: ActivationName;
  /** How the weights of its two convolutions start; PyTorch's way unless told. */
  readonly init?: Initialiser;
  /** How their biases start; PyTorch's way unless told. */
  readonly biasInit?: Initialiser;
}

interface SqueezeExcitationData extends SqueezeExcitationOptions {
  readonly squeezeChannels: number;
}

const word = oneOf(activationNames);

const squeezeExcitation: LayerType<SqueezeExcitationData> = {
  name: "SqueezeExcitation",
  rules: {
    squeezeChannels: required(whole(1)),
    ...{ activation: word, scaleActivation: word, init: initialiser, biasInit: initialiser },
  },
  torch: "inputChannels squeezeChannels activation scaleActivation",
  build(x, { options }, context) {
    checkRank(x, 2);
    const { squeezeChannels, activation: inner = "relu", scaleActivation = "sigmoid", ...start } = options;
    const few = context.apply("fc1", Conv2d(squeezeChannels, 1, start), globalAvgPool2d(x));
    const many = context.apply("fc2", Conv2d(x.shape[1], 1, start), activation(inner, few));
    return mul(x, activation(scaleActivation, many));
  },
};

/**
 * Weighs each channel of [N, C, H, W] by what all of them say on average, the same shape (Hu et al. 2017, 1709.01507): means of
 * the maps, a 1x1 convolution to `squeezeChannels`, another back. `SqueezeExcitation(16)`. Throws for an input of other than 4
 * axes.
 */
export const SqueezeExcitation: KeepCall<
  "SqueezeExcitation",
  [squeezeChannels: number, options?: SqueezeExcitationOptions],
  2
> = layerOf(squeezeExcitation);

/** Options of StochasticDepth. */
export interface StochasticDepthOptions {
  /** Each example by itself ("row", unless told), or all of a batch together ("batch"). */
  readonly mode?: "row" | "batch";
}

interface StochasticDepthData extends StochasticDepthOptions {
  readonly p: number;
}

const stochasticDepth: LayerType<StochasticDepthData> = {
  name: "StochasticDepth",
  rules: { p: required(real(0, 1)), mode: oneOf(["row", "batch"]) },
  build: (x, { options: { p, mode = "row" } }, context) =>
    context.training && p > 0 ? dropoutExamples(x, p, context.random(), mode === "batch") : x,
};

/**
 * Drops whole examples with probability p while training and divides the others by 1 − p; hands its input on in evaluation
 * (Huang et al. 2016, 1603.09382). At the end of a residual branch it leaves the branch out: `StochasticDepth(0.2)`.
 */
export const StochasticDepth: KeepCall<"StochasticDepth", [p: number, options?: StochasticDepthOptions]> =
  layerOf(stochasticDepth);

interface PermuteData {
  readonly dims: readonly number[];
}

const permuteType: LayerType<PermuteData> = {
  name: "Permute",
  rules: { dims: required(listOf(axis, "a list of axes")) },
  build: (x, { options }) => permute(x, options.dims),
};

/** Axes in another order, [N, C, H, W] by `Permute([0, 2, 3, 1])` to [N, H, W, C]. Throws unless each axis is named once. */
export const Permute = layerOf<AnyCall<[dims: readonly number[]]>>(permuteType);

interface NarrowData {
  readonly dim: number;
  readonly start: number;
  readonly length: number;
}

const narrowType: LayerType<NarrowData> = {
  name: "Narrow",
  rules: { dim: required(axis), start: required(integer), length: required(whole(1)) },
  build(x, { options: { dim, start, length } }) {
    const place = normalizeAxis(dim, x.shape.length, "dim");
    const size = x.shape[place];
    const first = start < 0 ? start + size : start;
    if (first < 0 || first + length > size) {
      throw new NeocogError(
        `${length} places from ${start} on do not lie within axis ${dim} of ${formatShape(x.shape)}.`,
      );
    }
    return slice(
      x,
      x.shape.map((_, i) => (i === place ? { start: first, stop: first + length } : undefined)),
    );
  },
};

/**
 * A range of places along an axis (torch.narrow), [N, 64, H, W] by `Narrow(1, 0, 32)` to [N, 32, H, W]; a negative start counts
 * from the end. Throws where the range does not lie within the axis.
 */
export const Narrow = layerOf<AnyCall<[dim: number, start: number, length: number]>>(narrowType);

/** Options of LayerScale. */
export interface LayerScaleOptions {
  /** Where each channel's weight starts; 1e-6 unless told. */
  readonly initial?: number;
  /** Name of the body in paths; "block" unless told. */
  readonly bodyName?: string;
}

const layerScale: LayerType<{ readonly initial?: number }> = {
  name: "LayerScale",
  rules: { initial: real() },
  build(x, { options: { initial = 1e-6 }, children: [{ name, layer }] }, context) {
    // The body keeps the channels, so that its weights can stand before its own variables, as in torchvision's files.
    const scale = context.parameter("layer_scale", [x.shape[1], 1, 1], constant(initial));
    const y = context.apply(name, layer, x);
    if (y.shape.length !== 4 || y.shape[1] !== x.shape[1])
      throw new NeocogError(
        `LayerScale's body makes ${formatShape(y.shape)} of ${formatShape(x.shape)}, which must keep the channels.`,
      );
    return mul(y, reshape(scale, [1, x.shape[1], 1, 1]));
  },
};

/**
 * What the body makes of [N, C, H, W], each channel times a learned number that starts small (Touvron et al. 2021, 2103.17239);
 * the body keeps the channels. Throws for another body.
 */
export function LayerScale(body: Layer, options: LayerScaleOptions = {}): Layer {
  understand("LayerScale", arguments, {
    body: layerRule,
    options: byName<OptionsOf<typeof LayerScale>>({ initial: real(), bodyName: text }),
  });
  const { initial, bodyName = "block" } = options;
  return createLayer(layerScale, { initial }, [{ name: bodyName, layer: body }]);
}

export const blockTypes = [squeezeExcitation, stochasticDepth, permuteType, narrowType, layerScale] as const;
