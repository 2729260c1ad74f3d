// Layers that name places anew or add some: flatten, reshape, padding.
import { NeocogError } from "../../base/errors.ts";
import { formatShape, normalizeAxis, sizeOf } from "../../base/shape.ts";
import { type PaddingMode, pad } from "../../ops/copy.ts";
import { reshape } from "../../ops/reshape.ts";
import { createLayer, type Layer, type LayerType } from "../layer.ts";
import { perAxis, type Rule, real, required } from "../options.ts";
import { checkRank } from "./convolution.ts";

export interface FlattenOptions {
  /** First and last axis that are joined (defaults 1 and -1: everything but the batch). */
  readonly startDim?: number;
  readonly endDim?: number;
}

const anyAxis: Rule = { must: "a whole number (negative counts from the end)", accepts: Number.isInteger };

const flattenType: LayerType<FlattenOptions> = {
  name: "Flatten",
  rules: { startDim: anyAxis, endDim: anyAxis },
  build(x, { options: { startDim = 1, endDim = -1 } }) {
    const rank = x.shape.length;
    const start = normalizeAxis(startDim, rank, "startDim");
    const end = normalizeAxis(endDim, rank, "endDim");
    if (end < start)
      throw new NeocogError(`startDim ${startDim} lies behind endDim ${endDim} in ${formatShape(x.shape)}.`);
    return reshape(x, [...x.shape.slice(0, start), sizeOf(x.shape.slice(start, end + 1)), ...x.shape.slice(end + 1)]);
  },
};

/** Joins axes into one: [N, C, H, W] becomes [N, C·H·W]. */
export const Flatten = (options: FlattenOptions = {}): Layer => createLayer(flattenType, options);

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

/** Another shape for each example (the batch axis stays): `Reshape([64, 7, 7])`; one size may be -1. */
export const Reshape = (shape: readonly number[]): Layer => createLayer(reshapeType, { shape });

interface UnflattenData {
  readonly dim: number;
  readonly sizes: readonly number[];
}

const unflattenType: LayerType<UnflattenData> = {
  name: "Unflatten",
  rules: { dim: required(anyAxis), sizes: required(sizes) },
  build(x, { options }) {
    const axis = normalizeAxis(options.dim, x.shape.length, "dim");
    return reshape(x, [...x.shape.slice(0, axis), ...options.sizes, ...x.shape.slice(axis + 1)]);
  },
};

/** Splits one axis into several: `Unflatten(1, [64, 7, 7])`. */
export const Unflatten = (dim: number, unflattenedSize: readonly number[]): Layer =>
  createLayer(unflattenType, { dim, sizes: unflattenedSize });

/** Cells on each side: a number, or torch's [left, right, top, bottom]. */
export type PadWidths = number | readonly [number, number, number, number];

interface PadData {
  readonly padding: PadWidths;
  readonly value?: number;
}

const widths: Rule = {
  must: "a whole number of at least 0, or [left, right, top, bottom]",
  accepts: (value) => perAxis(4, 0).accepts(value),
};

function padType(name: string, mode: PaddingMode): LayerType<PadData> {
  return {
    name,
    rules: { padding: required(widths), value: real() },
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

export const ZeroPad2d = (padding: PadWidths): Layer => createLayer(zeroPad, { padding });
export const ConstantPad2d = (padding: PadWidths, value: number): Layer => createLayer(constantPad, { padding, value });
export const ReflectionPad2d = (padding: PadWidths): Layer => createLayer(reflectionPad, { padding });
export const ReplicationPad2d = (padding: PadWidths): Layer => createLayer(replicationPad, { padding });
export const CircularPad2d = (padding: PadWidths): Layer => createLayer(circularPad, { padding });

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
