// torchvision's models: every key of the state dict, in order, with its shape, and the counts.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readFixtureJson } from "../../../test/fixtures.ts";
import { summary } from "../../analyze/summary.ts";
import { build } from "../build.ts";
import { stateShapes } from "../state.ts";
import { createModel } from "./list.ts";

const { models } = readFixtureJson("torchvision_state") as {
  readonly models: Readonly<
    Record<
      string,
      {
        readonly parameters: number;
        readonly macs: number;
        readonly state: Readonly<Record<string, readonly number[]>>;
      }
    >
  >;
};

for (const [name, { parameters, macs, state }] of Object.entries(models)) {
  test(`${name} is torchvision's: ${Object.keys(state).length} keys, ${parameters} parameters, ${macs} MACs`, () => {
    const model = createModel(name);
    const shapes = stateShapes(build(model.layer, [1, ...model.inputShape]).variables);
    // A counter that torch keeps beside the running statistics and that loading passes over.
    const expected = Object.entries(state).filter(([key]) => !key.endsWith("num_batches_tracked"));
    assert.deepEqual([...shapes], expected);
    const total = summary(model.layer, [1, ...model.inputShape]);
    assert.deepEqual([total.parameters, total.macs], [parameters, macs]);
  });
}
