// Dropout: while training, each value (or each whole map) is dropped with probability p and the others are divided by
// 1 − p; in evaluation nothing happens (Srivastava et al. 2014). The mask is a pure function of seed, step and layer.
import { dropout, dropoutChannels } from "../../ops/random.ts";
import { createLayer, type Layer, type LayerType } from "../layer.ts";
import { real } from "../options.ts";

export interface DropoutOptions {
  /** Probability of being dropped (default 0.5). */
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

export const Dropout = (options: DropoutOptions = {}): Layer => createLayer(dropoutValues, options);
export const Dropout1d = (options: DropoutOptions = {}): Layer => createLayer(dropout1d, options);
/** Drops whole maps: neighbouring places of a map say much the same (Tompson et al. 2015). */
export const Dropout2d = (options: DropoutOptions = {}): Layer => createLayer(dropout2d, options);
export const Dropout3d = (options: DropoutOptions = {}): Layer => createLayer(dropout3d, options);

export const dropoutTypes = [dropoutValues, dropout1d, dropout2d, dropout3d] as const;
