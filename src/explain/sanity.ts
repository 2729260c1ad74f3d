// The sanity check of Adebayo et al. 2018 (arXiv:1810.03292): a picture that hardly changes when the network's weights are
// randomised cannot tell what the network has learned. All weights are shuffled within their arrays, which keeps their
// distribution (so activations neither die nor explode) and destroys what they mean; the method runs again, and the two
// pictures are compared by rank correlation and by structural similarity, of magnitudes, as in the paper.
import { understand } from "../base/arguments.ts";
import { type NdArray, stateRule } from "../base/array.ts";
import { Random } from "../base/random.ts";
import { optional, seed as seedRule } from "../base/rules.ts";
import type { State } from "../run/session.ts";

export interface Sanity {
  /** Spearman's rank correlation of magnitudes: near 0 is good, near 1 says that the weights do not matter. */
  readonly spearman: number;
  /** Structural similarity of magnitudes scaled to 0..1 (Wang et al. 2004). */
  readonly ssim: number;
}

/** The same numbers in another order, array by array. */
export function shuffledWeights(weights: State, seed = 0): Map<string, NdArray> {
  understand("shuffledWeights", arguments, { weights: stateRule, seed: optional(seedRule) });
  return new Map([...weights].map(([name, array]) => [name, { ...array, data: shuffled(array.data, seed, name) }]));
}

function shuffled(data: NdArray["data"], seed: number, name: string): NdArray["data"] {
  const copy = data.slice();
  // Millions of weights: a xorshift started from the seeded stream does what is needed at ten times the speed.
  let bits = new Random(seed, name).bits() | 1;
  for (let i = copy.length - 1; i > 0; i--) {
    bits ^= bits << 13;
    bits ^= bits >>> 17;
    bits ^= bits << 5;
    const j = Math.floor(((bits >>> 0) / 2 ** 32) * (i + 1));
    const held = copy[i];
    copy[i] = copy[j];
    copy[j] = held;
  }
  return copy;
}

/** Compares two drawings [..., height, width] of one shape. */
export function compare(a: NdArray, b: NdArray): Sanity {
  const [height, width] = a.shape.slice(-2);
  const x = magnitudes(a);
  const y = magnitudes(b);
  return { spearman: spearman(x, y), ssim: ssim(scaled(x), scaled(y), height, width) };
}

const magnitudes = ({ data }: NdArray): Float64Array => Float64Array.from(data, Math.abs);

function scaled(values: Float64Array): Float64Array {
  const most = values.reduce((a, b) => Math.max(a, b), 0);
  return most > 0 ? values.map((value) => value / most) : values;
}

/** Rank correlation; ties share the mean of their ranks. 0 where one side is flat. */
export function spearman(a: Float64Array, b: Float64Array): number {
  return pearson(ranks(a), ranks(b));
}

function ranks(values: Float64Array): Float64Array {
  const order = Array.from(values, (_, i) => i).sort((i, j) => values[i] - values[j]);
  const result = new Float64Array(values.length);
  for (let first = 0; first < order.length; ) {
    let end = first + 1;
    while (end < order.length && values[order[end]] === values[order[first]]) end++;
    for (let k = first; k < end; k++) result[order[k]] = (first + end - 1) / 2;
    first = end;
  }
  return result;
}

function pearson(a: Float64Array, b: Float64Array): number {
  const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    ab += (a[i] - meanA) * (b[i] - meanB);
    aa += (a[i] - meanA) ** 2;
    bb += (b[i] - meanB) ** 2;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0;
}

/** Mean structural similarity over all windows of 7 x 7 (or as large as the maps are), for values of 0..1. */
export function ssim(a: Float64Array, b: Float64Array, height: number, width: number): number {
  const [rows, columns] = [Math.min(7, height), Math.min(7, width)];
  const planes = a.length / (height * width);
  let total = 0;
  let windows = 0;
  for (let plane = 0; plane < planes; plane++) {
    for (let top = 0; top + rows <= height; top++) {
      for (let left = 0; left + columns <= width; left++) {
        total += windowSimilarity(a, b, (plane * height + top) * width + left, rows, columns, width);
        windows++;
      }
    }
  }
  return total / windows;
}

function windowSimilarity(
  a: Float64Array,
  b: Float64Array,
  start: number,
  rows: number,
  columns: number,
  width: number,
): number {
  const count = rows * columns;
  let [sumA, sumB, sumAA, sumBB, sumAB] = [0, 0, 0, 0, 0];
  for (let y = 0; y < rows; y++) {
    for (let i = start + y * width, end = i + columns; i < end; i++) {
      sumA += a[i];
      sumB += b[i];
      sumAA += a[i] * a[i];
      sumBB += b[i] * b[i];
      sumAB += a[i] * b[i];
    }
  }
  const [meanA, meanB] = [sumA / count, sumB / count];
  const varianceA = sumAA / count - meanA * meanA;
  const varianceB = sumBB / count - meanB * meanB;
  const covariance = sumAB / count - meanA * meanB;
  const [small, smaller] = [0.01 ** 2, 0.03 ** 2];
  return (
    ((2 * meanA * meanB + small) * (2 * covariance + smaller)) /
    ((meanA * meanA + meanB * meanB + small) * (varianceA + varianceB + smaller))
  );
}
