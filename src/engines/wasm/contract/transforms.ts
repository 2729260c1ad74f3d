// The one-dimensional transforms of Winograd's minimal filtering (Lavin & Gray 2016): F(m, 3) computes m neighbouring
// outputs of a filter of 3 from m + 2 inputs with m + 2 multiplications,
//
//   y = Aᵀ [ (G w) ⊙ (Bᵀ d) ]
//
// by evaluating polynomials at 0, 1, -1 (, 2, -2) and infinity. The filter gradient is the same with the roles of filter and output
// exchanged: F(3, m) has m "filter" values (a tile of dy) and 3 outputs (the filter's gradient), the same Bᵀ.
// Everything here works on vectors: four tiles, or four channels, at once.
import { type FunctionBuilder, f32x4, type Local, shuffle32, type Value } from "../code/assembler.ts";
import { type Emitter, multiplyAdd, negativeMultiplyAdd } from "../scalar/math.ts";

/** Outputs of a tile along an axis. */
export type TileSize = 2 | 4;

export type Transform = (e: Emitter, d: readonly Value[]) => Value[];

const sum = (a: Value, b: Value): Value => f32x4.add(a, b);
const difference = (a: Value, b: Value): Value => f32x4.sub(a, b);

/** Bᵀ d: m + 2 inputs to m + 2 points. */
export const dataTransform: Record<TileSize, Transform> = {
  2: (_, [d0, d1, d2, d3]) => [difference(d0, d2), sum(d1, d2), difference(d2, d1), difference(d1, d3)],
  4: (e, [d0, d1, d2, d3, d4, d5]) => {
    const p = e.f.define(negativeMultiplyAdd(e, d2, 4, d4));
    const q = e.f.define(negativeMultiplyAdd(e, d1, 4, d3));
    const r = e.f.define(difference(d4, d2));
    const s = e.f.define(difference(d3, d1));
    return [
      multiplyAdd(e, d0, 4, negativeMultiplyAdd(e, d2, 5, d4)),
      sum(p, q),
      difference(p, q),
      multiplyAdd(e, s, 2, r),
      negativeMultiplyAdd(e, s, 2, r),
      multiplyAdd(e, d1, 4, negativeMultiplyAdd(e, d3, 5, d5)),
    ];
  },
};

/** G w: 3 taps to m + 2 points. */
export const filterTransform: Record<TileSize, Transform> = {
  2: (e, [g0, g1, g2]) => {
    const even = e.f.define(f32x4.mul(sum(g0, g2), 0.5));
    const odd = e.f.define(f32x4.mul(g1, 0.5));
    return [g0, sum(even, odd), difference(even, odd), g2];
  },
  4: (e, [g0, g1, g2]) => {
    const one = e.f.define(f32x4.mul(sum(g0, g2), -1 / 6));
    const oneOdd = e.f.define(f32x4.mul(g1, 1 / 6));
    const two = e.f.define(multiplyAdd(e, g2, 1 / 6, f32x4.mul(g0, 1 / 24)));
    const twoOdd = e.f.define(f32x4.mul(g1, 1 / 12));
    return [
      f32x4.mul(g0, 0.25),
      difference(one, oneOdd),
      sum(one, oneOdd),
      sum(two, twoOdd),
      difference(two, twoOdd),
      g2,
    ];
  },
};

/** Aᵀ: m + 2 products to m outputs. */
export const outputTransform: Record<TileSize, Transform> = {
  2: (_, [m0, m1, m2, m3]) => [sum(sum(m0, m1), m2), difference(difference(m1, m2), m3)],
  4: (e, [m0, m1, m2, m3, m4, m5]) => {
    const a = e.f.define(sum(m1, m2));
    const b = e.f.define(difference(m1, m2));
    const c = e.f.define(sum(m3, m4));
    const d = e.f.define(difference(m3, m4));
    return [sum(sum(m0, a), c), multiplyAdd(e, d, 2, b), multiplyAdd(e, c, 4, a), sum(multiplyAdd(e, d, 8, b), m5)];
  },
};

/** The dual of G: a tile of m output gradients to m + 2 points. */
export const gradientTransform: Record<TileSize, Transform> = {
  2: (e, [g0, g1]) => {
    const even = e.f.define(f32x4.mul(g0, 0.5));
    const odd = e.f.define(f32x4.mul(g1, 0.5));
    return [g0, sum(even, odd), difference(even, odd), g1];
  },
  4: (e, [g0, g1, g2, g3]) => {
    const one = e.f.define(f32x4.mul(sum(g0, g2), -1 / 6));
    const oneOdd = e.f.define(f32x4.mul(sum(g1, g3), 1 / 6));
    const two = e.f.define(multiplyAdd(e, g2, 1 / 6, f32x4.mul(g0, 1 / 24)));
    const twoOdd = e.f.define(multiplyAdd(e, g3, 1 / 3, f32x4.mul(g1, 1 / 12)));
    return [
      f32x4.mul(g0, 0.25),
      difference(one, oneOdd),
      sum(one, oneOdd),
      sum(two, twoOdd),
      difference(two, twoOdd),
      g3,
    ];
  },
};

/** The dual of A: m + 2 products to the 3 gradients of the filter. */
export const tapTransform: Record<TileSize, Transform> = {
  2: (_, [m0, m1, m2, m3]) => [sum(sum(m0, m1), m2), difference(m1, m2), difference(sum(m1, m2), m3)],
  4: (e, [m0, m1, m2, m3, m4, m5]) => {
    const a = e.f.define(sum(m1, m2));
    const c = e.f.define(sum(m3, m4));
    const d = e.f.define(difference(m3, m4));
    return [sum(sum(m0, a), c), multiplyAdd(e, d, 2, difference(m1, m2)), sum(multiplyAdd(e, c, 4, a), m5)];
  },
};

/** Four vectors of four as rows to four as columns (the first `count` of them). */
export function transposed(f: FunctionBuilder, [a, b, c, d]: readonly Local[], count = 4): Local[] {
  const low = [f.define(shuffle32(a, b, [0, 4, 1, 5])), f.define(shuffle32(c, d, [0, 4, 1, 5]))];
  const result = [shuffle32(low[0], low[1], [0, 1, 4, 5]), shuffle32(low[0], low[1], [2, 3, 6, 7])];
  if (count > 2) {
    const high = [f.define(shuffle32(a, b, [2, 6, 3, 7])), f.define(shuffle32(c, d, [2, 6, 3, 7]))];
    result.push(shuffle32(high[0], high[1], [0, 1, 4, 5]), shuffle32(high[0], high[1], [2, 3, 6, 7]));
  }
  return result.slice(0, count).map((value) => f.define(value));
}
