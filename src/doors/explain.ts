// Why a network answers as it does: maps of a picture, each beside the check whether it depends on what was learned.
//
//   import { drawMap, explain } from "neocog/explain";

// ---- methods --------------------------------------------------------------------------------------------------------

export { type CommonOptions, classScores, type Explanation, explain, openExplainer } from "../explain/explain.ts";
export { type ExplainerName, type ExplainerOptions, explainerNames, explainers } from "../explain/list.ts";
export type { Finding, Method, OpenMethod } from "../explain/method.ts";
export type { Subject } from "../explain/network.ts";
export { type NoVerdict, type Sanity, type SanityNumbers, shuffledWeights } from "../explain/sanity.ts";

// ---- pictures -------------------------------------------------------------------------------------------------------

export type { Drawing } from "../explain/method.ts";
export { drawMap, drawOverlay, drawPhoto, drawTiles, legible } from "../explain/picture.ts";
