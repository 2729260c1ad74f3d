// Activation layers: one type for each row of ops/activations.ts, named as torch's classes, and the learned PReLU.
import { NeocogError, unknownName } from "../../base/errors.ts";
import type { Tensor } from "../../graph/graph.ts";
import { type ActivationName, activation, activationNames, activations, prelu } from "../../ops/activations.ts";
import { reshape } from "../../ops/reshape.ts";
import { constant } from "../init.ts";
import { createLayer, type Layer, type LayerType } from "../layer.ts";
import { real, whole } from "../options.ts";

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

/** An activation by its function's name: `Activation("leakyRelu", { negativeSlope: 0.2 })`. */
export function Activation(name: ActivationName, parameters: Parameters = {}): Layer {
  if (!(name in types)) throw unknownName("activation", name, activationNames);
  return createLayer(types[name], parameters);
}

const row =
  <P extends object = Record<never, never>>(name: ActivationName) =>
  (parameters?: P): Layer =>
    Activation(name, (parameters ?? {}) as Parameters);

export const ReLU = row("relu");
export const ReLU6 = row("relu6");
export const LeakyReLU = row<{ readonly negativeSlope?: number }>("leakyRelu");
export const ELU = row<{ readonly alpha?: number }>("elu");
export const CELU = row<{ readonly alpha?: number }>("celu");
export const SELU = row("selu");
export const GELU = row("gelu");
export const GELUTanh = row("geluTanh");
export const SiLU = row("silu");
export const Mish = row("mish");
export const Hardsigmoid = row("hardSigmoid");
export const Hardswish = row("hardSwish");
export const Hardtanh = row<{ readonly minVal?: number; readonly maxVal?: number }>("hardTanh");
export const Sigmoid = row("sigmoid");
export const LogSigmoid = row("logSigmoid");
export const Tanh = row("tanh");
export const Softplus = row<{ readonly beta?: number; readonly threshold?: number }>("softplus");
export const Softsign = row("softsign");
export const Tanhshrink = row("tanhshrink");
export const Softshrink = row<{ readonly lambda?: number }>("softshrink");
export const Hardshrink = row<{ readonly lambda?: number }>("hardshrink");

export interface PReLUOptions {
  /** One learned slope for all channels (1, the default), or one for each: the number of channels. */
  readonly numParameters?: number;
  /** The slopes at the start (default 0.25). */
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
    return prelu(x, reshape(slope, [1, numParameters, ...x.shape.slice(2).map(() => 1)]));
  },
};

/** ReLU with a learned slope below zero (He et al. 2015). */
export const PReLU = (options: PReLUOptions = {}): Layer => createLayer(preluType, options);

export const activationTypes = [...Object.values(types), preluType] as const;
