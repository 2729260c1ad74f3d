// The first phase of a reduction of lanes: the accumulators of one chunk, along the reduced places or along the kept ones. Long
// sums are blocked: float32 within a block, float64 from block to block (reduceTotals.ts).
import { sizeOf } from "../../../base/shape.ts";
import type { Combine, ReduceKernel } from "../../../kernel/kernel.ts";
import { constF32x4, constI32x4, i32, type Local, shuffle32, type Value, v128 } from "../code/assembler.ts";
import { demandOf } from "../scalar/demand.ts";
import { vectorExpressions } from "../scalar/expressions.ts";
import { eachLaneGroup, loadRow, type RowOperand, type Width } from "../scalar/lanes.ts";
import { elementBytes, Odometer } from "../scalar/view.ts";
import { buffer, input, type PhaseFunction, type StrategyContext } from "../strategy.ts";
import { blockLength, combineVectors, neutral, type ReduceShape, runLength } from "./reduceShape.ts";
import { inBlocks, Totals } from "./reduceTotals.ts";

/** Rows that are summed in float32 before totals take them, where the lanes lie along the kept places. */
const blockRows = 64;

/** Vectors that are summed side by side. */
const vectors = 4;

/** Bytes of a thread's totals. */
export const totalsBytes = (kernel: ReduceKernel): number => kernel.accumulators.length * vectors * 32;

interface State {
  readonly k: PhaseFunction;
  readonly kernel: ReduceKernel;
  readonly context: StrategyContext;
  readonly shape: ReduceShape;
  /** Addresses of the operands for this item. */
  readonly bases: readonly Local[];
  /** Where the item's first sum goes. */
  readonly target: Local;
  readonly first: Local;
  readonly last: Local;
  readonly block: Local;
}

export function emitAccumulate(
  k: PhaseFunction,
  kernel: ReduceKernel,
  context: StrategyContext,
  shape: ReduceShape,
): void {
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

  /** Totals of accumulator a for the u-th vector, in memory of the thread's own. */
  function totalsAt(a: number, u: number): Totals {
    return new Totals(k, { address: k.address(buffer("totals")), offset: (a * vectors + u) * 32 });
  }

  function alongReduced(s: State): void {
    const walk = new Odometer(k, reduced, bytes.slice(0, count));
    const unroll = vectors;
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
    const blockUnits = Math.max(1, Math.floor(runLength / inner.size));
    if (chunkUnits > blockUnits) {
      const totals = kernel.accumulators.map(({ combine }, a) => (combine === "sum" ? totalsAt(a, 0) : undefined));
      inBlocks(k, s.first, s.last, blockUnits, (from, to) => {
        eachUnit(from, to);
        totals.forEach((total, a) => {
          if (!total) return;
          total.add(f.define(together("sum", sums[a])));
          for (const sum of sums[a]) f.set(sum, constF32x4(0));
        });
      });
      totals.forEach((total, a) => {
        if (total) f.store("f32.store", s.target, total.sum(), a * chunks * keptSize * 4);
        else storeLanes(a);
      });
    } else {
      eachUnit(s.first, s.last);
      for (let a = 0; a < sums.length; a++) storeLanes(a);
    }

    function storeLanes(a: number): void {
      const { combine } = kernel.accumulators[a];
      const both = f.define(together(combine, sums[a]));
      const half = f.define(combineVectors(combine, both, shuffle32(both, both, [2, 3, 0, 1])));
      const total = combineVectors(combine, half, shuffle32(half, half, [1, 0, 3, 2]));
      f.store("v128.store32_lane", s.target, total, a * chunks * keptSize * 4, 0);
    }

    function eachUnit(from: Local, to: Local): void {
      f.forRange(unit, from, to, 1, () => oneUnit());
    }

    function oneUnit(): void {
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
    }
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
    eachLaneGroup(k, length, vectors, [...pointers, target], (width, times) => {
      const sums = kernel.accumulators.map(({ combine }) =>
        Array.from({ length: times }, () => f.define(constF32x4(neutral[combine]))),
      );
      walk.start(s.first);
      const eachUnit = (from: Local, to: Local): void => f.forRange(unit, from, to, 1, () => oneUnit());
      const blocked = chunkUnits > blockRows;
      const totals = sums.map((list, a) =>
        blocked && kernel.accumulators[a].combine === "sum" ? list.map((_, u) => totalsAt(a, u)) : [],
      );
      if (blocked) {
        inBlocks(k, s.first, s.last, blockRows, (from, to) => {
          eachUnit(from, to);
          totals.forEach((list, a) => {
            list.forEach((total, u) => {
              total.add(sums[a][u]);
              f.set(sums[a][u], constF32x4(0));
            });
          });
        });
      } else eachUnit(s.first, s.last);
      sums.forEach((list, a) => {
        list.forEach((sum, u) => {
          const value = totals[a][u]?.vector() ?? sum;
          storeSum(k, target.pointer, value, width, (a * chunks * keptSize + u * 4) * 4);
        });
      });

      function oneUnit(): void {
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
      }
    });
  }
}

/** Four vectors combined pair by pair. */
function together(combine: Combine, [one, two, three, four]: readonly Local[]): Value {
  return combineVectors(combine, combineVectors(combine, one, two), combineVectors(combine, three, four));
}

function storeSum(k: PhaseFunction, pointer: Local, sum: Value, width: Width, offset: number): void {
  if (width === 4) k.f.store("v128.store", pointer, sum, offset);
  else k.f.store("v128.store32_lane", pointer, sum, offset, 0);
}

const noLeaf = (): never => {
  throw new Error("A reduction of lanes has neither places nor random numbers.");
};
