import assert from "node:assert/strict";
import { test } from "node:test";
import { Random, threefry } from "./random.ts";

test("Threefry-2x32 gives the known answers of its authors' test vectors", () => {
  assert.deepEqual(threefry(0, 0, 0, 0), [0x6b200159, 0x99ba4efe]);
  assert.deepEqual(threefry(-1, -1, -1, -1), [0x1cb996fc, 0xbb002be7]);
  assert.deepEqual(threefry(0x13198a2e | 0, 0x03707344 | 0, 0x243f6a88 | 0, 0x85a308d3 | 0), [0xc4923a9c, 0x483df7a0]);
});

test("a stream goes on from its state, and differs from its neighbours", () => {
  const random = new Random(5, "weights");
  random.permutation(100);
  const copy = Random.from(random.state);
  assert.deepEqual([copy.uniform(), copy.normal()], [random.uniform(), random.normal()]);
  assert.notEqual(new Random(5, "weights").bits(), new Random(6, "weights").bits());
  assert.notEqual(new Random(5, "weights").bits(), new Random(5, "bias").bits());
});

test("uniform and normal numbers have the moments they should", () => {
  const random = new Random(1);
  const n = 100_000;
  let sum = 0;
  let squares = 0;
  let normals = 0;
  let normalSquares = 0;
  for (let i = 0; i < n; i++) {
    const u = random.uniform();
    assert.ok(u >= 0 && u < 1);
    sum += u;
    squares += u * u;
    const z = random.normal();
    normals += z;
    normalSquares += z * z;
  }
  // Five standard errors of each mean.
  assert.ok(Math.abs(sum / n - 0.5) < 5 * Math.sqrt(1 / 12 / n));
  assert.ok(Math.abs(squares / n - 1 / 3) < 5 * Math.sqrt(4 / 45 / n));
  assert.ok(Math.abs(normals / n) < 5 / Math.sqrt(n));
  assert.ok(Math.abs(normalSquares / n - 1) < 5 * Math.sqrt(2 / n));
});

test("a permutation holds every number once", () => {
  assert.deepEqual(
    [...new Random(3).permutation(50)].sort((a, b) => a - b),
    Array.from({ length: 50 }, (_, i) => i),
  );
});
