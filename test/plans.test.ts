// The plans of every built-in model, for inference and for training, consist of loops only: no step runs on the host.
import assert from "node:assert/strict";
import { test } from "node:test";
import { compile } from "../src/compile/compile.ts";
import type { Program } from "../src/compile/program.ts";
import type { Tensor } from "../src/graph/graph.ts";
import { printPlan } from "../src/kernel/print.ts";
import { build } from "../src/nn/build.ts";
import { createModel, models } from "../src/nn/models/list.ts";
import { trainingStep } from "../src/train/step.ts";

function assertOnlyLoops(program: Program, inputs: readonly Tensor[]): void {
  const { plan } = compile(program, { lowering: "loops", inputs }).memory;
  const host = plan.steps.filter(({ kernel }) => kernel.kind === "host").map(({ label }) => label);
  assert.deepEqual(host, []);
  assert.ok(plan.steps.length > 0);
  assert.doesNotMatch(printPlan(plan), /\bhost\b/);
}

for (const { name, maps } of models) {
  test(`${name}: no host step`, () => {
    const { layer, inputShape } = createModel(name);
    const built = build(layer, [1, ...inputShape]);
    assertOnlyLoops({ outputs: { output: built.output }, updates: [] }, [built.input]);
    const step = trainingStep(layer, {
      ...{
        inputShape: [2, ...inputShape],
        task: maps === undefined ? "classification" : maps === 1 ? "segmentation" : "image-to-image",
      },
    });
    assertOnlyLoops(step.program, step.inputs);
  });
}
