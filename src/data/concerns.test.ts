import assert from "node:assert/strict";
import { test } from "node:test";
import { ndarray } from "../base/array.ts";
import { Random } from "../base/random.ts";
import { copiesIn, imbalanceOf, lackingIn, type PartPrints, printsOf } from "./concerns.ts";

test("classes are uneven from three times as many pictures on; empty ones are not counted", () => {
  assert.equal(imbalanceOf([10, 29], ["a", "b"]), undefined);
  assert.deepEqual(imbalanceOf([30, 10, 0], ["a", "b", "c"]), {
    fewest: { name: "b", pictures: 10 },
    most: { name: "a", pictures: 30 },
    ratio: 3,
  });
  assert.equal(imbalanceOf([10, 0], ["a", "b"]), undefined);
});

test("classes that a part lacks are named, part by part", () => {
  const parts = [
    { part: "train", counts: [3, 2, 1] },
    { part: "test", counts: [1, 0, 0] },
  ];
  assert.deepEqual(lackingIn(parts, ["a", "b", "c"]), [{ part: "test", classes: ["b", "c"] }]);
});

test("copies are found in any order, across parts and classes, as by comparing all with all", () => {
  const random = new Random(5, "concerns");
  const draw = (part: string, count: number): PartPrints => ({
    part,
    prints: Uint32Array.from({ length: 2 * count }, () => 4294967290 + random.below(5)),
    labels: Int32Array.from({ length: count }, () => random.below(2)),
  });
  const parts = [draw("train", 60), draw("empty", 0), draw("test", 30)];
  const all = parts.flatMap(({ part, prints, labels }) =>
    Array.from(labels!, (label, index) => ({
      part,
      index,
      label,
      print: `${prints[2 * index]} ${prints[2 * index + 1]}`,
    })),
  );
  const expected = [...new Set(all.map(({ print }) => print))]
    .map((print) => all.filter((one) => one.print === print))
    .filter((group) => group.length > 1);
  const found = copiesIn(parts);
  const plain = (places: readonly { part: string; index: number }[]): string =>
    places.map(({ part, index }) => `${part} ${index}`).join();
  assert.ok(found.length > 5);
  assert.deepEqual(found.map(({ places }) => plain(places)).sort(), expected.map((group) => plain(group)).sort());
  for (const { places, acrossParts, acrossClasses } of found) {
    const group = expected.find((one) => plain(one) === plain(places))!;
    assert.equal(acrossParts, new Set(group.map(({ part }) => part)).size > 1);
    assert.equal(acrossClasses, new Set(group.map(({ label }) => label)).size > 1);
  }
  const across = found.map(({ acrossParts }) => acrossParts);
  assert.deepEqual(
    across,
    across.toSorted((a, b) => Number(b) - Number(a)),
  );
});

test("the prints of a set in memory tell its pictures apart by their pixels", () => {
  const images = ndarray([3, 1, 1, 2], Uint8Array.of(1, 2, 1, 3, 1, 2), "uint8");
  const set = { name: "tiny", images, labels: Int32Array.of(0, 1, 1), classes: ["a", "b"] };
  const places = [
    { part: "train", index: 0 },
    { part: "train", index: 2 },
  ];
  assert.deepEqual(copiesIn([printsOf("train", set)]), [{ places, acrossParts: false, acrossClasses: true }]);
});
