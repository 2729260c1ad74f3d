// Class weights and balanced sampling in fit, against closed forms and what PyTorch computes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ndarray } from "../base/array.ts";
import { subset } from "../data/dataset.ts";
import { Sequential } from "../nn/layers/containers.ts";
import { Linear } from "../nn/layers/linear.ts";
import { Flatten } from "../nn/layers/shape.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { fit } from "./fit.ts";
import type { FitOptions } from "./options.ts";
import { optionsOf } from "./resume.ts";
import { bars } from "./testing.ts";

const model = () => Sequential([Flatten(), Linear(3)]);
const all = bars(60, 0);
const rare = Array.from(all.labels.keys()).filter((i) => all.labels[i] === 0 || i < 18);
const uneven = subset(all, rare);
const counts = [0, 1, 2].map((label) => uneven.labels.filter((one) => one === label).length);

async function run(options: FitOptions) {
  const checkpoints: Checkpoint[] = [];
  for await (const event of fit(model(), { train: uneven }, { epochs: 2, batch: 16, ...options })) {
    if (event.kind === "checkpoint") checkpoints.push(event.checkpoint);
    if (event.kind === "finished") return { checkpoints, ...event };
  }
  throw new Error("no end");
}

test("balanced weights are all / (classes x pictures of the class), and train as these numbers do", async () => {
  const weights = counts.map((count) => uneven.labels.length / (3 * count));
  const named = await run({ loss: { name: "crossEntropy", classWeights: "balanced" } });
  const told = await run({ loss: { name: "crossEntropy", classWeights: weights } });
  const plain = await run({});
  assert.equal(named.weightsHash, told.weightsHash);
  assert.notEqual(named.weightsHash, plain.weightsHash);
  assert.deepEqual(named.checkpoints[0].settings.loss, { name: "crossEntropy", classWeights: weights });
});

test("the first loss is that of PyTorch's CrossEntropyLoss(weight=, label_smoothing=)", async () => {
  // Where only biases are not 0, every picture has the same logits, and the formula of PyTorch's documentation is short.
  const [weight, bias] = [
    [0.25, 3, 1.5],
    [0.3, -0.2, 0.5],
  ];
  const [, channels, height, width] = uneven.images.shape;
  const weights = new Map([
    ["1.weight", ndarray([3, channels * height * width], new Float32Array(3 * channels * height * width))],
    ["1.bias", ndarray([3], Float32Array.from(bias))],
  ]);
  const total = Math.log(bias.reduce((sum, b) => sum + Math.exp(b), 0));
  const missed = bias.map((b) => total - b);
  const divisor = counts.reduce((sum, count, c) => sum + count * weight[c], 0);
  for (const labelSmoothing of [0, 0.3]) {
    const own = counts.reduce((sum, count, c) => sum + count * weight[c] * missed[c], 0);
    const spread = missed.reduce((sum, loss, c) => sum + weight[c] * loss, 0) / 3;
    const wanted = ((1 - labelSmoothing) * own + labelSmoothing * spread * uneven.labels.length) / divisor;
    const loss = { name: "crossEntropy", classWeights: weight, labelSmoothing } as const;
    for await (const event of fit(model(), { train: uneven }, { epochs: 1, batch: 64, weights, loss })) {
      if (event.kind !== "batch") continue;
      assert.ok(Math.abs(event.loss - wanted) < 1e-6, `${event.loss}, not ${wanted}`);
      break;
    }
  }
});

test("balanced sampling shapes the weights, stands in the settings, and goes on from a checkpoint bit for bit", async () => {
  const whole = await run({ balanced: true, epochs: 4 });
  const plain = await run({ epochs: 4 });
  assert.notEqual(whole.weightsHash, plain.weightsHash);
  const [, second] = whole.checkpoints;
  assert.equal(second.settings.balanced, true);
  assert.ok(!("balanced" in plain.checkpoints[0].settings), "as before where it is off");
  assert.equal(optionsOf(second).balanced, true);
  const on = await run({ ...optionsOf(second), resume: second });
  assert.equal(on.weightsHash, whole.weightsHash);
  await assert.rejects(run({ epochs: 4, resume: second }), /started with balanced true/);
});

test("balanced weights are for classes of pictures", async () => {
  const numbers = { kind: "tags", values: { shape: [60, 2], dtype: "float32", data: new Float32Array(120) } } as const;
  const set = { ...all, labels: numbers, classes: ["a", "b"] };
  const loss = { name: "crossEntropy", classWeights: "balanced" } as const;
  await assert.rejects(async () => {
    for await (const _ of fit(model(), { train: set as never }, { loss })) break;
  }, /Unknown loss "crossEntropy"/);
});
