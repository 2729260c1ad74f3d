import assert from "node:assert/strict";
import { test } from "node:test";
import { readFixtures } from "../../../test/fixtures.ts";
import { filled, type NdArray, ndarray } from "../../base/array.ts";
import { gradients } from "../../compile/grad.ts";
import { referenceEngine } from "../../engines/reference/engine.ts";
import { constantTensor, input, variable } from "../../graph/graph.ts";
import { mul, sub } from "../../ops/arithmetic.ts";
import { matmul } from "../../ops/matmul.ts";
import { sum } from "../../ops/sum.ts";
import { openSession } from "../../run/session.ts";
import { type ClipOptions, checkClip, clipGradients } from "../clip.ts";
import { Adam, type OptimizerDescription, SGD } from "./optimizer.ts";
import { openOptimizer, optimizerNames } from "./update.ts";

const scalarOf = (value: number): NdArray => ndarray([], Float64Array.of(value));

for (const name of optimizerNames) {
  for (const fixture of readFixtures("optimizers", name).filter(
    ({ attributes }) => attributes.problem === "quadratic",
  )) {
    test(`ten steps as PyTorch takes them: ${fixture.name}`, async () => {
      const { problem, ...options } = fixture.attributes;
      assert.equal(problem, "quadratic");
      const optimizer = openOptimizer({ name, ...options } as OptimizerDescription);
      const { parameter, matrix, vector } = fixture.input;
      const p = variable("p", parameter.shape, () => parameter);
      const product = matmul(constantTensor(matrix), p);
      const loss = sum(sub(mul(mul(p, product), 0.5), mul(constantTensor(vector), p)));
      const learningRate = input("learningRate", []);
      const { updates } = optimizer.updates([p], gradients([loss], [p]), learningRate);
      const session = await openSession({ outputs: { loss }, updates }, referenceEngine());
      for (let step = 0; step < 10; step++) {
        const scalars = Object.entries(optimizer.scalars(step)).map(([key, value]) => [key, scalarOf(value)]);
        const result = await session.run({ learningRate: scalarOf(optimizer.lr), ...Object.fromEntries(scalars) });
        close(result.loss.data[0], fixture.output.losses.data[step], `loss of step ${step}`);
        session.readVariable("p").data.forEach((value, i) => {
          close(value, fixture.output.parameters.data[step * 4 + i], `p[${i}] after step ${step}`);
        });
      }
    });
  }
}

function close(found: number, expected: number, what: string): void {
  const error = Math.abs(found - expected) / Math.max(1, Math.abs(expected));
  assert.ok(error < 1e-9, `${what}: ${found} instead of ${expected}`);
}

for (const fixture of [...readFixtures("optimizers", "clipGradNorm"), ...readFixtures("optimizers", "clipGradValue")]) {
  test(`gradients are clipped as PyTorch clips them: ${fixture.name}`, async () => {
    const { maxNorm, normType, clipValue } = fixture.attributes;
    const options: ClipOptions =
      clipValue === undefined ? { norm: Number(maxNorm), normType: Number(normType) } : { value: Number(clipValue) };
    checkClip(options);
    const given = fixture.inputNames.map((name) => input(name, fixture.input[name].shape));
    const clipped = clipGradients(given, options);
    const outputs = Object.fromEntries(fixture.inputNames.map((name, i) => [name, clipped[i]]));
    const session = await openSession({ outputs, updates: [] }, referenceEngine());
    const found = await session.run({ ...fixture.input });
    for (const name of fixture.inputNames) {
      found[name].data.forEach((value, i) => {
        close(value, fixture.output[name].data[i], `${name}[${i}]`);
      });
    }
  });
}

test("weights alone decay where asked", async () => {
  const weight = variable("w", [1, 1], () => filled([1, 1], 2));
  const bias = variable("b", [1], () => filled([1], 2));
  const optimizer = openOptimizer(SGD({ lr: 0.5, weightDecay: 0.1, decayOn: "weights" }));
  const zero = [sub(weight, weight), sub(bias, bias)];
  const { updates } = optimizer.updates([weight, bias], zero, input("learningRate", []));
  const session = await openSession({ outputs: {}, updates }, referenceEngine());
  await session.run({ learningRate: scalarOf(0.5) });
  assert.equal(session.readVariable("w").data[0], 1.9);
  assert.equal(session.readVariable("b").data[0], 2);
});

test("what cannot be is refused in a sentence", () => {
  const open = (description: object) => () => openOptimizer(description as OptimizerDescription);
  assert.throws(open({ name: "adm" }), /Unknown optimizer "adm"; did you mean "adam"\?/);
  assert.throws(open({ name: "sgd", momentun: 0.9 }), /has no option "momentun"; did you mean "momentum"\?/);
  assert.throws(open({ name: "sgd", lr: -1 }), /Optimizer sgd: lr must be a number .*; it is -1\./);
  assert.throws(open(SGD({ nesterov: true })), /nesterov needs a momentum/);
  assert.throws(open(Adam), /not a function: did you forget to call it, as in Adam\(\)\?/);
  assert.equal(openOptimizer("adam").lr, 0.001);
  assert.throws(() => Adam({ betas: [0.9, 1] }), /Adam: betas must be two numbers/);
  assert.throws(() => checkClip({ norm: 1, value: 1 }), /either by \{ norm \} or by \{ value \}/);
  assert.throws(() => checkClip({ norm: 0 }), /clip: norm must be a number above 0; it is 0/);
});
