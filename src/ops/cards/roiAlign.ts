// Boxes of a map, each averaged into a grid of bins by sampling between cells: x [N, C, H, W], boxes [R, 4] (x1, y1, x2, y2) and the
// map that each lies on, int32 [R] (from 0 on: alignedBoxes sees to it), give [R, C, P, Q]. He et al. 2017, "Mask R-CNN"; numbers are torchvision's.
//
// With a fixed number of samples a bin it is a gather in loops; where the box's size decides the number it runs on the host.
import { zeros64 } from "../../base/array.ts";
import { ShapeError } from "../../base/errors.ts";
import { formatShape } from "../../base/shape.ts";
import type { Op, Tensor } from "../../graph/op.ts";
import {
  add,
  binary,
  constant,
  type Expression,
  maximum,
  multiply,
  operand,
  select,
  subtract,
} from "../../kernel/expression.ts";
import { placeAlong } from "../../kernel/places.ts";
import { substitute } from "../../kernel/walk.ts";
import { sliced, transposed } from "./copy.ts";
import { elementwise } from "./map.ts";
import { reshaped } from "./reshape.ts";
import { clamped, linearTaps, sampledRows, type Tap } from "./sampling.ts";
import { averaged, stretched } from "./sum.ts";

export interface RoiAlignAttributes {
  /** Bins, rows and columns. */
  readonly outputSize: readonly [number, number];
  /** What the boxes' coordinates are multiplied by. */
  readonly spatialScale: number;
  /** Samples a bin along each axis; 0: as many as the bin has cells, rounded up. */
  readonly samplingRatio: number;
  /** Cells are counted from their centres, and no box is made larger. */
  readonly aligned: boolean;
}

export const roiAlignOp: Op<RoiAlignAttributes> = {
  name: "roiAlign",
  ofFloats: true,
  infer([x, boxes, batch], { outputSize }) {
    const [count] = boxes.shape;
    if (
      x.shape.length !== 4 ||
      boxes.shape.length !== 2 ||
      boxes.shape[1] !== 4 ||
      batch.shape.length !== 1 ||
      batch.shape[0] !== count
    ) {
      const shapes = [x, boxes, batch].map(({ shape }) => formatShape(shape));
      throw new ShapeError(
        `roiAlign needs x [N, C, H, W], boxes [R, 4] and [R] that name their map; it got ${shapes.join(", ")}.`,
      );
    }
    if (x.shape[0] === 0 && count > 0) throw new ShapeError(`roiAlign: ${count} boxes lie on none of no maps.`);
    return [{ shape: [count, x.shape[1], ...outputSize], dtype: x.dtype }];
  },
  reference([x, boxes, batch], { outputSize, spatialScale, samplingRatio, aligned }, [type]) {
    const y = zeros64(type.shape, type.dtype);
    const [maps, channels, height, width] = x.shape;
    const [count] = boxes.shape;
    const offset = aligned ? 0.5 : 0;
    for (let r = 0; r < count; r++) {
      const map = placeAlong("roiAlign", batch.data, r, maps);
      const [left, top, right, bottom] = [0, 1, 2, 3].map((i) => boxes.data[r * 4 + i] * spatialScale - offset);
      const [h, w] = [bottom - top, right - left].map((size) => (aligned ? size : Math.max(size, 1)));
      const [sizeY, sizeX] = [h / outputSize[0], w / outputSize[1]];
      const [ny, nx] = [sizeY, sizeX].map((size) => (samplingRatio > 0 ? samplingRatio : Math.ceil(size)));
      for (let p = 0; p < outputSize[0]; p++) {
        for (let q = 0; q < outputSize[1]; q++) {
          for (let i = 0; i < ny; i++) {
            for (let j = 0; j < nx; j++) {
              const rows = tapsAt(top + (p + (i + 0.5) / ny) * sizeY, height);
              const columns = tapsAt(left + (q + (j + 0.5) / nx) * sizeX, width);
              for (let c = 0; c < channels; c++) {
                const to = ((r * channels + c) * outputSize[0] + p) * outputSize[1] + q;
                for (const [row, a] of rows)
                  for (const [column, b] of columns)
                    y.data[to] +=
                      (a * b * x.data[((map * channels + c) * height + row) * width + column]) / Math.max(1, ny * nx);
              }
            }
          }
        }
      }
    }
    return [y];
  },
  expand([x, boxes, batch], attributes) {
    const { outputSize, samplingRatio } = attributes;
    if (samplingRatio <= 0) return undefined;
    const [, channels, height, width] = x.shape;
    const [count] = boxes.shape;
    const [rows, columns] = outputSize.map((bins) => bins * samplingRatio);
    const side = (i: number): Tensor => sliced(boxes, [undefined, { start: i, stop: i + 1 }]);
    const all = [count, rows, columns];
    const spread = (along: Tensor, shape: readonly number[]): Tensor =>
      reshaped(stretched(reshaped(along, shape), all), [count, rows * columns]);
    const ys = spread(coordinates(side(1), side(3), rows, attributes), [count, rows, 1]);
    const xs = spread(coordinates(side(0), side(2), columns, attributes), [count, 1, columns]);
    const y = sampledRows(x, batch, [ys, xs], [boxTaps(height), boxTaps(width)]);
    const bins = [count, outputSize[0], samplingRatio, outputSize[1], samplingRatio, channels];
    return [transposed(averaged(reshaped(y, bins), [2, 4]), [0, 3, 1, 2])];
  },
  spatial: () => ["everything", "everything", "everything"],
};

/** Where the samples of each box lie along one axis, [R, samples], from its two ends [R, 1]. */
function coordinates(
  first: Tensor,
  last: Tensor,
  samples: number,
  { spatialScale, aligned }: RoiAlignAttributes,
): Tensor {
  const scaled = (i: number): Expression =>
    subtract(multiply(operand(i), constant(spatialScale)), constant(aligned ? 0.5 : 0));
  const length = subtract(scaled(1), scaled(0));
  const size = aligned ? length : maximum(length, constant(1));
  const share = multiply(add({ kind: "axisIndex", axis: 1 }, constant(0.5)), constant(1 / samples));
  const shape = [first.shape[0], samples];
  return elementwise("samples", add(scaled(0), multiply(share, size)), [
    stretched(first, shape),
    stretched(last, shape),
  ]);
}

/** Nothing more than a cell outside; up to there, the nearest cell inside. */
function boxTaps(size: number): Tap[] {
  const at = operand(0);
  return linearTaps(size, clamped(size, at)).map(({ place, weight }) => ({
    place,
    weight: select(
      binary("lessEqual", constant(-1), at),
      select(binary("lessEqual", at, constant(size)), substitute(weight, operand), constant(0)),
      constant(0),
    ),
  }));
}

/** The same for the definition: cells and their weights. */
function tapsAt(at: number, size: number): (readonly [number, number])[] {
  if (!(at >= -1 && at <= size)) return [];
  const inside = Math.min(Math.max(at, 0), size - 1);
  const low = Math.floor(inside);
  const rest = inside - low;
  const taps = [
    [low, 1 - rest],
    [low + 1, rest],
  ] as const;
  return taps.filter(([cell]) => cell >= 0 && cell < size);
}
