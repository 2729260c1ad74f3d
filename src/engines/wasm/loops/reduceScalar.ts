// reduce, one number at a time in float64: places of extremes, integers, float64, and values that depend on places.
import { sizeOf } from "../../../base/shape.ts";
import type { Access, ReduceKernel } from "../../../kernel/kernel.ts";
import { choose, constI32, f64, i32, type Local, type Value } from "../code/assembler.ts";
import type { Profile } from "../profile.ts";
import { demandOf } from "../scalar/demand.ts";
import { scalarExpressions } from "../scalar/scalar.ts";
import {
  elementBytes,
  loadInteger,
  loadNumber,
  Odometer,
  rowMajor,
  storeNumber,
  type ViewAxis,
} from "../scalar/view.ts";
import { input, output, type PhaseFunction, type StrategyContext, strategy } from "../strategy.ts";

const starts = {
  sum: 0,
  product: 1,
  maximum: Number.NEGATIVE_INFINITY,
  minimum: Number.POSITIVE_INFINITY,
  argMaximum: 0,
  argMinimum: 0,
} as const;

/** Axes with the strides of some accesses; none are merged, since places along them may be asked for. */
const axesOf = (
  shape: readonly number[],
  axes: readonly number[],
  accesses: readonly (readonly number[])[],
): ViewAxis[] => axes.map((axis) => ({ size: shape[axis], strides: accesses.map((strides) => strides[axis]) }));

export const reduceScalarStrategy = strategy<ReduceKernel, { readonly work: number }>({
  name: "reduce.scalar",
  exact: true,
  plan: (kernel, { profile }) => ({ work: workOf(kernel, profile) }),
  estimate: ({ work }) => work,
  emit({ work }, kernel, context) {
    const kept = kernel.shape.filter((_, axis) => !kernel.axes.includes(axis));
    return {
      buffers: [],
      phases: [
        {
          name: "reduce",
          items: sizeOf(kept),
          work,
          reads: [...kernel.operands, ...kernel.finishOperands].map((_, i) => input(i)),
          writes: kernel.outputs.map((_, j) => output(j)),
          emit: (k) => emitReduce(k, kernel, context),
        },
      ],
    };
  },
});

function workOf(kernel: ReduceKernel, { reduce: { calls, factors } }: Profile): number {
  const demand = demandOf(kernel.accumulators.map(({ value }) => value));
  return (
    sizeOf(kernel.shape) *
    (calls.scalar + demand.cost * factors.scalar + calls.accumulator * kernel.accumulators.length)
  );
}

function emitReduce(k: PhaseFunction, kernel: ReduceKernel, context: StrategyContext): void {
  const { f } = k;
  const { shape, operands, finishOperands, accumulators } = kernel;
  const kept = shape.map((_, axis) => axis).filter((axis) => !kernel.axes.includes(axis));
  const keptShape = kept.map((axis) => shape[axis]);
  const operandBytes = operands.map((_, i) => elementBytes(context.inputTypes[i]));
  const finishBytes = finishOperands.map((_, i) => elementBytes(context.inputTypes[operands.length + i]));
  // Finish operands and the output are accessed over the kept axes only.
  const overKept = (access: Access): number[] => {
    const strides = new Array<number>(shape.length).fill(0);
    kept.forEach((axis, i) => {
      strides[axis] = access.strides[i];
    });
    return strides;
  };
  const outer = new Odometer(
    k,
    axesOf(shape, kept, [
      ...operands.map(({ strides }) => strides),
      ...finishOperands.map(overKept),
      overKept(rowMajor(keptShape)),
    ]),
    [...operandBytes, ...finishBytes, 1],
  );
  const walk = new Odometer(
    k,
    axesOf(
      shape,
      kernel.axes,
      operands.map(({ strides }) => strides),
    ),
    operandBytes,
  );
  const count = sizeOf(kernel.axes.map((axis) => shape[axis]));
  const place = f.local("i32");
  const item = f.local("i32");
  const sums = accumulators.map(() => f.local("f64"));
  const best = accumulators.map(() => f.local("f64"));
  const addressOf = (i: number, moved: Value): Value => {
    const access = operands[i] ?? finishOperands[i - operands.length];
    const bytes = elementBytes(context.inputTypes[i]);
    return i32.add(i32.add(k.address(input(i)), moved), (access.offset * bytes) | 0);
  };
  outer.start(k.from);
  f.forRange(item, k.from, k.to, 1, () => {
    accumulators.forEach(({ combine }, a) => {
      f.set(sums[a], starts[combine]);
    });
    walk.start(constI32(0));
    f.forRange(place, 0, count, 1, () => {
      const values = scalarExpressions(
        k,
        accumulators.map(({ value }) => value),
        {
          operand: (i) => loadNumber(context.inputTypes[i], addressOf(i, i32.add(outer.offsets[i], walk.offsets[i]))),
          integer: (i) => loadInteger(context.inputTypes[i], addressOf(i, outer.offsets[i])),
          axisIndex: (axis) => {
            const along = kernel.axes.indexOf(axis);
            return f64.convert_i32_s(along >= 0 ? walk.coordinates[along] : outer.coordinates[kept.indexOf(axis)]);
          },
          linearIndex: () => place,
        },
      );
      values.forEach((value, a) => {
        accumulate(accumulators[a].combine, sums[a], best[a], value);
      });
      walk.advance();
    });
    const results = scalarExpressions(k, kernel.outputs, {
      operand: (i) => {
        if (i < sums.length) return sums[i];
        const at = operands.length + i - sums.length;
        return loadNumber(context.inputTypes[at], addressOf(at, outer.offsets[at]));
      },
      integer: (i) => loadInteger(context.inputTypes[operands.length + i - sums.length], k.address(input(i))),
      axisIndex: (axis) => f64.convert_i32_s(outer.coordinates[axis]),
      linearIndex: () => item,
    });
    const linear = outer.offsets[operands.length + finishOperands.length];
    results.forEach((value, j) => {
      const type = context.outputTypes[j];
      storeNumber(k, type, i32.add(k.address(output(j)), i32.mul(linear, elementBytes(type))), value);
    });
    outer.advance();
  });

  function accumulate(
    combine: ReduceKernel["accumulators"][number]["combine"],
    sum: Local,
    top: Local,
    value: Local,
  ): void {
    if (combine === "sum") f.set(sum, f64.add(sum, value));
    else if (combine === "product") f.set(sum, f64.mul(sum, value));
    else if (combine === "maximum") f.set(sum, f64.max(sum, value));
    else if (combine === "minimum") f.set(sum, f64.min(sum, value));
    else {
      const better = combine === "argMaximum" ? f64.gt(value, top) : f64.lt(value, top);
      // A NaN beats every number, and the first NaN stays.
      const broken = i32.and(f64.ne(value, value), f64.eq(top, top));
      const take = f.define(i32.or(i32.eqz(place), i32.or(better, broken)));
      f.set(sum, choose(take, f64.convert_i32_s(place), sum));
      f.set(top, choose(take, value, top));
    }
  }
}
