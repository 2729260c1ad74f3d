// What networks cost, before anything runs, and that a table adds up.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type NdArray, ndarray } from "../base/array.ts";
import { referenceEngine } from "../engines/reference/engine.ts";
import { build } from "../nn/build.ts";
import { ones } from "../nn/init.ts";
import type { Layer } from "../nn/layer.ts";
import { ReLU } from "../nn/layers/activation.ts";
import { block, Residual, Sequential } from "../nn/layers/containers.ts";
import { Conv2d } from "../nn/layers/convolution.ts";
import { Linear } from "../nn/layers/linear.ts";
import { BatchNorm2d } from "../nn/layers/normalization.ts";
import { Flatten } from "../nn/layers/shape.ts";
import { createModel } from "../nn/models/list.ts";
import { linear } from "../ops/matmul.ts";
import { openSession } from "../run/session.ts";
import { summary } from "./summary.ts";

const dense = Sequential([Flatten(), Linear(1000)]);

test("a dense layer on a megapixel", () => {
  const gray = summary(dense, [1, 1, 1000, 1000]);
  assert.equal(gray.parameters, 1_000_001_000);
  assert.equal(gray.macs, 10 ** 9);
  // Gigabytes of 10^9 bytes, the thousand biases aside.
  assert.equal((gray.weightBytes - 4_000) / 1e9, 4);
  const rgb = summary(Sequential([Flatten(), Linear(1000, { bias: false })]), [1, 3, 1000, 1000]);
  assert.equal(rgb.parameters, 3 * 10 ** 9);
  assert.equal(rgb.weightBytes / 1e9, 12);
  // Four copies for Adam, and the few bytes of what the two layers give.
  assert.equal(Math.round(gray.trainingBytes / 1e8), 160);
  assert.equal(Math.round(rgb.trainingBytes / 1e8), 480);
  assert.equal(gray.trainingBytes, 16 * 1_000_001_000 + 4 * (1_000_000 + 1000));
});

test("a convolution has few parameters, whatever the picture's size", () => {
  const parameters = (layer: Layer, channels: number): number => summary(layer, [1, channels, 1000, 1000]).parameters;
  const conv = parameters(Conv2d(64, 7, { padding: 3 }), 3);
  assert.equal(conv, 9_472);
  assert.equal(Math.round(parameters(Sequential([Flatten(), Linear(1000, { bias: false })]), 3) / conv), 316_723);
  assert.equal(parameters(Conv2d(64, 3), 1), 640);
  assert.equal(parameters(Conv2d(64, 3), 3), 1_792);
  assert.equal(parameters(Conv2d(1000, 3), 3), 28_000);
});

test("fewer parameters are not less work", () => {
  const conv = summary(Conv2d(64, 7, { padding: "same" }), [1, 3, 1000, 1000]);
  assert.equal(conv.macs, 9_408_000_000);
  assert.equal(Math.round((10 * conv.macs) / summary(dense, [1, 3, 1000, 1000]).macs), 31);
  const { layer } = createModel("vgg16");
  const vgg = summary(layer, [1, 3, 224, 224]);
  const head = vgg.rows.filter(({ path, type }) => path.startsWith("classifier") && type === "Linear");
  const share = (key: "parameters" | "macs"): number => head.reduce((sum, row) => sum + row[key], 0) / vgg[key];
  assert.equal(head.length, 3);
  assert.equal((100 * share("parameters")).toFixed(1), "89.4");
  assert.equal((100 * share("macs")).toFixed(1), "0.8");
});

test("from dense to conv in three steps; with tied weights all three give the same", async () => {
  const size = 8;
  const cells = size * size;
  const layers = {
    full: Sequential([Flatten(), Linear(cells, { bias: false })]),
    shared: Conv2d(1, 15, { padding: 7, bias: false }),
    local: Conv2d(1, 3, { padding: 1, bias: false }),
  };
  const counts = Object.values(layers).map((layer) => summary(layer, [1, 1, size, size]).parameters);
  assert.deepEqual(counts, [4_096, 225, 9]);
  // One kernel of whole numbers, written out for all three.
  const kernel = [1, -2, 3, 0, 5, -1, 2, 4, -3];
  const at = (dy: number, dx: number): number =>
    Math.abs(dy) <= 1 && Math.abs(dx) <= 1 ? kernel[(dy + 1) * 3 + dx + 1] : 0;
  const wide = Array.from({ length: 225 }, (_, i) => at(Math.floor(i / 15) - 7, (i % 15) - 7));
  const full = Array.from({ length: cells * cells }, (_, i) => {
    const [to, from] = [Math.floor(i / cells), i % cells];
    return at(Math.floor(from / size) - Math.floor(to / size), (from % size) - (to % size));
  });
  const picture = ndarray(
    [1, 1, size, size],
    Array.from({ length: cells }, (_, i) => ((i * 37) % 19) - 9),
  );
  const answer = async (layer: Layer, name: string, weight: NdArray): Promise<number[]> => {
    const { input, output } = build(layer, [1, 1, size, size]);
    const session = await openSession({ outputs: { output }, updates: [] }, referenceEngine(), {
      state: new Map([[name, weight]]),
    });
    return [...(await session.run({ [(input.node.attributes as { name: string }).name]: picture })).output.data];
  };
  const local = await answer(layers.local, "weight", ndarray([1, 1, 3, 3], kernel));
  assert.deepEqual(await answer(layers.shared, "weight", ndarray([1, 1, 15, 15], wide)), local);
  assert.deepEqual(await answer(layers.full, "1.weight", ndarray([cells, cells], full)), local);
  assert.ok(local.some((value) => value !== 0));
});

test("a table has a row a layer, counts shared parameters once, and adds up", () => {
  const conv = Conv2d(4, 3, { padding: 1, bias: false });
  const twice = block("Twice", (x, context) => context.child("conv", context.child("conv", x)), { conv });
  const model = Sequential({
    stem: Conv2d(4, 3),
    bn: BatchNorm2d(),
    body: Residual(twice, { after: ReLU() }),
    flatten: Flatten(),
    fc: Linear(3),
  });
  const table = summary(model, [2, 1, 6, 6]);
  assert.deepEqual(
    table.rows.map(({ path, type, output, parameters, buffers, macs }) => [
      path,
      type,
      output,
      parameters,
      buffers,
      macs,
    ]),
    [
      ["stem", "Conv2d", [2, 4, 4, 4], 40, 0, 2 * 36 * 16],
      ["bn", "BatchNorm2d", [2, 4, 4, 4], 8, 8, 0],
      ["body.conv", "Conv2d", [2, 4, 4, 4], 144, 0, 2 * 144 * 16],
      ["body.conv", "Conv2d", [2, 4, 4, 4], 0, 0, 2 * 144 * 16],
      ["body", "ReLU", [2, 4, 4, 4], 0, 0, 0],
      ["flatten", "Flatten", [2, 64], 0, 0, 0],
      ["fc", "Linear", [2, 3], 195, 0, 2 * 192],
    ],
  );
  const total = (key: "parameters" | "buffers" | "macs"): number => table.rows.reduce((sum, row) => sum + row[key], 0);
  assert.deepEqual(
    [total("parameters"), total("buffers"), total("macs")],
    [table.parameters, table.buffers, table.macs],
  );
  assert.equal(table.largestActivationBytes, 4 * 2 * 4 * 16);
  assert.deepEqual(
    table.rows[3].receptive.map(({ size, padding }) => [size, padding]),
    [
      [7, 2],
      [7, 2],
    ],
  );
});

test("an own block has a row if it computes something itself", () => {
  const paths = (model: Layer): string[] =>
    summary(model, [1, 3]).rows.map(({ path, type, macs }) => `${path} ${type} ${macs}`);
  assert.deepEqual(paths(block("Own", (x, context) => context.apply("inner", Linear(5), x))), ["inner Linear 15"]);
  const mixing = block("Mixing", (x, context) => {
    const inner = context.apply("inner", Linear(3), x);
    return linear(inner, context.parameter("mix", [4, 3], ones));
  });
  assert.deepEqual(paths(mixing), [" Mixing 12", "inner Linear 9"]);
});
