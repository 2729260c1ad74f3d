// Stochastic gradient descent.
//
//   g ← ∇L + λ w      v ← μ v + (1 − τ) g  (v ← g at the first step)      w ← w − η v      Nesterov: w ← w − η (g + μ v)
import { add, mul, sub } from "../../ops/arithmetic.ts";
import type { SgdOptions } from "./optimizer.ts";
import type { Rule } from "./rule.ts";

export const sgd: Rule<SgdOptions> = {
  defaults: { lr: 0.001, momentum: 0, dampening: 0, weightDecay: 0, nesterov: false, decayOn: "all" },
  scalars: ({ dampening }, step): Record<string, number> =>
    dampening === 0 ? {} : { share: step === 0 ? 1 : 1 - dampening },
  move({ momentum, dampening, weightDecay, nesterov }, { weight, gradient, learningRate, scalar, state }) {
    const g = weightDecay === 0 ? gradient : add(gradient, mul(weight, weightDecay));
    if (momentum === 0) return sub(weight, mul(g, learningRate));
    const velocity = state("momentum", (v) => add(mul(v, momentum), dampening === 0 ? g : mul(g, scalar.share)));
    const direction = nesterov ? add(g, mul(velocity, momentum)) : velocity;
    return sub(weight, mul(direction, learningRate));
  },
};
