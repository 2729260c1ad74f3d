// Adaptive pooling: as many windows as needed for an output of a given size, whatever the input's size.
import { perAxis, type Rule, required } from "../../base/rules.ts";
import { adaptiveAvgPool, adaptiveMaxPool } from "../../ops/adaptive.ts";
import { type PerAxis, perAxis as spread } from "../../ops/geometry.ts";
import { globalAvgPool } from "../../ops/pooling.ts";
import { type LayerType, layerOf } from "../layer.ts";
import type { AdaptiveCall } from "../shapes/calls.ts";
import { checkRank } from "./convolution.ts";

interface AdaptiveData {
  readonly outputSize: PerAxis;
}

const outputSize: Rule = required(perAxis(1, 2));

const adaptiveAvg: LayerType<AdaptiveData> = {
  name: "AdaptiveAvgPool2d",
  rules: { outputSize },
  build(x, { options }) {
    checkRank(x, 2);
    const size = spread(options.outputSize, 2, "outputSize");
    // One cell is the mean of the map: the same numbers by a plain reduction.
    return size.every((n) => n === 1) ? globalAvgPool(x) : adaptiveAvgPool(x, size);
  },
};

const adaptiveMax: LayerType<AdaptiveData> = {
  name: "AdaptiveMaxPool2d",
  rules: { outputSize },
  build(x, { options }) {
    checkRank(x, 2);
    return adaptiveMaxPool(x, spread(options.outputSize, 2, "outputSize"));
  },
};

/**
 * Means of as many windows as needed to give `outputSize` cells (one number, or [height, width]), [N, C, H, W] to [N,
 * C, …outputSize]. Throws for an input of other than 4 axes or without cells.
 */
export const AdaptiveAvgPool2d: AdaptiveCall<"AdaptiveAvgPool2d"> = layerOf(adaptiveAvg);
/**
 * Maxima of as many windows as needed to give `outputSize` cells (one number, or [height, width]), [N, C, H, W] to
 * [N, C, …outputSize]. Throws for an input of other than 4 axes or without cells.
 */
export const AdaptiveMaxPool2d: AdaptiveCall<"AdaptiveMaxPool2d"> = layerOf(adaptiveMax);

export const adaptiveTypes = [adaptiveAvg, adaptiveMax] as const;
