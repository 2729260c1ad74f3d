// The answer to a picture is the same to the bit alone and in company, in every built-in model whose batch the engine computes
// in another way than a single picture.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { ndarray } from "../base/array.ts";
import { Random } from "../base/random.ts";
import { completePreprocessing } from "../data/preprocessing.ts";
import { wasmEngine } from "../engines/wasm/run/engine.ts";
import { build } from "../nn/build.ts";
import { createModel } from "../nn/models/list.ts";
import { loadState } from "../nn/state.ts";
import { openNetwork } from "./network.ts";
import { classification as task } from "./tasks/classification.ts";

const engine = await wasmEngine({ threads: 2 });
after(() => engine.close());

/** Sizes small enough for a test; 0 is the model's own. */
const models: readonly (readonly [name: string, size: number])[] = [
  ...([
    ["digits", 0],
    ["fashion", 0],
    ["lenet", 0],
    ["mlp", 0],
    ["bench", 0],
    ["nin", 0],
  ] as const),
  ...([
    ["resnet18", 64],
    ["mobilenetV2", 64],
    ["squeezenet1_1", 64],
    ["densenet121", 64],
    ["googlenet", 64],
  ] as const),
];

for (const [name, size] of models) {
  test(`${name}: batches of 2, 3, 8 and 32 answer as a single picture does`, async () => {
    const { layer, inputShape } = createModel(name);
    const [channels, height, width] = size === 0 ? inputShape : [inputShape[0], size, size];
    const { variables, output } = build(layer, [1, channels, height, width]);
    const weights = loadState(variables, {}, { strict: false }).state;
    const classes = Array.from({ length: output.shape[1] }, (_, i) => String(i));
    const model = { model: layer, weights, classes, preprocessing: completePreprocessing({ channels, height, width }) };
    const random = new Random(7);
    const count = 8;
    const pixels = Uint8Array.from({ length: count * channels * height * width }, () => random.below(256));
    const pictures = ndarray([count, channels, height, width], pixels, "uint8");
    const answers = async (batch: number, alone: boolean): Promise<Float64Array> => {
      const classifier = await openNetwork({ ...model, task, engine, batch, frozen: true, alone });
      const logits = await classifier.answers(pictures);
      classifier.release();
      return logits;
    };
    const single = await answers(1, true);
    for (const batch of [2, 3, 8, 32]) assert.deepEqual(await answers(batch, true), single, `batch ${batch}`);
    // What is tested must be there to go wrong: batches that may go their own way do differ.
    if (name === "digits") assert.notDeepEqual(await answers(32, false), single);
  });
}
