import assert from "node:assert/strict";
import { test } from "node:test";
import { type FixtureCase, readFixtures } from "../../test/fixtures.ts";
import { type NdArray, toNested } from "../base/array.ts";
import { compile } from "../compile/compile.ts";
import { referenceEngine } from "../engines/reference/engine.ts";
import { input } from "../graph/graph.ts";
import { build } from "../nn/build.ts";
import type { Layer } from "../nn/layer.ts";
import { ReLU } from "../nn/layers/activation.ts";
import { Sequential } from "../nn/layers/containers.ts";
import { Conv2d } from "../nn/layers/convolution.ts";
import { Linear } from "../nn/layers/linear.ts";
import { BatchNorm2d } from "../nn/layers/normalization.ts";
import { AvgPool2d, MaxPool2d } from "../nn/layers/pooling.ts";
import { Flatten } from "../nn/layers/shape.ts";
import { openEngine } from "../run/engines.ts";
import { openSession } from "../run/session.ts";
import { Adam, type OptimizerDescription, SGD } from "./optimizers/optimizer.ts";
import { openOptimizer, optimizerNames } from "./optimizers/update.ts";
import { averageName, trainingStep } from "./step.ts";

/** The network of optimizers.json. */
const convPool = Sequential([Conv2d(2, 3), ReLU(), MaxPool2d(2), Flatten(), Linear(3)]);
/** The network of network.json. */
const convNorm = Sequential([
  ...[Conv2d(3, 3, { padding: 1 }), BatchNorm2d(), ReLU(), MaxPool2d(2)],
  ...[Conv2d(4, 3), ReLU(), Flatten(), Linear(3)],
]);

const optimizerCases = optimizerNames.flatMap((name) =>
  readFixtures("optimizers", name)
    .filter(({ attributes }) => attributes.problem === "network")
    .map((fixture) => {
      const { problem, ...options } = fixture.attributes;
      assert.equal(problem, "network");
      return { fixture, model: convPool, optimizer: { name, ...options } as OptimizerDescription, steps: 10 };
    }),
);
const networkCases = readFixtures("network")
  .filter(({ attributes }) => "lr" in attributes)
  .map((fixture) => {
    const { training, ...options } = fixture.attributes;
    assert.equal(training, true);
    return { fixture, model: convNorm, optimizer: SGD(options), steps: 3 };
  });

function* parameterNames({ inputNames }: FixtureCase): Generator<string> {
  for (const name of inputNames) if (name !== "x" && name !== "target") yield name;
}

const labelsOf = ({ input: { target } }: FixtureCase): NdArray => ({
  shape: target.shape,
  dtype: "int32",
  data: Int32Array.from(target.data),
});

function close(found: NdArray["data"], expected: NdArray["data"], tolerance: number, what: string): void {
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(found[i] - expected[i]) / Math.max(1, Math.abs(expected[i]));
    assert.ok(error < tolerance, `${what}[${i}]: ${found[i]} instead of ${expected[i]}`);
  }
}

for (const { fixture, model, optimizer, steps } of [...optimizerCases, ...networkCases]) {
  test(`${steps} training steps as PyTorch takes them: ${fixture.name}`, async () => {
    const step = trainingStep(model, { inputShape: fixture.input.x.shape, optimizer });
    const state = new Map([...parameterNames(fixture)].map((name) => [name, fixture.input[name]]));
    assert.deepEqual(
      [...state.keys()].sort(),
      step.model.variables.map(({ node }) => Object(node.attributes).name).sort(),
    );
    const session = await openSession(step.program, referenceEngine(), { state, inputs: step.inputs });
    const rate = openOptimizer(optimizer).lr;
    for (let at = 0; at < steps; at++) {
      const { loss } = await session.run({
        images: fixture.input.x,
        labels: labelsOf(fixture),
        ...step.scalars(at, rate, 0),
      });
      close(loss.data, [fixture.output.losses.data[at]] as unknown as Float64Array, 1e-9, `loss of step ${at}`);
      for (const name of parameterNames(fixture)) {
        const size = fixture.input[name].data.length;
        const expected = fixture.output[name].data.subarray(at * size, (at + 1) * size);
        close(session.readVariable(name).data, expected, 1e-9, `${name} after step ${at}`);
      }
    }
    if (!fixture.output.logits) return;
    const x = input("x", fixture.input.x.shape);
    const trained = new Map([...parameterNames(fixture)].map((name) => [name, session.readVariable(name)]));
    const program = { outputs: { logits: build(model, x).output }, updates: [] };
    const { logits } = await (await openSession(program, referenceEngine(), { state: trained })).run({
      x: fixture.input.x,
    });
    close(logits.data, fixture.output.logits.data, 1e-9, "logits");
  });
}

test("the fast engine takes the same steps in float32", async () => {
  // Average pooling: the golden images have equal maxima, of which another may be the first once they are rounded.
  const model = Sequential([
    ...[Conv2d(3, 3, { padding: 1 }), BatchNorm2d(), ReLU(), AvgPool2d(2)],
    ...[Conv2d(4, 3), ReLU(), Flatten(), Linear(3)],
  ]);
  const [{ fixture, optimizer, steps }] = networkCases.slice(-1);
  const step = trainingStep(model, { inputShape: fixture.input.x.shape, optimizer });
  const state = new Map([...parameterNames(fixture)].map((name) => [name, fixture.input[name]]));
  const fast = await openEngine();
  try {
    const [found, expected] = [fast, referenceEngine()].map(async (engine) => {
      const session = await openSession(step.program, engine, { state, inputs: step.inputs });
      for (let at = 0; at < steps; at++) {
        const scalars = step.scalars(at, openOptimizer(optimizer).lr, 0);
        await session.run({ images: fixture.input.x, labels: labelsOf(fixture), ...scalars });
      }
      return session;
    });
    for (const name of (await expected).variables) {
      close((await found).readVariable(name).data, (await expected).readVariable(name).data, 1e-5, name);
    }
  } finally {
    await fast.close();
  }
});

const images = (count: number): NdArray => ({
  shape: [count, 1, 6, 6],
  dtype: "float32",
  data: Float32Array.from({ length: count * 36 }, (_, i) => Math.sin(i * 0.7)),
});

test("a running average of the weights follows them", async () => {
  const step = trainingStep(convPool, { inputShape: [4, 1, 6, 6], average: 0.9, optimizer: SGD({ lr: 0.1 }) });
  const session = await openSession(step.program, referenceEngine(), { inputs: step.inputs });
  const expected = Float64Array.from(session.readVariable("4.weight").data);
  const labels: NdArray = { shape: [4], dtype: "int32", data: Int32Array.of(0, 1, 2, 0) };
  for (let at = 0; at < 12; at++) {
    await session.run({ images: images(4), labels, ...step.scalars(at, 0.1, 0) });
    const share = 1 - Math.min(0.9, (at + 1) / (at + 10));
    session.readVariable("4.weight").data.forEach((weight, i) => {
      expected[i] += share * (weight - expected[i]);
    });
  }
  close(session.readVariable(averageName("4.weight")).data, expected, 1e-12, "average");
});

test("soft targets of certainty are the labels", async () => {
  const labels: NdArray = { shape: [2], dtype: "int32", data: Int32Array.of(2, 0) };
  const targets: NdArray = { shape: [2, 3], dtype: "float32", data: Float32Array.of(0, 0, 1, 1, 0, 0) };
  const results = [];
  for (const softTargets of [false, true]) {
    const step = trainingStep(convPool, { inputShape: [2, 1, 6, 6], softTargets, optimizer: Adam() });
    const session = await openSession(step.program, referenceEngine(), { inputs: step.inputs });
    const given = { images: images(2), labels, ...(softTargets ? { targets } : {}), ...step.scalars(0, 0.01, 0) };
    await session.run(given);
    results.push(toNested(session.readVariable("0.weight")));
  }
  assert.deepEqual(results[0], results[1]);
});

test("the whole step is loops, and updates are written in place", () => {
  const step = trainingStep(convNorm, {
    inputShape: [8, 2, 10, 10],
    optimizer: SGD({ momentum: 0.9, nesterov: true }),
  });
  const { plan } = compile(step.program, { lowering: "loops", inputs: step.inputs }).memory;
  assert.deepEqual(
    plan.steps.filter(({ kernel }) => kernel.kind === "host").map(({ label }) => label),
    [],
  );
  assert.deepEqual(
    plan.steps.filter(({ label }) => label.startsWith("update")).map(({ label }) => label),
    [],
  );
});

test("what cannot be is refused in a sentence", () => {
  const making = (model: Layer, options: object) => () => trainingStep(model, { inputShape: [2, 1, 6, 6], ...options });
  assert.throws(making(Conv2d(2, 3), {}), /must give \[batch, classes\]; end it with Flatten/);
  assert.throws(making(convPool, { average: 1 }), /at least 0 and below 1; it is 1/);
  assert.throws(making(convPool, { los: {} }), /trainingStep has no option "los"; did you mean "loss"/);
  assert.throws(making(convPool, { loss: { name: "mse" } }), /Unknown loss "mse"/);
  assert.throws(
    making(convPool, { loss: { name: "crossEntropy", labelSmothing: 1 } }),
    /did you mean "labelSmoothing"/,
  );
});
