// The dense layer: y = x wᵀ + b over the last axis. Weight [out, in], bias [out].
import { add } from "../../ops/arithmetic.ts";
import { linear } from "../../ops/matmul.ts";
import { defaultBias, defaultWeight, type Initialiser } from "../init.ts";
import { createLayer, type Layer, type LayerType } from "../layer.ts";
import { flag, initialiser, required, whole } from "../options.ts";

export interface LinearOptions {
  /** Adds a learned number to each feature (default true). */
  readonly bias?: boolean;
  readonly init?: Initialiser;
  readonly biasInit?: Initialiser;
}

interface LinearData extends LinearOptions {
  readonly outFeatures: number;
}

const linearType: LayerType<LinearData> = {
  name: "Linear",
  rules: { outFeatures: required(whole(1)), bias: flag, init: initialiser, biasInit: initialiser },
  build(x, { options: { outFeatures, bias = true, init, biasInit } }, context) {
    const shape = [outFeatures, x.shape[x.shape.length - 1]];
    const y = linear(x, context.parameter("weight", shape, init ?? context.init.weight ?? defaultWeight));
    return bias
      ? add(y, context.parameter("bias", [outFeatures], biasInit ?? context.init.bias ?? defaultBias(shape)))
      : y;
  },
};

/** Every output is a weighted sum of every input: `Linear(10)`. The number of inputs comes from the incoming shape. */
export const Linear = (outFeatures: number, options: LinearOptions = {}): Layer =>
  createLayer(linearType, { outFeatures, ...options });

export const linearTypes = [linearType] as const;
