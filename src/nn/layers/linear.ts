// The dense layer: y = x wᵀ + b over the last axis. Weight [out, in], bias [out].
import { required, whole } from "../../base/rules.ts";
import { add } from "../../ops/arithmetic.ts";
import { linear } from "../../ops/matmul.ts";
import { defaultBias, defaultWeight } from "../init.ts";
import { type LayerType, layerOf } from "../layer.ts";
import type { LinearCall } from "../shapes/calls.ts";
import { type LearnedOptions, learned } from "./convolution.ts";

interface LinearData extends LearnedOptions {
  readonly outFeatures: number;
}

const linearType: LayerType<LinearData> = {
  name: "Linear",
  rules: { outFeatures: required(whole(1)), ...learned },
  torch: "inFeatures outFeatures bias",
  build(x, { options: { outFeatures, bias = true, init, biasInit } }, context) {
    const shape = [outFeatures, x.shape[x.shape.length - 1]];
    const y = linear(x, context.parameter("weight", shape, init ?? context.init.weight ?? defaultWeight));
    return bias
      ? add(y, context.parameter("bias", [outFeatures], biasInit ?? context.init.bias ?? defaultBias(shape)))
      : y;
  },
};

/**
 * Every output is a weighted sum of every input plus a bias, [N, in] to [N, outFeatures] (more leading axes are
 * kept): `Linear(10)`. The number of inputs comes from the input; maps need a Flatten() before it. The bias is on
 * unless told; both start PyTorch's way, uniform within ±1 / √in.
 */
export const Linear: LinearCall<LearnedOptions> = layerOf(linearType);

export const linearTypes = [linearType] as const;
