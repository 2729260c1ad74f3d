import assert from "node:assert/strict";
import { test } from "node:test";
import { ndarray } from "../base/array.ts";
import { countClasses, type Dataset, dataset, majorityOf, relabel, subset } from "./dataset.ts";
import { divide, holdBack, split, stratify } from "./split.ts";

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

test("a part for validation is cut beside the test set, which stays the same", () => {
  const origins = Array.from({ length: 100 }, (_, i) => `${i}.png`);
  const source = { ...made(origins.map((_, i) => (i < 60 ? 0 : 1))), origins };
  const places = ({ origins }: Dataset): readonly string[] => origins!;
  const plain = split(source);
  const three = split(source, { validationFraction: 0.1 });
  assert.deepEqual(places(three.test), places(plain.test), "the test set does not move");
  assert.deepEqual(
    [three.train, three.validation!, three.test].map(({ labels }) => [...countClasses(labels, 2)]),
    [
      [42, 28],
      [6, 4],
      [12, 8],
    ],
  );
  const all = [three.train, three.validation!, three.test].flatMap(places);
  assert.equal(new Set(all).size, 100, "every image stands in one part");
  assert.deepEqual([three.train.name, three.validation!.name], ["made (training)", "made (validation)"]);
  assert.equal(plain.validation, undefined);
  const held = holdBack(plain, { validationFraction: 0.25 });
  assert.deepEqual(
    [held.train, held.validation!, held.test].map(({ labels }) => labels.length),
    [60, 20, 20],
  );
  assert.equal(held.train.name, "made (training)");
  assert.equal(holdBack(plain, {}), plain, "nothing unless told");
  const untested = divide(source, { testFraction: 0 });
  assert.deepEqual(
    [untested.train.labels.length, untested.validation!.labels.length, untested.test],
    [90, 10, undefined],
  );
});

test("labels are counted in another list of classes by name", () => {
  const source = { ...made([1, 0, 1]), classes: ["dog", "cat"] };
  const known = relabel(source, ["ant", "cat", "dog"]);
  assert.deepEqual(
    [[...known.labels], known.classes],
    [
      [1, 2, 1],
      ["ant", "cat", "dog"],
    ],
  );
  assert.deepEqual([...source.labels], [1, 0, 1], "the source is untouched");
  const missing = relabel({ ...made([1, 1]), classes: ["zebra", "cat"] }, ["ant", "cat"]);
  assert.deepEqual([...missing.labels], [1, 1], "a class without images may be unknown");
  assert.throws(() => relabel(source, ["Cat", "dogs", "ant"]), {
    name: "DataError",
    message: "made has pictures of the class cat, which the model does not know; did you mean Cat?",
  });
});

test("the majority is what always one answer would reach", () => {
  const lopsided = { ...made(Array.from({ length: 23 }, (_, i) => (i === 0 ? 1 : 0))), classes: ["star", "square"] };
  assert.deepEqual(majorityOf(lopsided), { name: "star", share: 22 / 23 });
});

test("split refuses what cannot be cut", () => {
  const cut = split(made([0, 0, 0, 0, 0, 1, 1, 1, 1, 1]));
  assert.deepEqual([cut.train.labels.length, cut.test.labels.length], [8, 2]);
  assert.throws(() => split(made([0, 1]), { testFraction: 1 }), {
    message: "split: testFraction must be a number above 0 and below 1; it is 1.",
  });
  assert.throws(() => split(made([0, 1]), { testFraction: 0 }), /must be a number above 0 and below 1; it is 0/);
  assert.throws(
    () => split(made([0, 1]), { validationFraction: 1 }),
    /must be a number of at least 0 and below 1; it is 1/,
  );
  assert.throws(() => split(made([0, 1]), { testFraction: 0.5, validationFraction: 0.5 }), /leave nothing to train on/);
  assert.throws(() => split(made([0])), {
    message: "made holds too few images (1) to hold some back for testing.",
  });
});
