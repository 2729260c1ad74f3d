// A slice of the ONNX fuzzer that fits into a test run; `node dist/test/onnx/fuzz.js --count 120000` runs more of it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { describeTally, fuzz } from "./fuzz.ts";

test("20,000 mutated ONNX files end in a graph or in one sentence", async (t) => {
  const tally = await fuzz(0, 20_000);
  t.diagnostic(describeTally(tally));
  assert.deepEqual(tally.failures, []);
  assert.ok(tally.refused > tally.built && tally.built > 1000, "the mutations are too harmful or too harmless");
});
