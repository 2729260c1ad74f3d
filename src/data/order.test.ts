// Balanced sampling: what WeightedRandomSampler with one over the pictures of its class as each one's weight gives, as a function
// of (seed, epoch) alone.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ndarray } from "../base/array.ts";
import type { Dataset } from "./dataset.ts";
import { loader } from "./loader.ts";
import { balancedOrder } from "./order.ts";

const counts = [5, 20, 75, 0, 100];
const labels = Int32Array.from(counts.flatMap((count, label) => Array.from({ length: count }, () => label)));

/** Draws of each picture over many epochs. */
function drawn(epochs: number, seed = 3): Float64Array {
  const order = balancedOrder(seed, labels);
  const found = new Float64Array(labels.length);
  for (let epoch = 0; epoch < epochs; epoch++) for (const place of order(epoch).indices) found[place]++;
  return found;
}

test("classes come equally often, and pictures within a class too, as far as chance allows", () => {
  const epochs = 400;
  const found = drawn(epochs);
  const total = epochs * labels.length;
  for (const [label, count] of counts.entries()) {
    const own = Array.from(found).filter((_, i) => labels[i] === label);
    const sum = own.reduce((all, n) => all + n, 0);
    if (count === 0) {
      assert.equal(sum, 0);
      continue;
    }
    // Every draw takes the class with a chance of 1/4: within five standard deviations.
    assert.ok(Math.abs(sum - total / 4) < 5 * Math.sqrt((total * 3) / 16), `class ${label}: ${sum} of ${total}`);
    // Pearson's statistic has count - 1 degrees of freedom: its mean, and twice that as variance.
    const wanted = sum / count;
    const statistic = own.reduce((all, n) => all + (n - wanted) ** 2 / wanted, 0);
    assert.ok(Math.abs(statistic - (count - 1)) < 5 * Math.sqrt(2 * (count - 1)), `class ${label}: ${statistic}`);
  }
});

test("it is drawn with replacement: a share of 1/e of an even set is left out of an epoch", () => {
  const even = Int32Array.from({ length: 4000 }, (_, i) => i % 4);
  const seen = new Set(balancedOrder(0, even)(0).indices).size / even.length;
  assert.ok(Math.abs(seen - (1 - 1 / Math.E)) < 0.03, `${seen}`);
});

test("an epoch is a function of the seed and its number, asked for in any order", () => {
  const [one, other] = [balancedOrder(1, labels), balancedOrder(1, labels)];
  const late = one(7).indices;
  for (const epoch of [0, 3, 7]) assert.deepEqual(other(epoch).indices, one(epoch).indices);
  assert.deepEqual(other(7).indices, late);
  assert.notDeepEqual(one(8).indices, late);
  assert.notDeepEqual(balancedOrder(2, labels)(7).indices, late);
});

test("a picture that comes again in an epoch is changed anew, and a batch is the same whenever it is asked for", () => {
  const images = ndarray([labels.length, 1, 4, 4], new Uint8Array(labels.length * 16).fill(128), "uint8");
  const set: Dataset = { name: "uneven", images, labels, classes: ["a", "b", "c", "d", "e"] };
  const options = { batch: 200, balanced: true, seed: 5, augment: [{ kind: "noise", deviation: 0.2 }] } as const;
  const batch = loader(set, options).batch(2, 0);
  const rows = new Map<string, number>();
  for (const [i, place] of batch.indices.entries())
    rows.set(`${place}: ${batch.images.data.slice(16 * i, 16 * i + 16).join(" ")}`, place);
  assert.equal(rows.size, 200, "no two are alike");
  assert.ok(new Set(rows.values()).size < 150, "though pictures come again");
  const again = loader(set, options);
  again.batch(1, 0);
  assert.deepEqual(again.batch(2, 0), batch);
  assert.deepEqual(
    Array.from(batch.labels.data),
    Array.from(batch.indices, (place) => labels[place]),
  );
});

test("numbers cannot be balanced", () => {
  const values = ndarray([2, 1], Float32Array.of(1, 2));
  const images = ndarray([2, 1, 2, 2], new Uint8Array(8), "uint8");
  const set = { name: "numbers", images, labels: { kind: "numbers", values } as const, classes: ["mass"] };
  assert.throws(() => loader(set, { batch: 1, balanced: true }), /balanced is for pictures of one class each/);
});
