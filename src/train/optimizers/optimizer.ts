// Optimizers as plain data: { name: "sgd", lr: 0.1, momentum: 0.9 }. Names, meanings and defaults of the options are
// PyTorch's. What an optimizer does is a row of cards.ts: graph from (weight, gradient, learning rate) to new values.
import { understand } from "../../base/arguments.ts";
import { options as byName, flag, listOf, oneOf, type Rules, type RuleTable, real, share } from "../../base/rules.ts";

interface Common {
  /** Learning rate at the start; a schedule multiplies or replaces it. 0.001 unless told (RMSprop: 0.01), as in PyTorch. */
  readonly lr?: number;
  /** L2 penalty (decoupled from the gradient for AdamW); 0 unless told (AdamW: 0.01). */
  readonly weightDecay?: number;
  /** Which parameters decay: all (PyTorch's way, and unless told), or only those of two axes and more: no bias, no scale of a norm. */
  readonly decayOn?: "all" | "weights";
}

/** Stochastic gradient descent, with momentum (Polyak 1964) or Nesterov's (Sutskever et al. 2013). */
export interface SgdOptions extends Common {
  /** Share of the last step that goes on; 0 unless told. */
  readonly momentum?: number;
  /** Share of the gradient that the momentum does not take; 0 unless told. */
  readonly dampening?: number;
  /** Looks ahead along the momentum, which must be above 0; false unless told. */
  readonly nesterov?: boolean;
}

/** Kingma & Ba 2014; amsgrad after Reddi et al. 2018. */
export interface AdamOptions extends Common {
  /** Decays of the running means of the gradient and of its square; [0.9, 0.999] unless told. */
  readonly betas?: readonly [number, number];
  /** Added to the root; 1e-8 unless told. */
  readonly eps?: number;
  /** Divides by the largest mean of squares so far; false unless told. */
  readonly amsgrad?: boolean;
}

/** Tieleman & Hinton 2012; centered after Graves 2013. */
export interface RmspropOptions extends Common {
  /** Decay of the running mean of squares; 0.99 unless told. */
  readonly alpha?: number;
  /** Added to the root; 1e-8 unless told. */
  readonly eps?: number;
  /** Share of the last step that goes on; 0 unless told. */
  readonly momentum?: number;
  /** Subtracts the squared mean of the gradient; false unless told. */
  readonly centered?: boolean;
}

/** An optimizer as plain data: what SGD, Adam, AdamW and RMSprop give. */
export type OptimizerDescription =
  | ({
      /** Stochastic gradient descent. */
      readonly name: "sgd";
    } & SgdOptions)
  | ({
      /** Adam, or Adam with a decoupled weight decay. */
      readonly name: "adam" | "adamW";
    } & AdamOptions)
  | ({
      /** RMSprop. */
      readonly name: "rmsprop";
    } & RmspropOptions);

/** The names of the optimizers, which stand for them with PyTorch's defaults. */
export type OptimizerName = OptimizerDescription["name"];

const size = real(0, Number.MAX_VALUE);
const common = { lr: size, weightDecay: size, decayOn: oneOf(["all", "weights"]) };
const adamRules = {
  lr: size,
  betas: listOf(share(), "two numbers of at least 0 and below 1", 2, 2),
  eps: size,
  weightDecay: size,
  amsgrad: flag,
  decayOn: common.decayOn,
} satisfies Rules<AdamOptions>;

/** What the options of each may be, in PyTorch's order where it has one. */
export const optimizerRules: Readonly<Record<OptimizerName, RuleTable>> = {
  sgd: {
    ...{ lr: size, momentum: size, dampening: size, weightDecay: size, nesterov: flag },
    decayOn: common.decayOn,
  } satisfies Rules<SgdOptions>,
  adam: adamRules,
  adamW: adamRules,
  rmsprop: {
    ...{ lr: size, alpha: size, eps: size, weightDecay: size, momentum: size, centered: flag },
    decayOn: common.decayOn,
  } satisfies Rules<RmspropOptions>,
};

const calls = Object.fromEntries(
  Object.entries(optimizerRules).map(([name, rules]) => [name, { options: byName(rules) }]),
);

/**
 * Stochastic gradient descent with PyTorch's options: `SGD({ lr: 0.1, momentum: 0.9, nesterov: true })`. The rate is
 * 0.001 and momentum and decay 0 unless told (momentum: Polyak 1964; Nesterov's: Sutskever et al. 2013). Throws for
 * an unknown or impossible option.
 */
export function SGD(options: SgdOptions = {}): OptimizerDescription {
  understand("SGD", arguments, calls.sgd);
  return { name: "sgd", ...options };
}
/**
 * Steps scaled by running means of the gradient and of its square (Kingma & Ba 2014): `Adam({ lr: 1e-3 })`. The rate
 * is 0.001, betas are [0.9, 0.999] and eps is 1e-8 unless told. Throws for an unknown or impossible option.
 */
export function Adam(options: AdamOptions = {}): OptimizerDescription {
  understand("Adam", arguments, calls.adam);
  return { name: "adam", ...options };
}
/**
 * Adam with a weight decay that is decoupled from the gradient, 0.01 unless told (Loshchilov & Hutter 2017): `AdamW({
 * lr: 1e-3 })`. Throws for an unknown or impossible option.
 */
export function AdamW(options: AdamOptions = {}): OptimizerDescription {
  understand("AdamW", arguments, calls.adamW);
  return { name: "adamW", ...options };
}
/**
 * The gradient over the root of a running mean of its square (Tieleman & Hinton 2012): `RMSprop({ lr: 0.01 })`. The
 * rate is 0.01, alpha 0.99 and eps 1e-8 unless told. Throws for an unknown or impossible option.
 */
export function RMSprop(options: RmspropOptions = {}): OptimizerDescription {
  understand("RMSprop", arguments, calls.rmsprop);
  return { name: "rmsprop", ...options };
}
