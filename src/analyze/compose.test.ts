// Composition against PyTorch: a folded batch norm and a composed kernel give what the two layers give.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readFixtures } from "../../test/fixtures.ts";
import type { NdArray } from "../base/array.ts";
import { ndarray } from "../base/array.ts";
import { referenceEngine } from "../engines/reference/engine.ts";
import { compute, known } from "../lab/compute.ts";
import { largestDifference } from "../lab/parts.ts";
import { conv2d } from "../ops/convolution.ts";
import { compose, foldBatchNorm, type LinearConvolution } from "./compose.ts";

async function run({ weight, bias, stride = 1 }: LinearConvolution, x: NdArray): Promise<NdArray> {
  const y = conv2d(known(x), known(weight), { stride, ...(bias ? { bias: known(bias) } : {}) });
  return (await compute(referenceEngine(), { y })).y;
}

for (const { name, input, output } of readFixtures("shifts", "foldBatchNorm")) {
  test(`${name}: one convolution`, async () => {
    const { x, weight, bias, scale, shift, runningMean, runningVar } = input;
    const folded = foldBatchNorm({ weight, bias }, { runningMean, runningVar, weight: scale, bias: shift });
    assert.ok(largestDifference((await run(folded, x)).data, output.y.data) < 1e-10);
  });
}

for (const { name, input, output, attributes } of readFixtures("shifts", "compose")) {
  test(`compose: ${name}`, async () => {
    const { strides, dilations } = attributes as { strides: [number, number]; dilations: [number, number] };
    const one = compose([
      { weight: input.first, bias: input.firstBias, stride: strides[0], dilation: dilations[0] },
      { weight: input.second, bias: input.secondBias, stride: strides[1], dilation: dilations[1] },
    ]);
    const found = await run(one, input.x);
    assert.deepEqual(found.shape, output.y.shape);
    assert.ok(largestDifference(found.data, output.y.data) < 1e-9);
  });
}

test("what cannot follow each other is refused", () => {
  const weight = ndarray([2, 1, 1, 1], [1, 2]);
  assert.throws(() => compose([{ weight }, { weight }]), /must take the first one's 2 channels/);
  assert.throws(() => compose([]), /nothing to compose/);
  const three = ndarray([3], [1, 1, 1]);
  assert.throws(() => foldBatchNorm({ weight }, { runningMean: three, runningVar: three }), /3 channels.*gives 2/);
});
