// The heart of every matrix product: a tile of `rows` x 4 `vectors` sums, kept in registers over the whole depth.
//
//                    b: depth x 8, packed       loads of a step: `vectors` of b, `rows` of a, each a spread to 4 lanes
//                    |........|                 multiply-adds:   rows * vectors
//   a: depth x 4  :: [ tile   ]
//   packed        :: [ 4 x 8  ]
//
// Older V8 (Node 20, 22) moves all loads of a block of code before its arithmetic, so in one block tile + loads must fit 15
// registers and the loop must not be unrolled: 4x8, 3x12 and 2x16 then reach 93 % of the machine's 128-bit multiply-add
// peak (eight sums wait for one another; twelve do not), 6x8 only 70 %. With a branch between the rows, one that is never
// taken but leads to where the sums are used, every row is a block of its own, and 6x8 reaches 99 %.
import { type Callable, constF32x4, i32, type Local, load } from "../code/assembler.ts";
import { type Emitter, multiplyAdd } from "../scalar/math.ts";
import type { PhaseFunction } from "../strategy.ts";

export interface Tile {
  readonly rows: number;
  readonly vectors: number;
}

/** Sums start from zero where `first` is not 0, else from what lies at `place`. */
export function beginSums(f: Emitter["f"], sums: readonly Local[], first: Local, place: Local): void {
  const zero = (): void => {
    for (const sum of sums) f.set(sum, constF32x4(0));
  };
  const goOn = (): void =>
    sums.forEach((sum, i) => {
      f.set(sum, load("v128.load", place, i * 16));
    });
  f.if(first, zero, goOn);
}

/** Where rows of a that are not packed as one panel stand: bytes behind `a`, and from one place of the depth to the next. */
export interface Rows {
  readonly offsets: readonly number[];
  readonly step: number;
}

/**
 * Adds the products of a packed panel of a (or of `apart` rows), from `a` to `end`, with the packed panel at `b`; both places are moved on. With
 * `source` the panel is read there, `step` bytes from one place of the depth to the next, and packed on the way: the
 * multipliers are busy while the numbers come.
 */
export function emitDepth(
  e: Emitter,
  { rows, vectors }: Tile,
  sums: readonly Local[],
  { a, end, b, apart }: { readonly a: Local; readonly end: Local; readonly b: Local; readonly apart?: Rows },
  source?: { readonly at: Local; readonly step: number },
): void {
  const { f } = e;
  const right = f.locals("v128", vectors);
  const left = f.local("v128");
  f.block((leave) => {
    f.loop((again) => {
      right.forEach((vector, j) => {
        f.set(vector, load("v128.load", source?.at ?? b, j * 16));
        if (source) f.store("v128.store", b, vector, j * 16);
      });
      for (let i = 0; i < rows; i++) {
        // Never taken: it keeps the loads of this row behind the arithmetic of the last.
        if (i > 0 && rows > 4) f.branchIf(leave, i32.eqz(a));
        f.set(left, load("v128.load32_splat", a, apart?.offsets[i] ?? i * 4));
        for (let j = 0; j < vectors; j++) {
          const sum = sums[i * vectors + j];
          f.set(sum, multiplyAdd(e, left, right[j], sum));
        }
      }
      f.increase(a, apart?.step ?? rows * 4);
      f.increase(b, vectors * 16);
      if (source) f.increase(source.at, source.step);
      f.branchIf(again, i32.lt_u(a, end));
    });
  });
}

/**
 * (a, aEnd, b, sums, count, stride, first): multiplies one packed panel of a, from a to aEnd, with `count` packed panels of b
 * that lie one after the other, and adds each product to a tile of sums (rows one after the other); the tiles lie
 * `stride` bytes apart. Where `first` is not 0 they start from zero.
 */
export function panelKernel(k: PhaseFunction, { rows, vectors }: Tile): Callable {
  const parameters = ["i32", "i32", "i32", "i32", "i32", "i32", "i32"] as const;
  return k.helper(`panels ${rows}x${vectors * 4}`, parameters, undefined, (inner) => {
    const { f } = inner;
    const [panel, end, b, tile, count, stride, first] = f.parameters;
    const sums = f.locals("v128", rows * vectors);
    const a = f.local("i32");
    f.block((leave) => {
      f.branchIf(leave, i32.or(i32.le_s(count, 0), i32.ge_u(panel, end)));
      f.loop((next) => {
        beginSums(f, sums, first, tile);
        f.set(a, panel);
        emitDepth(inner, { rows, vectors }, sums, { a, end, b });
        sums.forEach((sum, i) => {
          f.store("v128.store", tile, sum, i * 16);
        });
        f.increase(tile, stride);
        f.increase(count, -1);
        f.branchIf(next, count);
      });
    });
  });
}
