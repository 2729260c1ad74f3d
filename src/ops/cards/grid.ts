// Sampling a picture at places that another tensor names: x [N, C, H, W] at grid [N, P, Q, 2] gives [N, C, P, Q].
// Grid places (x, y) run from −1 to 1 over the picture (Jaderberg et al. 2015, "Spatial transformer networks", 1506.02025).
import { type NdArray, zeros64 } from "../../base/array.ts";
import { ShapeError } from "../../base/errors.ts";
import { formatShape, type Shape } from "../../base/shape.ts";
import { constantTensor } from "../../graph/graph.ts";
import type { Op, Tensor } from "../../graph/op.ts";
import {
  add,
  binary,
  constant,
  type Expression,
  multiply,
  operand,
  select,
  subtract,
  unary,
} from "../../kernel/expression.ts";
import { sliced, transposed } from "./copy.ts";
import { reshaped } from "./reshape.ts";
import { clamped, linearTaps, type Tap as SampledTap, sampledRows, tapAt } from "./sampling.ts";

export interface GridSampleAttributes {
  readonly mode: "bilinear" | "nearest" | "bicubic";
  /** What lies outside the picture: zeros, its edge, or its mirror image. */
  readonly paddingMode: "zeros" | "border" | "reflection";
  /** −1 and 1 are the centres of the outer cells, not their outer edges. */
  readonly alignCorners: boolean;
}

/** Visits every cell that a place of the grid reads: flat places of x and y, and the weight. */
function eachTap(
  x: Shape,
  grid: NdArray,
  { mode, paddingMode, alignCorners }: GridSampleAttributes,
  visit: (x: number, y: number, weight: number) => void,
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
        for (const row of rows) {
          for (const column of columns)
            visit(
              plane + row.place * width + column.place,
              (n * channels + c) * places + p,
              row.weight * column.weight,
            );
        }
      }
    }
  }
}

export const gridSampleOp: Op<GridSampleAttributes> = {
  name: "gridSample",
  ofFloats: true,
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
    eachTap(x.shape, grid, attributes, (from, to, weight) => {
      y.data[to] += weight * x.data[from];
    });
    return [y];
  },
  expand([x, grid], attributes) {
    const [batch, channels, height, width] = x.shape;
    const [, p, q] = grid.shape;
    const coordinate = (i: number): Tensor =>
      reshaped(sliced(grid, [undefined, undefined, undefined, { start: i, stop: i + 1 }]), [batch, p * q]);
    const own = constantTensor({
      shape: [batch],
      dtype: "int32",
      data: Float64Array.from({ length: batch }, (_, n) => n),
    });
    const taps = [tapsOf(height, attributes), tapsOf(width, attributes)] as const;
    const y = sampledRows(x, own, [coordinate(1), coordinate(0)], taps);
    return [transposed(reshaped(y, [batch, p, q, channels]), [0, 3, 1, 2])];
  },
  spatial: () => ["everything", "everything"],
};

/** The same taps as the definition's, as expressions of a place of the grid. */
function tapsOf(size: number, { mode, paddingMode, alignCorners }: GridSampleAttributes): SampledTap[] {
  const steepness = (alignCorners ? size - 1 : size) / 2;
  const scaled = multiply(add(operand(0), constant(1)), constant(steepness));
  const at = alignCorners ? scaled : subtract(scaled, constant(0.5));
  const moved = (place: Expression): Expression => insideOf(place, size, paddingMode, alignCorners);
  if (mode === "nearest") return [tapAt(size, unary("round", moved(at)), constant(1))];
  if (mode === "bilinear") return linearTaps(size, moved(at));
  const low = unary("floor", at);
  const rest = subtract(at, low);
  return [-1, 0, 1, 2].map((k) => {
    // Distances lie between 1 and 2 outside, below 1 within.
    const d = k <= 0 ? subtract(rest, constant(k)) : subtract(constant(k), rest);
    const weight = k === 0 || k === 1 ? near(d) : far(d);
    return tapAt(size, unary("round", moved(add(low, constant(k)))), weight);
  });
}

const polynomial = (x: Expression, [first, ...rest]: readonly number[]): Expression =>
  rest.reduce<Expression>((sum, c) => add(multiply(sum, x), constant(c)), constant(first));
const a = -0.75;
const near = (d: Expression): Expression => polynomial(d, [a + 2, -(a + 3), 0, 1]);
const far = (d: Expression): Expression => polynomial(d, [a, -5 * a, 8 * a, -4 * a]);

function insideOf(
  at: Expression,
  size: number,
  paddingMode: GridSampleAttributes["paddingMode"],
  alignCorners: boolean,
): Expression {
  if (paddingMode === "zeros") return at;
  if (paddingMode === "border") return clamped(size, at);
  const low = alignCorners ? 0 : -0.5;
  const span = alignCorners ? size - 1 : size;
  if (span === 0) return constant(0);
  const folded = binary("modulo", subtract(at, constant(low)), constant(2 * span));
  const mirrored = select(
    binary("less", constant(span), folded),
    subtract(constant(low + 2 * span), folded),
    add(constant(low), folded),
  );
  return clamped(size, mirrored);
}

interface Tap {
  readonly place: number;
  readonly weight: number;
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
  const at = (place + 1) * steepness - (alignCorners ? 0 : 0.5);
  // Bicubic looks cells up one by one outside the picture; the other modes move the place itself inside.
  const moved = mode === "bicubic" ? at : inside(at, size, paddingMode, alignCorners);
  const low = Math.floor(moved);
  const rest = moved - low;
  const raw: Tap[] =
    mode === "nearest"
      ? // Halves go to the even neighbour.
        [{ place: rest === 0.5 ? low + Math.abs(low % 2) : Math.round(moved), weight: 1 }]
      : mode === "bilinear"
        ? [
            { place: low, weight: 1 - rest },
            { place: low + 1, weight: rest },
          ]
        : [-1, 0, 1, 2].map((k) => ({
            place: Math.round(inside(low + k, size, paddingMode, alignCorners)),
            weight: cubic(rest - k),
          }));
  return raw.filter((tap) => tap.place >= 0 && tap.place < size);
}

/** Keys' cubic kernel with a = −0.75, as PyTorch has it. */
function cubic(x: number): number {
  const d = Math.abs(x);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

/** A place moved inside the picture. */
function inside(
  at: number,
  size: number,
  paddingMode: GridSampleAttributes["paddingMode"],
  alignCorners: boolean,
): number {
  if (paddingMode === "zeros" || Number.isNaN(at)) return at;
  const clamp = (place: number): number => Math.min(Math.max(place, 0), size - 1);
  if (paddingMode === "border") return clamp(at);
  // Mirror at the centres of the outer cells, or at their outer edges.
  const low = alignCorners ? 0 : -0.5;
  const span = alignCorners ? size - 1 : size;
  if (span === 0) return 0;
  const folded = (((at - low) % (2 * span)) + 2 * span) % (2 * span);
  return clamp(folded > span ? low + 2 * span - folded : low + folded);
}
