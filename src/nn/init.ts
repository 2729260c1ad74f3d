// The initialisers by PyTorch's names (torch.nn.init): what a layer's `init` takes. What the door shows as `init` is this file.
import { understand } from "../base/arguments.ts";
import { options } from "../base/rules.ts";
import type { Shape } from "../base/shape.ts";
import { fans } from "./draw.ts";
import { gainRule, type Initialiser, type KaimingOptions, kaimingRules, kinds } from "./initialiser.ts";

export type { Initialiser, KaimingOptions, Nonlinearity } from "./initialiser.ts";

/** Every number the same. */
export function constant(value: number): Initialiser {
  understand("constant", arguments, kinds.constant);
  return { kind: "constant", value };
}
/** All zeros. */
export const zeros: Initialiser = { kind: "constant", value: 0 };
/** All ones. */
export const ones: Initialiser = { kind: "constant", value: 1 };
/** Evenly between `low` (0) and `high` (1). */
export function uniform(low = 0, high = 1): Initialiser {
  understand("uniform", arguments, kinds.uniform);
  return { kind: "uniform", low, high };
}
/** Normally distributed around `mean` (0) with deviation `std` (1). */
export function normal(mean = 0, std = 1): Initialiser {
  understand("normal", arguments, kinds.normal);
  return { kind: "normal", mean, std };
}
/** A normal distribution of which only the part between `low` (-2) and `high` (2) is drawn. */
export function truncNormal(mean = 0, std = 1, low = -2, high = 2): Initialiser {
  understand("truncNormal", arguments, kinds.truncNormal);
  return { kind: "truncNormal", mean, std, low, high };
}
const kaiming = (options: KaimingOptions): Required<KaimingOptions> => ({
  mode: options.mode ?? "fanIn",
  nonlinearity: options.nonlinearity ?? "leakyRelu",
  slope: options.slope ?? 0,
});
const kaimingCall = { options: options(kaimingRules) };
/** Uniform, with the variance that keeps values (or gradients) of one size through relu layers (He et al. 2015). */
export function kaimingUniform(options: KaimingOptions = {}): Initialiser {
  understand("kaimingUniform", arguments, kaimingCall);
  return { kind: "kaimingUniform", ...kaiming(options) };
}
/** Normal, with the variance that keeps values (or gradients) of one size through relu layers (He et al. 2015). */
export function kaimingNormal(options: KaimingOptions = {}): Initialiser {
  understand("kaimingNormal", arguments, kaimingCall);
  return { kind: "kaimingNormal", ...kaiming(options) };
}
/** Uniform within ±gain √(6 / (fan_in + fan_out)) (Glorot & Bengio 2010). */
export function xavierUniform(gain = 1): Initialiser {
  understand("xavierUniform", arguments, gainRule);
  return { kind: "xavierUniform", gain };
}
/** Normal with deviation gain √(2 / (fan_in + fan_out)) (Glorot & Bengio 2010). */
export function xavierNormal(gain = 1): Initialiser {
  understand("xavierNormal", arguments, gainRule);
  return { kind: "xavierNormal", gain };
}
/** Rows (or columns, whichever are fewer) at right angles and of length `gain` (Saxe et al. 2014). */
export function orthogonal(gain = 1): Initialiser {
  understand("orthogonal", arguments, gainRule);
  return { kind: "orthogonal", gain };
}
/** A convolution that hands its input on: a single 1 at the kernel's middle, channel to channel. */
export function dirac(groups = 1): Initialiser {
  understand("dirac", arguments, kinds.dirac);
  return { kind: "dirac", groups };
}

/** PyTorch's default for weights of convolutions and linear layers: uniform within ±1 / √fan_in. */
export const defaultWeight: Initialiser = kaimingUniform({ slope: Math.sqrt(5) });

/** PyTorch's default for their biases: the same bound, from the fan of the weight. */
export function defaultBias(weight: Shape): Initialiser {
  const { fanIn } = fans(weight);
  const bound = fanIn > 0 ? 1 / Math.sqrt(fanIn) : 0;
  return uniform(-bound, bound);
}
