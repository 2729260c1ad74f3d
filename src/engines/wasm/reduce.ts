// reduce: out[k] = g(Σ_r f(a[k, r], …)), in two phases: accumulators of chunks of r into a buffer [chunk][k], then the chunks in
// order and g. The number of chunks follows from the shape alone, so the tree of the sum is the same for any number of threads.
//
//   lanes along r   rows of r are contiguous (sums over pixels, batch norm): 4 lanes times 4 vectors per sum
//   lanes along k   neighbours in k are contiguous (sums over the batch, over channels): 4 sums at a time
//   scalar          places of extremes, integers, float64: one number at a time in float64
import { sizeOf } from "../../base/shape.ts";
import type { Access, Combine, ReduceKernel } from "../../kernel/kernel.ts";
import { constF32x4, constI32x4, f32x4, i32, type Local, load, shuffle32, type Value, v128 } from "./assembler.ts";
import { demandOf } from "./demand.ts";
import { vectorExpressions } from "./expressions.ts";
import { eachLaneGroup, loadRow, type RowOperand, type Width } from "./lanes.ts";
import { emitRows, measureRows, type RowLoop } from "./rows.ts";
import {
  buffer,
  input,
  output,
  type PhaseFunction,
  type Place,
  type Strategy,
  type StrategyContext,
} from "./strategy.ts";
import { collapse, elementBytes, fitsLanes, Odometer, rowMajor, type ViewAxis } from "./view.ts";

/** Places of r in one run along the innermost axis. */
const runLength = 2048;
/** A chunk has at least this many places of r. */
const chunkLength = 8192;
/** Where rows of several sums alternate in memory, a chunk has about as many places, in whole rows. */
const interleavedLength = 400;
/** Places of k in one item of lanes along k. */
const blockLength = 64;

const isPlace = (combine: Combine): boolean => combine === "argMaximum" || combine === "argMinimum";

export const neutral: Record<Combine, number> = {
  sum: 0,
  product: 1,
  maximum: Number.NEGATIVE_INFINITY,
  minimum: Number.POSITIVE_INFINITY,
  argMaximum: 0,
  argMinimum: 0,
};

export function combineVectors(combine: Combine, a: Value, b: Value): Value {
  switch (combine) {
    case "sum":
      return f32x4.add(a, b);
    case "product":
      return f32x4.mul(a, b);
    case "maximum":
      return f32x4.max(a, b);
    case "minimum":
      return f32x4.min(a, b);
    default:
      throw new Error(`${combine} is no sum.`);
  }
}

interface Shape {
  /** Strides per operand of the kernel. */
  readonly kept: readonly ViewAxis[];
  readonly reduced: readonly ViewAxis[];
  /** The innermost axis: of the kept or of the reduced places. */
  readonly inner: ViewAxis;
  readonly innerIs: "kept" | "reduced";
  readonly keptSize: number;
  readonly keptShape: readonly number[];
  /** Runs of the innermost axis, and rows of the other reduced axes. */
  readonly runs: number;
  readonly rows: number;
  readonly chunks: number;
  /** rows times runs that one chunk takes. */
  readonly chunkUnits: number;
  readonly blocks: number;
}

function shapeOf(kernel: ReduceKernel): Shape {
  const isReduced = (axis: number): boolean => kernel.axes.includes(axis);
  const keptShape = kernel.shape.filter((_, axis) => !isReduced(axis));
  const keptStrides = rowMajor(keptShape).strides;
  let next = 0;
  const place: Access = {
    strides: kernel.shape.map((_, axis) => (isReduced(axis) ? 0 : keptStrides[next++])),
    offset: 0,
  };
  const accesses = [...kernel.operands, place];
  const all = collapse(kernel.shape, accesses, (a, b) => isReduced(a) === isReduced(b));
  const kinds = new Map<number, boolean>();
  all.place.forEach((index, axis) => {
    if (index >= 0) kinds.set(index, isReduced(axis));
  });
  const axes = all.axes.map((axis, i) => ({ ...axis, isReduced: kinds.get(i) ?? true }));
  const inner = axes.pop() ?? { size: 1, strides: accesses.map(() => 0), isReduced: true };
  const kept = axes.filter((axis) => !axis.isReduced);
  const reduced = axes.filter((axis) => axis.isReduced);
  const keptSize = sizeOf(keptShape);
  const rows = sizeOf(reduced.map((axis) => axis.size));
  const runs = inner.isReduced ? Math.ceil(inner.size / runLength) : 1;
  const blocks = inner.isReduced ? 1 : Math.ceil(inner.size / blockLength);
  // Enough chunks to keep a few threads busy where there are few sums.
  const reducedSize = rows * (inner.isReduced ? inner.size : 1);
  const items = sizeOf(kept.map((axis) => axis.size)) * blocks;
  const perItem = reducedSize * (inner.isReduced ? 1 : Math.min(inner.size, blockLength));
  const wanted = Math.max(1, Math.min(Math.floor(perItem / chunkLength), Math.ceil(32 / Math.max(1, items))));
  const units = rows * runs;
  // Rows of one sum with rows of others between them (a channel of many images): only a few of them in a chunk, so that the
  // items, one after the other, read memory from its beginning to its end.
  const apart = inner.isReduced && rows > 1 && items > 1;
  const few = apart ? runs * Math.max(1, Math.round(interleavedLength / inner.size)) : units;
  const chunkUnits = Math.max(1, Math.min(few, Math.ceil(units / wanted)));
  return {
    kept,
    reduced,
    inner,
    innerIs: inner.isReduced ? "reduced" : "kept",
    keptSize,
    keptShape,
    runs,
    rows,
    chunks: Math.max(1, Math.ceil(units / chunkUnits)),
    chunkUnits,
    blocks,
  };
}

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

export const reduceVectorStrategy: Strategy<ReduceKernel> = {
  name: "reduce.lanes",
  fits(kernel, context) {
    const demand = demandOf(kernel.accumulators.map(({ value }) => value));
    return (
      kernel.accumulators.every(({ combine }) => !isPlace(combine)) &&
      demand.axes.size === 0 &&
      !demand.random &&
      context.inputTypes.every(fitsLanes) &&
      context.outputTypes.every(fitsLanes)
    );
  },
  estimate: (kernel) => workOf(kernel),
  emit(kernel, context) {
    const shape = shapeOf(kernel);
    const { keptSize, chunks, kept, blocks } = shape;
    const partial = buffer("partial");
    const operands = kernel.operands.map((_, i) => input(i));
    const finish = finishOf(kernel, context);
    const finishInputs = kernel.finishOperands.map((_, i) => input(kernel.operands.length + i));
    const outputs = kernel.outputs.map((_, j) => output(j));
    const measure = measureRows(finish);
    return {
      buffers: [
        { name: "partial", bytes: Math.max(16, kernel.accumulators.length * chunks * keptSize * 4), scope: "step" },
      ],
      phases: [
        {
          name: "accumulate",
          items: sizeOf(kept.map((axis) => axis.size)) * blocks * chunks,
          work: workOf(kernel),
          reads: operands,
          writes: [partial],
          emit: (k) => emitAccumulate(k, kernel, context, shape),
        },
        {
          name: "finish",
          items: measure.items,
          work: measure.work + kernel.accumulators.length * chunks * keptSize * 0.3,
          reads: [partial, ...finishInputs],
          writes: outputs,
          emit: (k) => emitFinish(k, kernel, shape, finish, [...finishInputs], outputs),
        },
      ],
    };
  },
};

function workOf(kernel: ReduceKernel): number {
  const demand = demandOf(kernel.accumulators.map(({ value }) => value));
  const { inner, innerIs } = shapeOf(kernel);
  const size = sizeOf(kernel.shape);
  const scattered = kernel.operands.filter((_, i) => inner.strides[i] > 1 || inner.strides[i] < 0).length;
  const perRow = innerIs === "reduced" ? 12 / Math.max(1, Math.min(inner.size, runLength)) : 0;
  return size * (demand.cost + 0.03 * (kernel.operands.length + kernel.accumulators.length) + scattered * 0.5 + perRow);
}

interface State {
  readonly k: PhaseFunction;
  readonly kernel: ReduceKernel;
  readonly context: StrategyContext;
  readonly shape: Shape;
  /** Addresses of the operands for this item. */
  readonly bases: readonly Local[];
  /** Where the item's first sum goes. */
  readonly target: Local;
  readonly first: Local;
  readonly last: Local;
  readonly block: Local;
}

function emitAccumulate(k: PhaseFunction, kernel: ReduceKernel, context: StrategyContext, shape: Shape): void {
  const { f } = k;
  const { kept, reduced, chunks, chunkUnits, blocks, inner, rows, runs, keptSize } = shape;
  const count = kernel.operands.length;
  const place = count;
  const bytes = [...kernel.operands.map((_, i) => elementBytes(context.inputTypes[i])), 4];
  const keptWalk = new Odometer(k, kept, bytes);
  const sums = sizeOf(kept.map((axis) => axis.size)) * blocks;
  const item = f.local("i32");
  const chunk = f.local("i32");
  const block = f.local("i32");
  f.forRange(item, k.from, k.to, 1, () => {
    // item = (chunk, kept place, block): as memory lies
    f.set(chunk, chunks > 1 ? i32.div_u(item, sums) : 0);
    const rest = f.define(chunks > 1 ? i32.rem_u(item, sums) : item);
    if (blocks > 1) {
      f.set(block, i32.rem_u(rest, blocks));
      f.set(rest, i32.div_u(rest, blocks));
    }
    keptWalk.start(rest);
    const bases = kernel.operands.map(({ offset }, i) => {
      let sum: Value = i32.add(k.address(input(i)), keptWalk.offsets[i]);
      if (offset !== 0) sum = i32.add(sum, (offset * bytes[i]) | 0);
      if (blocks > 1 && inner.strides[i] !== 0)
        sum = i32.add(sum, i32.mul(block, (inner.strides[i] * bytes[i] * blockLength) | 0));
      return f.define(sum);
    });
    const target = f.define(
      i32.add(
        i32.add(k.address(buffer("partial")), keptWalk.offsets[place]),
        i32.add(i32.mul(chunk, keptSize * 4), i32.mul(block, blockLength * 4)),
      ),
    );
    const first = f.define(i32.mul(chunk, chunkUnits));
    const last = f.define(i32.add(first, chunkUnits));
    const units = rows * runs;
    if (chunks > 1) f.if(i32.gt_s(last, units), () => f.set(last, units));
    const state = { k, kernel, context, shape, bases, target, first, last, block };
    if (shape.innerIs === "reduced") alongReduced(state);
    else alongKept(state);
  });

  function alongReduced(s: State): void {
    const walk = new Odometer(k, reduced, bytes.slice(0, count));
    const unroll = 4;
    const sums = kernel.accumulators.map(({ combine }) =>
      Array.from({ length: unroll }, () => f.define(constF32x4(neutral[combine]))),
    );
    const row = f.local("i32");
    const run = f.local("i32");
    const unit = f.local("i32");
    if (runs > 1) {
      f.set(row, i32.div_u(s.first, runs));
      f.set(run, i32.rem_u(s.first, runs));
    } else f.set(row, s.first);
    walk.start(row);
    const cost = demandOf(kernel.accumulators.map(({ value }) => value)).cost;
    // Sums, loads and splats of one turn should fit the registers.
    const splatted = inner.strides.slice(0, count).filter((stride) => stride === 0).length;
    const crowded = (kernel.accumulators.length + count - splatted) * unroll + splatted > 14;
    f.forRange(unit, s.first, s.last, 1, () => {
      const operands: RowOperand[] = kernel.operands.map((_, i) => {
        const step = (inner.strides[i] * bytes[i]) | 0;
        let sum: Value = i32.add(s.bases[i], walk.offsets[i]);
        if (runs > 1 && step !== 0) sum = i32.add(sum, i32.mul(run, Math.imul(step, runLength)));
        return { type: context.inputTypes[i], stride: inner.strides[i], pointer: f.define(sum) };
      });
      let length: Local | number = inner.size;
      if (runs > 1) {
        length = f.define(i32.sub(inner.size, i32.mul(run, runLength)));
        const longest = length;
        f.if(i32.gt_s(length, runLength), () => f.set(longest, runLength));
      }
      const splats = operands.map((row) => (row.stride === 0 ? f.define(loadRow(row, 4, 0)) : undefined));
      eachLaneGroup(k, length, cost > 1 || crowded ? 2 : unroll, operands, (width, times) => {
        for (let u = 0; u < times; u++) {
          const values = vectorExpressions(
            k,
            kernel.accumulators.map(({ value }) => value),
            {
              operand: (i) => splats[i] ?? loadRow(operands[i], width, u * 4),
              integer: noLeaf,
              axisIndex: noLeaf,
              linearIndex: noLeaf,
            },
          );
          values.forEach((value, a) => {
            const sum = sums[a][u];
            const next = combineVectors(kernel.accumulators[a].combine, sum, value);
            f.set(sum, width === 4 ? next : v128.bitselect(next, sum, constI32x4(-1, 0, 0, 0)));
          });
        }
      });
      if (runs === 1) walk.advance();
      else {
        f.increase(run, 1);
        f.if(i32.ge_s(run, runs), () => {
          f.set(run, 0);
          walk.advance();
        });
      }
    });
    kernel.accumulators.forEach(({ combine }, a) => {
      const [one, two, three, four] = sums[a];
      const both = f.define(
        combineVectors(combine, combineVectors(combine, one, two), combineVectors(combine, three, four)),
      );
      const half = f.define(combineVectors(combine, both, shuffle32(both, both, [2, 3, 0, 1])));
      const total = combineVectors(combine, half, shuffle32(half, half, [1, 0, 3, 2]));
      f.store("v128.store32_lane", s.target, total, a * chunks * keptSize * 4, 0);
    });
  }

  function alongKept(s: State): void {
    const walk = new Odometer(k, reduced, bytes.slice(0, count));
    const pointers: RowOperand[] = s.bases.map((base, i) => ({
      type: context.inputTypes[i],
      stride: inner.strides[i],
      pointer: f.define(i32.add(base, 0)),
    }));
    const target: RowOperand = { type: "float32", stride: 1, pointer: s.target };
    let length: Local | number = inner.size;
    if (blocks > 1) {
      length = f.define(i32.sub(inner.size, i32.mul(s.block, blockLength)));
      const longest = length;
      f.if(i32.gt_s(length, blockLength), () => f.set(longest, blockLength));
    }
    const unit = f.local("i32");
    eachLaneGroup(k, length, 4, [...pointers, target], (width, times) => {
      const sums = kernel.accumulators.map(({ combine }) =>
        Array.from({ length: times }, () => f.define(constF32x4(neutral[combine]))),
      );
      walk.start(s.first);
      f.forRange(unit, s.first, s.last, 1, () => {
        const here = pointers.map((row, i) => ({ ...row, pointer: f.define(i32.add(row.pointer, walk.offsets[i])) }));
        for (let u = 0; u < times; u++) {
          const values = vectorExpressions(
            k,
            kernel.accumulators.map(({ value }) => value),
            {
              operand: (i) => loadRow(here[i], width, u * 4),
              integer: noLeaf,
              axisIndex: noLeaf,
              linearIndex: noLeaf,
            },
          );
          values.forEach((value, a) => {
            f.set(sums[a][u], combineVectors(kernel.accumulators[a].combine, sums[a][u], value));
          });
        }
        walk.advance();
      });
      sums.forEach((list, a) => {
        list.forEach((sum, u) => {
          storeSum(k, target.pointer, sum, width, (a * chunks * keptSize + u * 4) * 4);
        });
      });
    });
  }
}

function storeSum(k: PhaseFunction, pointer: Local, sum: Local, width: Width, offset: number): void {
  if (width === 4) k.f.store("v128.store", pointer, sum, offset);
  else k.f.store("v128.store32_lane", pointer, sum, offset, 0);
}

const noLeaf = (): never => {
  throw new Error("A reduction of lanes has neither places nor random numbers.");
};

function emitFinish(
  k: PhaseFunction,
  kernel: ReduceKernel,
  shape: Shape,
  finish: RowLoop,
  finishInputs: readonly Place[],
  outputs: readonly Place[],
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
      const sum = f.define(loadRow(row, width, first));
      f.set(at, row.pointer);
      f.forRange(chunk, 1, chunks, 1, () => {
        f.increase(at, keptSize * 4);
        const next = load(width === 4 ? "v128.load" : "v128.load32_zero", at, first * 4);
        f.set(sum, combineVectors(kernel.accumulators[index].combine, sum, next));
      });
      return sum;
    },
  });
}
