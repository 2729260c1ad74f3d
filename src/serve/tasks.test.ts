// What is served of each task: JSON with pictures as the base64 of PNGs, and a PNG where it is asked for.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readMask } from "../data/maskFile.ts";
import { fitMask } from "../data/masks.ts";
import { openImage } from "../data/picture.ts";
import { completePreprocessing } from "../data/preprocessing.ts";
import { build } from "../nn/build.ts";
import type { Layer } from "../nn/layer.ts";
import { ReLU } from "../nn/layers/activation.ts";
import { Sequential } from "../nn/layers/containers.ts";
import { Conv2d } from "../nn/layers/convolution.ts";
import { Linear } from "../nn/layers/linear.ts";
import { Flatten } from "../nn/layers/shape.ts";
import { loadState } from "../nn/state.ts";
import { openEngine } from "../run/engines.ts";
import { predict } from "../use/predict.ts";
import { type TaskName, type TaskTypes, taskNames } from "../use/tasks/list.ts";
import type { ClassifierModel } from "../use/trained.ts";
import { serve } from "./server.ts";
import { pictures } from "./testing.ts";

const preprocessing = completePreprocessing({ channels: 1, height: 8, width: 8 });
const rows = (count: number) => Sequential([Flatten(), Linear(count)]);
const maps = (count: number) => Sequential([Conv2d(4, 3, { padding: 1 }), ReLU(), Conv2d(count, 1)]);

function modelOf<T extends TaskName>(task: T, layer: Layer, classes: readonly string[]): ClassifierModel<T> {
  const { variables } = build(layer, [1, 1, 8, 8], { seed: 5 });
  const weights = loadState(variables, {}, { strict: false }).state;
  return { task, model: layer, weights, classes, preprocessing };
}

const models: { readonly [T in TaskName]: ClassifierModel<T> } = {
  classification: modelOf("classification", rows(3), ["a", "b", "c"]),
  multilabel: modelOf("multilabel", rows(3), ["a", "b", "c"]),
  regression: { ...modelOf("regression", rows(2), ["a", "b"]), scale: { mean: [4, 5], std: [10, 20] } },
  segmentation: modelOf("segmentation", maps(3), ["a", "b", "c"]),
  "image-to-image": modelOf("image-to-image", maps(1), []),
};

test("every task is answered as predict answers it, masks and pictures as PNGs", async () => {
  const engine = await openEngine("auto", { threads: 1 });
  const server = await serve(models, { port: 0, engine });
  try {
    // Twice as wide as high: what the network does not see of it is unknown in the mask.
    const [file] = await pictures(1, 16, 32);
    const ask = (task: TaskName, accept: string) =>
      fetch(`${server.url}/predict?model=${task}&top=3`, {
        method: "POST",
        body: file,
        headers: { accept, "content-type": "image/png" },
      });
    const document = (await (await fetch(`${server.url}/openapi.json`)).json()) as {
      components: { schemas: Record<string, { required?: string[] }> };
    };
    for (const task of taskNames) {
      const expected = (await predict<TaskName>(models[task], file, { engine, top: 3 })) as object;
      const reply = await ask(task, "*/*");
      const { predictions } = (await reply.json()) as { predictions: Record<string, unknown>[] };
      const name = task.replaceAll(/(^|-)(\w)/g, (_, __, letter: string) => letter.toUpperCase());
      assert.deepEqual(
        Object.keys(predictions[0]).sort(),
        [...document.components.schemas[name].required!].sort(),
        task,
      );
      const png = await ask(task, "image/png");
      if (task !== "segmentation" && task !== "image-to-image") {
        assert.deepEqual(predictions[0], JSON.parse(JSON.stringify(expected)));
        assert.equal(png.status, 406);
        assert.match(
          ((await png.json()) as { error: string }).error,
          /is a model for .*, which makes no pictures; ask for application\/json\.$/,
        );
        continue;
      }
      assert.equal(png.headers.get("content-type"), "image/png");
      const bytes = new Uint8Array(await png.arrayBuffer());
      if ("mask" in expected) {
        const { mask, areas } = expected as TaskTypes["segmentation"]["prediction"];
        const own = fitMask(mask, { height: 16, width: 32 }, preprocessing);
        assert.deepEqual([...readMask(bytes, "answer")!.data], [...own.data]);
        const told = predictions[0].mask as { height: number; width: number; png: string };
        assert.deepEqual([told.height, told.width], [16, 32]);
        assert.deepEqual([...Buffer.from(told.png, "base64")], [...bytes]);
        assert.deepEqual(predictions[0].areas, JSON.parse(JSON.stringify(areas)));
      } else {
        const { picture } = expected as { picture: { data: ArrayLike<number> } };
        const { data } = await openImage(bytes, { channels: 1, height: 8, width: 8 });
        assert.deepEqual(
          [...data],
          Array.from(picture.data, (value) => Math.round(255 * value)),
        );
      }
    }
    const body = new FormData();
    for (const name of ["x", "y"]) body.append(name, new Blob([file], { type: "image/png" }), `${name}.png`);
    const two = await fetch(`${server.url}/predict?model=segmentation`, {
      method: "POST",
      body,
      headers: { accept: "image/png" },
    });
    assert.equal(two.status, 406);
    assert.match(((await two.json()) as { error: string }).error, /^A PNG answers one picture, and there are 2;/);
  } finally {
    await server.close({ within: 2 });
    await engine.close();
  }
});
