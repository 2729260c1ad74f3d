// A model whose shapes the compiler knows stays one through training: its weights, its inputs and its answers are typed.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type NdArray, ndarray } from "../base/array.ts";
import { dataset } from "../data/dataset.ts";
import { Conv2d } from "../nn/layers/convolution.ts";
import { Linear } from "../nn/layers/linear.ts";
import { Flatten } from "../nn/layers/shape.ts";
import { type N, typed } from "../nn/shapes/typed.ts";
import { predict } from "../use/predict.ts";
import { loadWeights, saveWeights } from "../use/weights.ts";
import { fit } from "./fit.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

test("fit, loadWeights and predict keep the shapes of a typed model", async () => {
  const model = typed([1, 4, 4], [Conv2d(2, 3), Flatten(), Linear(3)]);
  const images = ndarray(
    [6, 1, 4, 4],
    Float32Array.from({ length: 96 }, (_, i) => (i % 7) / 7),
  );
  const train = dataset({ name: "dots", images, labels: Int32Array.of(0, 1, 2, 0, 1, 2), classes: ["a", "b", "c"] });
  const folder = mkdtempSync(join(tmpdir(), "neocog-typed-"));
  try {
    for await (const event of fit(model, { train }, { epochs: 1, batch: 3 })) {
      if (event.kind !== "finished") continue;
      const file = join(folder, "w.safetensors");
      await saveWeights(file, event.trained.weights);
      const { state } = await loadWeights(event.trained.model, [1, 1, 4, 4], file);
      assert.equal(state.size, event.trained.weights.size);
      const scores = await predict(event.trained, images);
      const known: Equal<typeof scores, NdArray & { readonly shape: readonly [N, 3] }> = true;
      assert.deepEqual([known, scores.shape], [true, [6, 3]]);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
