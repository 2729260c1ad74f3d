// Every layer with several options, at sizes that do not divide, for the export to be held against. A test fails for a layer
// of the list that has no row here.
import * as nn from "../../src/doors/neocog.ts";

export interface LayerRow {
  readonly layer: nn.Layer;
  /** The input without its batch. */
  readonly shape: readonly number[];
}

const rows: LayerRow[] = [];
/** The same layer types on an input of one shape. */
const on = (shape: readonly number[], ...layers: readonly nn.Layer[]): void => {
  rows.push(...layers.map((layer) => ({ layer, shape })));
};

const [line, picture, volume] = [
  [4, 11],
  [4, 7, 10],
  [4, 5, 7, 6],
];

on(
  picture,
  nn.Sequential([nn.Conv2d(3, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(5)]),
  nn.Sequential([nn.Conv2d(6, 1, { bias: false }), nn.BatchNorm2d(), nn.ReLU6(), nn.AdaptiveAvgPool2d([2, 3])]),
  nn.Identity(),
  nn.Sequential([nn.Identity(), nn.ReLU(), nn.Identity()]),
  nn.Residual(nn.Conv2d(4, 3, { padding: 1 }), { after: nn.ReLU() }),
  nn.Residual(nn.Conv2d(6, 3, { padding: 1, stride: 2 }), { shortcut: nn.Conv2d(6, 1, { stride: 2 }) }),
  nn.Branches([nn.Conv2d(2, 1), nn.Conv2d(3, 3, { padding: 1 }), nn.Identity()]),
  nn.Branches({ a: nn.AvgPool2d(3, { stride: 1, padding: 1 }), b: nn.MaxPool2d(3, { stride: 1, padding: 1 }) }),
);
on(
  picture,
  ...[1, 2, 3, [2, 3], [7, 10], [5, 4], [1, 10], [9, 13]].flatMap((size) => [
    nn.AdaptiveAvgPool2d(size),
    nn.AdaptiveMaxPool2d(size),
  ]),
);
on([2, 5, 5], nn.AdaptiveMaxPool2d(3), nn.AdaptiveAvgPool2d(3));
on([2, 7, 7], nn.AdaptiveMaxPool2d([2, 3]), nn.AdaptiveAvgPool2d([2, 3]));
on([2, 6, 6], nn.AdaptiveMaxPool2d(4), nn.AdaptiveAvgPool2d(4), nn.AdaptiveMaxPool2d([3, 4]));
on(
  line,
  ...[1, 2, 3].flatMap((size) => [nn.AdaptiveAvgPool1d(size), nn.AdaptiveMaxPool1d(size)]),
  nn.LPPool1d(2, 2),
  nn.LPPool1d(1, 3, { stride: 1 }),
  nn.GlobalAvgPool1d(),
  nn.GlobalMaxPool1d(),
  nn.ZeroPad1d([1, 2]),
  nn.ConstantPad1d([0, 2], 0.7),
  nn.ReflectionPad1d([1, 2]),
  nn.ReplicationPad1d([2, 1]),
  nn.CircularPad1d(2),
);
on(picture, nn.LPPool2d(2, 2), nn.LPPool2d(1, [2, 3], { stride: 2 }));
on(
  volume,
  ...[1, 2].flatMap((size) => [nn.AdaptiveAvgPool3d(size), nn.AdaptiveMaxPool3d(size)]),
  nn.LPPool3d(2, 2),
  nn.GlobalAvgPool3d(),
  nn.GlobalMaxPool3d(),
  nn.ZeroPad3d(1),
  nn.ConstantPad3d([1, 0, 2, 0, 0, 1], 0.7),
  nn.ReflectionPad3d([1, 2, 0, 1, 1, 0]),
  nn.ReplicationPad3d([2, 0, 1, 1, 0, 1]),
  nn.CircularPad3d(1),
);
on(line, nn.Dropout(), nn.Dropout1d());
on(picture, nn.Dropout(), nn.Dropout2d());
on(volume, nn.Dropout3d());

on(
  line,
  nn.Conv1d(3, 4),
  nn.Conv1d(6, 3, { stride: 3, padding: 2, dilation: 2, groups: 2 }),
  nn.Conv1d(4, 3, { padding: 1, paddingMode: "circular", bias: false }),
  nn.Conv1d(4, 4, { padding: "same" }),
);
on(
  picture,
  nn.Conv2d(3, 3),
  nn.Conv2d(8, [3, 2], { stride: [2, 3], padding: [[1, 2], 0], dilation: [1, 2], groups: 4 }),
  nn.Conv2d(4, 3, { groups: 4, padding: 1, bias: false }),
  nn.Conv2d(3, 4, { padding: "same" }),
  ...(["zeros", "reflect", "replicate", "circular"] as const).map((paddingMode) =>
    nn.Conv2d(2, 3, { padding: [2, [1, 3]], stride: 2, paddingMode }),
  ),
);
on(
  volume,
  nn.Conv3d(2, 3),
  nn.Conv3d(4, [1, 2, 3], { stride: [1, 2, 2], padding: 1, groups: 2 }),
  nn.Conv3d(2, 3, { padding: 1, paddingMode: "replicate" }),
);
on(
  line,
  nn.ConvTranspose1d(3, 4),
  nn.ConvTranspose1d(6, 3, { stride: 3, padding: 1, outputPadding: 2, groups: 2 }),
  nn.ConvTranspose1d(2, 2, { dilation: 3, bias: false }),
);
on(
  picture,
  nn.ConvTranspose2d(3, 3),
  nn.ConvTranspose2d(4, [4, 3], { stride: [2, 3], padding: [1, 0], outputPadding: [1, 2], groups: 2 }),
  nn.ConvTranspose2d(2, 1, { stride: 3, bias: false }),
  nn.ConvTranspose2d(2, 3, { dilation: 2, padding: 3, stride: 2, outputPadding: 1 }),
);
on(
  volume,
  nn.ConvTranspose3d(2, 3),
  nn.ConvTranspose3d(2, 2, { stride: [2, 1, 3], padding: [1, 0, 0], outputPadding: [1, 0, 2] }),
);
on([9], nn.Linear(5), nn.Linear(3, { bias: false }));
on(line, nn.Linear(5), nn.Linear(1, { bias: false }));
on(picture, nn.Linear(3));

on([6], nn.BatchNorm1d(), nn.BatchNorm1d({ affine: false, eps: 1e-2 }));
on(line, nn.BatchNorm1d(), nn.BatchNorm1d({ trackRunningStats: false }));
on(picture, nn.BatchNorm2d(), nn.BatchNorm2d({ affine: false }), nn.BatchNorm2d({ eps: 0.1 }));
on(volume, nn.BatchNorm3d(), nn.BatchNorm3d({ affine: false }));
on(
  picture,
  nn.LayerNorm(10),
  nn.LayerNorm([7, 10], { eps: 1e-2 }),
  nn.LayerNorm([4, 7, 10], { elementwiseAffine: false }),
  nn.GroupNorm(2),
  nn.GroupNorm(4, { affine: false }),
  nn.GroupNorm(1, { eps: 0.01 }),
  nn.InstanceNorm2d(),
  nn.InstanceNorm2d({ affine: true, eps: 0.01 }),
  nn.LocalResponseNorm(3),
  nn.LocalResponseNorm(4, { alpha: 0.1, beta: 0.5, k: 2 }),
);
on([6], nn.LayerNorm(6), nn.GroupNorm(3));
on(line, nn.LayerNorm(11), nn.GroupNorm(2), nn.InstanceNorm1d(), nn.InstanceNorm1d({ affine: true }));
on(volume, nn.InstanceNorm3d(), nn.InstanceNorm3d({ affine: true }), nn.GroupNorm(2));

on(
  line,
  nn.MaxPool1d(3),
  nn.MaxPool1d(3, { stride: 2, ceilMode: true }),
  nn.MaxPool1d(2, { padding: 1, dilation: 3 }),
  nn.AvgPool1d(3),
  nn.AvgPool1d(4, { stride: 3, padding: 2, ceilMode: true }),
  nn.AvgPool1d(3, { stride: 2, padding: 1, countIncludePad: false }),
);
on(
  picture,
  nn.MaxPool2d(3),
  nn.MaxPool2d([2, 3], { stride: [3, 2], padding: [1, 0], ceilMode: true }),
  nn.MaxPool2d(2, { dilation: 2, stride: 3 }),
  nn.MaxPool2d(3, {
    stride: 2,
    padding: [
      [0, 1],
      [1, 0],
    ],
  }),
  nn.AvgPool2d(3),
  nn.AvgPool2d([2, 3], { stride: 2, padding: [1, 0], ceilMode: true }),
  nn.AvgPool2d(3, { stride: 2, padding: 1, ceilMode: true, countIncludePad: false }),
  nn.AvgPool2d(3, { stride: 1, padding: 1 }),
  nn.GlobalAvgPool2d(),
  nn.GlobalMaxPool2d(),
);
on(
  volume,
  nn.MaxPool3d(2),
  nn.MaxPool3d(3, { stride: 2, padding: 1, ceilMode: true }),
  nn.AvgPool3d(2),
  nn.AvgPool3d(3, { stride: 2, padding: 1, countIncludePad: false }),
);

const nearest = ["nearest", "nearest-exact"] as const;
on(
  [1, 6],
  ...nearest.flatMap((mode) => [1.7, 0.7, 1 / 3, 2, 2.5].map((scaleFactor) => nn.Upsample({ scaleFactor, mode }))),
  ...nearest.flatMap((mode) => [4, 5, 9, 13].map((size) => nn.Upsample({ size, mode }))),
  ...[1.7, 0.7, 2].map((scaleFactor) => nn.Upsample({ scaleFactor, mode: "linear" })),
  nn.Upsample({ size: 11, mode: "linear", alignCorners: true }),
);
on(
  [2, 10, 10],
  ...(["bilinear", "bicubic", "nearest", "nearest-exact"] as const).flatMap((mode) => [
    nn.Upsample({ scaleFactor: 1 / 3, mode }),
    nn.Upsample({ scaleFactor: [1.7, 0.45], mode }),
    nn.Upsample({ size: [13, 7], mode }),
    nn.Upsample({ scaleFactor: 2, mode }),
  ]),
  nn.Upsample({ scaleFactor: [1.7, 0.5], mode: "bilinear", alignCorners: true }),
  nn.Upsample({ size: [1, 12], mode: "bicubic", alignCorners: true }),
);
on(
  volume,
  nn.Upsample({ scaleFactor: 1.3, mode: "trilinear" }),
  nn.Upsample({ size: [3, 10, 7], mode: "trilinear", alignCorners: true }),
  nn.Upsample({ scaleFactor: [2, 1.5, 0.6] }),
);
on(
  [8, 6, 4],
  nn.PixelShuffle(2),
  nn.PixelShuffle(1),
  nn.PixelUnshuffle(2),
  nn.ChannelShuffle(2),
  nn.ChannelShuffle(4),
  nn.AdaptivePolyphase2d(),
);
on([9, 5, 7], nn.PixelShuffle(3), nn.ChannelShuffle(3), nn.PixelUnshuffle(1));
on([2, 6, 9], nn.AdaptivePolyphase2d({ stride: 3 }));
on(
  picture,
  nn.BlurPool(),
  nn.BlurPool({ stride: 3, kernelSize: 5, paddingMode: "replicate" }),
  nn.BlurPool({ stride: 1, kernelSize: 4, paddingMode: "circular" }),
  nn.BlurPool({ paddingMode: "zeros" }),
);

on(
  picture,
  nn.SqueezeExcitation(2, { activation: "silu", scaleActivation: "hardsigmoid" }),
  nn.StochasticDepth(0.2),
  nn.Permute([0, 2, 3, 1]),
  nn.Narrow(1, 1, 2),
  nn.LayerScale(nn.Conv2d(4, 1)),
);
on([4, 6, 8], nn.PatchTokens(5, 2));
on(
  [5, 6],
  nn.MultiheadAttention(2, { batchFirst: true }),
  nn.MultiheadAttention(3, { batchFirst: true, bias: false }),
  nn.PositionEmbedding(),
  nn.Select(1, -1),
);
on(
  [5, 3],
  nn.RNN(4, { batchFirst: true, nonlinearity: "relu", bias: false }),
  nn.GRU(4, { batchFirst: true, numLayers: 2, dropout: 0.5 }),
  nn.LSTM(4, { batchFirst: true, bidirectional: true }),
);
on(picture, nn.Softmax(), nn.Softmax({ dim: 1 }), nn.LogSoftmax({ dim: -2 }), nn.LogSoftmax());
on([7], nn.Softmax(), nn.LogSoftmax({ dim: 1 }));
on(
  picture,
  nn.ReLU(),
  nn.ReLU6(),
  nn.LeakyReLU(),
  nn.LeakyReLU({ negativeSlope: 0.3 }),
  nn.ELU(),
  nn.ELU({ alpha: 0.7 }),
  nn.CELU(),
  nn.CELU({ alpha: 1.7 }),
  nn.SELU(),
  nn.GELU(),
  nn.GELUTanh(),
  nn.SiLU(),
  nn.Mish(),
  nn.Hardsigmoid(),
  nn.Hardswish(),
  nn.Hardtanh(),
  nn.Hardtanh({ minVal: -0.3, maxVal: 1.2 }),
  nn.Sigmoid(),
  nn.LogSigmoid(),
  nn.Tanh(),
  nn.Softplus(),
  nn.Softplus({ beta: 3, threshold: 2 }),
  nn.Softsign(),
  nn.Tanhshrink(),
  nn.Softshrink(),
  nn.Softshrink({ lambda: 0.2 }),
  nn.Hardshrink(),
  nn.Hardshrink({ lambda: 0.2 }),
  nn.PReLU(),
  nn.PReLU({ numParameters: 4 }),
);
on([5], nn.PReLU({ numParameters: 5 }), nn.ReLU());

on(
  picture,
  nn.Flatten(),
  nn.Flatten({ startDim: 2 }),
  nn.Flatten({ startDim: 1, endDim: 2 }),
  nn.Reshape([7, 40]),
  nn.Reshape([2, -1, 5]),
  nn.Unflatten(1, [2, 2]),
  nn.Unflatten(-1, [5, -1]),
  nn.ZeroPad2d(1),
  nn.ZeroPad2d([0, 1, 2, 3]),
  nn.ConstantPad2d([1, 0, 2, 0], 0.7),
  nn.ReflectionPad2d([1, 2, 3, 0]),
  nn.ReplicationPad2d([4, 0, 1, 5]),
  nn.CircularPad2d([1, 2, 3, 0]),
  nn.CircularPad2d(2),
);
on(
  picture,
  nn.PartialConv2d(3, 3, { padding: 1 }),
  nn.PartialConv2d(2, [3, 2], { padding: 2, stride: 2, dilation: 2, bias: false }),
  nn.AddCoordinates(),
  nn.AddCoordinates({ radius: true }),
  nn.CoordConv2d(3, 3, { padding: 1 }),
);

export const layerRows: readonly LayerRow[] = rows;
