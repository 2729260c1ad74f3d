// copy: strided boxes into a filled output. A box is an element-wise loop whose target is strided; bits are moved as they
// are where source and output have elements of four bytes and the same kind.
import type { DType } from "../../../base/dtype.ts";
import { sizeOf } from "../../../base/shape.ts";
import { add, constant, operand } from "../../../kernel/expression.ts";
import type { CopyKernel, CopyPiece } from "../../../kernel/kernel.ts";
import { elementBytes, fitsLanes, rowMajor } from "../scalar/view.ts";
import { input, output, type Phase, type StrategyContext, strategy } from "../strategy.ts";
import { emitRows, measureRows, type RowLoop } from "./rows.ts";

/** Four bytes that are moved and not computed with travel as float32 lanes. */
const movedAs = (from: DType, to: DType): { from: DType; to: DType } =>
  from === to && elementBytes(from) === 4 ? { from: "float32", to: "float32" } : { from, to };

function loopOf(kernel: CopyKernel, piece: CopyPiece, { inputTypes, outputTypes }: StrategyContext): RowLoop {
  const from = inputTypes[piece.operand];
  const types = piece.accumulate ? { from, to: outputTypes[0] } : movedAs(from, outputTypes[0]);
  const source = { access: piece.from, type: types.from };
  const target = { access: piece.to, type: types.to };
  return piece.accumulate
    ? {
        shape: piece.shape,
        operands: [source, target],
        targets: [target],
        outputs: [add(operand(1), operand(0))],
        inOrder: !distinct(kernel, piece),
      }
    : { shape: piece.shape, operands: [source], targets: [target], outputs: [operand(0)] };
}

/** First and last coordinates of the box that a piece writes; undefined where its places are no box of the output. */
function boxOf(kernel: CopyKernel, piece: CopyPiece): { first: number; last: number }[] | undefined {
  const strides = rowMajor(kernel.shape).strides;
  let rest = piece.to.offset;
  const box = strides.map((stride) => {
    const place = Math.floor(rest / stride);
    rest -= place * stride;
    return { first: place, last: place };
  });
  const taken = new Set<number>();
  for (const [i, step] of piece.to.strides.entries()) {
    if (piece.shape[i] === 1 || step === 0) continue;
    const axis = strides.findIndex((stride, n) => Math.abs(step) % stride === 0 && kernel.shape[n] > 1);
    if (axis < 0) return undefined;
    if (taken.has(axis)) return undefined;
    taken.add(axis);
    const reach = (step / strides[axis]) * (piece.shape[i] - 1);
    if (reach < 0) box[axis].first += reach;
    else box[axis].last += reach;
    if (box[axis].first < 0 || box[axis].last >= kernel.shape[axis]) return undefined;
  }
  return box;
}

/** Whether no two places of the piece write the same element. */
function distinct(kernel: CopyKernel, piece: CopyPiece): boolean {
  return piece.to.strides.every((step, i) => step !== 0 || piece.shape[i] === 1) && boxOf(kernel, piece) !== undefined;
}

function disjoint(kernel: CopyKernel, a: CopyPiece, b: CopyPiece): boolean {
  const one = boxOf(kernel, a);
  const two = boxOf(kernel, b);
  if (!one || !two) return false;
  return one.some(({ first, last }, axis) => last < two[axis].first || two[axis].last < first);
}

export const copyStrategy = strategy<CopyKernel, CopyKernel>({
  name: "copy.rows",
  exact: true,
  plan: (kernel) => kernel,
  estimate: ({ shape }, { profile }) => sizeOf(shape) * profile.rows.memory.moved,
  emit(_, kernel, context) {
    const phases: Phase[] = [];
    const type = context.outputTypes[0];
    const pieces = kernel.pieces.filter((piece) => sizeOf(piece.shape) > 0);
    const fill = kernel.fill ?? (pieces.some((piece) => piece.accumulate) ? 0 : undefined);
    if (fill !== undefined) {
      const filled: RowLoop = {
        shape: kernel.shape,
        operands: [],
        targets: [
          {
            access: rowMajor(kernel.shape),
            type: fill === 0 && elementBytes(type) === 4 && !fitsLanes(type) ? "float32" : type,
          },
        ],
        outputs: [constant(fill)],
      };
      phases.push({
        name: "fill",
        ...measureRows(filled, context.profile),
        reads: [],
        writes: [output(0)],
        emit: (k) => emitRows(k, filled, { operands: [], targets: [k.address(output(0))] }),
      });
    }
    for (const [i, piece] of pieces.entries()) {
      const loop = loopOf(kernel, piece, context);
      const before = pieces[i - 1];
      phases.push({
        name: "copy",
        ...measureRows(loop, context.profile),
        reads: piece.accumulate ? [input(piece.operand), output(0)] : [input(piece.operand)],
        writes: [output(0)],
        concurrent: before !== undefined && pieces.slice(0, i).every((other) => disjoint(kernel, other, piece)),
        emit: (k) =>
          emitRows(k, loop, {
            operands: loop.operands.map((_, n) => k.address(n === 0 ? input(piece.operand) : output(0))),
            targets: [k.address(output(0))],
          }),
      });
    }
    return { buffers: [], phases };
  },
});
