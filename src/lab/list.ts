// Every exhibit, in the order of the course.
import type { Exhibit } from "./exhibit.ts";
import { channelAndUnit } from "./exhibits/channel-and-unit.ts";
import { convParameters } from "./exhibits/conv-parameters.ts";
import { correlationOrConvolution } from "./exhibits/correlation-or-convolution.ts";
import { denseParameters } from "./exhibits/dense-parameters.ts";
import { denseToConv } from "./exhibits/dense-to-conv.ts";
import { effectiveReceptiveField } from "./exhibits/effective-receptive-field.ts";
import { fewerParametersMoreWork } from "./exhibits/fewer-parameters-more-work.ts";
import { impossibleWindows } from "./exhibits/impossible-windows.ts";
import { linearStack } from "./exhibits/linear-stack.ts";
import { outputSize } from "./exhibits/output-size.ts";
import { paddingAndStride } from "./exhibits/padding-and-stride.ts";
import { paddingModes } from "./exhibits/padding-modes.ts";
import { pixelUsageExhibit } from "./exhibits/pixel-usage.ts";
import { radiusAndSide } from "./exhibits/radius-and-side.ts";
import { receptiveFieldExhibit } from "./exhibits/receptive-field.ts";
import { receptiveFieldMeasured } from "./exhibits/receptive-field-measured.ts";
import { receptiveFieldNetworks } from "./exhibits/receptive-field-networks.ts";
import { samePadding } from "./exhibits/same-padding.ts";
import { sharingAndLocality } from "./exhibits/sharing-and-locality.ts";
import { zeroPaddingPosition } from "./exhibits/zero-padding-position.ts";

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
  receptiveFieldExhibit,
  receptiveFieldMeasured,
  receptiveFieldNetworks,
  effectiveReceptiveField,
  outputSize,
  samePadding,
  impossibleWindows,
  paddingAndStride,
  paddingModes,
  pixelUsageExhibit,
  zeroPaddingPosition,
];
