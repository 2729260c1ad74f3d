import assert from "node:assert/strict";
import { test } from "node:test";
import { summary } from "../analyze/summary.ts";
import { wasmEngine } from "../engines/wasm/run/engine.ts";
import { createModel } from "../nn/models/list.ts";
import { footprint } from "./footprint.ts";

test("ResNet-18's activations take at most 1.3 times what must be alive at once", async () => {
  const { layer, inputShape } = createModel("resnet18");
  const { inference, training } = await footprint(layer, [1, ...inputShape]);
  assert.ok(inference.activationBytes <= 1.3 * inference.leastActivationBytes);
  assert.ok(training.activationBytes <= 1.3 * training.leastActivationBytes);
  // Its largest moment: the stem's output [64, 112, 112] beside the pooled one [64, 56, 56], in float32.
  assert.equal(inference.leastActivationBytes, 64 * (112 * 112 + 56 * 56) * 4);
  assert.ok(training.bytes > 2 * inference.bytes);
});

test("weights, momentum and the input are what persists in a training step of the MLP", async () => {
  const { layer } = createModel("mlp");
  const { training } = await footprint(layer, [32, 1, 28, 28]);
  const least = (2 * 203_530 + 32 * 784 + 32) * 4;
  assert.ok(
    training.persistentBytes >= least && training.persistentBytes < least + 4096,
    String(training.persistentBytes),
  );
});

test("packed weights are told beside the arena, and stay under three times the weights", async () => {
  const engine = await wasmEngine({ threads: 1 });
  for (const name of ["lenet", "resnet18", "mobilenet_v2", "squeezenet1_1", "vgg11", "googlenet", "densenet121"]) {
    const { layer, inputShape } = createModel(name);
    const { weightBytes } = summary(layer, [1, ...inputShape]);
    const { inference } = await footprint(layer, [1, ...inputShape], { engine });
    const { packedBytes } = inference;
    assert.ok(packedBytes > 0 && packedBytes < 3 * weightBytes, `${name}: ${packedBytes} of ${weightBytes}`);
  }
  await engine.close();
});

test("networks that make maps have a footprint too, with a task that is told or without", async () => {
  const { layer } = createModel("unet", { classes: 3, inChannels: 1, inputSize: 16 });
  const [told, untold] = [
    await footprint(layer, [2, 1, 16, 16], { task: "segmentation" }),
    await footprint(layer, [2, 1, 16, 16]),
  ];
  assert.equal(told.inference.bytes, untold.inference.bytes);
  assert.ok(told.training.bytes > told.inference.bytes && untold.training.bytes > untold.inference.bytes);
});
