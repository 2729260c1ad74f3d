// Everything that only moves numbers (broadcast stands beside sum, its adjoint). One op, `copy`: boxes of elements go from an
// input to the output, each side with its own strides. Its adjoint is the same op with the two sides swapped, adding where cells
// were read more than once.
import { type NdArray, zeros64 } from "../../base/array.ts";
import { NeocogError, ShapeError } from "../../base/errors.ts";
import { checkShape, formatShape, normalizeAxis, type Shape, sizeOf, stridesOf } from "../../base/shape.ts";
import { apply1 } from "../../graph/graph.ts";
import type { Beyond, Op, Spatial, SpatialAxis, Tensor } from "../../graph/op.ts";
import type { Access, CopyPiece } from "../../kernel/kernel.ts";

export interface CopyAttributes {
  /** What the user called it: transpose, slice, flip, pad, concat, tile; "adjoint of …" for a gradient. */
  readonly name: string;
  readonly shape: Shape;
  /** What cells hold that no piece writes; left out where the pieces cover the output. */
  readonly fill?: number;
  readonly pieces: readonly CopyPiece[];
  readonly spatial: readonly Spatial[];
  /** The user's own arguments, for printing and export. */
  readonly parameters: Readonly<Record<string, number | readonly number[] | string>>;
}

/** Whether every place of a piece lies inside a tensor. */
function fits(piece: Shape, { strides, offset }: Access, whole: Shape): boolean {
  if (sizeOf(piece) === 0) return true;
  let [low, high] = [offset, offset];
  piece.forEach((n, axis) => {
    const reach = (n - 1) * strides[axis];
    if (reach < 0) low += reach;
    else high += reach;
  });
  return low >= 0 && high < sizeOf(whole);
}

export const copyOp: Op<CopyAttributes> = {
  name: "copy",
  infer(inputs, { name, shape, pieces }) {
    for (const piece of pieces) {
      if (!fits(piece.shape, piece.from, inputs[piece.operand].shape) || !fits(piece.shape, piece.to, shape))
        throw new ShapeError(
          `${name} of ${formatShape(inputs[piece.operand].shape)}: a piece of ${formatShape(piece.shape)} lies outside the input or the output ${formatShape(shape)}.`,
        );
    }
    return [{ shape, dtype: inputs[0].dtype }];
  },
  reference(inputs, { shape, fill, pieces }, [type]) {
    const out = zeros64(shape, type.dtype);
    if (fill) out.data.fill(fill);
    for (const piece of pieces) movePiece(inputs[piece.operand], out.data, piece);
    return [out];
  },
  lower: (_inputs, { shape, fill, pieces }) => ({ kind: "copy", shape, fill, pieces }),
  spatial: (_inputs, { spatial }) => spatial,
  gradient(node, [dy], attributes) {
    if (!dy) return node.inputs.map(() => undefined);
    return node.inputs.map((tensor, operand) => {
      const pieces = attributes.pieces.filter((piece) => piece.operand === operand);
      if (pieces.length === 0) return undefined;
      const overlap = pieces.length > 1 || !readsOnce(pieces[0]);
      const covered = !overlap && sizeOf(pieces[0].shape) === sizeOf(tensor.shape);
      return apply1(copyOp, [dy], {
        name: `adjoint of ${attributes.name}`,
        shape: tensor.shape,
        fill: covered ? undefined : 0,
        pieces: pieces.map(({ shape, from, to }) => ({ operand: 0, shape, from: to, to: from, accumulate: overlap })),
        spatial: ["everything"],
        parameters: {},
      });
    });
  },
};

/** Whether no cell is read twice: each stride steps over all that the smaller ones reach. */
function readsOnce({ shape, from }: CopyPiece): boolean {
  let reach = 0;
  const axes = shape.map((n, axis) => ({ n, stride: Math.abs(from.strides[axis]) })).filter(({ n }) => n > 1);
  for (const { n, stride } of axes.sort((a, b) => a.stride - b.stride)) {
    if (stride <= reach) return false;
    reach += stride * (n - 1);
  }
  return true;
}

/** Moves one box of elements: the definition of a copy kernel's piece. */
export function movePiece(source: NdArray, out: Float64Array, { shape, from, to, accumulate }: CopyPiece): void {
  const rank = shape.length;
  const total = sizeOf(shape);
  const place = new Int32Array(rank);
  let read = from.offset;
  let write = to.offset;
  for (let i = 0; i < total; i++) {
    if (accumulate) out[write] += source.data[read];
    else out[write] = source.data[read];
    for (let axis = rank - 1; axis >= 0; axis--) {
      read += from.strides[axis];
      write += to.strides[axis];
      if (++place[axis] < shape[axis]) break;
      read -= shape[axis] * from.strides[axis];
      write -= shape[axis] * to.strides[axis];
      place[axis] = 0;
    }
  }
}

/** Spatial rule from a shift per axis: output place i comes from input place i * step - before. */
export function shifted(
  rank: number,
  along: (axis: number) => { step: number; before: number; beyond?: Beyond },
): Spatial {
  const axes: SpatialAxis[] = [];
  for (let axis = 2; axis < rank; axis++) {
    const { step, before, ...more } = along(axis);
    axes.push({ step, low: -before, high: -before, ...more });
  }
  return axes;
}

/** A range of places along one axis. */
export interface SliceRange {
  /** First place; negative counts from the end. */
  readonly start?: number;
  /** One past the last place. */
  readonly stop?: number;
  /** Step; negative walks backwards (then start defaults to the last place and stop to before the first). */
  readonly step?: number;
}

export function sliceAxis(
  size: number,
  { start, stop, step = 1 }: SliceRange,
): { start: number; step: number; count: number } {
  if (!Number.isInteger(step) || step === 0)
    throw new NeocogError(`A slice's step must be a whole number other than 0, not ${step}.`);
  const clamp = (place: number, low: number, high: number): number =>
    Math.min(high, Math.max(low, place < 0 ? place + size : place));
  if (step > 0) {
    const first = clamp(start ?? 0, 0, size);
    const end = stop === undefined ? size : clamp(stop, 0, size);
    return { start: first, step, count: Math.max(0, Math.ceil((end - first) / step)) };
  }
  const first = start === undefined ? size - 1 : clamp(start, -1, size - 1);
  const end = stop === undefined ? -1 : clamp(stop, -1, size - 1);
  return { start: Math.max(0, first), step, count: Math.max(0, Math.ceil((end - first) / step)) };
}

/** What lies beyond the edge. */
export type PaddingMode = "zeros" | "reflect" | "replicate" | "circular" | "constant";

/** A stretch of output cells along one axis and where they come from. */
interface Run {
  readonly target: number;
  readonly source: number;
  readonly step: number;
  readonly count: number;
}

export function padRuns(size: number, before: number, after: number, mode: PaddingMode, axis: number): Run[] {
  const cropBefore = Math.max(0, -before);
  const middle: Run = {
    target: Math.max(0, before),
    source: cropBefore,
    step: 1,
    count: size - cropBefore - Math.max(0, -after),
  };
  if (mode === "zeros" || mode === "constant") return middle.count > 0 ? [middle] : [];
  if (before < 0 || after < 0) throw new NeocogError(`Padding mode "${mode}" takes no negative widths (axis ${axis}).`);
  const most = mode === "reflect" ? size - 1 : mode === "circular" ? size : Infinity;
  if (before > most || after > most) {
    throw new ShapeError(
      `Padding mode "${mode}" can add at most ${most} cells to axis ${axis} of size ${size}, not ${Math.max(before, after)}.`,
    );
  }
  const runs: Run[] = [];
  if (before > 0) {
    if (mode === "reflect") runs.push({ target: 0, source: before, step: -1, count: before });
    if (mode === "replicate") runs.push({ target: 0, source: 0, step: 0, count: before });
    if (mode === "circular") runs.push({ target: 0, source: size - before, step: 1, count: before });
  }
  runs.push(middle);
  if (after > 0) {
    const target = before + size;
    if (mode === "reflect") runs.push({ target, source: size - 2, step: -1, count: after });
    if (mode === "replicate") runs.push({ target, source: size - 1, step: 0, count: after });
    if (mode === "circular") runs.push({ target, source: 0, step: 1, count: after });
  }
  return runs;
}

export function combinations<T>(lists: readonly (readonly T[])[]): T[][] {
  return lists.reduce<T[][]>((all, list) => all.flatMap((head) => list.map((item) => [...head, item])), [[]]);
}

/** Output axis i is input axis `axes[i]`; reversed where none are told. */
export function transposed(x: Tensor, axes?: readonly number[]): Tensor {
  const rank = x.shape.length;
  const order = (axes ?? x.shape.map((_, i) => rank - 1 - i)).map((axis) => normalizeAxis(axis, rank));
  if (new Set(order).size !== rank || order.length !== rank) {
    throw new ShapeError(
      `permute of ${formatShape(x.shape)}: axes [${order.join(", ")}] must name each of its ${rank} axes once.`,
    );
  }
  if (order.every((axis, i) => axis === i)) return x;
  const own = stridesOf(x.shape);
  const shape = order.map((axis) => x.shape[axis]);
  const still = order.every((axis, i) => i < 2 || axis === i);
  return apply1(copyOp, [x], {
    name: "transpose",
    shape,
    pieces: [
      {
        operand: 0,
        shape,
        from: { strides: order.map((axis) => own[axis]), offset: 0 },
        to: { strides: stridesOf(shape), offset: 0 },
        accumulate: false,
      },
    ],
    spatial: [still ? shifted(rank, () => ({ step: 1, before: 0 })) : "everything"],
    parameters: { axes: order },
  });
}

/** One range an axis, from the first. */
export function sliced(x: Tensor, ranges: readonly (SliceRange | undefined)[]): Tensor {
  const rank = x.shape.length;
  if (ranges.length > rank)
    throw new ShapeError(`slice of ${formatShape(x.shape)} has ${ranges.length} ranges for ${rank} axes.`);
  const own = stridesOf(x.shape);
  const parts = x.shape.map((size, axis) => sliceAxis(size, ranges[axis] ?? {}));
  if (parts.every(({ start, step, count }, axis) => start === 0 && step === 1 && count === x.shape[axis])) return x;
  const shape = parts.map(({ count }) => count);
  const offset = parts.reduce((sum, { start }, axis) => sum + start * own[axis], 0);
  return apply1(copyOp, [x], {
    name: parts.every(({ step }) => step > 0) ? "slice" : "flip",
    shape,
    pieces: [
      {
        operand: 0,
        shape,
        from: { strides: parts.map(({ step }, axis) => step * own[axis]), offset },
        to: { strides: stridesOf(shape), offset: 0 },
        accumulate: false,
      },
    ],
    spatial: [
      parts.slice(2).every(({ step }) => step > 0)
        ? shifted(rank, (axis) => ({ step: parts[axis].step, before: -parts[axis].start }))
        : "everything",
    ],
    parameters: {
      starts: parts.map(({ start }) => start),
      counts: shape,
      steps: parts.map(({ step }) => step),
    },
  });
}

/** Cells before and after each axis; negative widths crop. */
export function padded(
  x: Tensor,
  before: readonly number[],
  after: readonly number[],
  mode: PaddingMode = "zeros",
  value = 0,
): Tensor {
  const rank = x.shape.length;
  if (before.length !== rank || after.length !== rank)
    throw new ShapeError(`pad of ${formatShape(x.shape)} needs ${rank} widths on either side.`);
  if ([...before, ...after].every((n) => n === 0)) return x;
  const shape = x.shape.map((n, axis) => n + before[axis] + after[axis]);
  checkShape(shape, 0, "The padded shape");
  const runs = x.shape.map((size, axis) => padRuns(size, before[axis], after[axis], mode, axis));
  const from = stridesOf(x.shape);
  const to = stridesOf(shape);
  const plain = mode === "zeros" || mode === "constant";
  return apply1(copyOp, [x], {
    name: "pad",
    shape,
    fill: plain ? value : undefined,
    pieces: combinations(runs).map((choice) => ({
      operand: 0,
      shape: choice.map(({ count }) => count),
      from: {
        strides: choice.map(({ step }, axis) => step * from[axis]),
        offset: choice.reduce((sum, { source }, axis) => sum + source * from[axis], 0),
      },
      to: { strides: to, offset: choice.reduce((sum, { target }, axis) => sum + target * to[axis], 0) },
      accumulate: false,
    })),
    spatial: [
      shifted(rank, (axis) => {
        const folds = !plain && before[axis] + after[axis] > 0;
        return { step: 1, before: before[axis], ...(folds ? { beyond: mode } : {}) };
      }),
    ],
    parameters: { before, after, mode, value },
  });
}

/** Joined along an axis; all other axes must be equal. */
export function joined(tensors: readonly Tensor[], axis: number): Tensor {
  if (tensors.length === 0) throw new ShapeError("concat needs at least one tensor.");
  if (tensors.length === 1) return tensors[0];
  const rank = tensors[0].shape.length;
  const along = normalizeAxis(axis, rank);
  for (const t of tensors) {
    if (t.shape.length !== rank || t.shape.some((n, i) => i !== along && n !== tensors[0].shape[i])) {
      throw new ShapeError(
        `concat along axis ${along}: ${formatShape(t.shape)} does not fit ${formatShape(tensors[0].shape)}; all other axes must be equal.`,
      );
    }
  }
  const shape = tensors[0].shape.map((n, i) => (i === along ? tensors.reduce((sum, t) => sum + t.shape[along], 0) : n));
  const strides = stridesOf(shape);
  let start = 0;
  const starts: number[] = [];
  const pieces = tensors.map((t, operand): CopyPiece => {
    const offset = start * strides[along];
    starts.push(start);
    start += t.shape[along];
    return {
      operand,
      shape: t.shape,
      from: { strides: stridesOf(t.shape), offset: 0 },
      to: { strides, offset },
      accumulate: false,
    };
  });
  return apply1(copyOp, tensors, {
    name: "concat",
    shape,
    pieces,
    spatial: starts.map((at) => shifted(rank, (i) => ({ step: 1, before: i === along ? at : 0 }))),
    parameters: { axis: along },
  });
}
