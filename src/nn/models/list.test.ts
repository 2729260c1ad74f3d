// Parameters and MACs of the built-in models (SPEC, section 2), and how models are found by name.
import assert from "node:assert/strict";
import { test } from "node:test";
import { summary } from "../../analyze/summary.ts";
import { buildModel } from "../build.ts";
import { fromJSON, toJSON } from "../json.ts";
import { createModel, findModel, models } from "./list.ts";

/** Parameters and MACs at the default input, one picture. */
const counts: Readonly<Record<string, readonly [number, number]>> = {
  "softmax-regression": [7_850, 7_840],
  mlp: [203_530, 203_264],
  lenet: [61_706, 416_520],
  "lenet-modern": [61_706, 416_520],
};

for (const [name, [parameters, macs]] of Object.entries(counts)) {
  test(`${name} has ${parameters} parameters and costs ${macs} MACs`, () => {
    const { layer, inputShape } = createModel(name);
    const total = summary(layer, [1, ...inputShape]);
    assert.equal(total.parameters, parameters);
    assert.equal(total.macs, macs);
    assert.equal(
      total.rows.reduce((sum, row) => sum + row.macs, 0),
      macs,
    );
    assert.equal(
      total.rows.reduce((sum, row) => sum + row.parameters, 0),
      parameters,
    );
  });
}

for (const { name } of models) {
  test(`${name} builds for training and evaluation, and survives a file`, () => {
    const model = createModel(name, { classes: 7 });
    const evaluated = buildModel(model.layer, [2, ...model.inputShape]);
    const trained = buildModel(fromJSON(JSON.parse(JSON.stringify(toJSON(model.layer)))), [2, ...model.inputShape], {
      training: true,
    });
    assert.deepEqual(evaluated.output.shape, [2, 7]);
    assert.deepEqual(trained.output.shape, [2, 7]);
    assert.deepEqual(
      trained.variables.map(({ shape, node }) => [(node.attributes as { name: string }).name, shape]),
      evaluated.variables.map(({ shape, node }) => [(node.attributes as { name: string }).name, shape]),
    );
    assert.equal(evaluated.updates.length, 0);
    assert.equal(
      trained.updates.length,
      trained.variables.filter(({ node }) => !(node.attributes as { trainable: boolean }).trainable).length,
    );
  });
}

test("models are found whatever the case, hyphens and underscores; a wrong name gets the nearest right one", () => {
  assert.equal(findModel("LeNet_modern").name, "lenet-modern");
  assert.throws(() => createModel("lennet"), /Unknown model "lennet"; did you mean "lenet"\?/);
  assert.throws(() => createModel("lenet", { clases: 3 } as object), /has no option "clases"; did you mean "classes"/);
  assert.throws(() => createModel("lenet", { classes: 0 }), /classes must be a whole number of at least 1, not 0/);
});
