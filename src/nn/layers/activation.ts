// Activation layers: one type for each row of ops/activations.ts, named as torch's classes, and the learned PReLU.
import { understand } from "../../base/arguments.ts";
import { NeocogError, unknownName } from "../../base/errors.ts";
import { isRecord, optional, type Rule, real, text, whole } from "../../base/rules.ts";
import type { Tensor } from "../../graph/graph.ts";
import { type ActivationName, activation, activationNames, activations, prelu } from "../../ops/activations.ts";
import { perChannel } from "../../ops/cards/reshape.ts";
import { constant } from "../init.ts";
import { createLayer, type Layer, type LayerType, layerOf } from "../layer.ts";
import type { KeepCall } from "../shapes/calls.ts";

type Parameters = Readonly<Record<string, number>>;

/** Torch's class names where they are not the function's name with a capital. */
const classNames: Readonly<Partial<Record<ActivationName, string>>> = {
  relu: "ReLU",
  relu6: "ReLU6",
  leakyRelu: "LeakyReLU",
  elu: "ELU",
  celu: "CELU",
  selu: "SELU",
  gelu: "GELU",
  geluTanh: "GELUTanh",
  silu: "SiLU",
  hardSigmoid: "Hardsigmoid",
  hardSwish: "Hardswish",
  hardTanh: "Hardtanh",
};

function activationType(name: ActivationName): LayerType<Parameters> {
  const defaults: Parameters = activations[name].defaults;
  return {
    name: classNames[name] ?? name[0].toUpperCase() + name.slice(1),
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

const row = <P extends object | undefined = undefined>(name: ActivationName) =>
  layerOf<KeepCall<string, P extends object ? [parameters?: P] : []>>(types[name]);

/** max(x, 0), the same shape as its input; so are all activations. */
export const ReLU = row("relu");
/** Between 0 and 6: min(max(x, 0), 6). */
export const ReLU6 = row("relu6");
/** x where positive, else negativeSlope · x (0.01 unless told). */
export const LeakyReLU = row<{
  /** Slope below 0; 0.01 unless told. */
  readonly negativeSlope?: number;
}>("leakyRelu");
/** x where positive, else alpha (eˣ − 1), alpha 1 unless told (Clevert et al. 2015). */
export const ELU = row<{
  /** Minus the limit far below 0; 1 unless told. */
  readonly alpha?: number;
}>("elu");
/** x where positive, else alpha (e^(x / alpha) − 1), alpha 1 unless told (Barron 2017). */
export const CELU = row<{
  /** Minus the limit far below 0; 1 unless told. */
  readonly alpha?: number;
}>("celu");
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
export const Hardsigmoid = row("hardSigmoid");
/** x min(max(x + 3, 0), 6) / 6 (Howard et al. 2019). */
export const Hardswish = row("hardSwish");
/** Between minVal and maxVal, -1 and 1 unless told. */
export const Hardtanh = row<{
  /** Least value; -1 unless told. */
  readonly minVal?: number;
  /** Largest value; 1 unless told. */
  readonly maxVal?: number;
}>("hardTanh");
/** 1 / (1 + e⁻ˣ). */
export const Sigmoid = row("sigmoid");
/** ln σ(x), without overflow. */
export const LogSigmoid = row("logSigmoid");
/** The hyperbolic tangent. */
export const Tanh = row("tanh");
/** ln(1 + e^(beta x)) / beta; x itself where beta x lies above the threshold (beta 1, threshold 20 unless told). */
export const Softplus = row<{
  /** How sharp the bend is; 1 unless told. */
  readonly beta?: number;
  /** Above this beta x the result is x itself; 20 unless told. */
  readonly threshold?: number;
}>("softplus");
/** x / (1 + |x|). */
export const Softsign = row("softsign");
/** x − tanh(x). */
export const Tanhshrink = row("tanhshrink");
/** x moved towards 0 by lambda (0.5 unless told), 0 where that would pass it. */
export const Softshrink = row<{
  /** How far x is moved towards 0; 0.5 unless told. */
  readonly lambda?: number;
}>("softshrink");
/** x, but 0 where |x| is at most lambda (0.5 unless told). */
export const Hardshrink = row<{
  /** The largest |x| that becomes 0; 0.5 unless told. */
  readonly lambda?: number;
}>("hardshrink");

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
