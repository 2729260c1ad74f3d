import assert from "node:assert/strict";
import { test } from "node:test";
import { ndarray } from "../base/array.ts";
import { Random } from "../base/random.ts";
import { input } from "../graph/graph.ts";
import { conv2d } from "../ops/convolution.ts";
import { openEngine } from "./engines.ts";
import { openSession } from "./session.ts";

test("direct computes the sums as they are written: whole numbers stay whole where Winograd's algorithm would be taken", async () => {
  const random = new Random(3);
  const whole = (shape: number[]) =>
    ndarray(
      shape,
      Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.below(1999) - 999),
    );
  const [x, w] = [whole([1, 64, 56, 56]), whole([64, 64, 3, 3])];
  for (let i = 0; i < w.data.length; i++) w.data[i] %= 3;
  const inputs = [input("x", x.shape), input("w", w.shape)];
  const program = { outputs: { y: conv2d(inputs[0], inputs[1], { padding: 1 }) }, updates: [] };
  const broken: number[] = [];
  for (const direct of [true, false]) {
    const engine = await openEngine("wasm", { threads: 1, direct });
    const session = await openSession(program, engine, { inputs });
    const { y } = await session.run({ x, w });
    broken.push(y.data.filter((value) => !Number.isInteger(value)).length);
    session.release();
    await engine.close();
  }
  assert.equal(broken[0], 0);
  assert.ok(broken[1] > 0, "a layer that Winograd's algorithm takes");
});
