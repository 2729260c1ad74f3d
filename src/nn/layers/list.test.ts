// One example of every layer type: the shape it gives, the variables it makes, and its way through a file.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Shape } from "../../base/shape.ts";
import { activationNames } from "../../ops/named.ts";
import { build } from "../build.ts";
import { fromJSON, toJSON } from "../json.ts";
import type { Layer } from "../layer.ts";
import { stateShapes } from "../state.ts";
import * as activation from "./activation.ts";
import * as adaptive from "./adaptive.ts";
import * as attention from "./attention.ts";
import * as blocks from "./blocks.ts";
import { Branches, Identity, Residual, Sequential } from "./containers.ts";
import * as convolution from "./convolution.ts";
import { AddCoordinates } from "./coordinates.ts";
import * as dropout from "./dropout.ts";
import { Linear } from "./linear.ts";
import { layerTypes } from "./list.ts";
import * as norm from "./normalization.ts";
import { PartialConv2d } from "./partial.ts";
import { AdaptivePolyphase2d } from "./polyphase.ts";
import * as pooling from "./pooling.ts";
import { GRU, LSTM, RNN } from "./recurrent.ts";
import * as resize from "./resize.ts";
import * as shape from "./shape.ts";
import { LogSoftmax, Softmax } from "./softmax.ts";

type Example = readonly [layer: Layer, input: Shape, output: Shape, variables?: Readonly<Record<string, Shape>>];

const line: Shape = [2, 4, 6];
const map: Shape = [2, 4, 6, 8];
const box: Shape = [1, 4, 2, 3, 4];
const affine = { weight: [4], bias: [4] };
const running = { ...affine, running_mean: [4], running_var: [4] };

const examples: readonly Example[] = [
  [Sequential([Identity(), Linear(3)]), [2, 5], [2, 3], { "1.weight": [3, 5], "1.bias": [3] }],
  [Identity(), map, map],
  [Residual(convolution.Conv2d(4, 1, { bias: false })), map, map, { weight: [4, 4, 1, 1] }],
  [Branches([Identity(), Identity()]), map, [2, 8, 6, 8]],
  [convolution.Conv1d(6, 3), [2, 4, 9], [2, 6, 7], { weight: [6, 4, 3], bias: [6] }],
  [
    convolution.Conv2d(6, [3, 1], { padding: "same", groups: 2 }),
    map,
    [2, 6, 6, 8],
    { weight: [6, 2, 3, 1], bias: [6] },
  ],
  [convolution.Conv3d(6, 2), [1, 4, 3, 4, 5], [1, 6, 2, 3, 4], { weight: [6, 4, 2, 2, 2], bias: [6] }],
  [convolution.ConvTranspose1d(6, 3), [2, 4, 9], [2, 6, 11], { weight: [4, 6, 3], bias: [6] }],
  [
    convolution.ConvTranspose2d(6, 3, { stride: 2, padding: 1, outputPadding: 1, groups: 2, bias: false }),
    map,
    [2, 6, 12, 16],
    { weight: [4, 3, 3, 3] },
  ],
  [convolution.ConvTranspose3d(6, 2), [1, 4, 3, 4, 5], [1, 6, 4, 5, 6], { weight: [4, 6, 2, 2, 2], bias: [6] }],
  [Linear(7, { bias: false }), [2, 3, 5], [2, 3, 7], { weight: [7, 5] }],
  ...activationNames.map((name): Example => [activation.Activation(name), map, map]),
  [activation.PReLU({ numParameters: 4 }), map, map, { weight: [4] }],
  [adaptive.AdaptiveAvgPool1d(4), line, [2, 4, 4]],
  [adaptive.AdaptiveAvgPool2d([4, 3]), map, [2, 4, 4, 3]],
  [adaptive.AdaptiveAvgPool3d([2, 1, 3]), box, [1, 4, 2, 1, 3]],
  [adaptive.AdaptiveMaxPool1d(4), line, [2, 4, 4]],
  [adaptive.AdaptiveMaxPool2d(2), map, [2, 4, 2, 2]],
  [adaptive.AdaptiveMaxPool3d(2), box, [1, 4, 2, 2, 2]],
  [dropout.Dropout(), map, map],
  [dropout.Dropout1d(), [2, 4, 6], [2, 4, 6]],
  [dropout.Dropout2d({ p: 0.1 }), map, map],
  [dropout.Dropout3d(), [1, 4, 2, 2, 2], [1, 4, 2, 2, 2]],
  [norm.BatchNorm1d(), [2, 4], [2, 4], running],
  [norm.BatchNorm2d({ affine: false }), map, map, { running_mean: [4], running_var: [4] }],
  [norm.BatchNorm3d({ trackRunningStats: false }), [1, 4, 2, 2, 2], [1, 4, 2, 2, 2], affine],
  [norm.LayerNorm([6, 8]), map, map, { weight: [6, 8], bias: [6, 8] }],
  [norm.GroupNorm(2), map, map, affine],
  [norm.InstanceNorm1d({ affine: true }), [2, 4, 6], [2, 4, 6], affine],
  [norm.InstanceNorm2d(), map, map],
  [norm.InstanceNorm3d(), [1, 4, 2, 2, 2], [1, 4, 2, 2, 2]],
  [norm.LocalResponseNorm(3), map, map],
  [pooling.MaxPool1d(2), [2, 4, 7], [2, 4, 3]],
  [pooling.MaxPool2d(3, { stride: 2, padding: 1, ceilMode: true }), map, [2, 4, 4, 5]],
  [pooling.MaxPool3d(2), [1, 4, 4, 4, 4], [1, 4, 2, 2, 2]],
  [pooling.AvgPool1d(2, { stride: 1 }), [2, 4, 7], [2, 4, 6]],
  [pooling.AvgPool2d([2, 4]), map, [2, 4, 3, 2]],
  [pooling.AvgPool3d(2), [1, 4, 4, 4, 4], [1, 4, 2, 2, 2]],
  [pooling.LPPool1d(2, 3, { stride: 1 }), line, [2, 4, 4]],
  [pooling.LPPool2d(2, [2, 3]), map, [2, 4, 3, 2]],
  [pooling.LPPool3d(3, 2), box, [1, 4, 1, 1, 2]],
  [pooling.GlobalAvgPool1d(), line, [2, 4, 1]],
  [pooling.GlobalAvgPool2d(), map, [2, 4, 1, 1]],
  [pooling.GlobalAvgPool3d(), box, [1, 4, 1, 1, 1]],
  [pooling.GlobalMaxPool1d(), line, [2, 4, 1]],
  [pooling.GlobalMaxPool2d(), map, [2, 4, 1, 1]],
  [pooling.GlobalMaxPool3d(), box, [1, 4, 1, 1, 1]],
  [resize.Upsample({ scaleFactor: 2, mode: "bilinear", alignCorners: true }), map, [2, 4, 12, 16]],
  [resize.PixelShuffle(2), map, [2, 1, 12, 16]],
  [resize.PixelUnshuffle(2), map, [2, 16, 3, 4]],
  [resize.ChannelShuffle(2), map, map],
  [resize.BlurPool(), map, [2, 4, 3, 4]],
  [shape.Flatten(), map, [2, 192]],
  [shape.Reshape([8, -1]), map, [2, 8, 24]],
  [shape.Unflatten(1, [2, 2]), map, [2, 2, 2, 6, 8]],
  [shape.ZeroPad1d([1, 2]), line, [2, 4, 9]],
  [shape.ZeroPad3d([1, 2, 0, 1, 3, 0]), box, [1, 4, 5, 4, 7]],
  [shape.ConstantPad1d(2, 9), line, [2, 4, 10]],
  [shape.ConstantPad3d(1, 9), box, [1, 4, 4, 5, 6]],
  [shape.ReflectionPad1d([0, 2]), line, [2, 4, 8]],
  [shape.ReflectionPad3d([3, 0, 0, 2, 1, 0]), box, [1, 4, 3, 5, 7]],
  [shape.ReplicationPad1d([4, 0]), line, [2, 4, 10]],
  [shape.ReplicationPad3d([0, 0, 0, 0, 5, 0]), box, [1, 4, 7, 3, 4]],
  [shape.CircularPad1d(6), line, [2, 4, 18]],
  [shape.CircularPad3d([0, 0, 1, 2, 0, 2]), box, [1, 4, 4, 6, 4]],
  [shape.ZeroPad2d(1), map, [2, 4, 8, 10]],
  [shape.ConstantPad2d([1, 0, 0, 0], -1), map, [2, 4, 6, 9]],
  [shape.ReflectionPad2d([0, 2, 0, 0]), map, [2, 4, 6, 10]],
  [shape.ReplicationPad2d([0, 0, 3, 0]), map, [2, 4, 9, 8]],
  [shape.CircularPad2d([0, 0, 0, 4]), map, [2, 4, 10, 8]],
  [RNN(3, { nonlinearity: "relu", bias: false }), [5, 2, 4], [5, 2, 3], { weight_ih_l0: [3, 4], weight_hh_l0: [3, 3] }],
  [
    GRU(3, { numLayers: 2, dropout: 0.5, batchFirst: true }),
    [2, 5, 4],
    [2, 5, 3],
    {
      ...{ weight_ih_l0: [9, 4], weight_hh_l0: [9, 3], bias_ih_l0: [9], bias_hh_l0: [9] },
      ...{ weight_ih_l1: [9, 3], weight_hh_l1: [9, 3], bias_ih_l1: [9], bias_hh_l1: [9] },
    },
  ],
  [
    LSTM(3, { bidirectional: true }),
    [5, 2, 4],
    [5, 2, 6],
    {
      ...{ weight_ih_l0: [12, 4], weight_hh_l0: [12, 3], bias_ih_l0: [12], bias_hh_l0: [12] },
      ...{ weight_ih_l0_reverse: [12, 4], weight_hh_l0_reverse: [12, 3] },
      ...{ bias_ih_l0_reverse: [12], bias_hh_l0_reverse: [12] },
    },
  ],
  [
    blocks.SqueezeExcitation(2, { activation: "silu", scaleActivation: "hardsigmoid" }),
    map,
    map,
    { "fc1.weight": [2, 4, 1, 1], "fc1.bias": [2], "fc2.weight": [4, 2, 1, 1], "fc2.bias": [4] },
  ],
  [blocks.StochasticDepth(0.3, { mode: "batch" }), map, map],
  [blocks.Permute([0, 2, 3, 1]), map, [2, 6, 8, 4]],
  [blocks.Narrow(1, -2, 2), map, [2, 2, 6, 8]],
  [blocks.LayerScale(Identity(), { initial: 0.5 }), map, map, { layer_scale: [4, 1, 1] }],
  [
    attention.MultiheadAttention(2, { batchFirst: true, dropout: 0.1 }),
    line,
    line,
    {
      ...{ in_proj_weight: [18, 6], in_proj_bias: [18] },
      ...{ "out_proj.weight": [6, 6], "out_proj.bias": [6] },
    },
  ],
  [
    attention.PatchTokens(5, 2),
    map,
    [2, 13, 5],
    { class_token: [1, 1, 5], "conv_proj.weight": [5, 4, 2, 2], "conv_proj.bias": [5] },
  ],
  [attention.PositionEmbedding(), line, line, { pos_embedding: [1, 4, 6] }],
  [attention.Select(1, -1), line, [2, 6]],
  [PartialConv2d(3, 3, { padding: 1 }), map, [2, 3, 6, 8], { weight: [3, 4, 3, 3], bias: [3] }],
  [AddCoordinates({ radius: true }), map, [2, 7, 6, 8]],
  [AdaptivePolyphase2d(), map, [2, 4, 3, 4]],
  [Softmax(), map, map],
  [LogSoftmax({ dim: -1 }), map, map],
];

for (const [layer, input, output, variables = {}] of examples) {
  test(`${layer.type.name}: shape, variables, file`, () => {
    for (const training of [false, true]) {
      const built = build(layer, input, { training });
      assert.deepEqual(built.output.shape, output);
      assert.deepEqual(Object.fromEntries(stateShapes(built.variables)), variables);
    }
    const json = toJSON(layer);
    assert.deepEqual(toJSON(fromJSON(JSON.parse(JSON.stringify(json)))), json);
  });
}

test("every layer type has an example, and no two share a name", () => {
  const names = layerTypes.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  const shown = new Set(examples.map(([layer]) => layer.type.name));
  assert.deepEqual(
    names.filter((name) => !shown.has(name)),
    [],
  );
});

test("activation layers have torch's names and defaults", () => {
  const { ReLU, LeakyReLU, GELUTanh, Hardswish, SiLU, Softplus, Tanh, CELU } = activation;
  const names = [ReLU(), LeakyReLU(), GELUTanh(), Hardswish(), SiLU(), Softplus(), Tanh(), CELU()].map(
    ({ type }) => type.name,
  );
  assert.deepEqual(names, ["ReLU", "LeakyReLU", "GELUTanh", "Hardswish", "SiLU", "Softplus", "Tanh", "CELU"]);
  assert.throws(() => activation.Activation("rely" as "relu"), /Unknown activation "rely"; did you mean "relu"/);
});

test("the names that version 0.1.0 gave layers of activations in files are still read", () => {
  const classes =
    "ReLU ReLU6 LeakyReLU ELU CELU SELU GELU GELUTanh SiLU Mish Hardsigmoid Hardswish Hardtanh Sigmoid LogSigmoid Tanh Softplus Softsign Tanhshrink Softshrink Hardshrink PReLU";
  for (const type of classes.split(" ")) assert.equal((toJSON(fromJSON({ type })) as { type: string }).type, type);
  assert.throws(() => activation.Activation("hardSwish" as "hardswish"), /did you mean "hardswish"\?/);
});
