// torchvision's models with weights by formula: each layer's mean and root mean square, and the answer to an image, are
// PyTorch's in float64. Run by definition; VGG, which takes a quarter of a minute that way, is left out.
import assert from "node:assert/strict";
import { test } from "node:test";
import { referenceEngine } from "../src/engines/reference/engine.ts";
import type { Tensor } from "../src/graph/graph.ts";
import { build } from "../src/nn/build.ts";
import { createModel } from "../src/nn/models/list.ts";
import { loadState, stateShapes } from "../src/nn/state.ts";
import { openSession } from "../src/run/session.ts";
import { readFixtureJson } from "./fixtures.ts";
import { formulaArray } from "./formula.ts";

interface Answer {
  /** The first eight. */
  readonly logits: readonly number[];
  readonly sum: number;
  /** Place of the largest. */
  readonly largest: number;
  /** Mean and root mean square of what each layer gives. */
  readonly layers: Readonly<Record<string, readonly [number, number]>>;
}

const { image, models } = readFixtureJson("torchvision_logits") as {
  readonly image: readonly number[];
  readonly models: Readonly<Record<string, Answer>>;
};

const near = (value: number, expected: number, what: string): void =>
  assert.ok(Math.abs(value - expected) <= 1e-9 * (1 + Math.abs(expected)), `${what}: ${value} is not ${expected}`);

for (const name of ["squeezenet1_1", "mobilenet_v2", "resnet18", "resnet50", "googlenet", "densenet121", "alexnet"]) {
  test(`${name} answers as PyTorch does, layer by layer`, async () => {
    const expected = models[name];
    const built = build(createModel(name).layer, image);
    const shapes = stateShapes(built.variables);
    const { state } = loadState(
      built.variables,
      new Map([...shapes].map(([key, shape]) => [key, formulaArray(key, shape)])),
    );
    const outputs: Record<string, Tensor> = { logits: built.output };
    for (const { path, output } of built.layers) if (path in expected.layers) outputs[path] ??= output;
    assert.deepEqual(
      Object.keys(expected.layers).filter((path) => !(path in outputs) && path !== "dropout"),
      [],
    );
    const session = await openSession({ outputs, updates: [] }, referenceEngine(), { state });
    const answers = await session.run({ input: formulaArray("image", image) });
    for (const [path, [mean, size]] of Object.entries(expected.layers)) {
      const values = Float64Array.from(answers[path].data);
      near(values.reduce((sum, value) => sum + value, 0) / values.length, mean, `mean of ${path}`);
      near(Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length), size, `size of ${path}`);
    }
    const logits = [...answers.logits.data];
    expected.logits.forEach((value, i) => {
      near(logits[i], value, `logit ${i}`);
    });
    near(
      logits.reduce((sum, value) => sum + value, 0),
      expected.sum,
      "sum of the logits",
    );
    assert.equal(logits.indexOf(Math.max(...logits)), expected.largest);
  });
}
