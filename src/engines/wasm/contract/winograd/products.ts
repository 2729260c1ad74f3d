// The products of Winograd's algorithm at one point: tiles against panels of filters, M[quad][panel][tile][filter] = V U.
//
//   quads  | 0 1 2 3 | 4 5 6 7 | 8 9 . . |     three quads are two calls with six rows, 99 % of the peak (microkernel.ts);
//   calls  [ 0 1 2 3   4 5 ][ 6 7   8 9 . . ]  the one or two that are left take a call of four rows each
//
// Filters are read once for six tiles then, not once for four.
import { type Callable, constF32x4, i32, type Local } from "../../code/assembler.ts";
import type { PhaseFunction } from "../../strategy.ts";
import { emitDepth } from "../microkernel.ts";
import { tileBytes, type WinogradPlan } from "./plan.ts";

/** (a, b, sums, count): tiles [first, first + rows) behind the quad at `a` with `count` panels of filters. */
function tilesKernel(k: PhaseFunction, plan: WinogradPlan, first: number, rows: number): Callable {
  const { depth, vectors, width, groupPanels } = plan;
  const tiles = Array.from({ length: rows }, (_, i) => ({ quad: Math.floor((first + i) / 4), lane: (first + i) % 4 }));
  const offsets = tiles.map(({ quad, lane }) => quad * depth * 16 + lane * 4);
  const targets = tiles.map(({ quad, lane }) => quad * groupPanels * tileBytes(plan) + lane * width * 4);
  const key = `winograd tiles ${vectors} ${depth} ${offsets} ${targets}`;
  return k.helper(key, ["i32", "i32", "i32", "i32"], undefined, (e) => {
    const { f } = e;
    const [start, b, tile, count] = f.parameters;
    const sums = f.locals("v128", rows * vectors);
    const a = f.local("i32");
    const end = f.define(i32.add(start, depth * 16));
    f.loop((next) => {
      for (const sum of sums) f.set(sum, constF32x4(0));
      f.set(a, start);
      const multiply = (): void => emitDepth(e, { rows, vectors }, sums, { a, end, b, apart: { offsets, step: 16 } });
      // V8 joins pairs of 128-bit operations only with an `if` around the loop, and keeps sums in registers only without.
      if (vectors > 2) f.if(i32.lt_u(a, end), multiply);
      else multiply();
      sums.forEach((sum, i) => {
        f.store("v128.store", tile, sum, targets[Math.floor(i / vectors)] + (i % vectors) * 16);
      });
      f.increase(tile, tileBytes(plan));
      f.increase(count, -1);
      f.branchIf(next, count);
    });
  });
}

/** All listed quads with all panels of the group; `a`, `u` and `sums` are where those of the point begin. */
export function emitPoint(
  k: PhaseFunction,
  plan: WinogradPlan,
  at: {
    readonly a: Local;
    readonly u: Local;
    readonly sums: Local;
    readonly quadCount: Local;
    readonly panelCount: Local;
  },
): void {
  const { f } = k;
  const { depth, groupPanels } = plan;
  const one = tilesKernel(k, plan, 0, 4);
  const three = [tilesKernel(k, plan, 0, 6), tilesKernel(k, plan, 6, 6)];
  const [quad, rest] = f.locals("i32", 2);
  const a = f.define(at.a);
  const tile = f.define(at.sums);
  const forward = (quads: number): void => {
    f.increase(a, quads * depth * 16);
    f.increase(tile, quads * groupPanels * tileBytes(plan));
  };
  f.forRange(quad, 0, f.define(i32.sub(at.quadCount, 2)), 3, () => {
    for (const kernel of three) f.call(kernel, a, at.u, tile, at.panelCount);
    forward(3);
  });
  f.forRange(rest, quad, at.quadCount, 1, () => {
    f.call(one, a, at.u, tile, at.panelCount);
    forward(1);
  });
}
