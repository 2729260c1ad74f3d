// If and Loop: what is known is taken, what data decides is chosen by `where`, fixed turns are written out.
import assert from "node:assert/strict";
import { test } from "node:test";
import { floats, graphAttribute, graphOf, info, modelOf, node, wholes } from "../../../../test/onnx/graphs.ts";
import { ndarray } from "../../../base/array.ts";
import { NeocogError } from "../../../base/errors.ts";
import { limits } from "../../../base/limits.ts";
import { referenceEngine } from "../../../engines/reference/engine.ts";
import { runOnce } from "../../../run/session.ts";
import { NeedsValueError, onnxGraph } from "../import.ts";
import type { OnnxGraph, OnnxModel, OnnxNode } from "../schema.ts";

async function answer(model: OnnxModel, ...x: number[]): Promise<{ shape: readonly number[]; data: number[] }> {
  const { y } = await runOnce(onnxGraph(model).outputs, { x: ndarray([x.length], x) }, referenceEngine());
  return { shape: y.shape, data: [...y.data] };
}

const branch = (...nodes: OnnxNode[]): OnnxGraph => graphOf([], nodes, [nodes[nodes.length - 1].outputs[0]]);

/** y = sum(x) > 0 ? then(x) : else(x) */
function choice(yes: OnnxGraph, no: OnnxGraph): OnnxModel {
  const nodes: OnnxNode[] = [
    node("ReduceSum", "x", "s", { keepdims: 0 }),
    node("Greater", "s zero", "c"),
    { ...node("If", "c", "y"), attributes: [graphAttribute("then_branch", yes), graphAttribute("else_branch", no)] },
  ];
  return modelOf(graphOf([info("x", [2])], nodes, ["y"], [floats("zero", [], 0)]));
}

test("an If on data whose branches have one shape chooses between both", async () => {
  const model = choice(branch(node("Add", "x x", "d")), branch(node("Neg", "x", "n")));
  assert.deepEqual((await answer(model, 3, -1)).data, [6, -2]);
  assert.deepEqual((await answer(model, -3, 1)).data, [3, -1]);
});

test("a choice lets no number of the other branch through, not even NaN", async () => {
  const model = choice(branch(node("Neg", "x", "n")), branch(node("Log", "x", "l")));
  assert.deepEqual((await answer(model, 3, -1)).data, [-3, 1]);
});

test("an If on data whose branches differ in shape is refused with both shapes and the input that decides", () => {
  const model = choice(branch(node("Neg", "x", "n")), branch(node("Concat", "x x", "two", { axis: 0 })));
  assert.throws(
    () => onnxGraph(model),
    (error) =>
      error instanceof NeedsValueError &&
      error.inputs.join() === "x" &&
      /^If "y": its condition, which chooses between results that differ \(float32 \[2\] in one branch and float32 \[4\] in the other\), depends on the numbers of the input "x"/.test(
        error.message,
      ),
  );
});

/** y, stack = Loop(turns): v = v + turn, and the v of each turn. */
function counting(turns: number, output: "last" | "stack"): OnnxModel {
  const body = graphOf(
    [info("i", [], 7), info("go", [], 9), info("v", [2])],
    [
      node("Identity", "go", "goes"),
      node("Add", "v f", "w"),
      node("Cast", "i", "f", { to: 1 }),
      node("Identity", "w", "each"),
    ],
    ["goes", "w", "each"],
  );
  const loop = {
    ...node("Loop", "m _ x", output === "last" ? "y stack" : "last y"),
    attributes: [graphAttribute("body", body)],
  };
  const count = { ...wholes("m", turns), dims: [] };
  return modelOf(graphOf([info("x", [2])], [loop], ["y"], [count]));
}

test("a Loop with a fixed number of turns is written out", async () => {
  assert.deepEqual((await answer(counting(4, "last"), 1, 2)).data, [7, 8]);
  assert.deepEqual(await answer(counting(3, "stack"), 1, 2), { shape: [3, 2], data: [1, 2, 2, 3, 4, 5] });
  assert.throws(() => onnxGraph(counting(0, "stack")), /takes no turn, so that the shape of what it stacks/);
});

test("weights inside a loop's body are one variable for all turns", async () => {
  const body = graphOf(
    [info("i", [], 7), info("go", [], 9), info("v", [2])],
    [node("Identity", "go", "goes"), node("Mul", "v half", "w")],
    ["goes", "w"],
    [floats("half", [2], 0.5, 0.25)],
  );
  const loop = { ...node("Loop", "m _ x", "y"), attributes: [graphAttribute("body", body)] };
  const model = (turns: number): OnnxModel =>
    modelOf(graphOf([info("x", [2])], [loop], ["y"], [{ ...wholes("m", turns), dims: [] }]));
  assert.deepEqual((await answer(model(2), 4, 16)).data, [1, 1]);
  assert.deepEqual((await answer(model(0), 4, 16)).data, [4, 16]);
});

test("a Loop ends where its condition is known to, and has no more turns than the limit", async () => {
  const body = graphOf(
    [info("i", [], 7), info("go", [], 9), info("v", [2])],
    [node("Less", "i two", "goes"), node("Add", "v v", "w")],
    ["goes", "w"],
  );
  const endless: OnnxNode = { ...node("Loop", "_ _ x", "y"), attributes: [graphAttribute("body", body)] };
  const two = { ...wholes("two", 2), dims: [] };
  // Turns 0, 1 and 2: the condition of a turn is asked before the next one.
  assert.deepEqual((await answer(modelOf(graphOf([info("x", [2])], [endless], ["y"], [two])), 1, 2)).data, [8, 16]);
  assert.throws(
    () => onnxGraph(counting(limits.loopTurns.most + 1, "last")),
    (error) =>
      error instanceof NeocogError &&
      /Loop "y": it would take too many turns to be written out: at most 1000 turns of a loop are read/.test(
        error.message,
      ),
  );
  assert.doesNotThrow(() => onnxGraph(counting(limits.loopTurns.most, "last")));
});

test("a Loop whose turns data decides is refused with the input that decides", () => {
  const body = graphOf(
    [info("i", [], 7), info("go", [], 9), info("v", [2])],
    [node("Identity", "go", "goes"), node("Neg", "v", "w")],
    ["goes", "w"],
  );
  const nodes = [
    node("ReduceSum", "x", "s", { keepdims: 0 }),
    node("Cast", "s", "m", { to: 7 }),
    { ...node("Loop", "m _ x", "y"), attributes: [graphAttribute("body", body)] },
  ];
  assert.throws(
    () => onnxGraph(modelOf(graphOf([info("x", [2])], nodes, ["y"]))),
    /Loop "y": its number of turns depends on the numbers of the input "x"/,
  );
});
