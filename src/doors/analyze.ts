// What a network costs and sees, read from its graph; nothing runs.
//
//   import { receptiveField, summary } from "neocog/analyze";

// ---- cost -----------------------------------------------------------------------------------------------------------

export { type Summary, type SummaryRow, summary } from "../analyze/summary.ts";
export { smallestInput } from "../nn/smallest.ts";
export { type ArenaSize, type Footprint, type FootprintOptions, footprint } from "../train/footprint.ts";

// ---- sight: what a unit sees ----------------------------------------------------------------------------------------

export { describeUnit, type Product, type UnitQuestion, type UnitStory } from "../analyze/connectivity.ts";
export { type Runs, unitReaches } from "../analyze/reach.ts";
export { type Interval, type ReceptiveAxis, receptiveField, receptiveFields, unitSees } from "../analyze/receptive.ts";
export { describeWindow, type WindowAnswer, type WindowQuestion } from "../analyze/window.ts";

// ---- algebra: networks rewritten ------------------------------------------------------------------------------------

export { type BatchNormState, compose, foldBatchNorm, type LinearConvolution } from "../analyze/compose.ts";
export { type DenseEquivalent, denseEquivalent } from "../analyze/dense.ts";
export { withSamePadding } from "../analyze/same.ts";
