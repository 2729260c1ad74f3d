import assert from "node:assert/strict";
import { test } from "node:test";
import { ndarray } from "../base/array.ts";
import { countClasses, type Dataset, dataset, split, stratify, subset } from "./dataset.ts";

const made = (labels: number[], classes = 3): Dataset => ({
  name: "made",
  images: ndarray(
    [labels.length, 1, 1, 2],
    labels.flatMap((label, i) => [label, i]),
    "uint8",
  ),
  labels: Int32Array.from(labels),
  classes: Array.from({ length: classes }, (_, c) => `class ${c}`),
  origins: labels.map((_, i) => `${i}.png`),
});

test("a dataset must fit together", () => {
  const good = made([0, 1, 2]);
  assert.equal(dataset(good), good);
  assert.throws(() => dataset({ ...good, labels: Int32Array.of(0, 1, 3) }, "labels.idx"), {
    name: "DataError",
    message: "labels.idx gives image 2 (2.png) the label 3, which is outside the 3 classes (0 to 2).",
  });
  assert.throws(() => dataset({ ...good, labels: Int32Array.of(0, -1, 2) }), {
    message: "made gives image 1 (1.png) the label -1, which is outside the 3 classes (0 to 2).",
  });
  assert.throws(() => dataset({ ...good, labels: Int32Array.of(0) }, "l"), {
    message: "made holds 3 images, but l holds 1 labels.",
  });
  assert.throws(() => dataset({ ...good, images: ndarray([3, 2], new Uint8Array(6), "uint8") }), {
    message: "made has images of shape [3, 2]; it must be [count, channels, height, width].",
  });
  assert.throws(() => dataset(made([])), { message: "made holds no images: its shape is [0, 1, 1, 2]." });
});

test("a subset keeps order, labels and origins", () => {
  const part = subset(made([0, 1, 2]), [2, 0]);
  assert.deepEqual([...part.images.data], [2, 2, 0, 0]);
  assert.deepEqual([...part.labels], [2, 0]);
  assert.deepEqual(part.origins, ["2.png", "0.png"]);
  assert.deepEqual(part.images.shape, [2, 1, 1, 2]);
});

test("stratify gives every class its share, exactly, and keeps one for training", () => {
  const labels = Int32Array.from({ length: 100 }, (_, i) => (i < 50 ? 0 : i < 83 ? 1 : i < 99 ? 2 : 3));
  const { train, test: held } = stratify(labels, 4, 20, 7);
  assert.deepEqual(
    [...train, ...held].sort((a, b) => a - b),
    [...labels.keys()],
  );
  assert.deepEqual(
    [
      ...countClasses(
        labels.filter((_, i) => held.includes(i)),
        4,
      ),
    ],
    [10, 7, 3, 0],
  );
  assert.deepEqual(stratify(labels, 4, 20, 7).test, held);
  assert.notDeepEqual(stratify(labels, 4, 20, 8).test, held);
  assert.deepEqual(
    [
      ...countClasses(
        labels.filter((_, i) => stratify(labels, 4, 99, 7).train.includes(i)),
        4,
      ),
    ],
    [1, 1, 1, 1],
  );
});

test("split refuses what cannot be cut", () => {
  const cut = split(made([0, 0, 0, 0, 0, 1, 1, 1, 1, 1]));
  assert.deepEqual([cut.train.labels.length, cut.test.labels.length], [8, 2]);
  assert.throws(() => split(made([0, 1]), { testFraction: 1 }), {
    message: "split: testFraction must be a number above 0 and below 1; it is 1.",
  });
  assert.throws(() => split(made([0])), {
    message: "made holds too few images (1) to hold some back for testing.",
  });
});
