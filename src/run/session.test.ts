import assert from "node:assert/strict";
import { test } from "node:test";
import { fromNested, toNested } from "../base/array.ts";
import { compile } from "../compile/compile.ts";
import { gradients } from "../compile/grad.ts";
import type { Program } from "../compile/program.ts";
import { referenceEngine } from "../engines/reference/engine.ts";
import { input, variable } from "../graph/graph.ts";
import { mul, square, sub } from "../ops/arithmetic.ts";
import { conv2d } from "../ops/convolve.ts";
import { broadcastTo, sum } from "../ops/sum.ts";
import { openSession } from "./session.ts";

/** SPEC 30 and 31: an edge kernel learnt by gradient descent from one picture. */
function edgeProgram(rate: number): Program {
  const x = input("x", [1, 1, 6, 8]);
  const y = input("y", [1, 1, 6, 7]);
  const w = variable("w", [1, 1, 1, 2], () => fromNested([[[[0, 0]]]]));
  const loss = sum(square(sub(conv2d(x, w), y)));
  const [dw] = gradients([loss], [w]);
  return { outputs: { loss }, updates: [{ variable: w, value: sub(w, mul(dw, rate)) }] };
}

const picture = [[Array.from({ length: 6 }, () => [1, 1, 0, 0, 0, 0, 1, 1])]];
const edges = [[Array.from({ length: 6 }, () => [0, 1, 0, 0, 0, -1, 0])]];

test("an edge kernel is learnt with the losses of SPEC 31", async () => {
  const session = await openSession(edgeProgram(0.03), referenceEngine());
  const losses: number[] = [];
  for (let step = 0; step < 10; step++) {
    const { loss } = await session.run({ x: fromNested(picture), y: fromNested(edges) });
    losses.push(loss.data[0]);
  }
  const expected = [12, 4.9152, 2.01327, 0.82463, 0.33777, 0.13835, 0.05667, 0.02321, 0.00951, 0.00389];
  losses.forEach((loss, i) => {
    assert.ok(Math.abs(loss - expected[i]) < 5.1e-6, `step ${i}: ${loss}`);
  });
  const [w0, w1] = session.readVariable("w").data;
  assert.ok(Math.abs(w0 - 0.98847) < 5e-6 && Math.abs(w1 + 0.98847) < 5e-6);
});

test("the loops of the waist compute what the definitions compute", async () => {
  const engine = { ...referenceEngine(), lowering: "loops" as const };
  const byLoops = await openSession(edgeProgram(0.03), engine);
  const byDefinition = await openSession(edgeProgram(0.03), referenceEngine());
  for (let step = 0; step < 3; step++) {
    const inputs = { x: fromNested(picture), y: fromNested(edges) };
    assert.deepEqual(toNested((await byLoops.run(inputs)).loss), toNested((await byDefinition.run(inputs)).loss));
  }
  assert.deepEqual(byLoops.readVariable("w"), byDefinition.readVariable("w"));
});

test("a training step is fused: the update is written in place and no host step is left", () => {
  const { memory } = compile(edgeProgram(0.03), { lowering: "loops" });
  assert.ok(memory.plan.steps.every(({ kernel }) => kernel.kind !== "host"));
  assert.ok(
    memory.plan.steps.every(({ label }) => !label.startsWith("update")),
    memory.plan.steps.map(({ label }) => label).join("\n"),
  );
});

test("a step that was fused into its reader stays where its result is an output too", async () => {
  const x = input("x", [1, 3]);
  const spread = broadcastTo(x, [2, 3]);
  const program: Program = { outputs: { spread, double: mul(spread, 2) }, updates: [] };
  const session = await openSession(program, { ...referenceEngine(), lowering: "loops" });
  const found = await session.run({ x: fromNested([[1, 2, 3]]) });
  assert.deepEqual(toNested(found.spread), [
    [1, 2, 3],
    [1, 2, 3],
  ]);
  assert.deepEqual(toNested(found.double), [
    [2, 4, 6],
    [2, 4, 6],
  ]);
});
