// Activation layers: one type for each row of ops/activations.ts, named and given options by it, and the learned PReLU.
import { understand } from "../../base/arguments.ts";
import { NeocogError, unknownName } from "../../base/errors.ts";
import { isRecord, optional, type Rule, real, text, whole } from "../../base/rules.ts";
import type { Tensor } from "../../graph/graph.ts";
import { prelu } from "../../ops/activations.ts";
import { perChannel } from "../../ops/cards/reshape.ts";
import {
  type ActivationName,
  type ActivationOptions,
  activation,
  activationNames,
  activations,
} from "../../ops/named.ts";
import { constant } from "../init.ts";
import { createLayer, type Layer, type LayerType, layerOf } from "../layer.ts";
import type { KeepCall } from "../shapes/calls.ts";

type Parameters = Readonly<Record<string, number>>;

function activationType(name: ActivationName): LayerType<Parameters> {
  const { defaults, layer = name[0].toUpperCase() + name.slice(1) } = activations[name];
  return {
    name: layer,
    rules: Object.fromEntries(Object.keys(defaults).map((key) => [key, real()])),
    build: (x, { options }) => activation(name, x, options),
  };
}

const types = Object.fromEntries(activationNames.map((name) => [name, activationType(name)])) as Record<
  ActivationName,
  LayerType<Parameters>
>;

/**
 * An activation by its function's name, element by element, the same shape: `Activation("leakyRelu", { negativeSlope:
 * 0.2 })`. Parameters left out take PyTorch's defaults. Throws for an unknown name or parameter, with the nearest
 * right one.
 */
export function Activation(name: ActivationName, parameters: Parameters = {}): Layer {
  understand("Activation", arguments, { name: text, parameters: optional(record) });
  if (!Object.hasOwn(types, name)) throw unknownName("activation", name, activationNames);
  return createLayer(types[name], parameters);
}

const record: Rule = { must: "parameters by name", accepts: isRecord };

const row = <Name extends ActivationName>(name: Name) =>
  layerOf<KeepCall<string, keyof ActivationOptions<Name> extends never ? [] : [options?: ActivationOptions<Name>]>>(
    types[name],
  );

/** max(x, 0), the same shape as its input; so are all activations. */
export const ReLU = row("relu");
/** Between 0 and 6: min(max(x, 0), 6). */
export const ReLU6 = row("relu6");
/** x where positive, else negativeSlope · x (0.01 unless told). */
export const LeakyReLU = row("leakyRelu");
/** x where positive, else alpha (eˣ − 1), alpha 1 unless told (Clevert et al. 2015). */
export const ELU = row("elu");
/** x where positive, else alpha (e^(x / alpha) − 1), alpha 1 unless told (Barron 2017). */
export const CELU = row("celu");
/** ELU with the scale and alpha that keep mean 0 and variance 1 (Klambauer et al. 2017). */
export const SELU = row("selu");
/** x Φ(x), with the normal distribution's exact Φ (Hendrycks & Gimpel 2016). */
export const GELU = row("gelu");
/** GELU's approximation by tanh (PyTorch's `approximate="tanh"`). */
export const GELUTanh = row("geluTanh");
/** x σ(x), also called swish (Ramachandran et al. 2017). */
export const SiLU = row("silu");
/** x tanh(softplus(x)) (Misra 2019). */
export const Mish = row("mish");
/** min(max(x + 3, 0), 6) / 6: a sigmoid of straight lines. */
export const Hardsigmoid = row("hardsigmoid");
/** x min(max(x + 3, 0), 6) / 6 (Howard et al. 2019). */
export const Hardswish = row("hardswish");
/** Between minVal and maxVal, -1 and 1 unless told. */
export const Hardtanh = row("hardtanh");
/** 1 / (1 + e⁻ˣ). */
export const Sigmoid = row("sigmoid");
/** ln σ(x), without overflow. */
export const LogSigmoid = row("logsigmoid");
/** The hyperbolic tangent. */
export const Tanh = row("tanh");
/** ln(1 + e^(beta x)) / beta; x itself where beta x lies above the threshold (beta 1, threshold 20 unless told). */
export const Softplus = row("softplus");
/** x / (1 + |x|). */
export const Softsign = row("softsign");
/** x − tanh(x). */
export const Tanhshrink = row("tanhshrink");
/** x moved towards 0 by lambda (0.5 unless told), 0 where that would pass it. */
export const Softshrink = row("softshrink");
/** x, but 0 where |x| is at most lambda (0.5 unless told). */
export const Hardshrink = row("hardshrink");

/** Options of PReLU. */
export interface PReLUOptions {
  /** One learned slope for all channels (1, the default), or one for each: the number of channels. */
  readonly numParameters?: number;
  /** The slopes at the start; 0.25 unless told. */
  readonly init?: number;
}

const preluType: LayerType<PReLUOptions> = {
  name: "PReLU",
  rules: { numParameters: whole(1), init: real() },
  build(x: Tensor, { options: { numParameters = 1, init = 0.25 } }, context) {
    if (numParameters !== 1 && numParameters !== x.shape[1]) {
      throw new NeocogError(
        `numParameters is ${numParameters}, but the input has ${x.shape[1]} channels; use 1 or ${x.shape[1]}.`,
      );
    }
    const slope = context.parameter("weight", [numParameters], constant(init));
    return prelu(x, perChannel(slope, x.shape));
  },
};

/**
 * ReLU with a learned slope below zero, [N, C, …] to the same shape (He et al. 2015); `PReLU({ numParameters: 64 })`
 * learns one for each channel. Throws where that is not the number of channels.
 */
export const PReLU: KeepCall<"PReLU", [options?: PReLUOptions]> = layerOf(preluType);

export const activationTypes = [...Object.values(types), preluType] as const;
