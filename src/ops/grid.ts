// Sampling a picture at places that another tensor names, with torch's words.
import { understand } from "../base/arguments.ts";
import { ShapeError } from "../base/errors.ts";
import { options as byName, flag, oneOf, shape as shapeRule } from "../base/rules.ts";
import { formatShape, type Shape, sizeOf, stridesOf } from "../base/shape.ts";
import { apply1, constantTensor, type Tensor, tensor } from "../graph/graph.ts";
import { gridSampleOp } from "./cards/grid.ts";
import { product } from "./cards/matmul.ts";
import { reshape } from "./reshape.ts";

/** Options of gridSample. */
export interface GridSampleOptions {
  /** How numbers between cells are made; "bilinear" unless told. */
  readonly mode?: "bilinear" | "nearest" | "bicubic";
  /** What lies outside the picture: zeros (unless told), its edge, or its mirror image. */
  readonly paddingMode?: "zeros" | "border" | "reflection";
  /** −1 and 1 are the centres of the outer cells, not their outer edges; false unless told. */
  readonly alignCorners?: boolean;
}

/**
 * A picture read at other places: x [N, C, H, W] at grid [N, P, Q, 2], places (x, y) from −1 to 1 over the picture, gives [N, C, P, Q]
 * (torch.nn.functional.grid_sample; Jaderberg et al. 2015). Throws a ShapeError for other shapes.
 */
export function gridSample(x: Tensor, grid: Tensor, options: GridSampleOptions = {}): Tensor {
  understand("gridSample", arguments, {
    ...{ x: tensor, grid: tensor },
    options: byName<GridSampleOptions>({
      ...{ mode: oneOf(["bilinear", "nearest", "bicubic"]), paddingMode: oneOf(["zeros", "border", "reflection"]) },
      alignCorners: flag,
    }),
  });
  const { mode = "bilinear", paddingMode = "zeros", alignCorners = false } = options;
  return apply1(gridSampleOp, [x, grid], { mode, paddingMode, alignCorners });
}

/** Options of affineGrid. */
export interface AffineGridOptions {
  /** −1 and 1 are the centres of the outer cells, not their outer edges; false unless told. */
  readonly alignCorners?: boolean;
}

/**
 * The places that an affine map of each picture reads, for gridSample: theta [N, 2, 3] and the size [N, C, H, W] of the result give
 * [N, H, W, 2]; theta [N, 3, 4] and five sizes [N, D, H, W, 3] (torch.nn.functional.affine_grid). Throws a ShapeError where they do
 * not fit.
 */
export function affineGrid(theta: Tensor, size: Shape, options: AffineGridOptions = {}): Tensor {
  understand("affineGrid", arguments, {
    ...{ theta: tensor, size: shapeRule(1) },
    options: byName<AffineGridOptions>({ alignCorners: flag }),
  });
  const [n, , ...cells] = size;
  const rank = cells.length;
  const wanted = [n, rank, rank + 1];
  if ((rank !== 2 && rank !== 3) || formatShape(theta.shape) !== formatShape(wanted))
    throw new ShapeError(
      `affineGrid to ${formatShape(size)} needs theta ${formatShape(wanted)}, not ${formatShape(theta.shape)}.`,
    );
  const strides = stridesOf(cells);
  const along = (place: number, axis: number): number => {
    const [at, count] = [Math.floor(place / strides[axis]) % cells[axis], cells[axis]];
    if (options.alignCorners) return count > 1 ? (2 * at) / (count - 1) - 1 : 0;
    return (2 * at + 1) / count - 1;
  };
  const places = sizeOf(cells);
  // x before y before z, then 1.
  const rows = Float64Array.from({ length: places * (rank + 1) }, (_, i) => {
    const axis = rank - 1 - (i % (rank + 1));
    return axis < 0 ? 1 : along(Math.floor(i / (rank + 1)), axis);
  });
  const base = constantTensor({ shape: [places, rank + 1], dtype: "float32", data: rows });
  return reshape(product(base, theta, false, true), [n, ...cells, rank]);
}
