// Convolution and its adjoints: PyTorch's numbers over the whole matrix of options, and central differences.
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkFixture } from "../../../test/check-fixture.ts";
import { checkOp, numbers } from "../../../test/check-op.ts";
import { type FixtureCase, readFixtures } from "../../../test/fixtures.ts";
import { checkHardNumbers } from "../../../test/hard-numbers.ts";
import { Random } from "../../base/random.ts";
import { type Shape, sizeOf } from "../../base/shape.ts";
import type { Tensor } from "../../graph/graph.ts";
import {
  type ConvolveOptions,
  conv,
  conv2d,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
} from "../convolution.ts";
import { type ConvolutionAttributes, convolutionOp, filterGradientOp, inputGradientOp } from "./convolution.ts";

type Builder = (inputs: Readonly<Record<string, Tensor>>) => Record<string, Tensor>;

const transposed: Readonly<Record<string, typeof convTranspose2d>> = {
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
};

function build({ op, attributes }: FixtureCase): Builder {
  const { paddingMode, ...rest } = attributes as Record<string, unknown>;
  const mode = paddingMode ? { paddingMode: paddingMode as ConvolveOptions["paddingMode"] } : {};
  return ({ x, weight, bias }) => ({
    y: op.startsWith("convTranspose")
      ? transposed[op](x, weight, { ...rest, bias })
      : conv(x, weight, { ...rest, ...mode, bias }),
  });
}

for (const family of ["convolution", "transposed_convolution"]) {
  const all = readFixtures(family);
  for (const op of new Set(all.map((one) => one.op))) {
    const cases = all.filter((one) => one.op === op);
    test(`PyTorch: ${cases.length} cases of ${op}`, async () => {
      for (const one of cases) await checkFixture(one, build(one));
    });
  }
}

/** Every product of the definition, counted one by one. */
function countProducts(x: Shape, w: Shape, y: Shape): number {
  let count = 0;
  for (let n = 0; n < x[0]; n++)
    for (let k = 0; k < w[0]; k++)
      for (let c = 0; c < w[1]; c++)
        for (let place = 0; place < sizeOf(y.slice(2)); place++) for (let r = 0; r < sizeOf(w.slice(2)); r++) count++;
  return count;
}

function draw(random: Random): { x: Shape; w: Shape; y: Shape; attributes: ConvolutionAttributes } {
  const rank = 1 + random.below(3);
  const each = (from: number, to: number): number[] =>
    Array.from({ length: rank }, () => from + random.below(to - from + 1));
  const kernel = each(1, 3);
  const groups = 1 + random.below(2);
  const [stride, dilation, padBefore, padAfter] = [each(1, 3), each(1, 2), each(0, 2), each(0, 2)];
  const size = kernel.map(
    (k, axis) => Math.max(1, dilation[axis] * (k - 1) + 1 - padBefore[axis] - padAfter[axis]) + random.below(3),
  );
  const x = [1 + random.below(2), groups * (1 + random.below(2)), ...size];
  const w = [groups * (1 + random.below(2)), x[1] / groups, ...kernel];
  const attributes = { stride, dilation, padBefore, padAfter, groups };
  const type = (shape: Shape) => ({ shape, dtype: "float32" }) as const;
  const [{ shape: y }] = convolutionOp.infer([type(x), type(w)], attributes);
  return { x, w, y, attributes };
}

/** The promise of every convolution: no NaN is lost. Where it spreads, docs/numbers.md says. */
const hard = {
  spreads:
    "zeros of the padding are multiplied like other numbers, and Winograd's algorithm mixes the numbers of a tile",
};

test("hard numbers by every strategy for 3x3 filters, Winograd's among them", async () => {
  const random = new Random(5);
  const arrays = [numbers(random, [2, 8, 9, 10]), numbers(random, [8, 8, 3, 3])];
  const taken = await checkHardNumbers(([x, w]) => [conv2d(x, w, { padding: 1 })], arrays, "conv2d", hard);
  for (const name of ["winograd.f2x3", "winograd.f4x3", "gemm.6x8", "direct.4x8"])
    assert.ok(taken.has(`contract.${name}`), `${name} is not among ${[...taken].join(", ")}`);
});

checkOp(convolutionOp, {
  hard,
  cases: [],
  seeds: 20,
  random(random) {
    const { x, w, y, attributes } = draw(random);
    return { inputs: [numbers(random, x), numbers(random, w)], attributes, macs: countProducts(x, w, y) };
  },
});

checkOp(inputGradientOp, {
  hard,
  cases: [],
  seeds: 20,
  random(random) {
    const { x, w, y, attributes } = draw(random);
    return {
      inputs: [numbers(random, y), numbers(random, w)],
      attributes: { ...attributes, shape: x },
      macs: countProducts(x, w, y),
    };
  },
});

checkOp(filterGradientOp, {
  hard,
  cases: [],
  seeds: 20,
  random(random) {
    const { x, w, y, attributes } = draw(random);
    return {
      inputs: [numbers(random, x), numbers(random, y)],
      attributes: { ...attributes, shape: w },
      macs: countProducts(x, w, y),
    };
  },
});

// ---- closed forms -----------------------------------------------------------------------------------------------------
