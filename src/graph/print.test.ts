import assert from "node:assert/strict";
import { test } from "node:test";
import { ndarray } from "../base/array.ts";
import { relu } from "../ops/activations.ts";
import { add, mul } from "../ops/arithmetic.ts";
import { constantTensor, input, variable, withPath } from "./graph.ts";
import { printGraph } from "./print.ts";

test("a graph prints one node a line, with places, types and paths", () => {
  const x = input("x", [2, 3]);
  const w = variable("block.w", [2, 3], () => ndarray([2, 3], new Float32Array(6)));
  const y = withPath("block", () => relu(add(mul(x, w), constantTensor(ndarray([2, 3], [1, 2, 3, 4, 5, 6])))));
  assert.equal(
    printGraph({ y, x }),
    [
      "%0  input x  float32 [2, 3]",
      "%1  variable block.w  float32 [2, 3]",
      "%2  mul(%0, %1) expression=multiply(x0, x1)  → float32 [2, 3]   # block",
      "%3  constant [1, 2, 3, 4, … 6 numbers]  float32 [2, 3]",
      "%4  add(%2, %3) expression=add(x0, x1)  → float32 [2, 3]   # block",
      "%5  relu(%4) expression=maximum(x0, 0)  → float32 [2, 3]   # block",
      "return y = %5",
      "return x = %0",
    ].join("\n"),
  );
});
