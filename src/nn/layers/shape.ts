// Layers that name places anew or add some: flatten, reshape, padding.
import { axis, perAxis, type Rule, type Rules, real, required } from "../../base/rules.ts";
import { normalizeAxis } from "../../base/shape.ts";
import type { PaddingMode } from "../../ops/cards/copy.ts";
import { pad } from "../../ops/copy.ts";
import { flatten, reshape } from "../../ops/reshape.ts";
import { type LayerType, layerOf } from "../layer.ts";
import type { AnyCall, FlattenCall, PadCall, ReshapeCall } from "../shapes/calls.ts";
import { checkRank } from "./convolution.ts";

/** Options of Flatten. */
export interface FlattenOptions {
  /** First axis that is joined; 1 unless told: the batch stays. */
  readonly startDim?: number;
  /** Last axis that is joined; -1, the last of all, unless told. */
  readonly endDim?: number;
}

const flattenType: LayerType<FlattenOptions> = {
  name: "Flatten",
  rules: { startDim: axis, endDim: axis },
  build: (x, { options }) => flatten(x, options.startDim, options.endDim),
};

/** Joins axes into one: [N, C, H, W] becomes [N, C·H·W] unless told. Throws for an axis that the input lacks. */
export const Flatten: FlattenCall<FlattenOptions> = layerOf(flattenType);

interface ReshapeData {
  readonly shape: readonly number[];
}

const sizes: Rule = {
  must: "a list of whole numbers of at least 1, one of which may be -1",
  accepts: (value) => Array.isArray(value) && value.every((n) => Number.isInteger(n) && (n >= 1 || n === -1)),
};

const reshapeType: LayerType<ReshapeData> = {
  name: "Reshape",
  rules: { shape: required(sizes) },
  build: (x, { options }) => reshape(x, [x.shape[0], ...options.shape]),
};

/**
 * Another shape for each example (the batch axis stays), [N, 3136] by `Reshape([64, 7, 7])` to [N, 64, 7, 7]; one
 * size may be -1 and is worked out. Throws where the numbers do not fit.
 */
export const Reshape: ReshapeCall = layerOf(reshapeType);

interface UnflattenData {
  readonly dim: number;
  readonly sizes: readonly number[];
}

const unflattenType: LayerType<UnflattenData> = {
  name: "Unflatten",
  rules: { dim: required(axis), sizes: required(sizes) },
  build(x, { options }) {
    const place = normalizeAxis(options.dim, x.shape.length, "dim");
    return reshape(x, [...x.shape.slice(0, place), ...options.sizes, ...x.shape.slice(place + 1)]);
  },
};

/**
 * Splits one axis into several, [N, 3136] by `Unflatten(1, [64, 7, 7])` to [N, 64, 7, 7]; one size may be -1. Throws
 * for an axis that the input lacks and where the numbers do not fit.
 */
export const Unflatten: AnyCall<[dim: number, sizes: readonly number[]]> = layerOf(unflattenType);

/** Cells on each side: a number, or torch's [left, right, top, bottom]. */
export type PadWidths = number | readonly [number, number, number, number];

interface PadData {
  readonly padding: PadWidths;
  readonly value?: number;
}

const widths: Rule = {
  must: "a whole number of at least 0, or [left, right, top, bottom]",
  accepts: (value) => perAxis(0, 4).accepts(value),
};

function padType(name: string, mode: PaddingMode): LayerType<PadData> {
  return {
    name,
    // Only one of them has a number of its own.
    rules: { padding: required(widths), ...(mode === "constant" ? { value: required(real()) } : {}) } as Rules<PadData>,
    build(x, { options: { padding, value = 0 } }) {
      checkRank(x, 2);
      const [left, right, top, bottom] = typeof padding === "number" ? [padding, padding, padding, padding] : padding;
      return pad(x, [0, 0, top, left], [0, 0, bottom, right], mode, value);
    },
  };
}

const zeroPad = padType("ZeroPad2d", "zeros");
const constantPad = padType("ConstantPad2d", "constant");
const reflectionPad = padType("ReflectionPad2d", "reflect");
const replicationPad = padType("ReplicationPad2d", "replicate");
const circularPad = padType("CircularPad2d", "circular");

/**
 * Zeros around each map, [N, C, H, W] to [N, C, H + top + bottom, W + left + right]: `ZeroPad2d(1)`, or [left, right,
 * top, bottom]. Throws for an input of other than 4 axes.
 */
export const ZeroPad2d: PadCall<"ZeroPad2d", PadWidths> = layerOf(zeroPad);
/**
 * Any one number around each map, [N, C, H, W] to [N, C, H + top + bottom, W + left + right]: `ConstantPad2d([1, 1,
 * 0, 0], -1)` with [left, right, top, bottom]. Throws for an input of other than 4 axes.
 */
export const ConstantPad2d: PadCall<"ConstantPad2d", PadWidths, [value: number]> = layerOf(constantPad);
/**
 * The map mirrored at its edge cells, which are not repeated, [N, C, H, W] to [N, C, H + top + bottom, W + left +
 * right]. Throws for as many cells as the map is long, or more.
 */
export const ReflectionPad2d: PadCall<"ReflectionPad2d", PadWidths> = layerOf(reflectionPad);
/**
 * The edge cells again and again, [N, C, H, W] to [N, C, H + top + bottom, W + left + right]. Throws for an input of
 * other than 4 axes.
 */
export const ReplicationPad2d: PadCall<"ReplicationPad2d", PadWidths> = layerOf(replicationPad);
/**
 * The other end of the map, as on a ring, [N, C, H, W] to [N, C, H + top + bottom, W + left + right]. Throws for more
 * cells than the map is long.
 */
export const CircularPad2d: PadCall<"CircularPad2d", PadWidths> = layerOf(circularPad);

export const shapeTypes = [
  flattenType,
  reshapeType,
  unflattenType,
  zeroPad,
  constantPad,
  reflectionPad,
  replicationPad,
  circularPad,
] as const;
