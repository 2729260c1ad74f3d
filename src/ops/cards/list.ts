// Every op card, once: what tests, dumps and documentation loop over. Nothing looks an op up here at run time; a graph
// holds the cards themselves.
import { constantOp, inputOp, variableOp } from "../../graph/graph.ts";
import type { Op } from "../../graph/op.ts";
import { adaptiveAveragePoolOp, adaptiveMaxPoolOp } from "./adaptive.ts";
import { convolutionOp, filterGradientOp, inputGradientOp } from "./convolution.ts";
import { copyOp } from "./copy.ts";
import { deformConvolutionOp } from "./deform.ts";
import { gatherOp, scatterAddOp, scatterAlongAxisOp, takeAlongAxisOp } from "./gather.ts";
import { gridSampleOp } from "./grid.ts";
import { binaryCrossEntropyOp } from "./loss.ts";
import { mapOp } from "./map.ts";
import { matmulOp } from "./matmul.ts";
import { batchNormInferenceOp, normalizeOp } from "./normalization.ts";
import { cumulativeSumOp, sortOp } from "./order.ts";
import {
  averagePoolGradientOp,
  averagePoolOp,
  gatherPlacesOp,
  maxPoolGradientOp,
  maxPoolOp,
  scatterPlacesOp,
} from "./pooling.ts";
import { recurrentOp } from "./recurrent.ts";
import { reduceOp } from "./reduce.ts";
import { reshapeOp } from "./reshape.ts";
import { resizeOp } from "./resize.ts";
import { roiAlignOp } from "./roiAlign.ts";
import { scatterElementsOp } from "./scatter.ts";
import { logSoftmaxOp, logSumExpOp, softmaxOp } from "./softmax.ts";
import { broadcastOp, sumOp } from "./sum.ts";
import { tableOp } from "./table.ts";

/** Families in the order of their files; an op and its adjoints stand together. */
export const opFamilies: Readonly<Record<string, readonly Op<never>[]>> = {
  leaves: [inputOp, variableOp, constantOp],
  elementwise: [mapOp],
  movement: [reshapeOp, copyOp, broadcastOp],
  reductions: [sumOp, reduceOp],
  products: [matmulOp, convolutionOp, inputGradientOp, filterGradientOp],
  pooling: [
    maxPoolOp,
    maxPoolGradientOp,
    gatherPlacesOp,
    scatterPlacesOp,
    averagePoolOp,
    averagePoolGradientOp,
    adaptiveAveragePoolOp,
    adaptiveMaxPoolOp,
  ],
  normalisation: [normalizeOp, batchNormInferenceOp],
  losses: [binaryCrossEntropyOp],
  softmax: [softmaxOp, logSoftmaxOp, logSumExpOp],
  indexing: [gatherOp, scatterAddOp, takeAlongAxisOp, scatterAlongAxisOp, scatterElementsOp, gridSampleOp],
  sampling: [roiAlignOp, deformConvolutionOp],
  resizing: [tableOp, resizeOp],
  order: [cumulativeSumOp, sortOp],
  recurrence: [recurrentOp],
};

export const allOps: readonly Op<never>[] = Object.values(opFamilies).flat();
