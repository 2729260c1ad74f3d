// Layers that mind places and shifts, against PyTorch.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type FixtureCase, readFixtures } from "../../../test/fixtures.ts";
import { gradients } from "../../compile/grad.ts";
import { referenceEngine } from "../../engines/reference/engine.ts";
import { constantTensor } from "../../graph/graph.ts";
import { openSession } from "../../run/session.ts";
import { build } from "../build.ts";
import type { Layer } from "../layer.ts";
import { variableOf } from "../state.ts";
import { CoordConv2d } from "./coordinates.ts";
import { PartialConv2d } from "./partial.ts";
import { AdaptivePolyphase2d } from "./polyphase.ts";

/** Output and all gradients of a layer, in float64. */
async function check(layer: Layer, { input, output, cotangent, gradient }: FixtureCase): Promise<void> {
  const built = build(layer, input.x.shape);
  const by = [built.input, ...built.variables];
  const slopes = gradients([built.output], by, [constantTensor(cotangent.y)]);
  const names = ["x", ...built.variables.map((variable) => variableOf(variable).name)];
  const outputs = { y: built.output, ...Object.fromEntries(names.map((name, i) => [`d ${name}`, slopes[i]])) };
  const state = new Map(names.slice(1).map((name) => [name, input[name]]));
  const session = await openSession({ outputs, updates: [] }, referenceEngine(), { state, inputs: [built.input] });
  const found = await session.run({ input: input.x });
  const wanted = { y: output.y, ...Object.fromEntries(names.map((name) => [`d ${name}`, gradient[name]])) };
  for (const [name, { shape, data }] of Object.entries(wanted)) {
    assert.deepEqual(found[name].shape, shape, name);
    data.forEach((value: number, i: number) => {
      assert.ok(Math.abs(found[name].data[i] - value) < 1e-9, `${name}[${i}]: ${found[name].data[i]}, not ${value}`);
    });
  }
}

for (const one of readFixtures("shifts", "partialConv2d")) {
  const { stride, padding, dilation } = one.attributes as { stride: number; padding: number; dilation: number };
  const [filters, , ...kernel] = one.input.weight.shape;
  test(one.name, () => check(PartialConv2d(filters, kernel, { stride, padding, dilation }), one));
}

for (const one of readFixtures("shifts", "coordConv2d")) {
  test(one.name, () => check(CoordConv2d(one.input.weight.shape[0], 3, { padding: 1 }), one));
}

for (const one of readFixtures("shifts", "polyphase")) {
  test(one.name, () => check(AdaptivePolyphase2d({ stride: one.attributes.stride as number }), one));
}

test("polyphase parts must be of one size", () => {
  assert.throws(
    () => build(AdaptivePolyphase2d(), [1, 1, 5, 4]),
    /does not divide by the stride 2; pad or crop it before/,
  );
});
