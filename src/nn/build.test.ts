// Names, shapes, sharing and errors of built models.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Tensor } from "../graph/graph.ts";
import { variableOp } from "../graph/graph.ts";
import { mul } from "../ops/arithmetic.ts";
import { build } from "./build.ts";
import { ones } from "./init.ts";
import { fromJSON, toJSON } from "./json.ts";
import { Activation, LeakyReLU, ReLU } from "./layers/activation.ts";
import { Branches, block, Identity, Residual, Sequential } from "./layers/containers.ts";
import { Conv2d, ConvTranspose2d } from "./layers/convolution.ts";
import { Linear } from "./layers/linear.ts";
import { PixelShuffle } from "./layers/resize.ts";
import { Flatten, ReflectionPad2d } from "./layers/shape.ts";

const names = (variables: readonly Tensor[]): string[] =>
  variables.map(({ node }) => (node.attributes as { name: string }).name);

test("input channels are inferred and names are torch's", () => {
  const model = Sequential([Conv2d(6, 5, { padding: 2 }), ReLU(), Flatten(), Linear(10)]);
  const built = build(model, [8, 1, 28, 28]);
  assert.deepEqual(built.output.shape, [8, 10]);
  assert.deepEqual(names(built.variables), ["0.weight", "0.bias", "3.weight", "3.bias"]);
  assert.deepEqual(
    built.variables.map(({ shape }) => shape),
    [[6, 1, 5, 5], [6], [10, 4704], [10]],
  );
  assert.ok(built.variables.every(({ node }) => node.op === variableOp));
});

test("a child without a name adds nothing to the path", () => {
  const body = Sequential({
    conv1: Conv2d(4, 3, { padding: 1, bias: false }),
    relu: ReLU(),
    conv2: Conv2d(4, 3, { padding: 1, bias: false }),
  });
  const model = Sequential({
    layer1: Sequential([Residual(body, { shortcut: Sequential([Conv2d(4, 1, { bias: false })]), after: ReLU() })]),
  });
  const built = build(model, [1, 3, 8, 8]);
  assert.deepEqual(names(built.variables), [
    "layer1.0.conv1.weight",
    "layer1.0.conv2.weight",
    "layer1.0.downsample.0.weight",
  ]);
  assert.deepEqual(
    built.layers
      .filter(({ layer }) => layer.children.length === 0)
      .map(({ path, layer }) => `${path} ${layer.type.name}`),
    [
      "layer1.0.conv1 Conv2d",
      "layer1.0.relu ReLU",
      "layer1.0.conv2 Conv2d",
      "layer1.0.downsample.0 Conv2d",
      "layer1.0 ReLU",
    ],
  );
});

test("branches are joined along the channels", () => {
  const model = Branches({ expand1x1: Conv2d(8, 1), expand3x3: Conv2d(16, 3, { padding: 1 }), same: Identity() });
  assert.deepEqual(build(model, [2, 3, 9, 9]).output.shape, [2, 27, 9, 9]);
});

test("shapes of transposed convolution, pixel shuffle and padding", () => {
  assert.deepEqual(build(ConvTranspose2d(5, 4, { stride: 2, padding: 1 }), [1, 3, 8, 8]).output.shape, [1, 5, 16, 16]);
  assert.deepEqual(build(PixelShuffle(2), [1, 8, 3, 4]).output.shape, [1, 2, 6, 8]);
  assert.deepEqual(build(ReflectionPad2d([1, 2, 0, 3]), [1, 1, 5, 5]).output.shape, [1, 1, 8, 8]);
});

test("one layer object at two paths has two sets of parameters, at one path one", () => {
  const conv = Conv2d(3, 3, { padding: 1 });
  assert.equal(build(Sequential([conv, conv]), [1, 3, 8, 8]).variables.length, 4);
  const twice = block("Twice", (x, context) => context.child("conv", context.child("conv", x)), { conv });
  assert.deepEqual(names(build(twice, [1, 3, 8, 8]).variables), ["conv.weight", "conv.bias"]);
  const clash = Sequential([
    ["", Conv2d(3, 1)],
    ["", Conv2d(3, 1)],
  ]);
  assert.throws(() => build(clash, [1, 3, 8, 8]), /Two parameters are called "weight"/);
});

test("an own block makes variables and is read from a file by name", () => {
  const scale = (x: Tensor, context: Parameters<Parameters<typeof block>[1]>[1]): Tensor =>
    mul(x, context.parameter("scale", [1], ones));
  const model = Sequential({
    stem: Conv2d(4, 3),
    gate: block("Scale", scale),
    act: Activation("leakyRelu", { negativeSlope: 0.2 }),
  });
  const json = JSON.parse(JSON.stringify(toJSON(model)));
  const again = fromJSON(json, { blocks: { Scale: scale } });
  assert.deepEqual(toJSON(again), toJSON(model));
  assert.deepEqual(names(build(again, [1, 1, 5, 5]).variables), ["stem.weight", "stem.bias", "gate.scale"]);
  assert.throws(() => fromJSON(json), /there is no layer "Scale".*give its function/);
});

test("options are checked where the layer is written", () => {
  assert.throws(
    () => Conv2d(8, 3, { strides: 2 } as object),
    /Conv2d has no option "strides"; did you mean "stride"\?/,
  );
  assert.throws(() => Conv2d(0, 3), /Conv2d: outChannels must be a whole number of at least 1; it is 0/);
  assert.throws(
    () => Conv2d(8, [3, 3, 3]),
    /kernelSize must be a whole number of at least 1, or 2 of them; it is \[3, 3, 3\]/,
  );
  assert.throws(() => Conv2d(8, 3, { groups: 3 }), /groups = 3 must divide the 8 output channels/);
  assert.throws(
    () => build(ConvTranspose2d(4, 2, { groups: 2 }), [1, 3, 8, 8]),
    /ConvTranspose2d\): groups = 2 must divide the 3 channels of the input \[1, 3, 8, 8\]/,
  );
  assert.throws(() => Conv2d(8, 3, { padding: "sane" as "same" }), /padding must be .*"same".* it is "sane"/);
  assert.throws(() => LeakyReLU({ slope: 1 } as object), /LeakyReLU has no option "slope"/);
  assert.throws(
    () => Sequential([ReLU as unknown as ReturnType<typeof ReLU>]),
    /is not a layer; did you forget to call it/,
  );
  assert.throws(
    () => fromJSON({ type: "Residual", options: { parts: ["boddy"] } }),
    /Residual: parts must be a list of "body"/,
  );
  assert.throws(() => fromJSON({ type: "Conv2D", options: {} }), /did you mean "Conv2d"/);
  assert.throws(() => fromJSON({ type: "Conv2d", options: { kernelSize: 3 } }), /outChannels is missing; it must be/);
});

test("a shape error names the path, the type, the input and the mend", () => {
  const model = Sequential({ features: Sequential([Conv2d(8, 5), Conv2d(8, 5)]) });
  assert.throws(() => build(model, [1, 1, 6, 6]), {
    name: "ShapeError",
    message:
      /^Layer "features\.1" \(Conv2d\): .*the input has 2 cells, but the kernel of 5 needs 5; use a larger input.* Its input is \[1, 8, 2, 2\]\. The whole network was given \[1, 1, 6, 6\]; the smallest picture that works is 9 x 9\.$/,
  });
  const residual = Sequential({ block: Residual(Conv2d(8, 3, { stride: 2, padding: 1 })) });
  assert.throws(
    () => build(residual, [1, 3, 8, 8]),
    /^ShapeError: Layer "block" \(Residual\): the body gives \[1, 8, 4, 4\], but the shortcut gives \[1, 3, 8, 8\]/,
  );
  assert.throws(
    () => build(Sequential([Flatten(), Conv2d(3, 3)]), [1, 1, 8, 8]),
    /Layer "1" \(Conv2d\): it needs an input \[batch, channels, height, width\]/,
  );
});

test("a model prints as it is written", async () => {
  const model = Sequential([
    Conv2d(4, 3, { padding: 1 }),
    Residual(Sequential({ conv: Conv2d(4, [3, 1]) })),
    Identity(),
  ]);
  const text = [
    "Sequential(",
    "  0: Conv2d(4, 3, { padding: 1 }),",
    "  1: Residual(",
    "    Sequential(",
    "      conv: Conv2d(4, [3, 1])",
    "    )",
    "  ),",
    "  2: Identity()",
    ")",
  ].join("\n");
  assert.equal(String(model), text);
  const { inspect } = await import("node:util");
  assert.equal(inspect({ model }).includes("Conv2d(4, 3, { padding: 1 })"), true);
  assert.deepEqual(Object.keys(model), ["type", "options", "children"]);
});
