// The ways of cutting an axis for Winograd's algorithm. Stride 1 is F(m, 3) (transforms.ts). With stride 2 every second input meets
// the outer taps and the others meet the middle one:
//
//   y[i] = w0 x[2i] + w2 x[2i + 2]   +   w1 x[2i + 1]          2 + 1 taps on inputs that lie side by side in their own half
//
// so four outputs take F(4, 2) with five products and four products with w1: nine instead of twelve, 81 instead of 144 for
// two axes. The input gradient is the same turned round: from five gradients F(4, 2) and w1 give eight inputs' gradients in turn.
// The products with w1 share one transformed filter: 36 of them for 81 points.
import { f32x4, type Value } from "../../code/assembler.ts";
import { type Emitter, multiplyAdd, negativeMultiplyAdd } from "../../scalar/math.ts";
import type { Ranges } from "../contraction.ts";
import {
  dataTransform,
  filterTransform,
  gradientTransform,
  outputTransform,
  type Transform,
  tapTransform,
} from "../transforms.ts";

/** What Winograd's algorithm is for. */
export const threeByThree = (stride: number): Ranges => ({
  axes: [2, 2],
  kernel: [3, 3],
  stride: [stride, stride],
  dilation: [1, 1],
  size: [1, 14],
  channels: [1, 9],
  groups: [1, 1, 2],
});

export interface Scheme {
  /** As it stands in the strategy's name. */
  readonly name: string;
  readonly stride: 1 | 2;
  readonly role: "forward" | "inputGradient" | "both";
  /** Along columns, and along rows. */
  readonly axes: readonly [AxisScheme, AxisScheme];
}

export interface AxisScheme {
  /** Inputs of a tile along an axis, and from one tile to the next; products; transformed filters; outputs. */
  readonly patch: number;
  readonly step: number;
  readonly points: number;
  readonly filters: number;
  readonly outputs: number;
  readonly data: Transform;
  readonly filter: Transform;
  readonly output: Transform;
}

/** F(4, 2) at 0, 1, -1, 2 and infinity: five inputs to points. */
const halfData = (e: Emitter, [d0, d1, d2, d3, d4]: readonly Value[]): Value[] => {
  // x³ - 2x² - x + 2, x³ - x² - 2x, x³ - 3x² + 2x, x³ - x, x⁴ - 2x³ - x² + 2x
  const outer = e.f.define(f32x4.sub(d3, d1));
  return [
    multiplyAdd(e, f32x4.sub(d0, d2), 2, outer),
    f32x4.sub(negativeMultiplyAdd(e, d1, 2, d3), d2),
    multiplyAdd(e, d1, 2, negativeMultiplyAdd(e, d2, 3, d3)),
    outer,
    f32x4.sub(negativeMultiplyAdd(e, outer, 2, d4), d2),
  ];
};

/** Three taps to the five points of the outer two, and the middle one. */
const halfFilter = (e: Emitter, [g0, g1, g2]: readonly Value[]): Value[] => [
  f32x4.mul(g0, 0.5),
  f32x4.mul(f32x4.add(g0, g2), -0.5),
  f32x4.mul(f32x4.sub(g2, g0), 1 / 6),
  multiplyAdd(e, g2, 1 / 3, f32x4.mul(g0, 1 / 6)),
  g2,
  g1,
];

const halfOutput = (e: Emitter, [m0, m1, m2, m3, m4]: readonly Value[]): Value[] => {
  const even = e.f.define(f32x4.add(m1, m2));
  const odd = e.f.define(f32x4.sub(m1, m2));
  return [
    f32x4.add(f32x4.add(m0, even), m3),
    multiplyAdd(e, m3, 2, odd),
    multiplyAdd(e, m3, 4, even),
    f32x4.add(multiplyAdd(e, m3, 8, odd), m4),
  ];
};

const plain = (m: 2 | 4): AxisScheme => ({
  patch: m + 2,
  step: m,
  points: m + 2,
  filters: m + 2,
  outputs: m,
  data: dataTransform[m],
  filter: filterTransform[m],
  output: outputTransform[m],
});

/** F(2, 2) at 0, 1 and infinity. */
const smallHalf: Record<"data" | "filter" | "output", Transform> = {
  data: (_, [d0, d1, d2]) => [f32x4.sub(d0, d1), d1, f32x4.sub(d2, d1)],
  filter: (_, [g0, g1, g2]) => [g0, f32x4.add(g0, g2), g2, g1],
  output: (_, [m0, m1, m2]) => [f32x4.add(m0, m1), f32x4.add(m1, m2)],
};
const half = { data: halfData, filter: halfFilter, output: halfOutput };

/** With F(m, 2) for the outer taps: m + 1 products, and m for the middle tap. */
function halves(m: 2 | 4): Record<"forward" | "inputGradient", AxisScheme> {
  const { data, filter, output } = m === 2 ? smallHalf : half;
  const counts = { points: 2 * m + 1, filters: m + 2, filter };
  const every = (x: readonly Value[], first: number): Value[] => x.filter((_, i) => i % 2 === first);
  return {
    forward: {
      ...counts,
      patch: 2 * m + 1,
      step: 2 * m,
      outputs: m,
      data: (e, x) => [...data(e, every(x, 0)), ...every(x, 1)],
      output: (e, p) => output(e, p).map((value, i) => f32x4.add(value, p[m + 1 + i])),
    },
    inputGradient: {
      ...counts,
      patch: m + 1,
      step: m,
      outputs: 2 * m,
      data: (e, x) => [...data(e, x), ...x.slice(0, m)],
      output: (e, p) => output(e, p).flatMap((value, i) => [p[m + 1 + i], value]),
    },
  };
}

const strided = (name: string, rows: 2 | 4, columns: 2 | 4): Scheme[] =>
  (["forward", "inputGradient"] as const).map((role) => ({
    name,
    stride: 2,
    role,
    axes: [halves(rows)[role], halves(columns)[role]],
  }));

export const schemes: readonly Scheme[] = [
  { name: "f2x3", stride: 1, role: "both", axes: [plain(2), plain(2)] },
  { name: "f4x3", stride: 1, role: "both", axes: [plain(4), plain(4)] },
  // Two rows of four: filters take 24 ninths instead of 36, which counts where they come from memory.
  { name: "f2.4x3", stride: 1, role: "both", axes: [plain(2), plain(4)] },
  ...strided("f2x3s2", 2, 2),
  ...strided("f2.4x3s2", 2, 4),
  ...strided("f4x3s2", 4, 4),
];

/** The same for the filter's gradient: tiles of output gradients meet patches of inputs in products that are summed over the tiles. */
export interface FilterScheme {
  readonly name: string;
  readonly stride: 1 | 2;
  /** Output gradients of a tile along an axis; inputs of a patch and from one to the next; products, and their sums. */
  readonly tile: 2 | 4;
  readonly patch: number;
  readonly step: number;
  readonly points: number;
  readonly sums: number;
  readonly data: Transform;
  readonly gradient: Transform;
  /** Sums to the gradients of the three taps. */
  readonly taps: Transform;
}

const plainFilter = (m: 2 | 4): FilterScheme => ({
  name: `f3x${m}`,
  stride: 1,
  tile: m,
  patch: m + 2,
  step: m,
  points: m + 2,
  sums: m + 2,
  data: dataTransform[m],
  gradient: gradientTransform[m],
  taps: tapTransform[m],
});

export const filterSchemes: readonly FilterScheme[] = [
  plainFilter(2),
  plainFilter(4),
  {
    // F(2, 4) for the outer taps at the points of F(4, 2); the products of the middle tap are one sum.
    name: "f3x4s2",
    stride: 2,
    tile: 4,
    patch: 9,
    step: 8,
    points: 9,
    sums: 6,
    data: (e, x) => [...halfData(e, [x[0], x[2], x[4], x[6], x[8]]), x[1], x[3], x[5], x[7]],
    gradient: (e, [g0, g1, g2, g3]) => {
      const even = e.f.define(f32x4.add(g0, g2));
      const odd = e.f.define(f32x4.add(g1, g3));
      const two = multiplyAdd(e, g2, 4, multiplyAdd(e, g1, 2, g0));
      return [
        f32x4.mul(g0, 0.5),
        f32x4.mul(f32x4.add(even, odd), -0.5),
        f32x4.mul(f32x4.sub(odd, even), 1 / 6),
        f32x4.mul(multiplyAdd(e, g3, 8, two), 1 / 6),
        ...[g3, g0, g1, g2, g3],
      ];
    },
    taps: (e, [m0, m1, m2, m3, m4, m5]) => [
      f32x4.add(f32x4.add(m0, f32x4.add(m1, m2)), m3),
      m5,
      f32x4.add(multiplyAdd(e, m3, 2, f32x4.sub(m1, m2)), m4),
    ],
  },
];
