// Every method, in the order in which they are shown.

import type { Method } from "./method.ts";
import { gradCam } from "./methods/gradcam.ts";
import { integratedGradients, saliency, smoothGrad } from "./methods/gradient.ts";
import { guidedBackprop } from "./methods/guided.ts";
import { featureMaps, filters } from "./methods/maps.ts";
import { activationMaximization } from "./methods/maximize.ts";
import { occlusion } from "./methods/occlusion.ts";

/** The explainers by name. */
export const explainers = {
  saliency,
  smoothGrad,
  integratedGradients,
  gradCam,
  guidedBackprop,
  occlusion,
  featureMaps,
  filters,
  activationMaximization,
} as const;

/** The name of an explainer. */
export type ExplainerName = keyof typeof explainers;
/** The names of the explainers, in the order in which they are shown. */
export const explainerNames = Object.keys(explainers) as ExplainerName[];

/** The options of a method. */
export type ExplainerOptions<M extends ExplainerName> = (typeof explainers)[M] extends Method<infer O> ? O : never;
