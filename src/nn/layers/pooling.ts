// Pooling layers: no parameters, each channel by itself, stepping by the window unless told otherwise.
import type { Padding, PerAxis } from "../../ops/geometry.ts";
import { avgPool, globalAvgPool, globalMaxPool, maxPool } from "../../ops/pooling.ts";
import { createLayer, type Layer, type LayerType } from "../layer.ts";
import { flag, padding, perAxis, required } from "../options.ts";
import { checkRank } from "./convolution.ts";

export interface MaxPoolLayerOptions {
  /** Steps of the window (the window's own size by default). */
  readonly stride?: PerAxis;
  readonly padding?: Padding;
  readonly dilation?: PerAxis;
  /** A last window may hang over the end. */
  readonly ceilMode?: boolean;
}

interface MaxPoolData extends MaxPoolLayerOptions {
  readonly kernelSize: PerAxis;
}

function maxPoolType(rank: number): LayerType<MaxPoolData> {
  return {
    name: `MaxPool${rank}d`,
    rules: {
      kernelSize: required(perAxis(rank, 1)),
      stride: perAxis(rank, 1),
      padding: padding(rank),
      dilation: perAxis(rank, 1),
      ceilMode: flag,
    },
    build(x, { options: { kernelSize, ...rest } }) {
      checkRank(x, rank);
      return maxPool(x, kernelSize, rest);
    },
  };
}

const maxPool1d = maxPoolType(1);
const maxPool2d = maxPoolType(2);
const maxPool3d = maxPoolType(3);

export const MaxPool1d = (kernelSize: PerAxis, options: MaxPoolLayerOptions = {}): Layer =>
  createLayer(maxPool1d, { kernelSize, ...options });
/** The largest value of each window: `MaxPool2d(3, { stride: 2, padding: 1 })`. */
export const MaxPool2d = (kernelSize: PerAxis, options: MaxPoolLayerOptions = {}): Layer =>
  createLayer(maxPool2d, { kernelSize, ...options });
export const MaxPool3d = (kernelSize: PerAxis, options: MaxPoolLayerOptions = {}): Layer =>
  createLayer(maxPool3d, { kernelSize, ...options });

export interface AvgPoolLayerOptions {
  readonly stride?: PerAxis;
  readonly padding?: Padding;
  readonly ceilMode?: boolean;
  /** Divide by the window's size even where it hangs over the edge (default true). */
  readonly countIncludePad?: boolean;
}

interface AvgPoolData extends AvgPoolLayerOptions {
  readonly kernelSize: PerAxis;
}

function avgPoolType(rank: number): LayerType<AvgPoolData> {
  return {
    name: `AvgPool${rank}d`,
    rules: {
      kernelSize: required(perAxis(rank, 1)),
      stride: perAxis(rank, 1),
      padding: padding(rank),
      ceilMode: flag,
      countIncludePad: flag,
    },
    build(x, { options: { kernelSize, ...rest } }) {
      checkRank(x, rank);
      return avgPool(x, kernelSize, rest);
    },
  };
}

const avgPool1d = avgPoolType(1);
const avgPool2d = avgPoolType(2);
const avgPool3d = avgPoolType(3);

export const AvgPool1d = (kernelSize: PerAxis, options: AvgPoolLayerOptions = {}): Layer =>
  createLayer(avgPool1d, { kernelSize, ...options });
/** The mean of each window: `AvgPool2d(2)`. */
export const AvgPool2d = (kernelSize: PerAxis, options: AvgPoolLayerOptions = {}): Layer =>
  createLayer(avgPool2d, { kernelSize, ...options });
export const AvgPool3d = (kernelSize: PerAxis, options: AvgPoolLayerOptions = {}): Layer =>
  createLayer(avgPool3d, { kernelSize, ...options });

const globalAvg: LayerType = {
  name: "GlobalAvgPool2d",
  rules: {},
  build(x) {
    checkRank(x, 2);
    return globalAvgPool(x);
  },
};

const globalMax: LayerType = {
  name: "GlobalMaxPool2d",
  rules: {},
  build(x) {
    checkRank(x, 2);
    return globalMaxPool(x);
  },
};

/** The mean of each map, [N, C, 1, 1]. */
export const GlobalAvgPool2d = (): Layer => createLayer(globalAvg, {});
/** The largest value of each map, [N, C, 1, 1]. */
export const GlobalMaxPool2d = (): Layer => createLayer(globalMax, {});

export const poolingTypes = [
  maxPool1d,
  maxPool2d,
  maxPool3d,
  avgPool1d,
  avgPool2d,
  avgPool3d,
  globalAvg,
  globalMax,
] as const;
