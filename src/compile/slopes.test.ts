import assert from "node:assert/strict";
import { test } from "node:test";
import { type NdArray, ndarray } from "../base/array.ts";
import { Random } from "../base/random.ts";
import { type Shape, sizeOf } from "../base/shape.ts";
import { referenceEngine } from "../engines/reference/engine.ts";
import { input, variable } from "../graph/graph.ts";
import { mul } from "../ops/arithmetic.ts";
import { conv2d } from "../ops/convolution.ts";
import { type ActivationName, activation } from "../ops/named.ts";
import { maxPool2d } from "../ops/pooling.ts";
import { sum } from "../ops/sum.ts";
import { openSession } from "../run/session.ts";
import { gradients } from "./grad.ts";
import type { Program } from "./program.ts";

const noise = (shape: Shape, name: string): NdArray => {
  const random = new Random(3, name);
  return ndarray(
    shape,
    Float64Array.from({ length: sizeOf(shape) }, () => random.normal()),
  );
};

/** Convolution, activation, pooling, convolution, and the gradients of all that went in. */
function network(name: ActivationName, window: number, stride: number, padding: number): Program {
  const weight = (label: string, shape: Shape) => variable(label, shape, () => noise(shape, label));
  const x = input("x", [2, 3, 9, 9]);
  const weights = [weight("a", [4, 3, 3, 3]), weight("b", [4]), weight("c", [2, 4, 2, 2])];
  const y = activation(name, conv2d(x, weights[0], { bias: weights[1] }));
  const z = conv2d(maxPool2d(y, window, { stride, padding }), weights[2]);
  const loss = sum(mul(z, z));
  const [dx, da, db, dc] = gradients([loss], [x, ...weights]);
  return { outputs: { loss, dx, da, db, dc }, updates: [] };
}

for (const [window, stride, padding] of [
  [2, 2, 0],
  [3, 2, 1],
  [3, 1, 0],
]) {
  for (const name of ["relu", "relu6", "tanh"] as const) {
    test(`${name} below maxima of ${window} x ${window}, stride ${stride}: the slope is that of the definitions`, async () => {
      const program = network(name, window, stride, padding);
      const inputs = { x: noise([2, 3, 9, 9], "x") };
      const loops = await openSession(program, { ...referenceEngine(), lowering: "loops" });
      const definitions = await openSession(program, referenceEngine());
      const actual = await loops.run(inputs);
      const expected = await definitions.run(inputs);
      for (const [key, { data }] of Object.entries(expected))
        data.forEach((value, i) => {
          const error = Math.abs(actual[key].data[i] - value);
          assert.ok(error <= 1e-10 * (1 + Math.abs(value)), `${key}[${i}]`);
        });
      // Taken on the pooled map it is part of the convolution's gradient; relu6 and tanh ask for more than their own value's sign.
      const labels = loops.compiled.memory.plan.steps.map(({ label }) => label);
      assert.equal(
        labels.includes("convolutionInputGradient + derivative of relu"),
        name === "relu",
        labels.join("\n"),
      );
      assert.equal(labels.includes(`derivative of ${name}`), name !== "relu", labels.join("\n"));
    });
  }
}
