// Adaptive pooling: as many windows as needed for an output of a given size, whatever the input's size.
import { perAxis, required } from "../../base/rules.ts";
import type { Tensor } from "../../graph/graph.ts";
import { adaptiveAvgPool, adaptiveMaxPool } from "../../ops/adaptive.ts";
import { type PerAxis, perAxis as spread } from "../../ops/geometry.ts";
import { globalAvgPool } from "../../ops/pooling.ts";
import { type LayerType, layerOf, ofRanks } from "../layer.ts";
import type { AdaptiveCall } from "../shapes/calls.ts";
import { checkRank } from "./convolution.ts";

interface AdaptiveData {
  readonly outputSize: PerAxis;
}

const adaptive = (
  family: string,
  pool: (x: Tensor, size: readonly number[]) => Tensor,
): readonly [LayerType<AdaptiveData>, LayerType<AdaptiveData>, LayerType<AdaptiveData>] =>
  ofRanks((rank) => ({
    name: `${family}${rank}d`,
    rules: { outputSize: required(perAxis(1, rank)) },
    build(x, { options }) {
      checkRank(x, rank);
      return pool(x, spread(options.outputSize, rank, "outputSize"));
    },
  }));

// One cell is the mean of the map: the same numbers by a plain reduction.
const [avg1, avg2, avg3] = adaptive("AdaptiveAvgPool", (x, size) =>
  size.every((n) => n === 1) ? globalAvgPool(x) : adaptiveAvgPool(x, size),
);
const [max1, max2, max3] = adaptive("AdaptiveMaxPool", adaptiveMaxPool);

/**
 * Means of as many windows as needed to give `outputSize` cells (one number), [N, C, W] to [N, C, outputSize]. Throws
 * for an input of other than 3 axes or without cells.
 */
export const AdaptiveAvgPool1d: AdaptiveCall<"AdaptiveAvgPool1d", 1> = layerOf(avg1);
/**
 * Means of as many windows as needed to give `outputSize` cells (one number, or [height, width]), [N, C, H, W] to [N,
 * C, …outputSize]. Throws for an input of other than 4 axes or without cells.
 */
export const AdaptiveAvgPool2d: AdaptiveCall<"AdaptiveAvgPool2d", 2> = layerOf(avg2);
/**
 * Means of as many windows as needed to give `outputSize` cells (one number, or [depth, height, width]), [N, C, D, H,
 * W] to [N, C, …outputSize]. Throws for an input of other than 5 axes or without cells.
 */
export const AdaptiveAvgPool3d: AdaptiveCall<"AdaptiveAvgPool3d", 3> = layerOf(avg3);
/**
 * Maxima of as many windows as needed to give `outputSize` cells (one number), [N, C, W] to [N, C, outputSize]. Throws
 * for an input of other than 3 axes or without cells.
 */
export const AdaptiveMaxPool1d: AdaptiveCall<"AdaptiveMaxPool1d", 1> = layerOf(max1);
/**
 * Maxima of as many windows as needed to give `outputSize` cells (one number, or [height, width]), [N, C, H, W] to [N,
 * C, …outputSize]. Throws for an input of other than 4 axes or without cells.
 */
export const AdaptiveMaxPool2d: AdaptiveCall<"AdaptiveMaxPool2d", 2> = layerOf(max2);
/**
 * Maxima of as many windows as needed to give `outputSize` cells (one number, or [depth, height, width]), [N, C, D, H,
 * W] to [N, C, …outputSize]. Throws for an input of other than 5 axes or without cells.
 */
export const AdaptiveMaxPool3d: AdaptiveCall<"AdaptiveMaxPool3d", 3> = layerOf(max3);

export const adaptiveTypes = [avg1, avg2, avg3, max1, max2, max3] as const;
