// Windows as columns, and columns back into a map: the same boxes of numbers moved one way and, added up, the other.
import { understand } from "../base/arguments.ts";
import { ShapeError } from "../base/errors.ts";
import { options as byName, perAxis as each, padding, type Rule } from "../base/rules.ts";
import { formatShape, type Shape, sizeOf, stridesOf } from "../base/shape.ts";
import { placesAlong, type Slides, seenAmong, slideAlong } from "../base/window.ts";
import { apply1, type Tensor, tensor } from "../graph/graph.ts";
import type { CopyPiece } from "../kernel/kernel.ts";
import { combinations, copyOp } from "./cards/copy.ts";
import { type Padding, type PerAxis, perAxis, resolvePadding } from "./geometry.ts";

/** Options of fold and unfold. */
export interface FoldOptions {
  /** Cells from one window to the next: one number, or one an axis; 1 unless told. */
  readonly stride?: PerAxis;
  /** Cells around the map: a number, one entry an axis, "same", "valid", "full", or { total }; 0 unless told. */
  readonly padding?: Padding;
  /** Cells from one tap of a window to the next; 1 (no gap) unless told. */
  readonly dilation?: PerAxis;
}

const rule = (): Rule => byName<FoldOptions>({ stride: each(1, 2), padding: padding(2), dilation: each(1, 2) });

function slidesOf(cells: Shape, kernel: Shape, { stride = 1, padding: pads = 0, dilation = 1 }: FoldOptions): Slides {
  const rank = cells.length;
  const [steps, gaps] = [perAxis(stride, rank, "stride"), perAxis(dilation, rank, "dilation")];
  const { before, after } = resolvePadding(pads, cells, kernel, steps, gaps);
  return { stride: steps, dilation: gaps, padBefore: before, padAfter: after };
}

/** Windows along each axis. */
const windowsOf = (cells: Shape, kernel: Shape, slides: Slides): number[] =>
  cells.map((n, axis) => placesAlong(n, kernel[axis], slideAlong(slides, axis)));

/** A box for each tap: from the map [planes, …cells] to columns [planes, …kernel, …windows]. */
function boxes(planes: number, cells: Shape, kernel: Shape, slides: Slides): CopyPiece[] {
  const windows = windowsOf(cells, kernel, slides);
  const map = stridesOf([planes, ...cells]);
  const columns = stridesOf([planes, ...kernel, ...windows]);
  const rank = cells.length;
  return combinations(kernel.map((n) => Array.from({ length: n }, (_, i) => i))).flatMap((tap) => {
    const starts = tap.map((i, axis) => i * slides.dilation[axis] - slides.padBefore[axis]);
    const seen = starts.map((start, axis) => seenAmong(windows[axis], start, slides.stride[axis], cells[axis]));
    const shape = [planes, ...seen.map(({ count }) => count)];
    if (sizeOf(shape) === 0) return [];
    const along = (of: (axis: number) => number): number => starts.reduce((sum, _, axis) => sum + of(axis), 0);
    const from = {
      strides: [map[0], ...slides.stride.map((step, axis) => step * map[axis + 1])],
      offset: along((axis) => (starts[axis] + seen[axis].first * slides.stride[axis]) * map[axis + 1]),
    };
    const to = {
      strides: [columns[0], ...seen.map((_, axis) => columns[1 + rank + axis])],
      offset: along((axis) => tap[axis] * columns[1 + axis] + seen[axis].first * columns[1 + rank + axis]),
    };
    return [{ operand: 0, shape, from, to, accumulate: false }];
  });
}

/**
 * Windows of x [N, C, H, W] as columns, [N, C · R · S, windows] (torch.nn.functional.unfold, im2col); cells outside are 0. Throws a
 * ShapeError for an input of other than 4 axes.
 */
export function unfold(x: Tensor, kernelSize: PerAxis, options: FoldOptions = {}): Tensor {
  understand("unfold", arguments, { x: tensor, kernelSize: each(1, 2), options: rule() });
  if (x.shape.length !== 4) throw new ShapeError(`unfold needs an input [N, C, H, W], not ${formatShape(x.shape)}.`);
  const [n, channels, ...cells] = x.shape;
  const kernel = perAxis(kernelSize, 2, "kernelSize");
  const slides = slidesOf(cells, kernel, options);
  return apply1(copyOp, [x], {
    ...{ name: "unfold", shape: [n, channels * sizeOf(kernel), sizeOf(windowsOf(cells, kernel, slides))], fill: 0 },
    ...{ pieces: boxes(n * channels, cells, kernel, slides), spatial: ["everything"], parameters: {} },
  });
}

/**
 * Columns [N, C · R · S, windows] added up where they came from, [N, C, …outputSize]: the adjoint of unfold
 * (torch.nn.functional.fold, col2im). Throws a ShapeError where the columns are not those of such a map.
 */
export function fold(x: Tensor, outputSize: PerAxis, kernelSize: PerAxis, options: FoldOptions = {}): Tensor {
  understand("fold", arguments, { x: tensor, outputSize: each(1, 2), kernelSize: each(1, 2), options: rule() });
  const [cells, kernel] = [perAxis(outputSize, 2, "outputSize"), perAxis(kernelSize, 2, "kernelSize")];
  return folded(x, cells, kernel, slidesOf(cells, kernel, options));
}

/** fold with any number of axes and any padding. */
export function folded(x: Tensor, cells: Shape, kernel: Shape, slides: Slides): Tensor {
  const windows = windowsOf(cells, kernel, slides);
  const [n, wide, count] = x.shape;
  if (x.shape.length !== 3 || wide % sizeOf(kernel) !== 0 || count !== sizeOf(windows)) {
    throw new ShapeError(
      `fold: ${formatShape(x.shape)} are not the columns of a map ${formatShape(cells)} under a window ${formatShape(kernel)}, which has ${sizeOf(windows)} windows.`,
    );
  }
  const channels = wide / sizeOf(kernel);
  const pieces = boxes(n * channels, cells, kernel, slides).map((piece) => ({
    ...{ ...piece, from: piece.to, to: piece.from, accumulate: true },
  }));
  return apply1(copyOp, [x], {
    ...{ name: "fold", shape: [n, channels, ...cells], fill: 0, pieces, spatial: ["everything"], parameters: {} },
  });
}
