// Adam and AdamW: steps scaled by running means of the gradient and of its square.
//
//   m ← β₁ m + (1 − β₁) g      v ← β₂ v + (1 − β₂) g²      w ← w − η (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε)
//
// Adam adds λ w to the gradient; AdamW takes η λ w off the weight. Amsgrad divides by the largest v so far. The two
// corrections 1 − βᵗ are computed on the host: in float32 the difference would lose half its digits.
import { add, div, maximum, mul, sqrt, square, sub } from "../../ops/arithmetic.ts";
import type { AdamOptions } from "./optimizer.ts";
import type { Move, Rule } from "./rule.ts";

const scalars: Rule<AdamOptions>["scalars"] = ({ betas: [first, second] }, step) => ({
  scale: 1 / (1 - first ** (step + 1)),
  root: Math.sqrt(1 - second ** (step + 1)),
});

/** The direction of the step, without the learning rate. */
function direction({ betas, eps, amsgrad }: Required<AdamOptions>, { gradient: g, scalar, state }: Move) {
  const [first, second] = betas;
  const mean = state("mean", (m) => add(mul(m, first), mul(g, 1 - first)));
  const power = state("power", (v) => add(mul(v, second), mul(square(g), 1 - second)));
  const largest = amsgrad ? state("largest", (top) => maximum(top, power)) : power;
  return div(mul(mean, scalar.scale), add(div(sqrt(largest), scalar.root), eps));
}

export const adam: Rule<AdamOptions> = {
  defaults: { lr: 0.001, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, amsgrad: false, decayOn: "all" },
  scalars,
  move(options, move) {
    const { weight, gradient, learningRate } = move;
    const g = options.weightDecay === 0 ? gradient : add(gradient, mul(weight, options.weightDecay));
    return sub(weight, mul(direction(options, { ...move, gradient: g }), learningRate));
  },
};

export const adamW: Rule<AdamOptions> = {
  defaults: { ...adam.defaults, weightDecay: 0.01 },
  scalars,
  move(options, move) {
    const { weight, learningRate } = move;
    const decayed =
      options.weightDecay === 0 ? weight : sub(weight, mul(mul(weight, learningRate), options.weightDecay));
    return sub(decayed, mul(direction(options, move), learningRate));
  },
};
