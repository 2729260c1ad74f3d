import assert from "node:assert/strict";
import { test } from "node:test";
import { Course, spark } from "./spark.ts";

test("a curve of one line rises and falls with its values, from the lowest dots to the highest", () => {
  assert.equal(spark([0, 1, 2, 3], 2), String.fromCharCode(0x2800 + 0x40 + 0xa0, 0x2800 + 0x46 + 0xb8));
  assert.equal(spark([3, 3], 1), String.fromCharCode(0x2800 + 0x40 + 0x80));
  assert.equal(spark([1], 3), `${String.fromCharCode(0x2800 + 0x40)}  `);
});

test("more values than places are averaged; what is no number is left out", () => {
  assert.equal(spark([0, 0, 3, 3], 1), spark([0, 3], 1));
  assert.equal(spark([Number.NaN, 0, Number.POSITIVE_INFINITY, 3], 1), spark([0, 3], 1));
  assert.equal(spark([], 4), "    ");
  assert.equal(spark([1, 2, 3], 0), "");
  for (let n = 1; n < 50; n++)
    assert.equal(
      spark(
        Array.from({ length: n }, (_, i) => Math.sin(i)),
        7,
      ).length,
      7,
    );
});

test("a course of any length keeps few values, and their mean", () => {
  const course = new Course();
  for (let i = 0; i < 4096; i++) course.add(i);
  assert.ok(course.values.length <= 512 && course.values.length >= 256, String(course.values.length));
  const mean = course.values.reduce((sum, value) => sum + value, 0) / course.values.length;
  assert.equal(mean, 2047.5);
  assert.deepEqual(
    course.values,
    course.values.toSorted((a, b) => a - b),
  );
});
