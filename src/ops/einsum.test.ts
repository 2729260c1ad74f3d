// Einstein's sums against PyTorch's numbers and gradients, in every engine, and what is refused.
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkFixture } from "../../test/check-fixture.ts";
import { checkFunction } from "../../test/check-op.ts";
import { readFixtures } from "../../test/fixtures.ts";
import { ShapeError } from "../base/errors.ts";
import { input } from "../graph/graph.ts";
import { einsum } from "./einsum.ts";

const cases = readFixtures("einsum");

test(`PyTorch: ${cases.length} equations`, async () => {
  for (const one of cases) {
    const equation = one.attributes.equation as string;
    await checkFixture(one, (inputs) => ({ y: einsum(equation, Object.values(inputs)) }));
    await checkFunction((inputs) => [einsum(equation, inputs)], Object.values(one.input));
  }
});

test("what cannot be is refused in words", () => {
  const x = input("x", [3, 4]);
  const refused: [equation: string, operands: (typeof x)[], words: RegExp][] = [
    ["ij,jk->ik", [x], /names 2 operands, but 1 are given/],
    ["ij,jk->ik", [x, x], /"j" has 4 places in one operand and 3 in another/],
    ["ijk->i", [x], /"ijk" names 3 axes of \[3, 4\]/],
    ["i->i", [x], /"i" names 1 axes of \[3, 4\]/],
    ["ijk...->i", [x], /"ijk\.\.\." names 3 axes/],
    ["ij->k", [x], /the result names "k", which no operand has/],
    ["ij->ii", [x], /names a letter twice/],
    ["ij->i->j", [x], /more than one arrow/],
    ["i1->i", [x], /"i1" is not made of letters/],
    ["i......->i", [x], /is not made of letters/],
    ["ii->i", [x], /"i" stands for the axes 0 and 1 of \[3, 4\], which differ/],
    ["...,...->...", [x, input("z", [3, 5])], /an axis of \.\.\. has 4 places in one operand and 5 in another/],
  ];
  for (const [equation, operands, words] of refused) {
    assert.throws(
      () => einsum(equation, operands),
      (error) => error instanceof ShapeError && words.test(error.message),
      equation,
    );
  }
});
