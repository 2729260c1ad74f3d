// The sanity check of Adebayo et al. 2018 (arXiv:1810.03292): a picture that hardly changes when the network's weights are
// randomised cannot tell what the network has learned. All weights are shuffled, which keeps their
// distribution and destroys what they mean; batch norms get statistics that fit (revive.ts); the method runs again, and the
// two pictures are compared by rank correlation and by structural similarity, of magnitudes, as in the paper.
//
// There is no verdict where there is nothing to compare: a drawing that is the same everywhere, or weights that were not
// shuffled. Silence is then right, and a number would be a lie.
import { understand } from "../base/arguments.ts";
import { type NdArray, stateRule } from "../base/array.ts";
import { Random } from "../base/random.ts";
import { optional, seed as seedRule } from "../base/rules.ts";
import { attributesIf, constantOp, type Node, type Tensor, variableOp } from "../graph/graph.ts";
import { walk } from "../graph/walk.ts";
import { convolutionOp, inputGradientOp } from "../ops/cards/convolution.ts";
import { matmulOp } from "../ops/cards/matmul.ts";
import type { State } from "../run/session.ts";

/** Two numbers, or the reason why there are none. */
export type Sanity = SanityNumbers | NoVerdict;

/** What a sanity check measured. */
export interface SanityNumbers {
  /** Spearman's rank correlation of magnitudes: near 0 is good, near 1 says that the weights do not matter. */
  readonly spearman: number;
  /** Structural similarity of magnitudes scaled to 0..1 (Wang et al. 2004). */
  readonly ssim: number;
  /** Absent: there are numbers. */
  readonly reason?: undefined;
}

/** Why a sanity check says nothing. */
export interface NoVerdict {
  /** Absent: see the reason. */
  readonly spearman?: undefined;
  /** Absent: see the reason. */
  readonly ssim?: undefined;
  /** Why nothing can be said, as one sentence. */
  readonly reason: string;
}

/**
 * The same numbers in another order: filters change places, and the numbers within each do. A filter keeps its sum and its
 * bias, so that units stay about as active as they were; shuffled over the whole array, a layer of weights whose mean is
 * negative would be silent behind rectifiers, all of it.
 */
export function shuffledWeights(weights: State, seed = 0): Map<string, NdArray> {
  understand("shuffledWeights", arguments, { weights: stateRule, seed: optional(seedRule) });
  return new Map([...weights].map(([name, array]) => [name, shuffled(array, seed, name)]));
}

function shuffled(array: NdArray, seed: number, name: string): NdArray {
  const [rows = 1] = array.shape;
  const size = rows > 0 ? array.data.length / rows : 0;
  // Arrays of one length change places alike: a bias goes with its filter.
  const order = Int32Array.from({ length: rows }, (_, i) => i);
  mix(order, 0, rows, new Random(seed, "filters"));
  const data = array.data.slice();
  const random = new Random(seed, name);
  for (let row = 0; row < rows; row++) {
    data.set(array.data.subarray(order[row] * size, (order[row] + 1) * size), row * size);
    mix(data, row * size, size, random);
  }
  return { ...array, data };
}

/** Shuffles `count` numbers from `start` on, in place. */
function mix(data: NdArray["data"], start: number, count: number, random: Random): void {
  // Millions of weights: a xorshift started from the seeded stream does what is needed at ten times the speed.
  let bits = random.bits() | 1;
  for (let i = count - 1; i > 0; i--) {
    bits ^= bits << 13;
    bits ^= bits >>> 17;
    bits ^= bits << 5;
    const j = start + Math.floor(((bits >>> 0) / 2 ** 32) * (i + 1));
    const held = data[start + i];
    data[start + i] = data[j];
    data[j] = held;
  }
}

/** Compares two drawings [..., height, width] of one shape: the network's, and the one with shuffled weights. */
export function compare(a: NdArray, b: NdArray): Sanity {
  const [height, width] = a.shape.slice(-2);
  const x = magnitudes(a);
  const y = magnitudes(b);
  if (isFlat(x)) return { reason: "The drawing is the same everywhere, so there is nothing to compare." };
  if (isFlat(y))
    return { reason: "With shuffled weights the drawing is the same everywhere, so there is nothing to compare." };
  return { spearman: spearman(x, y), ssim: ssim(scaled(x), scaled(y), height, width) };
}

/** Magnitudes that differ by no more than rounding, or are none. */
function isFlat(values: Float64Array): boolean {
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return !(most - least > 1e-6 * most) || !Number.isFinite(most);
}

/**
 * Why a shuffle says nothing about a network, if it does not: convolutions and products with weights all of whose numbers
 * stayed in place. `before` and `after` are the weights by name.
 */
export function unshuffled(output: Tensor, input: Tensor, before: State, after: State): string | undefined {
  const nodes = walk([output]);
  const fed = new Set<Node>([input.node]);
  /** Nodes that read a variable whose numbers changed, and nothing of the picture. */
  const changed = new Set<Node>();
  const fixed = new Set<Node>();
  for (const node of nodes) {
    if (node.inputs.some((tensor) => fed.has(tensor.node))) fed.add(node);
    if (fed.has(node)) continue;
    const name = attributesIf(node, variableOp)?.name;
    const moved = name !== undefined && differs(before.get(name), after.get(name));
    if (moved || node.inputs.some((tensor) => changed.has(tensor.node))) changed.add(node);
    else if (name !== undefined || attributesIf(node, constantOp) || node.inputs.length > 0) fixed.add(node);
  }
  let [weighted, kept] = [0, 0];
  for (const node of nodes) {
    if (!fed.has(node) || ![convolutionOp, inputGradientOp, matmulOp].some((op) => op.name === node.op.name)) continue;
    const weights = node.inputs.filter((tensor) => !fed.has(tensor.node));
    if (weights.length === 0) continue;
    weighted++;
    if (weights.every((tensor) => fixed.has(tensor.node) && !isOneFilter(tensor))) kept++;
  }
  if (weighted === 0)
    return "The network has no convolution and no product with weights, so there is nothing to shuffle.";
  if (kept === 0) return undefined;
  const which = kept === weighted ? `all ${weighted}` : `${kept} of ${weighted}`;
  return `The weights of ${which} convolutions and products could not be shuffled (constants, or the same number throughout), so nothing can be said.`;
}

/** A constant that is one filter for every channel, such as a blur's, is architecture and no weight. */
function isOneFilter({ node, shape }: Tensor): boolean {
  const data = attributesIf(node, constantOp)?.value.data;
  const row = shape.slice(1).reduce((a, b) => a * b, 1);
  return data !== undefined && shape.length > 2 && data.every((value, i) => value === data[i % row]);
}

const differs = (a: NdArray | undefined, b: NdArray | undefined): boolean =>
  a !== undefined && b !== undefined && a.data.some((value, i) => value !== b.data[i]);

const magnitudes = ({ data }: NdArray): Float64Array => Float64Array.from(data, Math.abs);

function scaled(values: Float64Array): Float64Array {
  const most = values.reduce((a, b) => Math.max(a, b), 0);
  return most > 0 ? values.map((value) => value / most) : values;
}

/** Rank correlation; ties share the mean of their ranks. NaN where one side is flat: it has no order. */
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
  return ab / Math.sqrt(aa * bb);
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
