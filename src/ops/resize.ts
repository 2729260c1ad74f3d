// Interpolation as a user calls it, with torch's modes, turned into the words of the card, which are ONNX's.

import { understand } from "../base/arguments.ts";
import { NeocogError, ShapeError } from "../base/errors.ts";
import {
  options as byName,
  flag,
  type OptionsOf,
  oneOf,
  type Rule,
  type Rules,
  required,
  wholes,
} from "../base/rules.ts";
import { formatShape } from "../base/shape.ts";
import { type Tensor, tensor } from "../graph/graph.ts";
import { resize } from "./cards/resize.ts";
import { type PerAxis, perAxis } from "./geometry.ts";

/** How cells between cells are found; the last three need one, two and three spatial axes. */
export type InterpolateMode = "nearest" | "nearest-exact" | "linear" | "bilinear" | "trilinear" | "bicubic";

/** Options of interpolate and Upsample: either size or scaleFactor. */
export interface InterpolateOptions {
  /** Spatial sizes of the result: one number for all axes, or one an axis. Either this or scaleFactor. */
  readonly size?: PerAxis;
  /** The result is floor(size · factor) long, and coordinates are scaled by the factor itself. */
  readonly scaleFactor?: PerAxis;
  /** "nearest" unless told. */
  readonly mode?: InterpolateMode;
  /** Align the centres of the corner cells (linear and cubic modes only). */
  readonly alignCorners?: boolean;
  /** Stretch the kernel when shrinking (bilinear and bicubic). */
  readonly antialias?: boolean;
}

const isFactor = (value: unknown): boolean => typeof value === "number" && value > 0 && value < Infinity;

const factors: Rule = {
  must: "a number above 0, or one an axis",
  accepts: (value) => isFactor(value) || (Array.isArray(value) && value.length > 0 && value.every(isFactor)),
};

const spatialAxesOf: Record<InterpolateMode, number | undefined> = {
  nearest: undefined,
  "nearest-exact": undefined,
  linear: 1,
  bilinear: 2,
  trilinear: 3,
  bicubic: 2,
};

/** What the options may be, for the function and the layer alike. */
export const interpolateRules: Rules<InterpolateOptions> = {
  size: wholes(1),
  scaleFactor: factors,
  mode: oneOf(Object.keys(spatialAxesOf)),
  alignCorners: flag,
  antialias: flag,
};

/**
 * Another size of the spatial axes by interpolation, x [N, C, …sizes] to [N, C, …size] or floor(sizes · scaleFactor)
 * (torch.nn.functional.interpolate). "nearest" unless told; bicubic is Keys' kernel with a = −0.75 (−0.5 with
 * antialias). Throws unless either size or scaleFactor is given, for a mode that does not go with the number of axes,
 * and for alignCorners or antialias where they mean nothing.
 */
export function interpolate(x: Tensor, options: InterpolateOptions): Tensor {
  understand("interpolate", arguments, {
    x: tensor,
    options: required(byName<OptionsOf<typeof interpolate>>(interpolateRules)),
  });
  const { size, scaleFactor, mode = "nearest", antialias = false } = options;
  const rank = x.shape.length - 2;
  const needed = spatialAxesOf[mode];
  if (rank < 1 || (needed !== undefined && needed !== rank)) {
    throw new ShapeError(
      `interpolate: mode "${mode}" needs ${needed === undefined ? "spatial axes" : `${needed} spatial ${needed === 1 ? "axis" : "axes"}`}; the input is ${formatShape(x.shape)}.`,
    );
  }
  if ((size === undefined) === (scaleFactor === undefined)) {
    throw new NeocogError("interpolate needs either size or scaleFactor, and not both.");
  }
  const nearest = needed === undefined;
  if (options.alignCorners !== undefined && nearest) {
    throw new NeocogError(`interpolate: alignCorners has no meaning for mode "${mode}".`);
  }
  if (antialias && needed !== 2)
    throw new NeocogError(`interpolate: antialias is for bilinear and bicubic, not "${mode}".`);
  const scales = scaleFactor === undefined ? undefined : perAxis(scaleFactor, rank, "scaleFactor");
  const sizes = scales
    ? scales.map((scale, axis) => Math.floor(x.shape[axis + 2] * scale))
    : perAxis(size ?? 1, rank, "size");
  const coordinates = options.alignCorners ? "align_corners" : mode === "nearest" ? "asymmetric" : "half_pixel";
  return resize(x, {
    mode: nearest ? "nearest" : mode === "bicubic" ? "cubic" : "linear",
    coordinates,
    nearest: mode === "nearest" ? "floor" : "round_prefer_ceil",
    cubicCoefficient: antialias ? -0.5 : -0.75,
    excludeOutside: antialias,
    antialias,
    extrapolation: 0,
    axes: sizes.map((n, axis) => ({
      axis: axis + 2,
      size: n,
      // Aligned corners go by the whole sizes, also where a factor was given.
      scale: scales && coordinates !== "align_corners" ? scales[axis] : n / x.shape[axis + 2],
    })),
  });
}
