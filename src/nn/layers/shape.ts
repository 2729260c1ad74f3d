// Layers that name places anew or add some: flatten, reshape, padding.
import { axis, perAxis, type Rule, type Rules, real, required } from "../../base/rules.ts";
import { normalizeAxis } from "../../base/shape.ts";
import type { PaddingMode } from "../../ops/cards/copy.ts";
import { pad } from "../../ops/copy.ts";
import { type PerAxis, perAxis as spread } from "../../ops/geometry.ts";
import { flatten, reshape } from "../../ops/reshape.ts";
import { type LayerType, layerOf, ofRanks } from "../layer.ts";
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

/** Cells on each side of `Rank` spatial axes: a number, or torch's list, the last axis first: [left, right, top, bottom, front, back]. */
export type PadWidths<Rank extends 1 | 2 | 3 = 2> =
  | number
  | [
      never,
      readonly [number, number],
      readonly [number, number, number, number],
      readonly [number, number, number, number, number, number],
    ][Rank];

interface PadData {
  readonly padding: PerAxis;
  readonly value?: number;
}

const sides = ["left", "right", "top", "bottom", "front", "back"];

const widths = (rank: number): Rule => ({
  must: `a whole number of at least 0, or [${sides.slice(0, 2 * rank).join(", ")}]`,
  accepts: (value) => perAxis(0, 2 * rank).accepts(value),
});

const padTypes = (family: string, mode: PaddingMode) =>
  ofRanks(
    (rank): LayerType<PadData> => ({
      name: `${family}${rank}d`,
      rules: {
        padding: required(widths(rank)),
        // Only one of them has a number of its own.
        ...(mode === "constant" ? { value: required(real()) } : {}),
      } as Rules<PadData>,
      build(x, { options: { padding, value = 0 } }) {
        checkRank(x, rank);
        // Torch begins with the last axis.
        const each = spread(padding, 2 * rank, "padding");
        const along = (side: 0 | 1): number[] => [0, 0, ...each.filter((_, i) => i % 2 === side).toReversed()];
        return pad(x, along(0), along(1), mode, value);
      },
    }),
  );

const [zeroPad1d, zeroPad2d, zeroPad3d] = padTypes("ZeroPad", "zeros");
const [constantPad1d, constantPad2d, constantPad3d] = padTypes("ConstantPad", "constant");
const [reflectionPad1d, reflectionPad2d, reflectionPad3d] = padTypes("ReflectionPad", "reflect");
const [replicationPad1d, replicationPad2d, replicationPad3d] = padTypes("ReplicationPad", "replicate");
const [circularPad1d, circularPad2d, circularPad3d] = padTypes("CircularPad", "circular");

/**
 * Zeros around each map, [N, C, W] to [N, C, W + left + right]: `ZeroPad1d(1)`, or [left, right]. Throws for an input
 * of other than 3 axes.
 */
export const ZeroPad1d: PadCall<"ZeroPad1d", 1, PadWidths<1>> = layerOf(zeroPad1d);
/**
 * Zeros around each map, [N, C, H, W] to [N, C, H + top + bottom, W + left + right]: `ZeroPad2d(1)`, or [left, right,
 * top, bottom]. Throws for an input of other than 4 axes.
 */
export const ZeroPad2d: PadCall<"ZeroPad2d", 2, PadWidths<2>> = layerOf(zeroPad2d);
/**
 * Zeros around each map, [N, C, D, H, W] to [N, C, D + front + back, H + top + bottom, W + left + right]:
 * `ZeroPad3d(1)`, or [left, right, top, bottom, front, back]. Throws for an input of other than 5 axes.
 */
export const ZeroPad3d: PadCall<"ZeroPad3d", 3, PadWidths<3>> = layerOf(zeroPad3d);
/**
 * Any one number around each map, [N, C, W] to [N, C, W + left + right]: `ConstantPad1d([1, 0], -1)` with [left,
 * right]. Throws for an input of other than 3 axes.
 */
export const ConstantPad1d: PadCall<"ConstantPad1d", 1, PadWidths<1>, [value: number]> = layerOf(constantPad1d);
/**
 * Any one number around each map, [N, C, H, W] to [N, C, H + top + bottom, W + left + right]: `ConstantPad2d([1, 1, 0,
 * 0], -1)` with [left, right, top, bottom]. Throws for an input of other than 4 axes.
 */
export const ConstantPad2d: PadCall<"ConstantPad2d", 2, PadWidths<2>, [value: number]> = layerOf(constantPad2d);
/**
 * Any one number around each map, [N, C, D, H, W] to [N, C, D + front + back, H + top + bottom, W + left + right]:
 * `ConstantPad3d([1, 1, 0, 0, 0, 0], -1)` with [left, right, top, bottom, front, back]. Throws for an input of other
 * than 5 axes.
 */
export const ConstantPad3d: PadCall<"ConstantPad3d", 3, PadWidths<3>, [value: number]> = layerOf(constantPad3d);
/**
 * The map mirrored at its edge cells, which are not repeated, [N, C, W] to [N, C, W + left + right]. Throws for as
 * many cells as the map is long, or more.
 */
export const ReflectionPad1d: PadCall<"ReflectionPad1d", 1, PadWidths<1>> = layerOf(reflectionPad1d);
/**
 * The map mirrored at its edge cells, which are not repeated, [N, C, H, W] to [N, C, H + top + bottom, W + left +
 * right]. Throws for as many cells as the map is long, or more.
 */
export const ReflectionPad2d: PadCall<"ReflectionPad2d", 2, PadWidths<2>> = layerOf(reflectionPad2d);
/**
 * The map mirrored at its edge cells, which are not repeated, [N, C, D, H, W] to [N, C, D + front + back, H + top +
 * bottom, W + left + right]. Throws for as many cells as the map is long, or more.
 */
export const ReflectionPad3d: PadCall<"ReflectionPad3d", 3, PadWidths<3>> = layerOf(reflectionPad3d);
/** The edge cells again and again, [N, C, W] to [N, C, W + left + right]. Throws for an input of other than 3 axes. */
export const ReplicationPad1d: PadCall<"ReplicationPad1d", 1, PadWidths<1>> = layerOf(replicationPad1d);
/**
 * The edge cells again and again, [N, C, H, W] to [N, C, H + top + bottom, W + left + right]. Throws for an input of
 * other than 4 axes.
 */
export const ReplicationPad2d: PadCall<"ReplicationPad2d", 2, PadWidths<2>> = layerOf(replicationPad2d);
/**
 * The edge cells again and again, [N, C, D, H, W] to [N, C, D + front + back, H + top + bottom, W + left + right].
 * Throws for an input of other than 5 axes.
 */
export const ReplicationPad3d: PadCall<"ReplicationPad3d", 3, PadWidths<3>> = layerOf(replicationPad3d);
/**
 * The other end of the map, as on a ring, [N, C, W] to [N, C, W + left + right]. Throws for more cells than the map is
 * long.
 */
export const CircularPad1d: PadCall<"CircularPad1d", 1, PadWidths<1>> = layerOf(circularPad1d);
/**
 * The other end of the map, as on a ring, [N, C, H, W] to [N, C, H + top + bottom, W + left + right]. Throws for more
 * cells than the map is long.
 */
export const CircularPad2d: PadCall<"CircularPad2d", 2, PadWidths<2>> = layerOf(circularPad2d);
/**
 * The other end of the map, as on a ring, [N, C, D, H, W] to [N, C, D + front + back, H + top + bottom, W + left +
 * right]. Throws for more cells than the map is long.
 */
export const CircularPad3d: PadCall<"CircularPad3d", 3, PadWidths<3>> = layerOf(circularPad3d);

export const shapeTypes = [
  flattenType,
  reshapeType,
  unflattenType,
  zeroPad1d,
  zeroPad2d,
  zeroPad3d,
  constantPad1d,
  constantPad2d,
  constantPad3d,
  reflectionPad1d,
  reflectionPad2d,
  reflectionPad3d,
  replicationPad1d,
  replicationPad2d,
  replicationPad3d,
  circularPad1d,
  circularPad2d,
  circularPad3d,
] as const;
