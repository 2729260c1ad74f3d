// Sampling a picture at places that another tensor names: x [N, C, H, W] at grid [N, P, Q, 2] gives [N, C, P, Q].
// Grid places (x, y) run from −1 to 1 over the picture (Jaderberg et al. 2015, "Spatial transformer networks", 1506.02025).
import { type NdArray, zeros64 } from "../../base/array.ts";
import { ShapeError } from "../../base/errors.ts";
import { formatShape, type Shape } from "../../base/shape.ts";
import { apply } from "../../graph/graph.ts";
import type { Op } from "../../graph/op.ts";

export interface GridSampleAttributes {
  readonly mode: "bilinear" | "nearest" | "bicubic";
  /** What lies outside the picture: zeros, its edge, or its mirror image. */
  readonly paddingMode: "zeros" | "border" | "reflection";
  /** −1 and 1 are the centres of the outer cells, not their outer edges. */
  readonly alignCorners: boolean;
}

/** Visits every cell that a place of the grid reads: flat places of x, y and grid, the weight, and its two slopes. */
function eachTap(
  x: Shape,
  grid: NdArray,
  { mode, paddingMode, alignCorners }: GridSampleAttributes,
  visit: (x: number, y: number, grid: number, weight: number, alongX: number, alongY: number) => void,
): void {
  const [batch, channels, height, width] = x;
  const places = grid.shape[1] * grid.shape[2];
  for (let n = 0; n < batch; n++) {
    for (let p = 0; p < places; p++) {
      const at = (n * places + p) * 2;
      const columns = taps(grid.data[at], width, mode, paddingMode, alignCorners);
      const rows = taps(grid.data[at + 1], height, mode, paddingMode, alignCorners);
      for (let c = 0; c < channels; c++) {
        const plane = (n * channels + c) * height * width;
        const to = (n * channels + c) * places + p;
        for (const row of rows) {
          for (const column of columns) {
            const from = plane + row.place * width + column.place;
            visit(from, to, at, row.weight * column.weight, row.weight * column.slope, row.slope * column.weight);
          }
        }
      }
    }
  }
}

export const gridSampleOp: Op<GridSampleAttributes> = {
  name: "gridSample",
  infer([x, grid]) {
    if (x.shape.length !== 4 || grid.shape.length !== 4 || grid.shape[3] !== 2 || grid.shape[0] !== x.shape[0]) {
      throw new ShapeError(
        `gridSample needs x [N, C, H, W] and a grid [N, P, Q, 2]; it got ${formatShape(x.shape)} and ${formatShape(grid.shape)}.`,
      );
    }
    return [{ shape: [x.shape[0], x.shape[1], grid.shape[1], grid.shape[2]], dtype: x.dtype }];
  },
  reference([x, grid], attributes, [type]) {
    const y = zeros64(type.shape, type.dtype);
    eachTap(x.shape, grid, attributes, (from, to, _at, weight) => {
      y.data[to] += weight * x.data[from];
    });
    return [y];
  },
  gradient(node, [dy], attributes) {
    if (!dy) return [undefined, undefined];
    return apply(gridSampleGradientOp, [dy, ...node.inputs], attributes);
  },
  spatial: () => ["everything", "everything"],
};

/** (dy, x, grid) to dx and dgrid. */
const gridSampleGradientOp: Op<GridSampleAttributes> = {
  name: "gridSampleGradient",
  infer: ([, x, grid]) => [x, grid].map(({ shape, dtype }) => ({ shape, dtype })),
  reference([dy, x, grid], attributes, types) {
    const [dx, dgrid] = types.map(({ shape, dtype }) => zeros64(shape, dtype));
    eachTap(x.shape, grid, attributes, (from, to, at, weight, alongX, alongY) => {
      dx.data[from] += weight * dy.data[to];
      dgrid.data[at] += alongX * x.data[from] * dy.data[to];
      dgrid.data[at + 1] += alongY * x.data[from] * dy.data[to];
    });
    return [dx, dgrid];
  },
  spatial: () => ["everything", "everything", "everything"],
};

interface Tap {
  readonly place: number;
  readonly weight: number;
  /** How fast the weight grows with the place in the grid. */
  readonly slope: number;
}

/** The cells inside the picture that a place of the grid reads along one axis. */
function taps(
  place: number,
  size: number,
  mode: GridSampleAttributes["mode"],
  paddingMode: GridSampleAttributes["paddingMode"],
  alignCorners: boolean,
): Tap[] {
  const steepness = (alignCorners ? size - 1 : size) / 2;
  const at = alignCorners ? (place + 1) * steepness : (place + 1) * steepness - 0.5;
  // Bicubic looks cells up one by one outside the picture; the other modes move the place itself inside.
  const moved = mode === "bicubic" ? { at, slope: 1 } : inside(at, size, paddingMode, alignCorners);
  const low = Math.floor(moved.at);
  const rest = moved.at - low;
  const rise = moved.slope * steepness;
  const raw: Tap[] =
    mode === "nearest"
      ? // Halves go to the even neighbour.
        [{ place: rest === 0.5 ? low + Math.abs(low % 2) : Math.round(moved.at), weight: 1, slope: 0 }]
      : mode === "bilinear"
        ? [
            { place: low, weight: 1 - rest, slope: -rise },
            { place: low + 1, weight: rest, slope: rise },
          ]
        : [-1, 0, 1, 2].map((k) => ({ place: low + k, weight: cubic(rest - k), slope: rise * cubicSlope(rest - k) }));
  return raw
    .map((tap) =>
      mode === "bicubic" ? { ...tap, place: Math.round(inside(tap.place, size, paddingMode, alignCorners).at) } : tap,
    )
    .filter((tap) => tap.place >= 0 && tap.place < size);
}

const a = -0.75;

/** Keys' cubic kernel with a = −0.75, as PyTorch has it. */
function cubic(x: number): number {
  const d = Math.abs(x);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

function cubicSlope(x: number): number {
  const d = Math.abs(x);
  const slope = d <= 1 ? (3 * (a + 2) * d - 2 * (a + 3)) * d : d < 2 ? (3 * a * d - 10 * a) * d + 8 * a : 0;
  return Math.sign(x) * slope;
}

/** A place moved inside the picture, and how fast the result follows it. */
function inside(
  at: number,
  size: number,
  paddingMode: GridSampleAttributes["paddingMode"],
  alignCorners: boolean,
): { at: number; slope: number } {
  if (paddingMode === "zeros" || !Number.isFinite(at)) return { at, slope: 1 };
  const clamp = (place: number, slope: number): { at: number; slope: number } =>
    place < 0 ? { at: 0, slope: 0 } : place > size - 1 ? { at: size - 1, slope: 0 } : { at: place, slope };
  if (paddingMode === "border") return clamp(at, 1);
  // Mirror at the centres of the outer cells, or at their outer edges.
  const low = alignCorners ? 0 : -0.5;
  const span = alignCorners ? size - 1 : size;
  if (span === 0) return { at: 0, slope: 0 };
  const folded = (((at - low) % (2 * span)) + 2 * span) % (2 * span);
  return folded > span ? clamp(low + 2 * span - folded, -1) : clamp(low + folded, 1);
}
