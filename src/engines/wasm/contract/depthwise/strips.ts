// A plane's outputs of few taps: strips of four columns (eight with 256-bit arithmetic), row after row. The weights stay in registers, and what is
// read once is added to the sums of all rows of outputs that see it.
import type { ContractKernel } from "../../../../kernel/kernel.ts";
import { choose, constF32x4, constI32, f32x4, i32, type Local, load, type Value } from "../../code/assembler.ts";
import { multiplyAdd } from "../../scalar/math.ts";
import { output, type PhaseFunction } from "../../strategy.ts";
import { operandKind, operandPlace, operandsOf } from "../epilogue.ts";
import { spacedLanes } from "../lanes.ts";
import { keep } from "../walk.ts";
import type { Plan, PlaneParts } from "./parts.ts";

interface Tap {
  readonly look: number;
  readonly weight: Local;
}

/** Taps that see one place after the other as the outputs go down the rows: what the next one sees now the one before it sees next. */
function chainsOf(taps: readonly Tap[], pitch: number): Tap[][] {
  const at = new Map(taps.map((tap) => [tap.look, tap]));
  const starts = taps.filter(({ look }) => !at.has(look - pitch)).sort((a, b) => a.look - b.look);
  return starts.map((start) => {
    const chain = [start];
    for (let tap = at.get(start.look + pitch); tap; tap = at.get(tap.look + pitch)) chain.push(tap);
    return chain;
  });
}

/**
 * Writes what stands before a strip, and gives what sums the four outputs of a row, the first looking from `from` on, which then moves
 * to the next row. Every number is read once, and added to all outputs that see it:
 *
 *   now   w2 · row 2 goes to output 0, w1 · row 2 to begun[0], which is output 1, and w0 · row 2 to begun[1], output 2
 */
function summation(
  k: PhaseFunction,
  { staging }: Plan,
  from: Local,
  taps: readonly Tap[],
  vectors: number,
): () => Local[] {
  const { f } = k;
  const pitch = staging.pitch[0] * 4;
  const chains = chainsOf(taps, pitch);
  const each = <T>(make: (vector: number) => T): T[] => Array.from({ length: vectors }, (_, vector) => make(vector));
  const add = (sums: readonly Local[] | undefined, { weight }: Tap, values: readonly Value[]): Local[] =>
    values.map((value, v) => f.define(sums ? multiplyAdd(k, weight, value, sums[v]) : f32x4.mul(weight, value)));
  const read = (look: number): Value[] => each((v) => load("v128.load", from, look + v * 16));
  const zeros = (): Local[] => each(() => f.define(constF32x4(0)));
  const longest = Math.max(1, ...chains.map((chain) => chain.length));
  const begun = Array.from({ length: longest - 1 }, () => f.locals("v128", vectors));
  const begin = (o: number, sums: readonly Local[]): void =>
    begun[o].forEach((local, v) => {
      f.set(local, sums[v]);
    });
  begun.forEach((_, o) => {
    let sums: Local[] | undefined;
    // In the order of the rows, as further down, so that an output's bits do not depend on its place.
    for (let later = longest - 1; later > o; later--) {
      for (const chain of chains) {
        const tap = chain[chain.length - 1 - later];
        if (tap) sums = add(sums, tap, read(tap.look + o * pitch));
      }
    }
    begin(o, sums ?? zeros());
  });
  return () => {
    const values = chains.map((chain) => read(chain[chain.length - 1].look).map((value) => f.define(value)));
    const sumOf = (o: number): Local[] => {
      let sums: Local[] | undefined = o < begun.length ? begun[o] : undefined;
      chains.forEach((chain, c) => {
        if (o < chain.length) sums = add(sums, chain[chain.length - 1 - o], values[c]);
      });
      return sums ?? zeros();
    };
    const result = sumOf(0);
    begun.forEach((_, o) => {
      begin(o, sumOf(o + 1));
    });
    f.increase(from, pitch);
    return result;
  };
}

/** All outputs of a part with few taps: strips of four columns, row after row. */
export function emitStrips(k: PhaseFunction, kernel: ContractKernel, plan: Plan, at: PlaneParts): void {
  const { f } = k;
  const { part, start, place, weights, finish } = at;
  const { height, width, step, origin } = part;
  if (height === 0 || width === 0) return;
  const taps = Array.from({ length: part.taps }, (_, t) => {
    const [look, weight] = plan.table.subarray((part.first + t) * 2);
    return { look, weight: f.define(load("v128.load32_splat", weights, weight)) };
  });
  const bases = operandsOf(kernel).map((access, i) =>
    operandKind(access, plan.outputShape) === "place"
      ? f.define(i32.add(k.address(operandPlace(i)), access.offset * 4))
      : undefined,
  );
  const row = f.local("i32");
  // With 256-bit arithmetic two vectors side by side are one.
  const vectors = k.features.wide && width >= 8 ? 2 : 1;
  const across = vectors * 4;
  const strip = (column: Local, count: number): void => {
    const from = f.define(i32.add(start, i32.mul(column, 4)));
    const to = f.define(i32.add(i32.add(place, origin * 4), i32.mul(column, step[1] * 4)));
    const next = summation(k, plan, from, taps, Math.ceil(count / 4));
    f.forRange(row, 0, height, 1, () => {
      const target = f.define(i32.add(k.address(output(0)), to));
      next().forEach((sum, v) => {
        finish(sum, {
          lanes: spacedLanes(k, v * 16 * step[1], Math.min(4, count - v * 4), step[1]),
          output: target,
          operand: (o) => f.define(i32.add(bases[o] ?? to, to)),
        });
      });
      f.increase(to, step[0] * plan.outputShape[3] * 4);
    });
  };
  // The last strip goes back to end with the row.
  const x = f.local("i32");
  if (width < across) {
    strip(keep(f, 0), width);
    return;
  }
  f.forRange(x, 0, width, across, () => {
    if (width % across === 0) strip(x, across);
    else strip(f.define(choose(i32.lt_s(x, width - across), x, constI32(width - across))), across);
  });
}
