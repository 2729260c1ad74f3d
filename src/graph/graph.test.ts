import assert from "node:assert/strict";
import { test } from "node:test";
import { apply1, input, withPath } from "./graph.ts";
import type { Op } from "./op.ts";
import { printGraph } from "./print.ts";

/** An op that gives whatever shape it is told. */
const shaped: Op<{ shape: readonly number[] }> = {
  name: "shaped",
  infer: ([x], { shape }) => [{ shape, dtype: x.dtype }],
};

test("a shape that cannot be is refused where it arises, with the layer's path", () => {
  const x = input("x", [2, 3]);
  for (const shape of [[2, -1], [1.5], [Number.NaN], [2 ** 60]]) {
    assert.throws(
      () => withPath("stem", () => withPath("conv1", () => apply1(shaped, [x], { shape }))),
      /^ShapeError: Layer "stem\.conv1": The output of shaped \[.*\] is impossible/,
    );
  }
  assert.deepEqual(apply1(shaped, [x], { shape: [0, 4] }).shape, [0, 4]);
});

test("a path ends with its layer, also when building fails", () => {
  const x = input("x", [1]);
  assert.throws(() => withPath("broken", () => apply1(shaped, [x], { shape: [-1] })));
  assert.equal(apply1(shaped, [x], { shape: [1] }).node.path, "");
  assert.match(printGraph({ y: apply1(shaped, [x], { shape: [1] }) }), /shaped/);
});
