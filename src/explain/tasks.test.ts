// Tasks explained: with one convolution 1x1 and one linear layer the slopes are known in closed form.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ndarray } from "../base/array.ts";
import { build } from "../nn/build.ts";
import type { Layer } from "../nn/layer.ts";
import { Sequential } from "../nn/layers/containers.ts";
import { Conv2d } from "../nn/layers/convolution.ts";
import { Linear } from "../nn/layers/linear.ts";
import { Flatten } from "../nn/layers/shape.ts";
import { loadState } from "../nn/state.ts";
import { classScores, explain } from "./explain.ts";

const pixels = Array.from({ length: 9 }, (_, i) => 0.1 * i);
const picture = ndarray([1, 1, 3, 3], pixels);
function near(a: ArrayLike<number>, b: readonly number[]): void {
  for (const [i, value] of b.entries()) assert.ok(Math.abs(a[i] - value) < 1e-5, `${a[i]} and ${value}`);
}

function stateOf(layer: Layer, values: Readonly<Record<string, readonly number[]>>) {
  const { variables } = build(layer, [1, 1, 3, 3]);
  const given = Object.fromEntries(
    variables.map((tensor) => {
      const { name } = tensor.node.attributes as { readonly name: string };
      return [name, ndarray(tensor.shape, values[name.split(".").at(-1)!])];
    }),
  );
  return loadState(variables, given).state;
}

test("of a segmentation a class is explained by its scores over the whole map", async () => {
  const model = Sequential([Conv2d(2, 1)]);
  const weights = stateOf(model, { weight: [2, -3], bias: [0.5, 1] });
  const subject = { model, weights, task: "segmentation" } as const;
  const sum = pixels.reduce((a, b) => a + b);
  near((await classScores(subject, picture)).data, [2 * sum + 4.5, -3 * sum + 9]);
  for (const [target, slope] of [
    [0, 2],
    [1, -3],
  ]) {
    const { values } = await explain("saliency", subject, picture, { target, sanity: false });
    near(values.data, new Array<number>(9).fill(slope));
  }
});

test("of a regression a number is explained in its own unit, of tags each by itself, of pictures none", async () => {
  const model = Sequential([Flatten(), Linear(2)]);
  const row = Array.from({ length: 18 }, (_, i) => (i % 5) - 2);
  const weights = stateOf(model, { weight: row, bias: [0, 0] });
  const scaled = { model, weights, task: "regression", scale: { mean: [7, 8], std: [10, 100] } } as const;
  const { values } = await explain("saliency", scaled, picture, { target: 1, sanity: false });
  near(
    values.data,
    row.slice(9).map((weight) => 100 * weight),
  );
  const tags = await explain("saliency", { model, weights, task: "multilabel" }, picture, { target: 1, sanity: false });
  near(tags.values.data, row.slice(9));
  await assert.rejects(
    explain("saliency", { model: Sequential([Conv2d(1, 1)]), weights: new Map(), task: "image-to-image" }, picture, {
      target: 0,
    }),
    /^NeocogError: A model that makes pictures has no class, tag or number that could be explained; look at what it makes with predict\.$/,
  );
});
