// Softmax and its logarithm along one axis (the channels, unless told otherwise).
import { logSoftmax, softmax } from "../../ops/softmax.ts";
import { createLayer, type Layer, type LayerType } from "../layer.ts";
import type { Rule } from "../options.ts";

export interface SoftmaxOptions {
  /** The axis whose values add up to 1 (default 1). */
  readonly dim?: number;
}

const dim: Rule = { must: "a whole number (negative counts from the end)", accepts: Number.isInteger };

const softmaxType: LayerType<SoftmaxOptions> = {
  name: "Softmax",
  rules: { dim },
  build: (x, { options }) => softmax(x, options.dim ?? 1),
};

const logSoftmaxType: LayerType<SoftmaxOptions> = {
  name: "LogSoftmax",
  rules: { dim },
  build: (x, { options }) => logSoftmax(x, options.dim ?? 1),
};

/** Values to probabilities. Cross-entropy takes the raw values: put no Softmax before it. */
export const Softmax = (options: SoftmaxOptions = {}): Layer => createLayer(softmaxType, options);
export const LogSoftmax = (options: SoftmaxOptions = {}): Layer => createLayer(logSoftmaxType, options);

export const softmaxTypes = [softmaxType, logSoftmaxType] as const;
