// Receptive fields: layer by layer against the recurrence, on the built-in models, and against the support of
// a gradient.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readFixtureJson } from "../../test/fixtures.ts";
import { filled } from "../base/array.ts";
import { gradients } from "../compile/grad.ts";
import { referenceEngine } from "../engines/reference/engine.ts";
import { input, type Tensor } from "../graph/graph.ts";
import { type BuiltModel, build, type LayerRecord } from "../nn/build.ts";
import { ones, zeros } from "../nn/init.ts";
import type { Layer } from "../nn/layer.ts";
import { Branches, Identity, Residual, Sequential } from "../nn/layers/containers.ts";
import { Conv2d, ConvTranspose2d } from "../nn/layers/convolution.ts";
import { Linear } from "../nn/layers/linear.ts";
import { AvgPool2d, GlobalAvgPool2d } from "../nn/layers/pooling.ts";
import { Flatten } from "../nn/layers/shape.ts";
import { createModel } from "../nn/models/list.ts";
import { slice } from "../ops/copy.ts";
import { sum } from "../ops/sum.ts";
import { openSession } from "../run/session.ts";
import { type Runs, unitReaches } from "./reach.ts";
import { receptiveField, unitSees } from "./receptive.ts";

/** Layer, kernel, stride, padding, dilation; size, step, padding, centre, map. */
type Row = readonly [string, number, number, number, number, number, number, number, number, number];
const networks = readFixtureJson("spec/receptive_fields") as Readonly<
  Record<string, { readonly input: number; readonly layers: readonly Row[] }>
>;

/** The field of a tensor as a fixture's row ends. */
function fieldOf(from: Tensor, to: Tensor): number[] {
  const field = receptiveField(from, to);
  assert.ok(field);
  assert.deepEqual(field[0], field[1]);
  const { size, step, padding, centre, aligned } = field[0];
  assert.ok(aligned);
  return [size, step, padding, centre, to.shape[2] ?? 1];
}

for (const [name, network] of Object.entries(networks)) {
  test(`${name}: every layer of the chain has the field of the recurrence`, () => {
    const chain = Sequential(
      network.layers.map(([, k, stride, padding, dilation]) => Conv2d(1, k, { stride, padding, dilation })),
    );
    const built = build(chain, [1, 1, network.input, network.input]);
    network.layers.forEach((row, i) => {
      assert.deepEqual(fieldOf(built.input, built.layers[i + 1].output), row.slice(5), `${row[0]}, layer ${i}`);
    });
  });
}

const isMain = ({ path, layer }: LayerRecord): boolean =>
  (layer.type.name === "Conv2d" || layer.type.name === "MaxPool2d") && !path.includes("downsample");
const named =
  (...patterns: RegExp[]) =>
  ({ path }: LayerRecord): boolean =>
    patterns.some((pattern) => pattern.test(path));

/** Which layers of a built-in model are the rows of a fixture. */
const models: readonly [string, string, (record: LayerRecord) => boolean][] = [
  ["lenet", "lenet5_d2l_28", named(/^(conv|pool)\d$/, /^fc1$/)],
  ["alexnet-book", "alexnet_d2l_224", isMain],
  ["alexnet", "alexnet_torchvision_224", isMain],
  ["vgg11", "vgg11", isMain],
  ["vgg16", "vgg16", isMain],
  ["googlenet-book", "googlenet_d2l", named(/^(conv|maxpool)\d$/, /^inception\d\w$/)],
  ["resnet18", "resnet18", isMain],
  ["resnet34", "resnet34", isMain],
  ["resnet50", "resnet50_stride_in_3x3", isMain],
  ["resnet50-paper", "resnet50_stride_in_1x1", isMain],
  ["resnet101", "resnet101_stride_in_3x3", isMain],
  ["densenet-book", "densenet_d2l", named(/^features\.(conv0|pool0|transition\d|denseblock\d\.denselayer\d)$/)],
];

for (const [name, fixture, wanted] of models) {
  test(`${name}: the field of the built model, over all its branches, is the table's`, () => {
    const network = networks[fixture];
    const model = createModel(name, { inputSize: network.input });
    const built = build(model.layer, [1, ...model.inputShape]);
    // Several layers share a path; the outermost one comes first.
    const records = built.layers
      .filter(wanted)
      .filter((record, i, all) => all.findIndex(({ path }) => path === record.path) === i);
    assert.deepEqual(
      records.map(({ output }) => fieldOf(built.input, output)),
      network.layers.map((row) => row.slice(5)),
    );
  });
}

test("the last rows of known networks", () => {
  const last = (layers: readonly Layer[], size = 224): number[] => {
    const built = build(Sequential(layers), [1, 1, size, size]);
    return fieldOf(built.input, built.output);
  };
  const threes = (dilations: readonly number[]): Layer[] => dilations.map((dilation) => Conv2d(1, 3, { dilation }));
  assert.deepEqual(last(threes([1, 1, 1])).slice(0, 2), [7, 1]);
  assert.deepEqual(last(threes([1, 2, 4])).slice(0, 2), [15, 1]);
  // AlexNet without padding on its first convolution.
  const alexnet = networks.alexnet_d2l_224.layers.map(([, k, stride, padding]) =>
    Conv2d(1, k, { stride, padding: k === 11 ? 0 : padding }),
  );
  assert.deepEqual(last(alexnet), [195, 32, 64, 33, 5]);
  // ResNet-50 with its pooling padded as TensorFlow's SAME does at 224: no cell before, one after.
  const resnet = networks.resnet50_stride_in_1x1.layers.map(([name, k, stride, padding]) =>
    Conv2d(1, k, { stride, padding: name === "maxpool" ? "same" : padding }),
  );
  assert.deepEqual(last(resnet).slice(0, 3), [483, 32, 239]);
});

test("between any two tensors; none where nothing flows; a dense layer sees the whole map", () => {
  const built = build(createModel("vgg11").layer, [1, 3, 224, 224]);
  const at = (path: string): Tensor => built.layers.find((record) => record.path === path)!.output;
  assert.deepEqual(fieldOf(at("features.2"), at("features.8")), [12, 2, 5, 0.5, 56]);
  assert.equal(receptiveField(at("features.8"), at("features.2")), undefined);
  const [axis] = receptiveField(built.input, at("classifier.0"))!;
  assert.deepEqual([axis.whole, axis.phases], [true, [[-59, 6 * 32 + 90]]]);
  assert.deepEqual(unitSees(axis, 3), [-59, 6 * 32 + 90]);
  assert.deepEqual(unitReaches(built.input, at("classifier.0"), []), [[[0, 223]], [[0, 223]]]);
});

test("branches whose centres differ are told", () => {
  const model = Branches({
    left: Conv2d(1, 2, {
      padding: [
        [1, 0],
        [1, 0],
      ],
    }),
    right: Conv2d(1, 2, {
      padding: [
        [0, 1],
        [0, 1],
      ],
    }),
  });
  const built = build(model, [1, 1, 8, 8]);
  const [axis] = receptiveField(built.input, built.output)!;
  assert.deepEqual([axis.size, axis.phases, axis.aligned], [3, [[-1, 1]], false]);
});

/** Places of the input whose gradient from one output unit is not zero, as [first, last] along both axes. */
async function support(built: BuiltModel, unit: number): Promise<[number, number][]> {
  const { input: x, output: y } = built;
  const spatial = y.shape.length > 2;
  const one = spatial ? slice(y, [undefined, undefined, ...[2, 3].map(() => ({ start: unit, stop: unit + 1 }))]) : y;
  const [dx] = gradients([sum(one)], [x]);
  const session = await openSession({ outputs: { dx }, updates: [] }, referenceEngine(), { inputs: [x] });
  const answer = await session.run({ x: filled(x.shape, 1) });
  const size = x.shape[2];
  const seen = (inside: (i: number, j: number) => boolean): boolean => {
    for (let i = 0; i < size; i++)
      for (let j = 0; j < size; j++) if (inside(i, j) && answer.dx.data[i * size + j] !== 0) return true;
    return false;
  };
  const places = Array.from({ length: size }, (_, place) => place);
  const rows = places.filter((place) => seen((i) => i === place));
  const columns = places.filter((place) => seen((_, j) => j === place));
  return [
    [rows[0], rows[rows.length - 1]],
    [columns[0], columns[columns.length - 1]],
  ];
}

/** Positive weights everywhere, so that nothing cancels. */
const start = { init: ones, biasInit: zeros };
const measured: Readonly<Record<string, Layer>> = {
  "a residual block with a strided shortcut": Sequential([
    Conv2d(1, 3, { padding: 1, ...start }),
    Residual(Sequential([Conv2d(1, 3, { stride: 2, padding: 1, ...start }), Conv2d(1, 3, { padding: 1, ...start })]), {
      shortcut: Conv2d(1, 1, { stride: 2, ...start }),
    }),
  ]),
  "branches with dilation and pooling": Sequential([
    Branches({
      wide: Conv2d(1, 3, { dilation: 3, padding: 3, ...start }),
      same: Identity(),
      mean: AvgPool2d(3, { stride: 1, padding: 1 }),
    }),
    Conv2d(1, 2, {
      padding: [
        [1, 0],
        [0, 1],
      ],
      ...start,
    }),
  ]),
  "reflection at the edges": Conv2d(1, 5, { padding: 2, paddingMode: "reflect", ...start }),
  "down and up again": Sequential([
    Conv2d(1, 3, { stride: 2, padding: 1, ...start }),
    ConvTranspose2d(1, 4, { stride: 2, padding: 1, ...start }),
    Conv2d(1, 3, { padding: 1, ...start }),
  ]),
  "a transposed convolution": ConvTranspose2d(1, 3, { stride: 3, ...start }),
  "a global mean": Sequential([Conv2d(1, 3, { padding: 1, ...start }), GlobalAvgPool2d()]),
  "a dense layer": Sequential([Conv2d(1, 3, { stride: 2, ...start }), Flatten(), Linear(2, start)]),
};

for (const [name, model] of Object.entries(measured)) {
  test(`${name}: the support of the gradient is the computed field`, async () => {
    const size = 17;
    const built = build(model, input("x", [1, 1, size, size]));
    const field = receptiveField(built.input, built.output)!;
    const units = built.output.shape[2] ?? 1;
    for (const unit of new Set([0, 1, Math.floor(units / 2), units - 1].filter((place) => place < units))) {
      const found = await support(built, unit);
      const reached = unitReaches(built.input, built.output, [unit, unit].slice(0, built.output.shape.length - 2))!;
      assert.deepEqual(found, reached.map(hull), `unit ${unit}`);
      // Geometry alone knows no edges: it holds at least as much.
      field.forEach((axis, i) => {
        const [first, last] = unitSees(axis, unit);
        assert.ok(first <= found[i][0] && found[i][1] <= last, `unit ${unit}`);
      });
    }
  });
}

const hull = (runs: Runs): [number, number] => [runs[0][0], runs[runs.length - 1][1]];
