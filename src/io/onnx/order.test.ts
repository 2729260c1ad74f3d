// Nodes in any order: what a file lists is put in an order of computation, inner graphs and functions included.
import assert from "node:assert/strict";
import { test } from "node:test";
import { floats, graphAttribute, graphOf, info, modelOf, node } from "../../../test/onnx/graphs.ts";
import { ndarray } from "../../base/array.ts";
import { DataError } from "../../base/errors.ts";
import { referenceEngine } from "../../engines/reference/engine.ts";
import { runOnce } from "../../run/session.ts";
import { onnxGraph } from "./import.ts";
import { orderOf } from "./order.ts";
import type { OnnxFunction, OnnxModel, OnnxNode } from "./schema.ts";

async function answer(model: OnnxModel, ...x: number[]): Promise<number[]> {
  const { y } = await runOnce(onnxGraph(model).outputs, { x: ndarray([x.length], x) }, referenceEngine());
  return [...y.data];
}

test("nodes may stand before what they read, and a constant after its reader", async () => {
  const nodes = [
    node("Relu", "c", "y"),
    node("Add", "m one", "c"),
    node("Mul", "x w", "m"),
    node("Constant", "", "one", { value: ndarray([], [1]) }),
  ];
  const model = modelOf(graphOf([info("x", [2])], nodes, ["y"], [floats("w", [2], 2, -3)]));
  assert.deepEqual(await answer(model, 4, 5), [9, 0]);
});

test("the file's own order is kept where it is one, and only what is read early moves", () => {
  const sorted = [node("Relu", "x", "a"), node("Neg", "x", "b"), node("Add", "a b", "y")];
  assert.deepEqual(orderOf(sorted), [0, 1, 2]);
  assert.deepEqual(orderOf([sorted[2], sorted[1], sorted[0]]), [2, 1, 0]);
});

test("inner graphs are sorted too, and what they take from around them comes first", async () => {
  // The branch reads "late", which is made after the If, and lists its own nodes backwards.
  const branch = graphOf([], [node("Neg", "t", "out"), node("Add", "late x", "t")], ["out"]);
  const choice: OnnxNode = {
    ...node("If", "yes", "y"),
    attributes: [graphAttribute("then_branch", branch), graphAttribute("else_branch", branch)],
  };
  const nodes = [choice, node("Mul", "x x", "late"), node("Constant", "", "yes", { value: ndarray([], [1], "bool") })];
  assert.deepEqual(await answer(modelOf(graphOf([info("x", [2])], nodes, ["y"])), 2, 3), [-6, -12]);
});

test("nodes of functions are sorted too", async () => {
  const twice: OnnxFunction = {
    name: "Twice",
    inputs: ["a"],
    outputs: ["c"],
    attributes: [],
    nodes: [node("Add", "n n", "c"), node("Neg", "a", "n")],
    docString: undefined,
    opsetImport: [{ domain: "", version: 13 }],
    domain: "own",
    attributeDefaults: [],
  };
  const nodes = [node("Relu", "u", "y"), { ...node("Twice", "x", "u"), domain: "own" }];
  const model = { ...modelOf(graphOf([info("x", [2])], nodes, ["y"])), functions: [twice] };
  assert.deepEqual(await answer(model, -4, 1), [8, 0]);
});

test("a real circle is refused by the names of its nodes, and so is a node that reads itself", () => {
  const refused = (nodes: OnnxNode[], message: RegExp): void =>
    assert.throws(
      () => onnxGraph(modelOf(graphOf([info("x", [2])], nodes, ["y"]))),
      (error) => error instanceof DataError && message.test(error.message),
    );
  refused(
    [
      node("Relu", "x", "a"),
      node("Add", "a d", "b"),
      node("Neg", "b", "c"),
      node("Abs", "c", "d"),
      node("Neg", "d", "y"),
    ],
    /^The nodes (Add "b" → Neg "c" → Abs "d" → Add "b"|Neg "c" → Abs "d" → Add "b" → Neg "c"|Abs "d" → Add "b" → Neg "c" → Abs "d") read each other in a circle/,
  );
  refused([node("Add", "x y", "y")], /^The node Add "y" reads its own output/);
  refused(
    [node("Neg", "nowhere", "y")],
    /"nowhere", which node "y" reads, is no input, no initializer and no node's output/,
  );
});

test("sorting takes time linear in the nodes: 100,000 backwards within seconds", () => {
  const count = 100_000;
  const nodes = Array.from({ length: count }, (_, i) => node("Relu", `t${i}`, `t${i + 1}`)).reverse();
  const start = performance.now();
  const order = orderOf(nodes);
  const took = performance.now() - start;
  assert.deepEqual([order.length, order[0], order[count - 1]], [count, count - 1, 0]);
  assert.ok(took < 20_000, `it took ${Math.round(took)} ms`);
});
