// Parameters and MACs of the built-in models, and how models are found by name.
import assert from "node:assert/strict";
import { test } from "node:test";
import { summary } from "../../analyze/summary.ts";
import { build } from "../build.ts";
import { fromJSON, toJSON } from "../json.ts";
import type { Layer } from "../layer.ts";
import { stateShapes } from "../state.ts";
import { createModel, findModel, modelNames, models } from "./list.ts";

/** Parameters and MACs at the default input, one picture. */
const counts: Readonly<Record<string, readonly [number, number]>> = {
  "softmax-regression": [7_850, 7_840],
  mlp: [203_530, 203_264],
  lenet: [61_706, 416_520],
  "lenet-modern": [61_706, 416_520],
  "alexnet-book": [46_764_746, 938_146_176],
  "vgg11-book": [128_806_154, 7_547_232_256],
  nin: [1_992_166, 762_297_352],
  "googlenet-book": [5_977_530, 276_066_304],
  "resnet18-book": [11_178_378, 318_657_536],
  "densenet-book": [758_226, 129_077_168],
  alexnet: [61_100_840, 714_188_480],
  vgg16: [138_357_544, 15_470_264_320],
  resnet18: [11_689_512, 1_814_073_344],
  resnet50: [25_557_032, 4_089_184_256],
  mobilenetV2: [3_504_872, 300_774_272],
  squeezenet1_0: [1_248_424, 818_924_576],
  // 5·5·3·64 + 64 + 3·3·64·32 + 32 + 3·3·32·12 + 12, and without the biases times 32·32.
  espcn: [26_796, 27_328_512],
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

for (const { name, maps } of models) {
  test(`${name} builds for training and evaluation, and survives a file`, () => {
    const model = createModel(name, { classes: 7 });
    const evaluated = build(model.layer, [2, ...model.inputShape]);
    const trained = build(fromJSON(JSON.parse(JSON.stringify(toJSON(model.layer)))), [2, ...model.inputShape], {
      training: true,
    });
    const wanted = maps ? [2, 7, ...model.inputShape.slice(1).map((side) => maps * side)] : [2, 7];
    assert.deepEqual(evaluated.output.shape, wanted);
    assert.deepEqual(trained.output.shape, wanted);
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
  assert.throws(() => createModel("lenet", { classes: 0 }), /classes must be a whole number of at least 1; it is 0/);
});

test("the names that an editor completes are those of the models", () => {
  assert.deepEqual(
    models.map(({ name }) => name),
    [...modelNames],
  );
});

test("residual networks leave out blocks by chance in training alone, the later the likelier", () => {
  const { layer } = createModel("resnet18", { stochasticDepth: 0.4, inputSize: 32 });
  const depths = build(layer, [2, 3, 32, 32]).layers.filter(({ layer: { type } }) => type.name === "StochasticDepth");
  assert.deepEqual(
    depths.map(({ layer: { options } }) => Number((options as { readonly p: number }).p.toFixed(3))),
    [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4],
  );
  const names = (model: Layer) => stateShapes(build(model, [2, 3, 32, 32]).variables);
  assert.deepEqual([...names(layer)], [...names(createModel("resnet18", { inputSize: 32 }).layer)]);
  assert.throws(() => createModel("lenet", { stochasticDepth: 0.1 }), /lenet has no residual blocks/);
});
