// RMSprop: the gradient over the root of a running mean of its square.
//
//   g ← ∇L + λ w      s ← α s + (1 − α) g²      a ← α a + (1 − α) g  (centered)      d = g / (√(s − a²) + ε)
//   w ← w − η d       with momentum: v ← μ v + d, w ← w − η v
import { add, div, mul, sqrt, square, sub } from "../../ops/arithmetic.ts";
import type { RmspropOptions } from "./optimizer.ts";
import type { Rule } from "./rule.ts";

export const rmsprop: Rule<RmspropOptions> = {
  defaults: { lr: 0.01, alpha: 0.99, eps: 1e-8, weightDecay: 0, momentum: 0, centered: false, decayOn: "all" },
  move({ alpha, eps, weightDecay, momentum, centered }, { weight, gradient, learningRate, state }) {
    const g = weightDecay === 0 ? gradient : add(gradient, mul(weight, weightDecay));
    const power = state("power", (s) => add(mul(s, alpha), mul(square(g), 1 - alpha)));
    const spread = centered ? sub(power, square(state("mean", (a) => add(mul(a, alpha), mul(g, 1 - alpha))))) : power;
    const scaled = div(g, add(sqrt(spread), eps));
    const step = momentum === 0 ? scaled : state("momentum", (v) => add(mul(v, momentum), scaled));
    return sub(weight, mul(step, learningRate));
  },
};
