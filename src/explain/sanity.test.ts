import assert from "node:assert/strict";
import { test } from "node:test";
import { ndarray } from "../base/array.ts";
import { Random } from "../base/random.ts";
import { compare, shuffledWeights, spearman, ssim } from "./sanity.ts";

test("rank correlation, with ties as SciPy counts them", () => {
  const of = (a: number[], b: number[]): number => spearman(Float64Array.from(a), Float64Array.from(b));
  assert.equal(of([1, 2, 3, 4], [10, 20, 40, 1000]), 1);
  assert.equal(of([1, 2, 3, 4], [4, 3, 2, 1]), -1);
  assert.ok(Math.abs(of([1, 2, 3, 4, 5], [5, 6, 7, 8, 7]) - 0.8207826816681233) < 1e-12);
  assert.ok(Number.isNaN(of([1, 1, 1], [1, 2, 3])));
});

test("structural similarity of one window by hand", () => {
  // Means 0.5 and 0.5, variances 0.25, covariance -0.25; c1 = 0.0001, c2 = 0.0009.
  const found = ssim(Float64Array.of(0, 1), Float64Array.of(1, 0), 1, 2);
  assert.ok(Math.abs(found - (-0.5 + 0.0009) / (0.5 + 0.0009)) < 1e-12);
});

test("a picture is like itself, its negative too, and unlike noise", () => {
  const random = new Random(1, "test");
  const noise = () =>
    ndarray(
      [16, 16],
      Float64Array.from({ length: 256 }, () => random.normal()),
    );
  const picture = noise();
  assert.deepEqual(compare(picture, picture), { spearman: 1, ssim: 1 });
  const negative = ndarray(picture.shape, picture.data.map((value) => -2 * value) as Float64Array);
  assert.ok(compare(picture, negative).ssim! > 1 - 1e-12);
  const other = compare(picture, noise());
  assert.ok(Math.abs(other.spearman!) < 0.2 && Math.abs(other.ssim!) < 0.2);
});

test("shuffled weights are the same numbers elsewhere, the same for the same seed", () => {
  const data = Float32Array.from({ length: 1000 }, (_, i) => i);
  const weights = new Map([["w", ndarray([10, 100], data)]]);
  const once = shuffledWeights(weights, 3).get("w")!;
  assert.deepEqual(once.shape, [10, 100]);
  const filter = (from: ArrayLike<number>, row: number): string =>
    String(
      Array.from(from)
        .slice(100 * row, 100 * row + 100)
        .sort(),
    );
  const rows = Array.from({ length: 10 }, (_, row) => row);
  const places = rows.map((row) => rows.findIndex((old) => filter(data, old) === filter(once.data, row)));
  assert.deepEqual([...places].sort(), rows);
  assert.notDeepEqual(places, rows);
  // Within a filter nothing stays in order, and a bias goes with its filter.
  const own = Float64Array.from(once.data.subarray(0, 100));
  assert.ok(Math.abs(spearman(own, Float64Array.from(own.keys()))) < 0.3);
  const bias = shuffledWeights(new Map([["b", ndarray([10], Float32Array.from(rows))]]), 3).get("b")!;
  assert.deepEqual([...bias.data], places);
  assert.deepEqual(shuffledWeights(weights, 3), shuffledWeights(weights, 3));
  assert.notDeepEqual(shuffledWeights(weights, 4).get("w"), once);
});
