// reduce: out[k] = g(Σ_r f(a[k, r], …)), in two phases: accumulators of chunks of r into a buffer [chunk][k], then the chunks in
// order and g. The number of chunks follows from the shape alone, so the tree of the sum is the same for any number of threads.
//
//   lanes along r   rows of r are contiguous (sums over pixels, batch norm): 4 lanes times 4 vectors per sum
//   lanes along k   neighbours in k are contiguous (sums over the batch, over channels): 4 sums at a time
//   scalar          places of extremes, integers, float64: one number at a time in float64
import { sizeOf } from "../../../base/shape.ts";
import type { Combine, ReduceKernel } from "../../../kernel/kernel.ts";
import { i32, load } from "../code/assembler.ts";
import type { Profile } from "../profile.ts";
import { demandOf } from "../scalar/demand.ts";
import { loadRow } from "../scalar/lanes.ts";
import { fitsLanes, rowMajor } from "../scalar/view.ts";
import { buffer, input, output, type PhaseFunction, type Place, type StrategyContext, strategy } from "../strategy.ts";
import { emitAccumulate, totalsBytes } from "./reduceLanes.ts";
import { combineVectors, type ReduceShape, reduceShape, runLength } from "./reduceShape.ts";
import { Totals } from "./reduceTotals.ts";
import { emitRows, measureRows, type RowLoop } from "./rows.ts";

const isPlace = (combine: Combine): boolean => combine === "argMaximum" || combine === "argMinimum";

/** The second phase: chunks in order, then the outputs. */
function finishOf(kernel: ReduceKernel, context: StrategyContext): RowLoop {
  const keptShape = kernel.shape.filter((_, axis) => !kernel.axes.includes(axis));
  const whole = rowMajor(keptShape);
  return {
    shape: keptShape,
    operands: [
      ...kernel.accumulators.map(() => ({ access: whole, type: "float32" as const })),
      ...kernel.finishOperands.map((access, i) => ({ access, type: context.inputTypes[kernel.operands.length + i] })),
    ],
    targets: kernel.outputs.map((_, j) => ({ access: whole, type: context.outputTypes[j] })),
    outputs: kernel.outputs,
  };
}

interface ReducePlan {
  readonly shape: ReduceShape;
  readonly work: number;
}

export const reduceVectorStrategy = strategy<ReduceKernel, ReducePlan>({
  name: "reduce.lanes",
  exact: true,
  plan(kernel, context) {
    const demand = demandOf(kernel.accumulators.map(({ value }) => value));
    const fits =
      kernel.accumulators.every(({ combine }) => !isPlace(combine)) &&
      demand.axes.size === 0 &&
      !demand.random &&
      context.inputTypes.every(fitsLanes) &&
      context.outputTypes.every(fitsLanes);
    if (!fits) return undefined;
    const shape = reduceShape(kernel);
    return { shape, work: workOf(kernel, shape, demand.cost, context.profile) };
  },
  estimate: ({ work }) => work,
  emit({ shape, work }, kernel, context) {
    const { keptSize, chunks, kept, blocks } = shape;
    const partial = buffer("partial");
    const operands = kernel.operands.map((_, i) => input(i));
    const finish = finishOf(kernel, context);
    const finishInputs = kernel.finishOperands.map((_, i) => input(kernel.operands.length + i));
    const outputs = kernel.outputs.map((_, j) => output(j));
    const measure = measureRows(finish, context.profile);
    return {
      buffers: [
        { name: "totals", bytes: totalsBytes(kernel), scope: "thread" },
        { name: "partial", bytes: Math.max(16, kernel.accumulators.length * chunks * keptSize * 4), scope: "step" },
      ],
      phases: [
        {
          name: "accumulate",
          items: sizeOf(kept.map((axis) => axis.size)) * blocks * chunks,
          work,
          reads: operands,
          writes: [partial],
          emit: (k) => emitAccumulate(k, kernel, context, shape),
        },
        {
          name: "finish",
          items: measure.items,
          work: measure.work + kernel.accumulators.length * chunks * keptSize * context.profile.reduce.memory.partial,
          reads: [partial, ...finishInputs],
          writes: outputs,
          emit: (k) => emitFinish(k, kernel, shape, { finish, finishInputs, outputs }),
        },
      ],
    };
  },
});

/** `cost`: of the values of one place. */
function workOf(kernel: ReduceKernel, { inner, innerIs }: ReduceShape, cost: number, { reduce }: Profile): number {
  const { memory, calls } = reduce;
  const size = sizeOf(kernel.shape);
  const scattered = kernel.operands.filter((_, i) => inner.strides[i] > 1 || inner.strides[i] < 0).length;
  const perRow = innerIs === "reduced" ? calls.row / Math.max(1, Math.min(inner.size, runLength)) : 0;
  return (
    size *
    (cost +
      memory.number * (kernel.operands.length + kernel.accumulators.length) +
      scattered * memory.scattered +
      perRow)
  );
}

/** The loop that ends a reduction, and where it reads and writes. */
interface Finish {
  readonly finish: RowLoop;
  readonly finishInputs: readonly Place[];
  readonly outputs: readonly Place[];
}

function emitFinish(
  k: PhaseFunction,
  kernel: ReduceKernel,
  shape: ReduceShape,
  { finish, finishInputs, outputs }: Finish,
): void {
  const { f } = k;
  const { chunks, keptSize } = shape;
  const partial = k.address(buffer("partial"));
  const chunk = f.local("i32");
  const at = f.local("i32");
  emitRows(k, finish, {
    operands: [
      ...kernel.accumulators.map((_, a) => f.define(i32.add(partial, a * chunks * keptSize * 4))),
      ...finishInputs.map((place) => k.address(place)),
    ],
    targets: outputs.map((place) => k.address(place)),
    load(index, row, width, first) {
      if (index >= kernel.accumulators.length || chunks === 1) return undefined;
      const { combine } = kernel.accumulators[index];
      const sum = f.define(loadRow(row, width, first));
      const totals = combine === "sum" ? new Totals(k) : undefined;
      totals?.add(sum);
      f.set(at, row.pointer);
      f.forRange(chunk, 1, chunks, 1, () => {
        f.increase(at, keptSize * 4);
        const next = load(width === 4 ? "v128.load" : "v128.load32_zero", at, first * 4);
        f.set(sum, totals ? next : combineVectors(combine, sum, next));
        totals?.add(sum);
      });
      return totals ? f.define(totals.vector()) : sum;
    },
  });
}
