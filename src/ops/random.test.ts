// Random tensors: the same four numbers give the same bits, the moments are right, dropout's gradient uses its own mask.
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkFunction, distinct } from "../../test/check-op.ts";
import { type NdArray, ndarray } from "../base/array.ts";
import { Random, threefry } from "../base/random.ts";
import { gradients } from "../compile/grad.ts";
import { referenceEngine } from "../engines/reference/engine.ts";
import { input, scalar, type Tensor } from "../graph/graph.ts";
import { runOnce } from "../run/session.ts";
import * as random from "./random.ts";
import { sum } from "./sum.ts";

const whole = (value: number): NdArray => ndarray([], [value], "int32");
const at = (stream: number): random.RandomSource => ({
  seed: input("seed", [], "int32"),
  step: input("step", [], "int32"),
  stream,
});

async function run(tensor: Tensor, seed = 1, step = 0): Promise<number[]> {
  const { y } = await runOnce({ y: tensor }, { seed: whole(seed), step: whole(step) }, referenceEngine());
  return Array.from(y.data);
}

const meanOf = (list: readonly number[]): number => list.reduce((total, x) => total + x, 0) / list.length;
const varianceOf = (list: readonly number[]): number => meanOf(list.map((x) => (x - meanOf(list)) ** 2));

test("uniform numbers are Threefry's, and depend on seed, step, stream and place alone", async () => {
  const tensor = random.randomUniform([3, 5], at(7));
  const once = await run(tensor, 4, 2);
  assert.deepEqual(await run(tensor, 4, 2), once);
  once.forEach((value, i) => {
    assert.equal(value, (threefry(4, 7, i, 2)[0] >>> 8) * 2 ** -24);
  });
  assert.notDeepEqual(await run(tensor, 5, 2), once);
  assert.notDeepEqual(await run(tensor, 4, 3), once);
  assert.notDeepEqual(await run(random.randomUniform([3, 5], at(8)), 4, 2), once);
});

test("moments of uniform, normal and Bernoulli numbers", async () => {
  const n = 10_000;
  const uniform = await run(random.randomUniform([n], at(1), -1, 3));
  assert.ok(Math.abs(meanOf(uniform) - 1) < 4 * Math.sqrt(16 / 12 / n));
  assert.ok(Math.abs(varianceOf(uniform) - 16 / 12) < 0.05);
  const normal = await run(random.randomNormal([n], at(2), 5, 2));
  assert.ok(Math.abs(meanOf(normal) - 5) < 4 * Math.sqrt(4 / n));
  assert.ok(Math.abs(varianceOf(normal) - 4) < 0.25);
  const inside = normal.filter((x) => Math.abs(x - 5) < 2).length / n;
  assert.ok(Math.abs(inside - 0.6827) < 0.02, `${inside}`);
  const coins = await run(random.bernoulli([n], 0.3, at(3)));
  assert.ok(coins.every((x) => x === 0 || x === 1));
  assert.ok(Math.abs(meanOf(coins) - 0.3) < 4 * Math.sqrt(0.21 / n));
});

test("dropout keeps the mean, and its gradient passes where it kept", async () => {
  const x = input("x", [2, 3, 4, 4]);
  for (const drop of [random.dropout, random.dropoutChannels]) {
    const y = drop(x, 0.25, at(11));
    const [dx] = gradients([sum(y)], [x]);
    const feeds = { x: ndarray([2, 3, 4, 4], new Array(96).fill(1)), seed: whole(3), step: whole(1) };
    const answer = await runOnce({ y, dx }, feeds, referenceEngine());
    assert.deepEqual(answer.y.data, answer.dx.data);
    assert.ok(answer.y.data.every((value) => value === 0 || Math.abs(value - 4 / 3) < 1e-12));
    assert.ok(answer.y.data.some((value) => value === 0) && answer.y.data.some((value) => value !== 0));
  }
});

test("channel dropout drops whole maps", async () => {
  const x = input("x", [4, 4, 3, 3]);
  const y = random.dropoutChannels(x, 0.5, at(5));
  const feeds = { x: ndarray([4, 4, 3, 3], new Array(144).fill(1)), seed: whole(1), step: whole(0) };
  const { data } = (await runOnce({ y }, feeds, referenceEngine())).y;
  for (let map = 0; map < 16; map++) assert.equal(new Set(data.slice(map * 9, map * 9 + 9)).size, 1);
});

test("dropout conforms in every engine", async () => {
  const arrays = [distinct(new Random(1), [2, 3, 4, 5]), whole(5), whole(6)];
  await checkFunction(([x, seed, step]) => [random.dropout(x, 0.4, { seed, step, stream: 9 })], arrays);
  await checkFunction(([x, seed, step]) => [random.dropoutChannels(x, 0.4, { seed, step, stream: 9 })], arrays);
  await checkFunction(([, seed, step]) => [random.randomNormal([40], { seed, step, stream: 9 })], arrays);
});

test("what cannot be is refused in words", () => {
  const x = input("x", [2, 3]);
  assert.throws(() => random.dropout(x, 1.5, at(1)), /dropout: p must be a number between 0 and 1; it is 1.5/);
  assert.throws(() => random.dropout(x, 0.5, { ...at(1), seed: scalar(1) }), /must be an int32 scalar, not float32/);
  assert.throws(() => random.dropoutChannels(x, 0.5, at(1)), /needs an input \[batch, channels/);
  assert.equal(random.dropout(x, 0, at(1)), x);
});
