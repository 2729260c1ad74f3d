import assert from "node:assert/strict";
import { test } from "node:test";
import { fromNested, ndarray, toNested } from "../base/array.ts";
import { NeocogError } from "../base/errors.ts";
import { compile } from "../compile/compile.ts";
import { gradients } from "../compile/grad.ts";
import type { Program } from "../compile/program.ts";
import { referenceEngine } from "../engines/reference/engine.ts";
import { wasmEngine } from "../engines/wasm/run/engine.ts";
import { input, variable } from "../graph/graph.ts";
import { add, mul, square, sub } from "../ops/arithmetic.ts";
import { conv2d } from "../ops/convolution.ts";
import { broadcastTo, sum } from "../ops/sum.ts";
import { openSession } from "./session.ts";

/** An edge kernel learnt by gradient descent from one picture. */
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

test("an edge kernel is learnt with these losses", async () => {
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

test("what does not fit is refused where it comes in, in one sentence", async () => {
  const program = (): Program => {
    const [x, i] = [input("x", [2, 3]), input("i", [2], "int32")];
    const w = variable("w", [3], () => ndarray([3], [1, 2, 3]));
    return {
      outputs: { y: mul(x, broadcastTo(w, [2, 3])), i: add(i, 1) },
      updates: [{ variable: w, value: mul(w, 2) }],
    };
  };
  const x = ndarray([2, 3], new Float32Array(6));
  const i = ndarray([2], [0, 1], "int32");
  const cases: readonly (readonly [object, RegExp])[] = [
    [{ x }, /^The input "i" is missing\.$/],
    [{ x, i, z: x }, /^Unknown input "z"/],
    [{ x: ndarray([3, 2], new Float32Array(6)), i }, /^The input "x" must be \[2, 3\], but is \[3, 2\]\.$/],
    [{ x: { ...x, data: new Float32Array(5) }, i }, /^The input "x" is \[2, 3\], 6 numbers, but 5 were given\.$/],
    [{ x: ndarray([2, 3], new Uint8Array(6), "uint8"), i }, /^The input "x" is float32, but was given uint8; /],
    [
      { x, i: ndarray([2], [0, 1]) },
      /^The input "i" is int32, but was given float32; ndarray\(shape, numbers, "int32"\)/,
    ],
    [
      { x, i: ndarray([2], Float64Array.of(0, 0.5), "int32") },
      /^The input "i" is int32, but number 1 of it is 0\.5, not/,
    ],
    [{ x, i: ndarray([2], Float64Array.of(2 ** 31, 0), "int32") }, /number 0 of it is 2147483648, not a whole number/],
  ];
  for (const engine of [referenceEngine(), await wasmEngine({ threads: 1 }), await wasmEngine({ threads: 2 })]) {
    const session = await openSession(program(), engine);
    for (const [given, sentence] of cases) {
      await assert.rejects(session.run(given as never), (error) => {
        assert.match((error as Error).message, sentence);
        assert.ok(error instanceof NeocogError);
        return true;
      });
    }
    const bad = [ndarray([2], [1, 2]), ndarray([3], [1, 2, 3], "int32"), { ...x, shape: [3] }];
    for (const value of bad) assert.throws(() => session.writeVariable("w", value), /^NeocogError|ShapeError/);
    assert.throws(() => session.readVariable("v"), /Unknown variable "v"/);
    assert.deepEqual([...session.readVariable("w").data], [1, 2, 3], "nothing was written");

    const running = session.run({ x, i });
    await assert.rejects(session.run({ x, i }), /^NeocogError: This session is running and cannot be run until/);
    await running;
    session.release();
    session.release();
    await assert.rejects(session.run({ x, i }), /^NeocogError: This session was released and cannot be run any more/);
    assert.throws(
      () => session.readVariable("w"),
      /This session was released and cannot be read any more; open another/,
    );
    assert.throws(() => session.writeVariable("w", x), /This session was released and cannot be written any more/);
    await engine.close();
  }
});

test("a session of a closed engine says so", async () => {
  const engine = await wasmEngine({ threads: 2 });
  const x = input("x", [100_000]);
  const session = await openSession({ outputs: { y: mul(x, x) }, updates: [] }, engine);
  await engine.close();
  const run = session.run({ x: ndarray([100_000], new Float32Array(100_000)) });
  await assert.rejects(run, /This engine was closed/);
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
