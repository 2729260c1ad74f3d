// One unit told in full, the dense layer beside a convolution, the smallest input, and TensorFlow's padding.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ndarray } from "../base/array.ts";
import { referenceEngine } from "../engines/reference/engine.ts";
import { compute, known, noise } from "../lab/compute.ts";
import { build } from "../nn/build.ts";
import { createModel } from "../nn/models/list.ts";
import { smallestInput } from "../nn/smallest.ts";
import { conv2d } from "../ops/convolution.ts";
import { describeUnit } from "./connectivity.ts";
import { denseEquivalent } from "./dense.ts";
import { receptiveField } from "./receptive.ts";
import { withSamePadding } from "./same.ts";
import { summary } from "./summary.ts";

test("every unit of a convolution is the sum of its products, whatever stride, padding, dilation and groups", async () => {
  for (const [stride, padding, dilation, groups] of [
    [1, 0, 1, 1],
    [2, 1, 1, 2],
    [1, 2, 2, 1],
    [3, 1, 1, 2],
  ]) {
    const x = noise([2, 4, 7, 8], 1, "x");
    const w = noise([6, 4 / groups, 3, 3], 1, "w");
    const b = noise([6], 1, "b");
    const y = conv2d(known(x), known(w), { stride, padding, dilation, groups, bias: known(b) });
    const { y: stored } = await compute(referenceEngine(), { y });
    const [, maps, rows, columns] = stored.shape;
    for (let i = 0; i < stored.data.length; i++) {
      const story = describeUnit({
        ...{ input: x, weight: w, bias: b, stride, padding, dilation, groups },
        image: Math.floor(i / (maps * rows * columns)),
        channel: Math.floor(i / (rows * columns)) % maps,
        place: [Math.floor(i / columns) % rows, i % columns],
      });
      assert.equal(story.products.length, (9 * 4) / groups);
      const sum = story.products.reduce((total, { product }) => total + product, story.bias);
      assert.ok(Math.abs(sum - stored.data[i]) < 1e-10);
      assert.ok(Math.abs(story.value - stored.data[i]) < 1e-10);
      assert.ok(story.products.every(({ padded, input }) => !padded || input === 0));
    }
  }
});

test("a unit that is not there is refused with the layer's size", () => {
  const input = ndarray([1, 1, 4, 4], new Float64Array(16));
  const weight = ndarray([2, 1, 3, 3], new Float64Array(18));
  assert.throws(
    () => describeUnit({ input, weight, channel: 2, place: [0, 0] }),
    /no unit at channel 2, row 0, column 0: the layer gives 2 maps of 2 x 2/,
  );
});

test("the dense layer between the same maps, without allocating it", () => {
  const dense = denseEquivalent([1, 3, 1000, 1000], [1, 1000]);
  assert.deepEqual(
    [dense.weights, dense.parameters, dense.weightBytes, dense.trainingBytes],
    [3e9, 3_000_001_000, 12e9, 48e9],
  );
  assert.throws(() => denseEquivalent([2, 3], [1, 4]), /one batch axis/);
});

test("LeNet's layers as an MLP, row by row", () => {
  const { layer, inputShape } = createModel("lenet");
  const rows = summary(layer, [1, ...inputShape]).rows.filter(({ denseParameters }) => denseParameters > 0);
  assert.deepEqual(
    rows.map(({ path, denseParameters }) => [path, denseParameters]),
    [
      ["conv1", 784 * 4704 + 4704],
      ["conv2", 1176 * 1600 + 1600],
      ["fc1", 48_120],
      ["fc2", 10_164],
      ["fc3", 850],
    ],
  );
});

test("a picture that is too small names the layer and the smallest size that works", () => {
  const { layer, inputShape } = createModel("vgg11");
  const smallest = smallestInput(layer, inputShape[0])!;
  assert.equal(smallest, 32);
  build(layer, [1, 3, smallest, smallest]);
  assert.throws(() => build(layer, [1, 3, smallest - 1, smallest - 1]));
  assert.throws(() => summary(layer, [1, 3, 20, 20]), /smallest picture that works is 32 x 32/);
  assert.throws(
    () => build(layer, [1, 3, 20, 20]),
    /^ShapeError: Layer "features\.\d+" .* the smallest picture that works is 32 x 32\.$/,
  );
});

test("TensorFlow's padding depends on the picture: 239 for slim's ResNet-50 at 224", () => {
  const { layer } = createModel("resnet50-paper");
  const slim = withSamePadding(layer, "poolings");
  const padding = (model: typeof layer, size: number): number => {
    const built = build(model, [1, 3, size, size]);
    const end = built.layers.find(({ path }) => path === "layer4")!.output;
    return receptiveField(built.input, end)![1].padding;
  };
  assert.deepEqual([padding(layer, 224), padding(slim, 224), padding(slim, 225)], [241, 239, 241]);
});
