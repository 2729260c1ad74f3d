// Resizing, adaptive pooling, pixel shuffling and padding against PyTorch's numbers and central differences.

import assert from "node:assert/strict";
import { test } from "node:test";
import { checkFixture } from "../../test/check-fixture.ts";
import { checkFunction, checkOp, distinct, numbers } from "../../test/check-op.ts";
import { type FixtureCase, readFixtures } from "../../test/fixtures.ts";
import { fromNested, type NdArray, ndarray } from "../base/array.ts";
import { Random } from "../base/random.ts";
import { referenceEngine } from "../engines/reference/engine.ts";
import { input, type Tensor } from "../graph/graph.ts";
import { runOnce } from "../run/session.ts";
import * as adaptive from "./adaptive.ts";
import { adaptiveAveragePoolOp, adaptiveMaxPoolOp } from "./cards/adaptive.ts";
import type { PaddingMode } from "./cards/copy.ts";
import { type CoordinateMode, type ResizeAttributes, resize, resizeOp } from "./cards/resize.ts";
import { applyTable, tableOf, tableOp, transposed } from "./cards/table.ts";
import { pad } from "./copy.ts";
import type { PerAxis } from "./geometry.ts";
import { type InterpolateOptions, interpolate } from "./resize.ts";
import { blurPool, channelShuffle, pixelShuffle, pixelUnshuffle } from "./shuffle.ts";

function build({ op, attributes }: FixtureCase): (inputs: Readonly<Record<string, Tensor>>) => Record<string, Tensor> {
  const { outputSize, upscaleFactor, downscaleFactor, padding, mode, value } = attributes as Record<string, unknown>;
  return ({ x }) => {
    if (op.startsWith("adaptiveMax")) return { ...adaptive.adaptiveMaxPoolWithIndices(x, outputSize as PerAxis) };
    if (op.startsWith("adaptiveAvg")) {
      const ranked = adaptive as unknown as Record<string, (x: Tensor, size: PerAxis) => Tensor>;
      return { y: ranked[op](x, outputSize as PerAxis) };
    }
    if (op === "pixelShuffle") return { y: pixelShuffle(x, upscaleFactor as number) };
    if (op === "pixelUnshuffle") return { y: pixelUnshuffle(x, downscaleFactor as number) };
    if (op === "interpolate") return { y: interpolate(x, attributes as InterpolateOptions) };
    const pairs = padding as [number, number][];
    const rest = new Array<number>(x.shape.length - pairs.length).fill(0);
    const widths = [0, 1].map((side) => [...rest, ...pairs.map((pair) => pair[side])]);
    return { y: pad(x, widths[0], widths[1], mode as PaddingMode, value as number | undefined) };
  };
}

const adaptiveCases = readFixtures("pooling").filter(({ op }) => op.startsWith("adaptive"));
for (const one of [...readFixtures("resize"), ...adaptiveCases]) {
  test(`PyTorch: ${one.name}`, () => checkFixture(one, build(one)));
}

const plain: ResizeAttributes = {
  mode: "linear",
  coordinates: "half_pixel",
  nearest: "round_prefer_floor",
  cubicCoefficient: -0.75,
  excludeOutside: false,
  antialias: false,
  extrapolation: 0,
  axes: [],
};

checkOp(resizeOp, {
  cases: [
    {
      name: "a crop that leaves the input",
      inputs: [numbers(new Random(1), [1, 1, 3, 4])],
      attributes: {
        ...plain,
        coordinates: "tf_crop_and_resize",
        extrapolation: 7,
        axes: [
          { axis: 2, size: 4, scale: 4 / 3, region: [-0.25, 1] },
          { axis: 3, size: 3, scale: 3 / 4, region: [0.25, 0.75] },
        ],
      },
    },
  ],
  seeds: 30,
  random(random) {
    const of = <T>(list: readonly T[]): T => list[random.below(list.length)];
    const x = numbers(random, [1, 2, 1 + random.below(5), 1 + random.below(5)]);
    const modes: CoordinateMode[] = [
      "half_pixel",
      "half_pixel_symmetric",
      "pytorch_half_pixel",
      "align_corners",
      "asymmetric",
      "tf_half_pixel_for_nn",
    ];
    const attributes: ResizeAttributes = {
      mode: of(["nearest", "linear", "cubic"]),
      coordinates: of(modes),
      nearest: of(["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"]),
      cubicCoefficient: of([-0.5, -0.75]),
      excludeOutside: of([true, false]),
      antialias: of([true, false]),
      extrapolation: 0,
      axes: [2, 3].map((axis) => {
        const size = 1 + random.below(7);
        return { axis, size, scale: size / x.shape[axis] };
      }),
    };
    // A cell far outside is all that nearest sees; leaving it out would leave nothing.
    return {
      inputs: [x],
      attributes: attributes.mode === "nearest" ? { ...attributes, excludeOutside: false } : attributes,
    };
  },
});

checkOp(tableOp, {
  cases: [],
  random(random) {
    const x = numbers(random, [2, 1 + random.below(4), 1 + random.below(4)]);
    const axis = random.below(3);
    const rows = Array.from({ length: random.below(5) }, () =>
      Array.from(
        { length: random.below(4) },
        () => [random.below(x.shape[axis]), random.below(9) / 4 - 1] as [number, number],
      ),
    );
    return { inputs: [x], attributes: { name: "drawn", axis, table: tableOf(x.shape[axis], rows) } };
  },
});

for (const op of [adaptiveAveragePoolOp, adaptiveMaxPoolOp]) {
  checkOp(op, {
    cases: [],
    random(random) {
      const size = Array.from({ length: 1 + random.below(3) }, () => 1 + random.below(5));
      const outputSize = size.map(() => 1 + random.below(5));
      return { inputs: [distinct(random, [2, 1 + random.below(2), ...size])], attributes: { outputSize } };
    },
  });
}

test("the transposed table is the transposed matrix, twice the table itself", async () => {
  const table = tableOf(3, [
    [
      [0, 2],
      [2, 1],
    ],
    [[2, 5]],
  ]);
  const x = input("x", [2]);
  const { y } = await runOnce(
    { y: applyTable("t", x, 0, transposed(table)) },
    { x: ndarray([2], [1, 10]) },
    referenceEngine(),
  );
  assert.deepEqual(Array.from(y.data), [2, 0, 51]);
  assert.equal(transposed(transposed(table)), table);
});

async function run(build: (x: Tensor) => Tensor, array: NdArray): Promise<number[]> {
  const { y } = await runOnce({ y: build(input("x", array.shape)) }, { x: array }, referenceEngine());
  return Array.from(y.data);
}

test("antialiased shrinking to half is PyTorch's triangle filter", async () => {
  const line = ndarray([1, 1, 1, 8], [0, 1, 2, 3, 4, 5, 6, 7]);
  const y = await run((x) => interpolate(x, { size: [1, 4], mode: "bilinear", antialias: true }), line);
  // Weights [1, 3, 3, 1] / 8 inside; at the ends one cell is missing and the others make up for it.
  [5 / 7, 2.5, 4.5, 7 - 5 / 7].forEach((value, i) => {
    assert.ok(Math.abs(y[i] - value) < 1e-12, `${y}`);
  });
});

test("blurring before sub-sampling softens the change under a shift", async () => {
  const blur = (x: Tensor): Tensor => blurPool(x, { paddingMode: "circular" });
  const step = fromNested([[[0, 0, 1, 1, 0, 0, 1, 1]]]);
  const y = await run(blur, step);
  const shifted = await run(blur, fromNested([[[1, 0, 0, 1, 1, 0, 0, 1]]]));
  assert.equal(y.length, 4);
  assert.deepEqual(
    [...y, ...shifted].map((v) => v === 0.25 || v === 0.75),
    new Array(8).fill(true),
  );
  // Max pooling with stride 1 first, as Zhang has it: the exhibit's numbers.
  assert.deepEqual(await run(blur, fromNested([[[0, 1, 1, 1, 0, 1, 1, 1]]])), [0.5, 1, 0.5, 1]);
  assert.deepEqual(await run(blur, fromNested([[[1, 0, 1, 1, 1, 0, 1, 1]]])), [0.75, 0.75, 0.75, 0.75]);
});

test("shuffles undo each other and have gradients", async () => {
  const x = distinct(new Random(4), [2, 8, 2, 4]);
  assert.deepEqual(await run((t) => pixelUnshuffle(pixelShuffle(t, 2), 2), x), Array.from(x.data));
  assert.deepEqual(await run((t) => channelShuffle(channelShuffle(t, 2), 4), x), Array.from(x.data));
  const four = ndarray([1, 4, 1], [0, 1, 2, 3]);
  assert.deepEqual(await run((t) => channelShuffle(t, 2), four), [0, 2, 1, 3]);
  await checkFunction(([t]) => [pixelShuffle(t, 2), channelShuffle(t, 4), blurPool(t)], [x]);
});

test("what cannot be is refused in words", () => {
  const x = input("x", [1, 3, 4, 4]);
  assert.throws(() => interpolate(x, { size: 8, scaleFactor: 2 }), /either size or scaleFactor/);
  assert.throws(() => interpolate(x, {}), /either size or scaleFactor/);
  assert.throws(() => interpolate(x, { size: 8, mode: "bilinaer" as "bilinear" }), /did you mean "bilinear"/);
  assert.throws(() => interpolate(x, { size: 8, mode: "trilinear" }), /needs 3 spatial axes/);
  assert.throws(() => interpolate(x, { size: 8, alignCorners: true }), /no meaning for mode "nearest"/);
  assert.throws(() => interpolate(x, { scaleFactor: 0.1 }), /cannot make 0 cells/);
  assert.throws(() => pixelShuffle(x, 2), /channels in multiples of 4, not 3/);
  assert.throws(() => pixelUnshuffle(x, 3), /multiples of 3/);
  assert.throws(() => channelShuffle(x, 2), /cannot be split into 2/);
  assert.throws(() => adaptive.adaptiveAvgPool(x, 0), /at least 1/);
  assert.equal(resize(x, plain), x);
});
