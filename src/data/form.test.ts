import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseSize, formRules } from "./form.ts";

const many = (count: number, height: number, width: number) => Array.from({ length: count }, () => ({ height, width }));

test("pictures of one small size keep it, and nothing is left out", () => {
  const { height, width, resize, choices } = chooseSize(many(3, 40, 56), {});
  assert.deepEqual([height, width, resize], [40, 56, "cover"]);
  assert.match(choices[0].why, /all pictures have it/);
  assert.equal(choices.length, 1);
});

test("the side is the largest that the median picture has", () => {
  for (const [shorter, side] of [
    [20, 32],
    [40, 32],
    [50, 48],
    [64, 64],
    [300, 64],
  ]) {
    const sizes = [...many(1, 9, 9), ...many(3, shorter, shorter + 1), ...many(2, 900, 900)];
    assert.equal(chooseSize(sizes, {}).height, side, `${shorter}`);
  }
});

test("whole pictures are shown where the middle would leave out more than a tenth", () => {
  assert.equal(chooseSize([...many(5, 300, 310), ...many(1, 310, 300)], {}).resize, "cover");
  const wide = chooseSize([...many(5, 300, 400), ...many(5, 400, 300)], {});
  assert.equal(wide.resize, "squash");
  assert.match(wide.choices[1].why, /would leave out 25 %/);
});

test("what is told is no choice", () => {
  const { height, width, resize, choices } = chooseSize(many(4, 300, 400), { height: 48, width: 64, resize: "cover" });
  assert.deepEqual([height, width, resize, choices.length], [48, 64, "cover", 0]);
  assert.deepEqual(
    chooseSize(many(4, 300, 400), { height: 48, width: 64 }).choices,
    [],
    "the sides are those of the pictures: nothing is left out either way",
  );
});

test("each rule has its sentence", () => {
  assert.deepEqual(
    formRules.map(({ option }) => option),
    ["size", "resize"],
  );
});
