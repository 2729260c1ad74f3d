// Every exhibit, in the order of the course.
import type { Exhibit } from "./exhibit.ts";
import { aliasing } from "./exhibits/aliasing.ts";
import { channelAndUnit } from "./exhibits/channel-and-unit.ts";
import { channelSum } from "./exhibits/channel-sum.ts";
import { colouredBoxes } from "./exhibits/coloured-boxes.ts";
import { convParameters } from "./exhibits/conv-parameters.ts";
import { convolutionGradient } from "./exhibits/convolution-gradient.ts";
import { correlationOrConvolution } from "./exhibits/correlation-or-convolution.ts";
import { deeperFilters } from "./exhibits/deeper-filters.ts";
import { denseParameters } from "./exhibits/dense-parameters.ts";
import { denseToConv } from "./exhibits/dense-to-conv.ts";
import { edgeDetection } from "./exhibits/edge-detection.ts";
import { effectiveReceptiveField } from "./exhibits/effective-receptive-field.ts";
import { equivariantOrInvariant } from "./exhibits/equivariant-or-invariant.ts";
import { fewerParametersMoreWork } from "./exhibits/fewer-parameters-more-work.ts";
import { impossibleWindows } from "./exhibits/impossible-windows.ts";
import { kernelAxes } from "./exhibits/kernel-axes.ts";
import { kernelLearning } from "./exhibits/kernel-learning.ts";
import { linearStack } from "./exhibits/linear-stack.ts";
import { maxPoolTies } from "./exhibits/max-pool-ties.ts";
import { moreChannels } from "./exhibits/more-channels.ts";
import { notDivisible } from "./exhibits/not-divisible.ts";
import { oddKernels } from "./exhibits/odd-kernels.ts";
import { oneByOne } from "./exhibits/one-by-one.ts";
import { oneByOneOrDense } from "./exhibits/one-by-one-or-dense.ts";
import { outputSize } from "./exhibits/output-size.ts";
import { paddingAndStride } from "./exhibits/padding-and-stride.ts";
import { paddingModes } from "./exhibits/padding-modes.ts";
import { pixelShuffle } from "./exhibits/pixel-shuffle.ts";
import { pixelUsageExhibit } from "./exhibits/pixel-usage.ts";
import { pooling } from "./exhibits/pooling.ts";
import { radiusAndSide } from "./exhibits/radius-and-side.ts";
import { receptiveFieldExhibit } from "./exhibits/receptive-field.ts";
import { receptiveFieldMeasured } from "./exhibits/receptive-field-measured.ts";
import { receptiveFieldNetworks } from "./exhibits/receptive-field-networks.ts";
import { samePadding } from "./exhibits/same-padding.ts";
import { sharingAndLocality } from "./exhibits/sharing-and-locality.ts";
import { shiftAndBorder } from "./exhibits/shift-and-border.ts";
import { shiftConsistency } from "./exhibits/shift-consistency.ts";
import { shiftEquivariance } from "./exhibits/shift-equivariance.ts";
import { sigmoidPlateau } from "./exhibits/sigmoid-plateau.ts";
import { topOrBottom } from "./exhibits/top-or-bottom.ts";
import { transposedConvolution } from "./exhibits/transposed-convolution.ts";
import { twoOrThreeDimensions } from "./exhibits/two-or-three-dimensions.ts";
import { winograd } from "./exhibits/winograd.ts";
import { zeroPaddingPosition } from "./exhibits/zero-padding-position.ts";

/** All exhibits of the lab, in order. */
export const exhibits: readonly Exhibit[] = [
  denseParameters,
  convParameters,
  fewerParametersMoreWork,
  denseToConv,
  radiusAndSide,
  channelAndUnit,
  sharingAndLocality,
  correlationOrConvolution,
  linearStack,
  oddKernels,
  deeperFilters,
  receptiveFieldExhibit,
  receptiveFieldMeasured,
  receptiveFieldNetworks,
  effectiveReceptiveField,
  outputSize,
  samePadding,
  notDivisible,
  impossibleWindows,
  paddingAndStride,
  paddingModes,
  pixelUsageExhibit,
  zeroPaddingPosition,
  colouredBoxes,
  topOrBottom,
  channelSum,
  kernelAxes,
  twoOrThreeDimensions,
  pooling,
  maxPoolTies,
  oneByOne,
  oneByOneOrDense,
  moreChannels,
  shiftEquivariance,
  shiftAndBorder,
  aliasing,
  equivariantOrInvariant,
  shiftConsistency,
  pixelShuffle,
  edgeDetection,
  kernelLearning,
  convolutionGradient,
  transposedConvolution,
  winograd,
  sigmoidPlateau,
];
