// Softmax and its logarithm along one axis (the channels, unless told otherwise).
import { axis } from "../../base/rules.ts";
import { logSoftmax, softmax } from "../../ops/softmax.ts";
import { type LayerType, layerOf } from "../layer.ts";
import type { KeepCall } from "../shapes/calls.ts";

/** Options of Softmax and LogSoftmax. */
export interface SoftmaxOptions {
  /** The axis whose values add up to 1; 1 (the channels) unless told. */
  readonly dim?: number;
}

const softmaxType: LayerType<SoftmaxOptions> = {
  name: "Softmax",
  rules: { dim: axis },
  build: (x, { options }) => softmax(x, options.dim ?? 1),
};

const logSoftmaxType: LayerType<SoftmaxOptions> = {
  name: "LogSoftmax",
  rules: { dim: axis },
  build: (x, { options }) => logSoftmax(x, options.dim ?? 1),
};

/**
 * Values to probabilities that add up to 1 along `dim` (1, the channels, unless told), the same shape. Cross-entropy
 * takes the raw values: put no Softmax before it.
 */
export const Softmax: KeepCall<"Softmax", [options?: SoftmaxOptions]> = layerOf(softmaxType);
/** Logarithms of the probabilities along `dim` (1, the channels, unless told), the same shape: what nllLoss takes. */
export const LogSoftmax: KeepCall<"LogSoftmax", [options?: SoftmaxOptions]> = layerOf(logSoftmaxType);

export const softmaxTypes = [softmaxType, logSoftmaxType] as const;
