// Packing: lines of a factor, brought side by side, so that the micro-kernel reads forward only.
//
//   panel of `width` lines:  depth 0: l0 l1 l2 l3   depth 1: l0 l1 l2 l3   …
import { type FunctionBuilder, i32, type Local, load, loadLane, type Operand, type Value } from "../code/assembler.ts";
import { input, type PhaseFunction, type Place } from "../strategy.ts";
import type { Matrix, Product } from "./product.ts";
import { byteOffset, isAdjacent, joined, keep, lengthOf, plus, times, type Walk } from "./walk.ts";

/** Walks the depth from outer place `from` to `to`; `visit` is called with a byte offset (a local) and a constant one. */
function eachDepth(
  f: FunctionBuilder,
  matrix: Matrix,
  from: Local,
  to: Local,
  visit: (moved: Local, constant: number) => void,
): void {
  const outer = joined(matrix.outer);
  const place = f.local("i32");
  const at = f.local("i32");
  const single = outer.length <= 1;
  const step = outer.length === 1 ? outer[0].stride * 4 : 0;
  if (single) f.set(at, byteOffset(f, outer, from));
  f.forRange(place, from, to, 1, () => {
    if (!single) f.set(at, byteOffset(f, outer, place));
    const { inner } = matrix;
    if ("count" in inner) {
      const i = f.local("i32");
      const run = f.define(at);
      f.forRange(i, 0, inner.count, 1, () => {
        visit(run, 0);
        f.increase(run, inner.stride * 4);
      });
    } else for (const offset of inner) visit(at, offset * 4);
    if (single && step !== 0) f.increase(at, step);
  });
}

/** Where a line begins: lines beyond the last are the last again (what is computed with them is thrown away). */
function lineOffset(f: FunctionBuilder, lines: Walk, line: Value): Local {
  const last = lengthOf(lines) - 1;
  const index = keep(f, line);
  f.if(i32.gt_s(index, last), () => f.set(index, last));
  return keep(f, byteOffset(f, lines, index));
}

/** Whether places rise from line to line: then lines that span as many places as they are lie side by side. */
function isRising(lines: Walk): boolean {
  const dimensions = joined(lines);
  return dimensions.every(
    ({ count, stride, places }, d) => !places && stride > 0 && (d === 0 || dimensions[d - 1].stride >= count * stride),
  );
}

/**
 * The one distance in bytes between neighbouring places of the depth, where there is one and lines may lie side by side: then
 * a panel can be read where it lies.
 */
export function depthStep({ lines, outer, inner }: Matrix): number | undefined {
  const walk = joined(outer);
  if (!isAdjacent(lines) || !isRising(lines) || "count" in inner || inner.length !== 1) return undefined;
  return walk.length === 1 && !walk[0].places ? walk[0].stride * 4 : undefined;
}

/** Whether the `width` lines from `line` on exist and lie side by side, and the byte offset of the first if so. */
export function emitSideBySide(
  f: FunctionBuilder,
  { lines }: Matrix,
  line: Local,
  width: number,
): { readonly side: Local; readonly start: Local } {
  const side = keep(f, 0);
  const start = keep(f, 0);
  if (isAdjacent(lines) && isRising(lines))
    f.if(i32.le_s(i32.add(line, width), lengthOf(lines)), () => {
      f.set(start, byteOffset(f, lines, line));
      const last = keep(f, byteOffset(f, lines, f.define(i32.add(line, width - 1))));
      f.set(side, i32.eq(i32.sub(last, start), (width - 1) * 4));
    });
  return { side, start };
}

/** What is packed: lines from `line` on over the depth from `from` to `to` (outer places), to `target`. */
interface Packing {
  readonly matrix: Matrix;
  /** Where the factor's lines of this batch lie. */
  readonly base: Operand;
  readonly line: Local;
  readonly from: Local;
  readonly to: Local;
  readonly target: Value;
}

/** Packs a panel of `vectors` times four lines: vector by vector where all lie side by side, else four by four. */
export function emitPackPanel(f: FunctionBuilder, packing: Packing, vectors: number): void {
  const { matrix, base, line, from, to, target } = packing;
  const pitch = vectors * 16;
  const anyhow = (): void => {
    const four = f.local("i32");
    const first = f.define(line);
    const out = f.define(target);
    f.forRange(four, 0, vectors, 1, () => {
      emitPack(f, { ...packing, line: first, target: out }, 4, pitch);
      f.increase(first, 4);
      f.increase(out, 16);
    });
  };
  if (!isAdjacent(matrix.lines) || !isRising(matrix.lines)) {
    anyhow();
    return;
  }
  const { side, start } = emitSideBySide(f, matrix, line, vectors * 4);
  const move = (): void => {
    const begin = f.define(i32.add(base, start));
    const out = f.define(target);
    eachDepth(f, matrix, from, to, (moved, constant) => {
      const at = f.define(i32.add(begin, moved));
      for (let j = 0; j < vectors; j++) f.store("v128.store", out, load("v128.load", at, constant + j * 16), j * 16);
      f.increase(out, pitch);
    });
  };
  f.if(side, move, anyhow);
}

/** Packs `width` lines in steps of `pitch` bytes, their own unless told. Four lines that lie side by side move as vectors. */
export function emitPack(f: FunctionBuilder, packing: Packing, width: number, pitch = width * 4): void {
  const { matrix, base, line, from, to, target } = packing;
  for (let done = 0; done < width; done += 4) {
    const count = Math.min(4, width - done);
    const starts = Array.from({ length: count }, (_, lane) =>
      f.define(i32.add(base, lineOffset(f, matrix.lines, i32.add(line, done + lane)))),
    );
    const out = keep(f, plus(target, done * 4));
    if (count < 4) {
      eachDepth(f, matrix, from, to, (moved, constant) => {
        starts.forEach((start, lane) => {
          f.store("f32.store", out, load("f32.load", i32.add(start, moved), constant), lane * 4);
        });
        f.increase(out, pitch);
      });
      continue;
    }
    const gather = (): void =>
      eachDepth(f, matrix, from, to, (moved, constant) => {
        let vector = load("v128.load32_zero", i32.add(starts[0], moved), constant);
        for (let lane = 1; lane < 4; lane++)
          vector = loadLane("v128.load32_lane", i32.add(starts[lane], moved), vector, lane, constant);
        f.store("v128.store", out, vector);
        f.increase(out, pitch);
      });
    const move = (): void =>
      eachDepth(f, matrix, from, to, (moved, constant) => {
        f.store("v128.store", out, load("v128.load", i32.add(starts[0], moved), constant));
        f.increase(out, pitch);
      });
    if (isAdjacent(matrix.lines)) f.if(i32.eq(i32.sub(starts[3], starts[0]), 12), move, gather);
    else gather();
  }
}

/** Items: a panel of `rows` lines of factor a of a group, `panels` of them in each, over the whole depth, to `target`. */
export function emitPanels(
  k: PhaseFunction,
  { a: matrix, outer, inner }: Product,
  { panels, rows }: { readonly panels: number; readonly rows: number },
  target: Place,
): void {
  const { f } = k;
  const item = f.local("i32");
  f.forRange(item, k.from, k.to, 1, () => {
    const g = f.define(i32.div_u(item, panels));
    const line = f.define(i32.mul(i32.rem_u(item, panels), rows));
    const offset = byteOffset(f, matrix.batch, g);
    const base = keep(f, plus(k.address(input(matrix.input)), matrix.offset * 4, offset));
    const to = keep(f, plus(k.address(target), times(item, rows * outer * inner * 4)));
    emitPack(f, { matrix, base, line, from: keep(f, 0), to: keep(f, outer), target: to }, rows);
  });
}
