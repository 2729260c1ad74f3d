// Sampling a picture at places that another tensor names: x [N, C, H, W] at grid [N, P, Q, 2] gives [N, C, P, Q].
// Grid places (x, y) run from −1 to 1 over the picture (Jaderberg et al. 2015, "Spatial transformer networks", 1506.02025).
import { zeros64 } from "../base/array.ts";
import { ShapeError } from "../base/errors.ts";
import { formatShape } from "../base/shape.ts";
import { apply1, type Tensor } from "../graph/graph.ts";
import type { Op } from "../graph/op.ts";

export interface GridSampleAttributes {
  readonly mode: "bilinear" | "nearest" | "bicubic";
  /** What lies outside the picture: zeros, its edge, or its mirror image. */
  readonly paddingMode: "zeros" | "border" | "reflection";
  /** −1 and 1 are the centres of the outer cells, not their outer edges. */
  readonly alignCorners: boolean;
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
  reference([x, grid], { mode, paddingMode, alignCorners }, [type]) {
    const y = zeros64(type.shape, type.dtype);
    const [batch, channels, height, width] = x.shape;
    const places = grid.shape[1] * grid.shape[2];
    const cell = (place: number, size: number): number =>
      alignCorners ? ((place + 1) / 2) * (size - 1) : ((place + 1) * size - 1) / 2;
    for (let n = 0; n < batch; n++) {
      for (let p = 0; p < places; p++) {
        const at = (n * places + p) * 2;
        const columns = taps(cell(grid.data[at], width), width, mode, paddingMode, alignCorners);
        const rows = taps(cell(grid.data[at + 1], height), height, mode, paddingMode, alignCorners);
        for (let c = 0; c < channels; c++) {
          const plane = (n * channels + c) * height * width;
          let total = 0;
          for (const row of rows) {
            for (const column of columns) {
              if (row.place >= 0 && column.place >= 0) {
                total += row.weight * column.weight * x.data[plane + row.place * width + column.place];
              }
            }
          }
          y.data[(n * channels + c) * places + p] = total;
        }
      }
    }
    return [y];
  },
  spatial: () => ["everything", "everything"],
};

/** The cells that a place along one axis reads, with their weights; place −1 stands for a zero outside. */
function taps(
  at: number,
  size: number,
  mode: GridSampleAttributes["mode"],
  paddingMode: GridSampleAttributes["paddingMode"],
  alignCorners: boolean,
): { place: number; weight: number }[] {
  // Bicubic looks cells up one by one outside the picture; the other modes move the place itself inside.
  const moved = mode === "bicubic" ? at : inside(at, size, paddingMode, alignCorners);
  const low = Math.floor(moved);
  const rest = moved - low;
  let raw: { place: number; weight: number }[];
  if (mode === "nearest") {
    // Halves go to the even neighbour.
    const near = rest === 0.5 ? (low % 2 === 0 ? low : low + 1) : Math.round(moved);
    raw = [{ place: near, weight: 1 }];
  } else if (mode === "bilinear") {
    raw = [
      { place: low, weight: 1 - rest },
      { place: low + 1, weight: rest },
    ];
  } else {
    raw = [-1, 0, 1, 2].map((k) => ({ place: low + k, weight: cubic(rest - k) }));
  }
  return raw.map(({ place, weight }) => {
    const found = mode === "bicubic" ? Math.round(inside(place, size, paddingMode, alignCorners)) : place;
    return { place: found >= 0 && found < size ? found : -1, weight };
  });
}

/** Keys' cubic kernel with a = −0.75, as PyTorch has it. */
function cubic(x: number): number {
  const a = -0.75;
  const d = Math.abs(x);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

function inside(
  at: number,
  size: number,
  paddingMode: GridSampleAttributes["paddingMode"],
  alignCorners: boolean,
): number {
  if (paddingMode === "zeros" || !Number.isFinite(at)) return at;
  const clamp = (place: number): number => Math.min(size - 1, Math.max(0, place));
  if (paddingMode === "border") return clamp(at);
  // Mirror at the centres of the outer cells, or at their outer edges.
  const low = alignCorners ? 0 : -0.5;
  const span = alignCorners ? size - 1 : size;
  if (span === 0) return 0;
  const folded = (((at - low) % (2 * span)) + 2 * span) % (2 * span);
  return clamp(low + (folded > span ? 2 * span - folded : folded));
}

/** torch.nn.functional.grid_sample for pictures. */
export function gridSample(x: Tensor, grid: Tensor, attributes: Partial<GridSampleAttributes> = {}): Tensor {
  const { mode = "bilinear", paddingMode = "zeros", alignCorners = false } = attributes;
  return apply1(gridSampleOp, [x, grid], { mode, paddingMode, alignCorners });
}
