// What a unit reaches is where its gradient is not zero: every padding mode, by hand and on random networks.
import assert from "node:assert/strict";
import { test } from "node:test";
import { filled } from "../base/array.ts";
import { Random } from "../base/random.ts";
import { gradients } from "../compile/grad.ts";
import { referenceEngine } from "../engines/reference/engine.ts";
import { input, type Tensor } from "../graph/graph.ts";
import { compute, known, noise } from "../lab/compute.ts";
import { opened } from "../lab/measure/field.ts";
import { build } from "../nn/build.ts";
import type { Layer } from "../nn/layer.ts";
import { ReLU } from "../nn/layers/activation.ts";
import { AdaptiveAvgPool2d } from "../nn/layers/adaptive.ts";
import { Branches, Identity, Residual, Sequential } from "../nn/layers/containers.ts";
import { Conv1d, Conv2d, ConvTranspose2d } from "../nn/layers/convolution.ts";
import { AvgPool2d, MaxPool2d } from "../nn/layers/pooling.ts";
import { conv1d } from "../ops/convolution.ts";
import { pad } from "../ops/copy.ts";
import { describeUnit } from "./connectivity.ts";
import { type Runs, unitReaches } from "./reach.ts";
import { receptiveField } from "./receptive.ts";

const engine = referenceEngine();

/** Places along each spatial axis of `from` whose gradient from a unit of `to` (all its channels) is not zero. */
async function measured(from: Tensor, to: Tensor, unit: readonly number[]): Promise<number[][]> {
  const one = filled(to.shape);
  const [, maps, ...sizes] = to.shape;
  const plane = sizes.reduce((a, b) => a * b, 1);
  const place = unit.reduce((sum, at, axis) => sum * sizes[axis] + at, 0);
  for (let k = 0; k < maps; k++) one.data[k * plane + place] = 1;
  const [slope] = gradients([opened(to)], [from], [known(one)]);
  // With every gate open the network is linear: its gradient needs no picture.
  const { slope: found } = await compute(engine, { slope });
  return from.shape.slice(2).map((size, axis) => {
    const stride = from.shape.slice(axis + 3).reduce((a, b) => a * b, 1);
    const seen = new Set<number>();
    found.data.forEach((value, i) => {
      if (value !== 0) seen.add(Math.floor(i / stride) % size);
    });
    return [...seen].sort((a, b) => a - b);
  });
}

const places = (runs: Runs): number[] =>
  runs.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i));

test("two 3x3 on 9 cells: circular padding sees the other side, reflection and replication what is near", () => {
  const of = (paddingMode: "zeros" | "circular" | "reflect" | "replicate", unit: number) => {
    const conv = () => Conv1d(1, 3, { padding: 1, paddingMode });
    const built = build(Sequential([conv(), conv()]), [1, 1, 9]);
    const [axis] = receptiveField(built.input, built.output)!;
    assert.deepEqual([axis.size, axis.padding], [5, 2]);
    assert.deepEqual(axis.beyond, paddingMode === "zeros" ? [] : [paddingMode]);
    return unitReaches(built.input, built.output, [unit]);
  };
  assert.deepEqual(of("circular", 0), [
    [
      [0, 2],
      [7, 8],
    ],
  ]);
  assert.deepEqual(of("circular", 8), [
    [
      [0, 1],
      [6, 8],
    ],
  ]);
  assert.deepEqual(of("circular", 4), [[[2, 6]]]);
  for (const mode of ["zeros", "reflect", "replicate"] as const) assert.deepEqual(of(mode, 0), [[[0, 2]]], mode);
  // Wider than the map is everything.
  const wide = build(Conv1d(1, 9, { padding: 4, paddingMode: "circular" }), [1, 1, 9]);
  assert.deepEqual(unitReaches(wide.input, wide.output, [0]), [[[0, 8]]]);
});

test("a reflected unit sees what zeros would hide, a replicated one the edge alone", async () => {
  const x = input("x", [1, 1, 9]);
  const tap = known(filled([1, 1, 1], 1));
  for (const [mode, seen] of [
    ["reflect", 3],
    ["replicate", 0],
    ["circular", 6],
  ] as const) {
    const y = conv1d(pad(x, [0, 0, 3], [0, 0, 3], mode), tap);
    assert.deepEqual(unitReaches(x, y, [0]), [[[seen, seen]]], mode);
    assert.deepEqual(await measured(x, y, [0]), [[seen]]);
  }
  const zeros = conv1d(pad(x, [0, 0, 3], [0, 0, 3]), tap);
  assert.equal(unitReaches(x, zeros, [0]), undefined);
});

test("dilations, strides and one-sided padding leave the holes that they leave", async () => {
  for (const paddingMode of ["zeros", "circular", "reflect", "replicate"] as const) {
    const model = Sequential([
      Conv2d(2, 3, { dilation: 3, padding: 3, paddingMode }),
      Conv2d(2, [1, 2], {
        stride: 2,
        padding: [
          [0, 0],
          [1, 2],
        ],
        paddingMode,
      }),
    ]);
    const built = build(model, input("x", [1, 1, 11, 12]));
    for (const unit of [
      [0, 0],
      [3, 2],
      [5, 6],
    ]) {
      const reached = unitReaches(built.input, built.output, unit)!.map(places);
      assert.deepEqual(await measured(built.input, built.output, unit), reached, `${paddingMode} ${unit}`);
    }
  }
});

/** A random layer whose geometry fits any map of at least 7 cells. */
function randomLayer(random: Random, depth = 0): Layer {
  const pick = <T>(list: readonly T[]): T => list[random.below(list.length)];
  const paddingMode = pick(["zeros", "circular", "reflect", "replicate"] as const);
  const same = (): Layer => {
    const [k, dilation] = pick([
      [1, 1],
      [3, 1],
      [3, 2],
      [5, 1],
    ]);
    return Conv2d(2, k, { dilation, padding: (dilation * (k - 1)) / 2, paddingMode });
  };
  const kinds: readonly (() => Layer)[] = [
    same,
    same,
    () => Conv2d(2, 3, { stride: 2, padding: 1, paddingMode }),
    () =>
      Conv2d(2, [3, 2], {
        padding: [
          [2, 0],
          [0, 1],
        ],
        paddingMode,
      }),
    () => MaxPool2d(3, { stride: 2, padding: 1 }),
    () => AvgPool2d(2, { stride: 1 }),
    () => ConvTranspose2d(2, 3, { stride: 2, padding: 1 }),
    () => AdaptiveAvgPool2d([9, 7]),
    () => Sequential([same(), ReLU()]),
    ...(depth < 2
      ? [
          () => Residual(Sequential([randomSame(random, depth), ReLU(), same()]), { shortcut: Conv2d(2, 1) }),
          () => Branches({ left: same(), right: randomSame(random, depth), straight: Identity() }),
        ]
      : []),
  ];
  return pick(kinds)();
}

/** One that keeps the map's size. */
function randomSame(random: Random, depth: number): Layer {
  const paddingMode = (["zeros", "circular", "reflect", "replicate"] as const)[random.below(4)];
  const conv = Conv2d(2, 3, { padding: 1 + depth, dilation: 1 + depth, paddingMode });
  return random.below(2) === 0 ? conv : Residual(conv, { shortcut: Conv2d(2, 1) });
}

test("120 random networks: computed = measured, place by place", async () => {
  let [units, wrapped] = [0, 0];
  for (let seed = 0; seed < 120; seed++) {
    const random = new Random(seed, "networks");
    const model = Sequential(Array.from({ length: 1 + random.below(4) }, () => randomLayer(random)));
    const shape = [1, 1, 15 + random.below(8), 15 + random.below(8)];
    const built = build(model, input("x", shape));
    const [, , height, width] = built.output.shape;
    for (const unit of [
      [0, 0],
      [height - 1, 0],
      [random.below(height), random.below(width)],
    ]) {
      const reached = unitReaches(built.input, built.output, unit);
      const found = await measured(built.input, built.output, unit);
      assert.deepEqual(reached?.map(places) ?? [[], []], found, `network ${seed}, unit ${unit}`);
      units++;
      if (reached?.some((runs) => runs.length > 1)) wrapped++;
    }
  }
  assert.ok(units === 360 && wrapped > 60, `${wrapped} of ${units} have holes`);
});

test("a unit's products in the padding are those of the places that stand there", async () => {
  const x = noise([1, 2, 6, 7], 1, "x");
  const weight = noise([3, 2, 3, 3], 1, "w");
  for (const paddingMode of ["zeros", "reflect", "replicate", "circular"] as const) {
    const layer = Conv2d(3, 3, { padding: 2, stride: 2, paddingMode, bias: false });
    const built = build(layer, [1, 2, 6, 7]);
    const { y } = await compute(engine, { y: built.output }, { input: x }, new Map([["weight", weight]]));
    const [, maps, rows, columns] = y.shape;
    y.data.forEach((value, i) => {
      const place = [Math.floor(i / columns) % rows, i % columns] as const;
      const channel = Math.floor(i / (rows * columns)) % maps;
      const story = describeUnit({ input: x, weight, padding: 2, stride: 2, paddingMode, channel, place });
      assert.ok(Math.abs(story.value - value) < 1e-10, paddingMode);
      const sources = story.products.flatMap(({ source }) => (source ? [source] : []));
      const seen = [0, 1].map((axis) => [...new Set(sources.map((source) => source[axis]))].sort((a, b) => a - b));
      assert.deepEqual(unitReaches(built.input, built.output, place)?.map(places) ?? [[], []], seen, paddingMode);
    });
  }
  const question = { input: x, weight, channel: 0, place: [0, 0] } as const;
  assert.throws(() => describeUnit({ ...question, padding: 6, paddingMode: "reflect" }), /at most 5 cells/);
  assert.throws(() => describeUnit({ ...question, paddingMode: "mirror" as never }), /Unknown padding mode "mirror"/);
});
