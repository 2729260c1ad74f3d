import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { countClasses } from "./dataset.ts";
import { digits } from "./digits.ts";
import { digitsFile } from "./digitsFile.ts";

test("the digits are split 1,438 to 359, the same every time, every class in its share", async () => {
  const { train, test: held, skipped } = await digits();
  assert.deepEqual(train.images.shape, [1438, 1, 8, 8]);
  assert.deepEqual(held.images.shape, [359, 1, 8, 8]);
  assert.deepEqual(train.classes, ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
  assert.deepEqual(skipped, []);
  assert.deepEqual([...countClasses(held.labels, 10)], [36, 36, 35, 37, 36, 36, 36, 36, 35, 36]);
  // The split is part of the data's definition: this sum changes if it does.
  assert.equal(
    held.labels.reduce((sum, label, i) => (sum * 31 + label + i) % 1000003, 0),
    966187,
  );
});

test("pixels are sixteenths of 0 to 1, and the first digit is a zero", async () => {
  const { train, test: held } = await digits();
  let [low, high, sum] = [Number.POSITIVE_INFINITY, 0, 0];
  for (const part of [train, held]) {
    for (const pixel of part.images.data) {
      low = Math.min(low, pixel);
      high = Math.max(high, pixel);
      sum += pixel * 16;
      assert.equal(Number.isInteger(pixel * 16), true);
    }
  }
  assert.deepEqual([low, high, sum], [0, 1, 561718]);
});

test("the module holds the very file of assets/", () => {
  const file = readFileSync(new URL("../../../assets/digits.csv.gz", import.meta.url));
  assert.equal(digitsFile, file.toString("base64"), "node scripts/digits.mjs writes it anew");
});
