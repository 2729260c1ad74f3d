// Dropout: while training, each value (or each whole map) is dropped with probability p and the others are divided by
// 1 − p; in evaluation nothing happens (Srivastava et al. 2014). The mask is a pure function of seed, step and layer.
import { real } from "../../base/rules.ts";
import { dropout, dropoutChannels } from "../../ops/random.ts";
import { type LayerType, layerOf } from "../layer.ts";
import type { KeepCall } from "../shapes/calls.ts";

/** Options of the dropout layers. */
export interface DropoutOptions {
  /** Probability of being dropped, from 0 to 1; 0.5 unless told. */
  readonly p?: number;
}

function dropoutType(name: string, apply: typeof dropout): LayerType<DropoutOptions> {
  return {
    name,
    rules: { p: real(0, 1) },
    build: (x, { options: { p = 0.5 } }, context) => (context.training && p > 0 ? apply(x, p, context.random()) : x),
  };
}

const dropoutValues = dropoutType("Dropout", dropout);
const dropout1d = dropoutType("Dropout1d", dropoutChannels);
const dropout2d = dropoutType("Dropout2d", dropoutChannels);
const dropout3d = dropoutType("Dropout3d", dropoutChannels);

/**
 * Drops single values of any shape with probability p (0.5 unless told) while training and divides the others by 1 −
 * p; hands its input on in evaluation (Srivastava et al. 2014): `Dropout({ p: 0.3 })`.
 */
export const Dropout: KeepCall<"Dropout", [options?: DropoutOptions]> = layerOf(dropoutValues);
/**
 * Drops whole channels of [N, C, W] with probability p (0.5 unless told) while training and divides the others by 1 −
 * p.
 */
export const Dropout1d: KeepCall<"Dropout1d", [options?: DropoutOptions]> = layerOf(dropout1d);
/**
 * Drops whole maps of [N, C, H, W] with probability p (0.5 unless told) while training and divides the others by 1 −
 * p: neighbouring places of a map say much the same (Tompson et al. 2015).
 */
export const Dropout2d: KeepCall<"Dropout2d", [options?: DropoutOptions]> = layerOf(dropout2d);
/**
 * Drops whole volumes of [N, C, D, H, W] with probability p (0.5 unless told) while training and divides the others
 * by 1 − p.
 */
export const Dropout3d: KeepCall<"Dropout3d", [options?: DropoutOptions]> = layerOf(dropout3d);

export const dropoutTypes = [dropoutValues, dropout1d, dropout2d, dropout3d] as const;
