// Functions of tensors, by the names of torch.nn.functional. They build a graph; nothing runs yet.
//
//   import { add, relu, softmax } from "neocog/ops";

// ---- arithmetic -----------------------------------------------------------------------------------------------------

export * from "../ops/arithmetic.ts";

// ---- activations ----------------------------------------------------------------------------------------------------

export * from "../ops/activations.ts";
export { type ActivationName, activation, activationNames } from "../ops/named.ts";
export { logSoftmax, logsumexp, softmax } from "../ops/softmax.ts";

// ---- convolutions ---------------------------------------------------------------------------------------------------

export {
  type ConvolveOptions,
  type ConvolveTransposeOptions,
  conv1d,
  conv2d,
  conv3d,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
} from "../ops/convolution.ts";
export { einsum } from "../ops/einsum.ts";
export { linear, matmul } from "../ops/matmul.ts";

// ---- sequences ------------------------------------------------------------------------------------------------------

export { type AttentionOptions, scaledDotProductAttention } from "../ops/attention.ts";
export {
  type GruOptions,
  gru,
  type LstmOptions,
  type LstmRecurrence,
  lstm,
  type Recurrence,
  type RecurrentOptions,
  type RnnOptions,
  rnn,
} from "../ops/recurrent.ts";

// ---- sampling -------------------------------------------------------------------------------------------------------

export { type DeformConvOptions, deformConv2d } from "../ops/deform.ts";
export { type FoldOptions, fold, unfold } from "../ops/fold.ts";
export { type AffineGridOptions, affineGrid, type GridSampleOptions, gridSample } from "../ops/grid.ts";
export { type RoiAlignOptions, roiAlign } from "../ops/roiAlign.ts";

// ---- pooling --------------------------------------------------------------------------------------------------------

export {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
} from "../ops/adaptive.ts";
export {
  avgPool1d,
  avgPool2d,
  avgPool3d,
  globalAvgPool1d,
  globalAvgPool2d,
  globalAvgPool3d,
  globalMaxPool1d,
  globalMaxPool2d,
  globalMaxPool3d,
  lpPool1d,
  lpPool2d,
  lpPool3d,
  maxPool1d,
  maxPool1dWithIndices,
  maxPool2d,
  maxPool2dWithIndices,
  maxPool3d,
  maxPool3dWithIndices,
} from "../ops/pooling.ts";

// ---- normalization --------------------------------------------------------------------------------------------------

export {
  batchNorm,
  batchNormInference,
  groupNorm,
  instanceNorm,
  layerNorm,
  localResponseNorm,
  type NormalizeOptions,
  normalize,
  rmsNorm,
} from "../ops/normalization.ts";

// ---- losses ---------------------------------------------------------------------------------------------------------

export {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  type CrossEntropyOptions,
  crossEntropy,
  huberLoss,
  klDiv,
  l1Loss,
  mseLoss,
  nllLoss,
  smoothL1Loss,
} from "../ops/loss.ts";

// ---- sums and reductions --------------------------------------------------------------------------------------------

export type { Axes } from "../ops/cards/sum.ts";
export { cumsum, sort, topk } from "../ops/order.ts";
export { amax, amin, argmax, argmin, prod } from "../ops/reduce.ts";
export { broadcastTo, mean, sum } from "../ops/sum.ts";

// ---- movement -------------------------------------------------------------------------------------------------------

export type { SliceRange } from "../ops/cards/copy.ts";
export { concat, flip, pad, permute, slice, tile } from "../ops/copy.ts";
export { embedding, gather, oneHot, scatterAdd, takeAlongDim } from "../ops/gather.ts";
export { flatten, reshape, squeeze, unsqueeze } from "../ops/reshape.ts";
export { type InterpolateOptions, interpolate } from "../ops/resize.ts";
export { blurPool, channelShuffle, pixelShuffle, pixelUnshuffle } from "../ops/shuffle.ts";

// ---- random ---------------------------------------------------------------------------------------------------------

export {
  bernoulli,
  dropout,
  dropout1d,
  dropout2d,
  dropout3d,
  type RandomSource,
  randomNormal,
  randomUniform,
} from "../ops/random.ts";
