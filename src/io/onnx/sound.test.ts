// A graph with an unknown name cannot leave the writer, and what is asked of it is checked.
import assert from "node:assert/strict";
import { test } from "node:test";
import { floats, graphOf, info, node } from "../../../test/onnx/graphs.ts";
import { NeocogError } from "../../base/errors.ts";
import { input } from "../../graph/graph.ts";
import { adaptiveMaxPoolWithIndices } from "../../ops/adaptive.ts";
import { activation } from "../../ops/named.ts";
import { type ExportOptions, exportOnnx, toOnnx } from "./export.ts";
import type { OnnxNode } from "./schema.ts";
import { checkSound } from "./sound.ts";

test("a name that nothing makes, that comes too late or that is given twice is a fault of the writer", () => {
  const check = (nodes: OnnxNode[], outputs = ["y"]): void =>
    checkSound(graphOf([info("x", [1])], nodes, outputs, [floats("w", [1], 1)]));
  assert.doesNotThrow(() => check([node("Mul", "x w", "m"), node("Relu", "m", "y")]));
  assert.doesNotThrow(() => check([node("Clip", "x _ w", "y")]));
  assert.throws(
    () => check([node("Relu", "undefined", "y")]),
    /Relu "undefined" reads "undefined", which nothing before/,
  );
  assert.throws(
    () => check([node("Relu", "m", "y"), node("Mul", "x w", "m")]),
    /reads "m", which nothing before it makes/,
  );
  assert.throws(() => check([node("Relu", "x", "x")]), /takes the name "x", which is given already/);
  assert.throws(() => check([node("Relu", "x", "y")], ["z"]), /the output "z" is made by no node/);
  // Not a sentence for the user: the command line says that it is a fault of its own.
  assert.throws(
    () => check([], ["z"]),
    (error) => !(error instanceof NeocogError),
  );
});

test("outputs that nobody reads are not asked for, and those that somebody reads are there", () => {
  const x = input("x", [1, 1, 5, 7]);
  const { y, indices } = adaptiveMaxPoolWithIndices(x, [3, 2]);
  const operators = (outputs: Parameters<typeof toOnnx>[0]): (string | undefined)[] =>
    toOnnx(outputs).graph!.nodes.map(({ opType }) => opType);
  assert.deepEqual(
    operators({ y }).filter((name) => name === "Mod"),
    [],
  );
  assert.deepEqual(
    operators({ y, indices }).filter((name) => name === "MaxPool" || name === "Mod"),
    ["MaxPool", "Mod"],
  );
});

test("export options that are unknown or of the wrong kind are refused", () => {
  const y = activation("relu", input("x", [1, 2]));
  const refused = (options: object, message: RegExp): void =>
    assert.throws(
      () => exportOnnx({ y }, options as ExportOptions),
      (error) => error instanceof NeocogError && message.test(error.message),
    );
  refused({ batchs: "n" }, /no option "batchs"; did you mean "batch"\?/);
  refused({ batch: true }, /batch must be a name for the open axis/);
  refused({ batch: "" }, /batch must be a name for the open axis/);
  refused({ state: { w: 1 } }, /state must be a Map/);
  refused({ name: 5 }, /name must be a text/);
  refused({ classes: "cat" }, /classes must be a list of texts/);
  refused({ classes: [1, 2] }, /classes must be a list of texts/);
  refused({ metadata: { a: 1 } }, /metadata must be an object of texts/);
  refused({ preprocessing: "mean" }, /preprocessing must be an object of named values/);
  refused({ classes: ["a"], metadata: { classes: "b" } }, /is given "classes" twice/);
  assert.throws(() => exportOnnx({}), /needs at least one output/);
  for (const outputs of [{ y: 3 }, y, [y], null])
    assert.throws(() => exportOnnx(outputs as never), /exportOnnx: outputs must be tensors by name, such as \{ logits/);
  assert.throws(() => exportOnnx({ y }, null as never), /exportOnnx takes its options by name, not null/);
  assert.throws(() => exportOnnx({ y }, "batch" as never), /exportOnnx takes its options by name, not "batch"/);
});
