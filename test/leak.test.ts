// 10,000 training steps leave the process's memory flat: nothing is allocated that has to be given back.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ndarray } from "../src/base/array.ts";
import { wasmEngine } from "../src/engines/wasm/run/engine.ts";
import { ReLU } from "../src/nn/layers/activation.ts";
import { Sequential } from "../src/nn/layers/containers.ts";
import { Conv2d } from "../src/nn/layers/convolution.ts";
import { Linear } from "../src/nn/layers/linear.ts";
import { BatchNorm2d } from "../src/nn/layers/normalization.ts";
import { Flatten } from "../src/nn/layers/shape.ts";
import { openSession } from "../src/run/session.ts";
import { trainingStep } from "../src/train/step.ts";

test("memory is flat over 10,000 training steps", async () => {
  const engine = await wasmEngine({ threads: 2 });
  const model = Sequential([Conv2d(4, 3), BatchNorm2d(), ReLU(), Flatten(), Linear(3)]);
  const step = trainingStep(model, { inputShape: [4, 1, 8, 8] });
  const session = await openSession(step.program, engine, { inputs: step.inputs });
  const images = ndarray(
    [4, 1, 8, 8],
    Float32Array.from({ length: 256 }, (_, i) => Math.sin(i)),
  );
  const labels = ndarray([4], Int32Array.of(0, 1, 2, 0), "int32");
  let losses = 0;
  const run = async (steps: number): Promise<number> => {
    for (let i = 0; i < steps; i++)
      losses += (await session.run({ images, labels, ...step.scalars(i, 0.001, 1) })).loss.data[0];
    globalThis.gc?.();
    return process.memoryUsage().rss;
  };
  const early = await run(2_000);
  const late = await run(8_000);
  assert.ok(Number.isFinite(losses));
  assert.ok(late - early < 24 * 2 ** 20, `resident memory grew by ${((late - early) / 2 ** 20).toFixed(1)} MiB`);
  session.release();
  await engine.close();
});
