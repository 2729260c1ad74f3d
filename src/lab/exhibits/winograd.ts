// Fewer multiplications for the same convolution.
//
//   Y = Aᵀ [ (G g Gᵀ) ⊙ (Bᵀ d B) ] A        m x m outputs from n x n inputs, n = m + r − 1, with n² multiplications
//
// The matrices are Toom and Cook's: polynomials are multiplied by their values at n − 1 points and infinity, and the product
// is transposed. They are made here from the points.
import { type NdArray, ndarray } from "../../base/array.ts";
import type { Engine } from "../../engines/engine.ts";
import { conv2d } from "../../ops/convolution.ts";
import { permute } from "../../ops/copy.ts";
import { matmul } from "../../ops/matmul.ts";
import { reshape } from "../../ops/reshape.ts";
import { compute, known, noise, wholeNoise } from "../compute.ts";
import { exhibit, whole } from "../exhibit.ts";
import { bars, below, close, equal, largestDifference, table } from "../parts.ts";

const pointsOf: Readonly<Record<number, readonly number[]>> = {
  2: [0, 1, -1],
  4: [0, 1, -1, 2, -2],
  6: [0, 1, -1, 2, -2, 0.5, -0.5],
};

/** Coefficients of Π (x − a), constant first. */
const fromRoots = (roots: readonly number[]): number[] =>
  roots.reduce<number[]>(
    (p, a) => Array.from({ length: p.length + 1 }, (_, i) => (p[i - 1] ?? 0) - a * (p[i] ?? 0)),
    [1],
  );

/** Aᵀ [m, n], G [n, r], Bᵀ [n, n] of F(m, r). */
function transforms(m: number, r: number): { output: NdArray; filter: NdArray; data: NdArray } {
  const points = pointsOf[m];
  const n = m + r - 1;
  const powers = (count: number): number[][] =>
    Array.from({ length: n }, (_, j) =>
      Array.from({ length: count }, (_, i) => (j < n - 1 ? points[j] ** i : i === count - 1 ? 1 : 0)),
    );
  const lagrange = points.map((a, j) => {
    const others = points.filter((_, l) => l !== j);
    return { row: [...fromRoots(others), 0], scale: others.reduce((product, b) => product * (a - b), 1) };
  });
  const filter = powers(r).map((row, j) => row.map((value) => (j < n - 1 ? value / lagrange[j].scale : value)));
  const values = powers(m);
  return {
    output: ndarray(
      [m, n],
      Array.from({ length: m * n }, (_, i) => values[i % n][Math.floor(i / n)]),
    ),
    filter: ndarray([n, r], Float64Array.from(filter.flat())),
    data: ndarray([n, n], Float64Array.from([...lagrange.map(({ row }) => row), fromRoots(points)].flat())),
  };
}

/** The valid convolution of x [1, C, H, H] with w [K, C, r, r] by tiles of m x m, m a divisor of its output. */
async function byTiles(engine: Engine, x: NdArray, w: NdArray, m: number): Promise<Float64Array> {
  const [outputs, channels, r] = w.shape;
  const size = x.shape[2];
  const n = m + r - 1;
  const side = (size - r + 1) / m;
  const tiles = side * side;
  const cut = new Float64Array(tiles * channels * n * n);
  for (let t = 0; t < tiles; t++) {
    for (let c = 0; c < channels; c++) {
      for (let i = 0; i < n * n; i++) {
        const row = Math.floor(t / side) * m + Math.floor(i / n);
        const column = (t % side) * m + (i % n);
        cut[(t * channels + c) * n * n + i] = x.data[(c * size + row) * size + column];
      }
    }
  }
  const { output, filter, data } = transforms(m, r);
  const both = (matrix: NdArray, inner: ReturnType<typeof known>) =>
    matmul(matmul(known(matrix), inner), known(matrix), { transposeB: true });
  const toPoints = (t: ReturnType<typeof known>, count: number) =>
    reshape(permute(t, [2, 3, 0, 1]), [n * n, count, channels]);
  const d = toPoints(both(data, known(ndarray([tiles, channels, n, n], cut))), tiles);
  const g = toPoints(both(filter, known(w)), outputs);
  const products = matmul(g, d, { transposeB: true });
  const back = permute(reshape(products, [n, n, outputs, tiles]), [2, 3, 0, 1]);
  const { y } = await compute(engine, { y: both(output, back) });
  const all = new Float64Array(outputs * tiles * m * m);
  const width = side * m;
  for (let i = 0; i < all.length; i++) {
    const [k, t, p] = [Math.floor(i / (tiles * m * m)), Math.floor(i / (m * m)) % tiles, i % (m * m)];
    const row = Math.floor(t / side) * m + Math.floor(p / m);
    all[(k * width + row) * width + (t % side) * m + (p % m)] = y.data[i];
  }
  return all;
}

export const winograd = exhibit({
  id: "winograd",
  title: "The same convolution with fewer multiplications",
  group: "Learning",
  claim:
    "Winograd's algorithms compute 3x3 convolutions with 2.25 to 5 times fewer multiplications; the smallest is exact on small integers, and the error grows with the tile.",
  formula: "F(m x m, r x r): m² r² / (m + r − 1)² times fewer multiplications",
  parameters: {
    channels: whole(32, 1, 128, "channels in and out"),
    tiles: whole(2, 1, 4, "picture of 12 times this (and 2 more for the border)"),
    seed: whole(0, 0, 1e6, "seed"),
  },
  tryThis: ["The points 0, ±1, ±2, ±1/2 have powers up to 32 and 1/32: that is where the digits go."],
  source: "Lavin & Gray 2016, Fast algorithms for convolutional neural networks (1509.09308)",
  async run({ channels, tiles, seed }, { engine, exact, progress }) {
    const size = 12 * tiles + 2;
    const x = noise([1, channels, size, size], seed, "x");
    const w = noise([channels, channels, 3, 3], seed, "w");
    const rounded = (array: NdArray): NdArray => ndarray(array.shape, Float64Array.from(Float32Array.from(array.data)));
    const [xf, wf] = [rounded(x), rounded(w)];
    const truth = (await compute(exact, { y: conv2d(known(xf), known(wf)) })).y.data;
    let square = 0;
    for (const value of truth) square += value * value;
    const rms = Math.sqrt(square / truth.length);
    const direct = (await compute(engine, { y: conv2d(known(xf), known(wf)) })).y.data;
    const ints = [wholeNoise([1, 2, 14, 14], seed, 8, "xi"), wholeNoise([2, 2, 3, 3], seed, 8, "wi")] as const;
    const whole = (await compute(engine, { y: conv2d(known(ints[0]), known(ints[1])) })).y.data;
    const rows = [];
    for (const [i, m] of [2, 4, 6].entries()) {
      progress(i, 3, `F(${m}x${m}, 3x3)`);
      const n = m + 2;
      const y = await byTiles(engine, xf, wf, m);
      const exactly = await byTiles(exact, xf, wf, m);
      const integers = await byTiles(engine, ints[0], ints[1], m);
      rows.push({
        m,
        multiplications: n * n,
        saved: (m * m * 9) / (n * n),
        error: largestDifference(y, truth) / rms,
        algebra: largestDifference(exactly, truth) / rms,
        integers: largestDifference(integers, whole),
      });
    }
    const bounds = [5e-6, 1e-4, 2e-4];
    return {
      parts: [
        table(
          ["algorithm", "multiplications", "direct", "times fewer", "error / rms", "on integers"],
          rows.map((row) => [
            `F(${row.m}x${row.m}, 3x3)`,
            row.multiplications,
            row.m ** 2 * 9,
            row.saved,
            row.error,
            row.integers,
          ]),
        ),
        table(["direct convolution in float32", "error / rms"], [["", largestDifference(direct, truth) / rms]]),
        bars("times fewer multiplications", Object.fromEntries(rows.map((row) => [`F(${row.m}x${row.m})`, row.saved]))),
      ],
      checks: [
        ...rows.flatMap((row, i) => [
          close(`F(${row.m}x${row.m}): times fewer`, row.saved, ((3 * row.m) / (row.m + 2)) ** 2, 1e-12),
          below(`F(${row.m}x${row.m}): float32 error relative to the rms`, row.error, bounds[i]),
          below(`F(${row.m}x${row.m}): the same algebra in float64`, row.algebra, 1e-11),
        ]),
        equal("F(2x2) on small integers: error", rows[0].integers, 0),
      ],
    };
  },
});
