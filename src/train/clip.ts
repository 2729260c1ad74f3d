// Gradient clipping as graph: by the global norm (Pascanu et al. 2013, torch.nn.utils.clip_grad_norm_) or value by value.
import { checkRecord } from "../base/arguments.ts";
import { NeocogError } from "../base/errors.ts";
import { above, type Rules } from "../base/rules.ts";
import type { Tensor } from "../graph/graph.ts";
import { abs, add, clamp, div, maximum, minimum, mul, pow, sqrt, square } from "../ops/arithmetic.ts";
import { amax } from "../ops/reduce.ts";
import { sum } from "../ops/sum.ts";

/** How gradients are clipped: either by `norm` or by `value`. */
export interface ClipOptions {
  /** The largest norm of all gradients together. */
  readonly norm?: number;
  /** Which norm: 2 unless told; Infinity for the largest entry. */
  readonly normType?: number;
  /** Every entry is limited to -value … value. */
  readonly value?: number;
}

/** What the options may be. */
export const clipRules = { norm: above(0), normType: above(0), value: above(0) } satisfies Rules<ClipOptions>;

/** Refuses options that are unknown or impossible. */
export function checkClip(options: ClipOptions): void {
  checkRecord("clip", { ...options }, clipRules);
  const { norm, value } = options;
  if ((norm === undefined) === (value === undefined)) {
    throw new NeocogError("Clip gradients either by { norm } or by { value }.");
  }
}

/** The gradients after clipping, in the same order. */
export function clipGradients(gradients: readonly Tensor[], options: ClipOptions): readonly Tensor[] {
  const { norm, normType = 2, value } = options;
  if (value !== undefined) return gradients.map((gradient) => clamp(gradient, -value, value));
  if (norm === undefined || gradients.length === 0) return gradients;
  const share = minimum(div(norm, add(globalNorm(gradients, normType), 1e-6)), 1);
  return gradients.map((gradient) => mul(gradient, share));
}

/** (Σ |g|^p)^(1/p) over the entries of all gradients. */
export function globalNorm(gradients: readonly Tensor[], p = 2): Tensor {
  if (p === Infinity) return gradients.map((gradient) => amax(abs(gradient))).reduce((a, b) => maximum(a, b));
  const powers = gradients.map((gradient) =>
    sum(p === 2 ? square(gradient) : p === 1 ? abs(gradient) : pow(abs(gradient), p)),
  );
  const total = powers.reduce((a, b) => add(a, b));
  return p === 2 ? sqrt(total) : p === 1 ? total : pow(total, 1 / p);
}
