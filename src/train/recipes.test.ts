import assert from "node:assert/strict";
import { test } from "node:test";
import { ndarray } from "../base/array.ts";
import { digits } from "../data/digits.ts";
import { createModel, models } from "../nn/models/list.ts";
import { openEngine } from "../run/engines.ts";
import { fit } from "./fit.ts";
import { recipeFor, recipes } from "./recipes.ts";
import { resolveOptions } from "./settings.ts";
import { bars } from "./testing.ts";

test("every recipe names a model that there is, and options that fit takes", () => {
  const data = { train: bars(4, 0) };
  for (const { name, model, options } of recipes) {
    assert.ok(
      models.some((entry) => entry.name === model),
      name,
    );
    assert.equal(resolveOptions(options, data).epochs, options.epochs);
  }
  assert.equal(new Set(recipes.map(({ name }) => name)).size, recipes.length);
});

test("data finds its recipe by name, by size, and by the model", async () => {
  const small = bars(4, 0);
  assert.equal(recipeFor("digits", small).name, "digits");
  assert.equal(recipeFor("photos", small).name, "digits");
  assert.equal(recipeFor("fashion-mnist", small).name, "fashion-mnist");
  assert.equal(recipeFor("fashion-mnist", small, "LeNet").name, "lenet");
  const other = recipeFor("fashion-mnist", small, "vgg11");
  assert.deepEqual([other.name, other.model, other.options.optimizer?.name], ["fashion-mnist", "vgg11", "adamW"]);
  assert.equal(recipeFor("digits", small, "MobileNet_V2").model, "mobilenetV2");
  assert.throws(() => recipeFor("digits", small, "lennet"), /Unknown model "lennet"; did you mean "lenet"\?/);
  const large = { ...small, images: ndarray([4, 3, 64, 128], new Uint8Array(4 * 3 * 64 * 128), "uint8") };
  const made = recipeFor("./photos", large);
  assert.deepEqual([made.name, made.model], ["pictures", "photos"]);
  assert.ok(made.choices!.length > 4);
  const told = recipeFor("./photos", large, "resnet18");
  assert.ok(!told.choices!.some(({ option }) => option === "model"), "what is told is no choice");
});

test("digits: 0.98 of the test images are told right", async () => {
  const { options, model } = recipeFor("digits", bars(4, 0));
  const engine = await openEngine();
  try {
    for await (const event of fit(createModel(model).layer, await digits(), { ...options, engine })) {
      if (event.kind === "finished") assert.ok(event.test!.accuracy >= 0.98, `accuracy ${event.test!.accuracy}`);
    }
  } finally {
    await engine.close();
  }
});
