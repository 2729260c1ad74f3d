// The golden files are readable and consistent: every family loads, shapes fit the numbers, cotangents fit the outputs
// and gradients fit the inputs. No part of the library is used but its array type.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type NdArray, zeros64 } from "../src/base/array.ts";
import { NeocogError } from "../src/base/errors.ts";
import { sizeOf } from "../src/base/shape.ts";
import {
  fixtureFamilies,
  fixturesFolder,
  readFixtureJson,
  readFixtures,
  readTorchvisionLogits,
  readTorchvisionState,
} from "./fixtures.ts";
import { formulaArray } from "./formula.ts";

test("every family was made by a script that stands beside it and is named in the README", () => {
  const readme = readFileSync(join(fixturesFolder, "README.md"), "utf8");
  assert.ok(fixtureFamilies().length > 0);
  for (const family of fixtureFamilies()) {
    const { family: name, madeBy } = readFixtureJson(family) as { family: string; madeBy: string };
    assert.equal(name, family);
    assert.ok(existsSync(join(fixturesFolder, madeBy)), `${madeBy} is missing`);
    assert.ok(readme.includes(`\`${family}\``), `the README does not name ${family}`);
  }
});

for (const family of fixtureFamilies()) {
  test(`${family}: cases are consistent`, () => {
    const cases = readFixtures(family);
    assert.ok(cases.length > 0);
    assert.equal(new Set(cases.map((one) => one.name)).size, cases.length, "two cases have the same name");
    for (const one of cases) {
      assert.ok(one.outputs.length > 0, `${one.name} has no output`);
      for (const [name, cotangent] of Object.entries(one.cotangent)) {
        assert.deepEqual(cotangent.shape, one.output[name]?.shape, `${one.name}: cotangent ${name}`);
      }
      for (const [name, gradient] of Object.entries(one.gradient)) {
        assert.deepEqual(gradient.shape, one.input[name]?.shape, `${one.name}: gradient ${name}`);
      }
      assert.equal(one.gradients.length, one.inputs.length);
      assert.equal(one.cotangents.length, one.outputs.length);
    }
  });
}

// The reader's own check of the mathematics: gradients are linear in the cotangent, and a convolution is linear in x,
// so <y - bias, cotangent> = <x, dx> = <w, dw>.
test("convolution: the adjoints agree with the outputs", () => {
  const dot = (a: NdArray, b: NdArray): number => {
    let sum = 0;
    for (let i = 0; i < a.data.length; i++) sum += a.data[i] * b.data[i];
    return sum;
  };
  for (const family of ["convolution", "transposed_convolution"]) {
    for (const one of readFixtures(family)) {
      const bias = one.input.bias ?? zeros64([one.output.y.shape[1]]);
      const biasGradient = one.gradient.bias ?? bias;
      const total = dot(one.output.y, one.cotangent.y) - dot(bias, biasGradient);
      assert.equal(dot(one.input.x, one.gradient.x), total, `${one.name}: x`);
      assert.equal(dot(one.input.weight, one.gradient.weight), total, `${one.name}: weight`);
    }
  }
});

test("one operation of a family, and an unknown family", () => {
  const all = readFixtures("convolution");
  const some = readFixtures("convolution", "conv1d", "float64");
  assert.ok(some.length > 0 && some.length < all.length);
  assert.ok(some.every((one) => one.op === "conv1d" && one.inputs[0].dtype === "float64"));
  assert.throws(() => readFixtures("convolutoin"), NeocogError);
  assert.throws(() => readFixtures("convolutoin"), /did you mean "convolution"/);
});

test("torchvision: parameters are those of the state dict, less the running statistics", () => {
  const { models } = readTorchvisionState();
  assert.equal(models.alexnet.parameters, 61_100_840);
  assert.equal(models.vgg16.macs, 15_470_264_320);
  for (const [name, model] of Object.entries(models)) {
    const trained = Object.entries(model.state).filter(([key]) => !/running_|num_batches_tracked/.test(key));
    const total = trained.reduce((sum, [, shape]) => sum + sizeOf(shape), 0);
    assert.equal(total, model.parameters, name);
  }
});

test("torchvision: there are logits for every model", () => {
  const { models } = readTorchvisionLogits();
  assert.deepEqual(Object.keys(models), Object.keys(readTorchvisionState().models));
  for (const [name, { logits, sum, layers }] of Object.entries(models)) {
    assert.equal(logits.length, 8);
    assert.ok(logits.every(Number.isFinite) && Number.isFinite(sum), name);
    assert.ok(
      Object.values(layers).every(([mean, rms]) => Math.abs(mean) <= rms * (1 + 1e-9)),
      name,
    );
  }
});

test("the formula of weights and images gives the numbers that the script used", () => {
  for (const [key, { shape, first, last }] of Object.entries(readTorchvisionLogits().samples)) {
    const { data } = formulaArray(key, shape);
    assert.deepEqual([...data.subarray(0, first.length)], first, key);
    assert.equal(data[data.length - 1], last, key);
  }
});

// What the explainers' numbers must satisfy whatever the network: integrated gradients add up to the difference of the logits
// but for the stored gap, and a map that a rectifier has passed is nowhere negative.
test("explain: integrated gradients add up, Grad-CAM is never negative", () => {
  for (const one of readFixtures("explain", "integratedGradients")) {
    const sum = Array.from(one.output.attribution.data).reduce((total, value) => total + value, 0);
    assert.ok(Math.abs(one.output.gap.data[0]) < 0.05 * Math.max(1, Math.abs(sum)), one.name);
  }
  for (const one of readFixtures("explain", "gradCam")) {
    assert.ok(
      one.output.map.data.every((value: number) => value >= 0),
      one.name,
    );
  }
});
