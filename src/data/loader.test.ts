import assert from "node:assert/strict";
import { test } from "node:test";
import { ndarray } from "../base/array.ts";
import type { Augmentation } from "./augment.ts";
import type { Batch } from "./batch.ts";
import type { Dataset } from "./dataset.ts";
import { loader } from "./loader.ts";
import { measure, prepare } from "./normalize.ts";

/** Ten images of two channels; channel 0 of image i is all 20 i, channel 1 all 255. */
const set: Dataset = {
  name: "made",
  images: ndarray(
    [10, 2, 2, 2],
    Uint8Array.from({ length: 80 }, (_, i) => (i % 8 < 4 ? 20 * Math.floor(i / 8) : 255)),
    "uint8",
  ),
  labels: Int32Array.from({ length: 10 }, (_, i) => i % 3),
  classes: ["a", "b", "c"],
};
const plain = (batch: Batch) => ({ ...batch, images: [...batch.images.data], labels: [...batch.labels.data] });

test("an epoch gives every image once, with its label", () => {
  const made = loader(set, { batch: 4, shuffle: true, seed: 5 });
  assert.deepEqual([made.size, made.batches, made.images], [4, 3, 10]);
  const batches = [...made.epoch(0)];
  assert.deepEqual(
    batches.map((batch) => batch.images.shape),
    [
      [4, 2, 2, 2],
      [4, 2, 2, 2],
      [2, 2, 2, 2],
    ],
  );
  const seen = batches.flatMap((batch) => [...batch.indices]);
  assert.notDeepEqual(seen, [...set.labels.keys()]);
  assert.deepEqual(
    seen.toSorted((a, b) => a - b),
    [...set.labels.keys()],
  );
  for (const { images, labels, indices } of batches) {
    indices.forEach((place, i) => {
      assert.equal(labels.data[i], set.labels[place]);
      assert.equal(images.data[i * 8], Math.fround((20 * place) / 255));
    });
  }
  assert.deepEqual(
    [...loader(set, { batch: 4 }).epoch(3)].flatMap((batch) => [...batch.indices]),
    [...set.labels.keys()],
  );
});

test("a batch is a pure function of seed, epoch and index", () => {
  const augment: Augmentation[] = [
    { kind: "shift", pixels: 1 },
    { kind: "noise", deviation: 0.1 },
    { kind: "mixup", alpha: 0.4 },
  ];
  const make = (seed: number) => loader(set, { batch: 3, shuffle: true, seed, augment });
  const whole = [...make(1).epoch(7)].map(plain);
  assert.deepEqual([...make(1).epoch(7, 2)].map(plain), whole.slice(2));
  const other = make(1);
  other.batch(2, 0);
  assert.deepEqual(plain(other.batch(7, 1)), whole[1]);
  assert.notDeepEqual(plain(make(2).batch(7, 1)), whole[1]);
  assert.notDeepEqual(plain(make(1).batch(8, 1)).images, whole[1].images);
});

test("normalization is measured per channel and applied", () => {
  const normalization = measure(set.images);
  const mean = 90 / 255;
  const std = Math.sqrt(Array.from({ length: 10 }, (_, i) => (20 * i - 90) ** 2).reduce((a, b) => a + b) / 10) / 255;
  assert.ok(Math.abs(normalization.mean[0] - mean) < 1e-12 && Math.abs(normalization.std[0] - std) < 1e-12);
  assert.ok(Math.abs(normalization.mean[1] - 1) < 1e-12);
  assert.equal(normalization.std[1], 1, "a flat channel keeps its scale");
  const { images } = loader(set, { batch: 10, normalization }).batch(0, 0);
  assert.ok(Math.abs(images.data[72] - (180 / 255 - mean) / std) < 1e-6);
  assert.ok(Math.abs(images.data[76]) < 1e-6);
  assert.deepEqual(prepare(set.images, normalization), images);
  assert.equal(prepare(set.images).data[4], 1);
});

test("dropLast leaves out what does not fill a batch", () => {
  const made = loader(set, { batch: 4, dropLast: true });
  assert.deepEqual([made.batches, made.images, [...made.epoch(0)].length], [2, 8, 2]);
});

test("mixup blends images and labels by one share", () => {
  const made = loader(set, { batch: 5, seed: 3, augment: [{ kind: "mixup", alpha: 1 }] });
  let blended = 0;
  for (const { images, targets } of made.epoch(0)) {
    assert.deepEqual(targets?.shape, [5, 3]);
    for (let i = 0; i < 5; i++) {
      const row = [...targets!.data.slice(3 * i, 3 * i + 3)];
      assert.ok(Math.abs(row.reduce((a, b) => a + b) - 1) < 1e-6);
      if (row.every((share) => share < 0.999)) blended++;
      assert.ok(Math.abs(images.data[i * 8 + 4] - 1) < 1e-6);
    }
  }
  assert.ok(blended > 0);
});

test("cutmix pastes a rectangle, and blends labels by its area", () => {
  // Every pixel of image i is i.
  const [count, side] = [8, 16];
  const plane = side * side;
  const made: Dataset = {
    name: "numbered",
    images: ndarray(
      [count, 1, side, side],
      Float32Array.from({ length: count * plane }, (_, i) => Math.floor(i / plane)),
    ),
    labels: Int32Array.from({ length: count }, (_, i) => i),
    classes: Array.from({ length: count }, (_, i) => `c${i}`),
  };
  const areas = new Set<number>();
  const kinds = new Set<string>();
  const both: Augmentation[] = [
    { kind: "cutmix", alpha: 1 },
    { kind: "mixup", alpha: 1 },
  ];
  for (let epoch = 0; epoch < 30; epoch++) {
    const { images, targets, indices } = loader(made, { batch: count, augment: both.slice(0, 1) }).batch(epoch, 0);
    for (const [i, own] of indices.entries()) {
      const pixels = images.data.subarray(i * plane, (i + 1) * plane);
      const foreign = [...pixels.keys()].filter((p) => pixels[p] !== own);
      const row = targets!.data.subarray(i * count, (i + 1) * count);
      const share = foreign.length / plane;
      assert.ok(Math.abs(row[own] - (1 - share)) < 1e-6);
      if (foreign.length === 0) continue;
      const other = pixels[foreign[0]];
      assert.ok(Math.abs(row[other] - share) < 1e-6);
      const [rows, columns] = [foreign.map((p) => Math.floor(p / side)), foreign.map((p) => p % side)];
      const sides = [rows, columns].map((places) => Math.max(...places) - Math.min(...places) + 1);
      assert.equal(sides[0] * sides[1], foreign.length, "a whole rectangle of one picture");
      assert.ok(foreign.every((p) => pixels[p] === other));
      areas.add(foreign.length);
    }
    const { images: either } = loader(made, { batch: count, augment: both }).batch(epoch, 0);
    kinds.add(either.data.every(Number.isInteger) ? "cutmix" : "mixup");
  }
  assert.ok(areas.size > 10);
  assert.deepEqual([...kinds].sort(), ["cutmix", "mixup"], "with both in the list, each has its batches");
});

test("impossible options are refused with one sentence", () => {
  const cases: [object, string][] = [
    [{ batch: 0 }, "loader: batch must be a whole number of at least 1; it is 0."],
    [
      { batch: 11, dropLast: true },
      "A batch of 11 is larger than made with its 10 images; nothing is left with dropLast.",
    ],
    [{ batch: 2, shufle: true }, 'loader has no option "shufle"; did you mean "shuffle"?'],
    [
      { batch: 2, normalization: { mean: [0], std: [1] } },
      "The normalization has 1 means and 1 deviations, but the images have 2 channels.",
    ],
    [
      { batch: 2, normalization: { mean: [0, 0], std: [1, 0] } },
      "The normalization needs finite means and deviations above 0.",
    ],
  ];
  for (const [options, message] of cases) {
    assert.throws(() => loader(set, options as Parameters<typeof loader>[1]), { name: "NeocogError", message });
  }
  assert.throws(() => loader(set, { batch: 4 }).batch(0, 3), {
    message: "There is no batch 3: an epoch has the batches 0 to 2.",
  });
});
