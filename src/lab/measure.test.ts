// The instruments on what is known beforehand.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { unitReaches } from "../analyze/reach.ts";
import { receptiveField, unitSees } from "../analyze/receptive.ts";
import { filled, ndarray } from "../base/array.ts";
import { Random } from "../base/random.ts";
import type { Engine } from "../engines/engine.ts";
import { build } from "../nn/build.ts";
import { Residual, Sequential } from "../nn/layers/containers.ts";
import { Conv2d, ConvTranspose2d } from "../nn/layers/convolution.ts";
import { Linear } from "../nn/layers/linear.ts";
import { GlobalMaxPool2d, MaxPool2d } from "../nn/layers/pooling.ts";
import { Flatten } from "../nn/layers/shape.ts";
import { openEngine } from "../run/engines.ts";
import { noise } from "./compute.ts";
import { measureInvariance, measureShifts } from "./measure/equivariance.ts";
import { measureField, spreadOf, supportOf } from "./measure/field.ts";
import { linearProbe } from "./measure/probe.ts";
import { pixelUsage } from "./measure/usage.ts";

let engine: Engine;
before(async () => {
  engine = await openEngine("auto", { direct: true });
});
after(async () => {
  await engine.close();
});

test("a linear target is read out exactly, noise not at all", () => {
  const random = new Random(3);
  const make = (count: number, target: (row: Float64Array) => number) => {
    const features = Float64Array.from({ length: count * 5 }, () => random.normal());
    const targets = Float64Array.from({ length: count }, (_, i) => target(features.subarray(i * 5, i * 5 + 5)));
    return { features, targets };
  };
  const plane = (row: Float64Array) => 2 * row[0] - row[3] + 4;
  const exact = linearProbe(make(200, plane), make(100, plane), 1e-12);
  assert.ok(exact.tested > 1 - 1e-9);
  [2, 0, 0, -1, 0, 4].forEach((value, i) => {
    assert.ok(Math.abs(exact.weights[i] - value) < 1e-6);
  });
  const blind = linearProbe(
    make(2000, () => random.normal()),
    make(2000, () => random.normal()),
  );
  assert.ok(Math.abs(blind.tested) < 0.02);
});

test("dependent features are refused with the mend", () => {
  const features = Float64Array.of(1, 1, 2, 2, 3, 3);
  const samples = { features, targets: Float64Array.of(1, 2, 3) };
  assert.throws(() => linearProbe(samples, samples, 0), /give it a larger ridge/);
  assert.ok(linearProbe(samples, samples, 1e-9).fitted > 0.99);
});

test("computed field = measured field for shortcuts, dilations, strides, pooling and transposed convolutions", async () => {
  const model = Sequential([
    Conv2d(4, 3, { stride: 2, padding: 1 }),
    Residual(Sequential([Conv2d(4, 3, { padding: 2, dilation: 2 }), Conv2d(4, 3, { padding: 1 })])),
    MaxPool2d(3, { stride: 2, padding: 1 }),
    ConvTranspose2d(3, 3, { stride: 2, padding: 1 }),
  ]);
  const size = 36;
  const built = build(model, [1, 2, size, size]);
  const field = receptiveField(built.input, built.output)!;
  const [, , height, width] = built.output.shape;
  const units = [
    [0, 0],
    [3, 4],
    [7, 8],
    [height - 1, width - 1],
  ] as const;
  const maps = await measureField(engine, built.input, built.output, units);
  units.forEach((unit, i) => {
    const box = supportOf(maps[i])!;
    const [rows, columns] = unitReaches(built.input, built.output, unit)!;
    const ends = [rows[0][0], rows.at(-1)![1], columns[0][0], columns.at(-1)![1]];
    assert.deepEqual([box.top, box.bottom, box.left, box.right], ends);
    // Geometry alone may count cells at the far edge that a stride leaves unread.
    const [first, last] = unitSees(field[0], unit[0]);
    assert.ok(first <= box.top && last >= box.bottom);
  });
});

test("the spread of a box is that of a uniform distribution", () => {
  const map = filled([9, 9]);
  for (let y = 2; y < 7; y++) for (let x = 1; x < 4; x++) map.data[y * 9 + x] = 2;
  const { centre, deviation, effective, places } = spreadOf(map);
  assert.deepEqual([...centre], [4, 2]);
  assert.ok(Math.abs(deviation[0] - Math.sqrt(2)) < 1e-12 && Math.abs(deviation[1] - Math.sqrt(2 / 3)) < 1e-12);
  assert.deepEqual([effective, places], [15, 15]);
  assert.equal(supportOf(filled([2, 2])), undefined);
});

test("the meter knows a stride, and says why", async () => {
  const model = Sequential([Conv2d(2, 3, { padding: 1, paddingMode: "circular" }), MaxPool2d(2)]);
  const [conv, pool] = await measureShifts(engine, model, [1, 1, 8, 8], { mode: "wrap", shifts: [0, 1, 2, 3, 4] });
  assert.deepEqual(
    [conv.exact, pool.exact],
    [
      [0, 1, 2, 3, 4],
      [0, 2, 4],
    ],
  );
  assert.match(pool.reason, /total step 2.*circular padding has no border/);
  const [zeros] = await measureShifts(engine, Conv2d(2, 3, { padding: 1 }), [1, 1, 8, 8], {
    mode: "window",
    shifts: [1],
  });
  assert.ok(zeros.shifts[0].error > 0 && zeros.shifts[0].inner === 0);
  assert.match(zeros.reason, /zeros at the border/);
});

test("a global maximum ignores place, a dense layer does not", async () => {
  const pictures = noise([3, 1, 8, 8], 1);
  const body = () => Conv2d(4, 3, { padding: 1, paddingMode: "circular" });
  const most = await measureInvariance(engine, Sequential([body(), GlobalMaxPool2d(), Flatten()]), pictures, {
    count: 30,
  });
  assert.deepEqual(most, { largest: 0, agreement: 1 });
  const dense = await measureInvariance(engine, Sequential([body(), Flatten(), Linear(4)]), pictures, { count: 30 });
  assert.ok(dense.largest > 0.01);
});

test("every window of a valid 2x2 over 3x3 is counted", async () => {
  const map = await pixelUsage(engine, [3, 3], [2, 2]);
  assert.deepEqual(map, ndarray([3, 3], Float32Array.of(1, 2, 1, 2, 4, 2, 1, 2, 1)));
});
