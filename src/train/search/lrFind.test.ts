import assert from "node:assert/strict";
import { test } from "node:test";
import { referenceEngine } from "../../engines/reference/engine.ts";
import { openEngine } from "../../run/engines.ts";
import { fit } from "../fit.ts";
import { Adam } from "../optimizers/optimizer.ts";
import { bars, tinyNetwork } from "../testing.ts";
import { lrFind, type RatePoint, suggested } from "./lrFind.ts";

const data = { train: bars(96, 1) };

test("the rates grow by one factor, and the same seed gives the same losses", async () => {
  const engine = referenceEngine();
  const seen: number[] = [];
  const options = { from: 1e-4, to: 1, steps: 21, batch: 32, engine };
  const found = await lrFind(tinyNetwork(), data, { ...options, onStep: (_point, step) => seen.push(step) });
  assert.deepEqual(
    seen,
    found.points.map((_, i) => i + 1),
  );
  found.points.forEach(({ learningRate }, i) => {
    assert.ok(Math.abs(learningRate / 10 ** (-4 + i / 5) - 1) < 1e-12);
  });
  // The running mean has no memory of a zero before the first loss.
  assert.ok(Math.abs(found.points[0].smoothed - found.points[0].loss) < 1e-12);
  assert.deepEqual((await lrFind(tinyNetwork(), data, options)).points, found.points);
});

test("what is suggested trains better than rates far below and far above it", async () => {
  const engine = await openEngine("auto", { threads: 1 });
  try {
    const { suggestion } = await lrFind(tinyNetwork(), data, { batch: 16, optimizer: Adam(), engine });
    const lossAt = async (lr: number): Promise<number> => {
      for await (const event of fit(tinyNetwork(), data, { epochs: 2, batch: 16, optimizer: Adam({ lr }), engine }))
        if (event.kind === "finished") return event.train.loss;
      throw new Error("no end");
    };
    const [low, good, high] = [
      await lossAt(suggestion / 100),
      await lossAt(suggestion),
      await lossAt(100 * suggestion),
    ];
    assert.ok(good < low && good < high, `${low} ${good} ${high} at ${suggestion}`);
  } finally {
    await engine.close();
  }
});

test("the steepest place and a tenth of the lowest are those of a curve that is known", () => {
  // Falls along a logistic step whose steepest place is 1e-3, then rises from 1e-1 on.
  const points = Array.from({ length: 121 }, (_, i): RatePoint => {
    const u = -6 + i / 20;
    const smoothed = 2 / (1 + Math.exp(6 * (u + 3))) + Math.max(0, u + 1) ** 2;
    return { learningRate: 10 ** u, loss: smoothed, smoothed };
  });
  const { steepest, tenth, suggestion } = suggested(points);
  assert.ok(Math.abs(Math.log10(steepest) + 3) < 0.06, String(steepest));
  assert.ok(Math.abs(Math.log10(tenth) + 2) < 0.3, String(tenth));
  assert.equal(suggestion, Math.min(steepest, tenth));
  const flat = points.map((point) => ({ ...point, smoothed: 1 + point.learningRate }));
  assert.throws(() => suggested(flat), /The loss falls at no rate of this range/);
});

test("what cannot be is refused in a sentence", async () => {
  await assert.rejects(lrFind(tinyNetwork(), data, { from: 1, to: 0.1 }), /to must be larger than from/);
  await assert.rejects(lrFind(tinyNetwork(), data, { steps: 3 }), /steps must be/);
});
