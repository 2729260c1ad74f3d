// A small network built from layers against PyTorch: every layer's output, running statistics after a step, and loading.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type FixtureCase, readFixtures } from "../../test/fixtures.ts";
import type { NdArray } from "../base/array.ts";
import { referenceEngine } from "../engines/reference/engine.ts";
import type { Tensor } from "../graph/graph.ts";
import { openSession } from "../run/session.ts";
import { type BuiltModel, build } from "./build.ts";
import { ReLU } from "./layers/activation.ts";
import { block, Sequential } from "./layers/containers.ts";
import { Conv2d } from "./layers/convolution.ts";
import { Dropout, Dropout2d } from "./layers/dropout.ts";
import { Linear } from "./layers/linear.ts";
import { BatchNorm2d } from "./layers/normalization.ts";
import { MaxPool2d } from "./layers/pooling.ts";
import { Flatten } from "./layers/shape.ts";
import { initialState, loadState, variableOf } from "./state.ts";

const model = Sequential([
  Conv2d(3, 3, { padding: 1 }),
  BatchNorm2d(),
  ReLU(),
  MaxPool2d(2),
  Conv2d(4, 3),
  ReLU(),
  Flatten(),
  Linear(3),
]);

const cases = readFixtures("network");
const find = (start: string): FixtureCase => cases.find(({ name }) => name.startsWith(start))!;

function close(actual: NdArray, expected: NdArray, what: string): void {
  assert.deepEqual(actual.shape, expected.shape, what);
  expected.data.forEach((value: number, i: number) => {
    assert.ok(
      Math.abs(actual.data[i] - value) <= 1e-9 * (1 + Math.abs(value)),
      `${what}[${i}]: ${actual.data[i]} is not ${value}`,
    );
  });
}

function stateOf(built: BuiltModel, { input }: FixtureCase): ReadonlyMap<string, NdArray> {
  const { x: _x, target: _target, ...weights } = input;
  return loadState(built.variables, weights).state;
}

for (const training of [false, true]) {
  test(`${training ? "training" : "evaluation"}: every layer gives what PyTorch's gives`, async () => {
    const golden = find(training ? "training" : "evaluation");
    const built = build(model, golden.input.x.shape, { training });
    const outputs = Object.fromEntries(
      built.layers.filter(({ path }) => path !== "").map(({ path, output }) => [path, output]),
    );
    const session = await openSession({ outputs, updates: built.updates }, referenceEngine(), {
      state: stateOf(built, golden),
    });
    const answers = await session.run({ input: golden.input.x });
    for (let i = 0; i < 8; i++) close(answers[i], golden.output[i], `layer ${i}`);
    if (!training) return;
    for (const name of ["1.running_mean", "1.running_var"])
      close(session.readVariable(name), golden.output[name], name);
  });
}

test("batch norm applied twice moves its statistics twice", async () => {
  const bn = BatchNorm2d({ affine: false });
  const twice = block("Twice", (x, context) => context.child("bn", context.child("bn", x)), { bn });
  const built = build(twice, [2, 1, 1, 2], { training: true });
  assert.equal(built.updates.length, 2);
  const session = await openSession({ outputs: { y: built.output }, updates: built.updates }, referenceEngine());
  // Mean 3, then 0: the running mean is 0.1 · 3, then 0.9 of that.
  await session.run({ input: { shape: [2, 1, 1, 2], dtype: "float32", data: Float64Array.of(1, 2, 4, 5) } });
  assert.ok(Math.abs(session.readVariable("bn.running_mean").data[0] - 0.27) < 1e-6);
});

test("dropout drops in training only, each layer by its own mask, and scales what stays", async () => {
  const names = { a: Dropout({ p: 0.25 }), b: Dropout({ p: 0.25 }), maps: Dropout2d({ p: 0.5 }) };
  const each = block("Each", (x, context) =>
    (Object.keys(names) as (keyof typeof names)[]).reduce((y, name) => context.apply(name, names[name], y), x),
  );
  const shape = [4, 8, 10, 10];
  assert.equal(build(each, shape).random, undefined);
  const built = build(each, shape, { training: true });
  assert.ok(built.random);
  const at = (path: string): Tensor => built.layers.find((record) => record.path === path)!.output;
  const session = await openSession(
    { outputs: { a: at("a"), b: at("b"), maps: at("maps") }, updates: [] },
    referenceEngine(),
  );
  const scalar = (value: number): NdArray => ({ shape: [], dtype: "int32", data: Float64Array.of(value) });
  const ones: NdArray = { shape, dtype: "float32", data: new Float64Array(3200).fill(1) };
  const run = (step: number): ReturnType<typeof session.run> =>
    session.run({ input: ones, seed: scalar(7), step: scalar(step) });
  const [first, again, next] = [await run(0), await run(0), await run(1)];
  const share = (values: ArrayLike<number>, wanted: number): number =>
    Array.from(values).filter((value) => Math.abs(value - wanted) < 1e-9).length / 3200;
  assert.ok(Math.abs(share(first.a.data, 0) - 0.25) < 0.03);
  assert.ok(Math.abs(share(first.a.data, 4 / 3) - 0.75) < 0.03);
  // Independent masks: both keep with 0.75².
  assert.ok(Math.abs(share(first.b.data, 16 / 9) - 0.5625) < 0.03);
  assert.deepEqual(first, again);
  assert.notDeepEqual(first.a.data, next.a.data);
  for (let map = 0; map < 32; map++) {
    const before = Array.from(first.b.data.subarray(map * 100, map * 100 + 100));
    const after = Array.from(first.maps.data.subarray(map * 100, map * 100 + 100));
    assert.ok(after.every((value) => value === 0) || after.every((value, i) => Math.abs(value - 2 * before[i]) < 1e-9));
  }
});

test("a state that does not fit is told in full; counters of batches are passed over", () => {
  const { variables } = build(model, [1, 2, 10, 10]);
  const state = initialState(variables);
  const counter: NdArray = { shape: [], dtype: "int64", data: Float64Array.of(3) };
  const loaded = loadState(variables, new Map([...state, ["1.num_batches_tracked", counter]]));
  assert.deepEqual(
    [...loaded.state.keys()],
    variables.map((tensor) => variableOf(tensor).name),
  );
  assert.deepEqual(loaded.state, state);
  const { "7.weight": weight, "7.bias": _bias, ...rest } = Object.fromEntries(state);
  const other = { ...rest, "7.weight": { ...weight, shape: [36, 3] }, "8.weight": weight };
  assert.throws(() => loadState(variables, other, { source: "weights.safetensors" }), {
    message:
      /^The numbers of weights\.safetensors do not fit the model; missing: 7\.bias; unexpected: 8\.weight; of another shape: 7\.weight is \[36, 3\], but the model's is \[3, 36\]\./,
  });
  const part = loadState(variables, rest, { strict: false });
  assert.deepEqual(part.missing, ["7.weight", "7.bias"]);
  assert.deepEqual(part.state.get("7.bias"), state.get("7.bias"));
});
