// Boxes, moved taps, affine grids, columns and attention: cards in every engine, torchvision's and PyTorch's numbers with gradients.
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkFixture } from "../../test/check-fixture.ts";
import { checkFunction, checkOp, numbers } from "../../test/check-op.ts";
import { type FixtureCase, readFixtures } from "../../test/fixtures.ts";
import { ndarray } from "../base/array.ts";
import { ShapeError } from "../base/errors.ts";
import type { Random } from "../base/random.ts";
import { gradients } from "../compile/grad.ts";
import { input, type Tensor } from "../graph/graph.ts";
import { type AttentionOptions, scaledDotProductAttention } from "./attention.ts";
import { type DeformAttributes, deformConvolutionOp } from "./cards/deform.ts";
import { type RoiAlignAttributes, roiAlignOp } from "./cards/roiAlign.ts";
import { type DeformConvOptions, deformConv2d } from "./deform.ts";
import { type FoldOptions, fold, unfold } from "./fold.ts";
import { affineGrid } from "./grid.ts";
import { roiAlign } from "./roiAlign.ts";
import { sum } from "./sum.ts";

const spreads = "what lies outside is read as the first cell, times 0";
/** Away from whole numbers, where the answer has a kink. */
const between = (random: Random, shape: readonly number[], low: number, high: number) =>
  ndarray(
    shape,
    Float64Array.from(
      { length: shape.reduce((a, b) => a * b, 1) },
      () => low + random.below(high - low) + 0.2 + 0.6 * random.uniform(),
    ),
  );

checkOp<RoiAlignAttributes>(roiAlignOp, {
  cases: [],
  hard: { spreads, huge: "a box of 1e30 has samples between any two floats" },
  random(random) {
    const [maps, count] = [1 + random.below(2), 1 + random.below(3)];
    const attributes = {
      outputSize: [1 + random.below(2), 1 + random.below(3)] as const,
      ...{ spatialScale: 0.5, samplingRatio: random.below(3), aligned: random.below(2) === 1 },
    };
    const boxes = numbers(random, [count, 4], 0, 4);
    for (let i = 0; i < boxes.data.length; i++) boxes.data[i] += i % 4 > 1 ? 5.03 : 0.01;
    const batch = ndarray(
      [count],
      Float64Array.from({ length: count }, () => random.below(maps)),
      "int32",
    );
    return {
      inputs: [numbers(random, [maps, 2, 4, 5]), boxes, batch],
      attributes,
      skip: {
        gradient: attributes.samplingRatio === 0 ? "runs on the host" : "samples may lie on cells: see the fixtures",
      },
    };
  },
});

checkOp<DeformAttributes>(deformConvolutionOp, {
  cases: [],
  hard: { spreads, huge: "a tap moved by 1e30 lies between no two cells" },
  random(random) {
    const [groups, offsetGroups] = [1 + random.below(2), 1 + random.below(2)];
    const [n, rows, columns, kernels] = [1 + random.below(2), 1 + random.below(3), 1 + random.below(3), 2 * groups];
    const attributes = { stride: [1, 1], dilation: [1, 1], padBefore: [1, 0], padAfter: [0, 1], groups, offsetGroups };
    const taps = offsetGroups * 4;
    const masked = random.below(2) === 1;
    return {
      inputs: [
        numbers(random, [n, 4, rows, columns]),
        numbers(random, [kernels, 4 / groups, 2, 2]),
        between(random, [n, 2 * taps, rows, columns], -1, 2),
        ...(masked ? [numbers(random, [n, taps, rows, columns])] : []),
      ],
      attributes: { ...attributes, groups, offsetGroups },
      macs: n * kernels * rows * columns * (4 / groups) * 4,
    };
  },
});

type Given = Readonly<Record<string, Tensor>>;
const builders: Readonly<Record<string, (one: FixtureCase, given: Given) => Tensor>> = {
  roi_align({ attributes }, { x, boxes }) {
    const { outputSize, aligned, ...rest } = attributes as { outputSize: number[]; aligned: number };
    return roiAlign(x, boxes, outputSize, { ...rest, aligned: aligned === 1 });
  },
  deform_conv2d: ({ attributes }, { x, offset, weight, bias, mask }) =>
    deformConv2d(x, offset, weight, { ...(attributes as DeformConvOptions), bias, mask }),
  affine_grid({ attributes }, { theta }) {
    return affineGrid(theta, attributes.size as number[], { alignCorners: attributes.alignCorners === 1 });
  },
  unfold: ({ attributes }, { x }) => unfold(x, [2, 3], attributes as FoldOptions),
  fold: ({ attributes }, { x }) => fold(x, [5, 6], [2, 3], attributes as FoldOptions),
  attention({ attributes }, { query, key, value, mask }) {
    const { isCausal, ...rest } = attributes as { isCausal?: number };
    const options: AttentionOptions = { ...rest, mask, ...(isCausal ? { isCausal: true } : {}) };
    return scaledDotProductAttention(query, key, value, options);
  },
};

const cases = readFixtures("sampling");

test(`torchvision and PyTorch: ${cases.length} cases with gradients, in every engine`, async () => {
  for (const one of cases) {
    // roi_align adds float32 coordinates of its own.
    await checkFixture(one, (given) => ({ y: builders[one.op](one, given) }));
    const build = (list: readonly Tensor[]): Tensor[] => [
      builders[one.op](one, Object.fromEntries(Object.keys(one.input).map((name, i) => [name, list[i]]))),
    ];
    await checkFunction(build, Object.values(one.input), { gradient: "is held against PyTorch's above" });
  }
});

test("what does not fit is refused in words", () => {
  const x = input("x", [2, 4, 6, 6]);
  const refused: [() => unknown, RegExp][] = [
    [
      () => roiAlign(x, input("b", [3, 4]), 2),
      /needs boxes \[R, 5\], a map's number before four coordinates, not \[3, 4\]/,
    ],
    [() => roiAlign(input("y", [4, 6]), input("b", [3, 5]), 2), /roiAlign needs x \[N, C, H, W\]/],
    [() => deformConv2d(x, input("o", [2, 18, 4, 4]), input("w", [3, 3, 3, 3])), /the channels do not fit/],
    [() => deformConv2d(x, input("o", [2, 18, 5, 4]), input("w", [3, 4, 3, 3])), /needs an offset of \[2, 18, 4, 4\]/],
    [() => affineGrid(input("t", [2, 2, 2]), [2, 1, 3, 3]), /needs theta \[2, 2, 3\], not \[2, 2, 2\]/],
    [() => fold(input("c", [2, 8, 8]), 4, 2), /are not the columns of a map \[4, 4\].* has 9 windows/],
    [
      () => scaledDotProductAttention(x, x, input("v", [2, 4, 5, 6])),
      /needs \[..., L, E\], \[..., S, E\] and \[..., S, V\]/,
    ],
  ];
  for (const [call, words] of refused)
    assert.throws(call, (error) => error instanceof ShapeError && words.test(error.message), String(words));
  const boxes = input("b", [3, 5]);
  assert.throws(() => gradients([sum(roiAlign(x, boxes, 2))], [x]), /roiAlign has no gradient/);
});
