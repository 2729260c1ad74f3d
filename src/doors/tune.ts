// Searching for what trains a network well: the learning rate, and whatever else is tried.
//
//   import { lrFind } from "neocog/tune";
//
//   const { suggestion } = await lrFind(model, data);

// ---- the search -----------------------------------------------------------------------------------------------------

export { type LrFindOptions, lrFind, type RatePoint, type RateRange } from "../train/search/lrFind.ts";
export type { Space, Tried, TriedRange, TriedValue } from "../train/search/space.ts";
export { type SweepEvent, type SweepOptions, type SweepRow, sweep, type Trial } from "../train/search/sweep.ts";
