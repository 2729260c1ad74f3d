// Names of what the library has, for help and for what is typed, without loading the library: the compiler holds them
// against its types, and start.test.ts against its lists.

import type { ExplainerName } from "../../src/doors/explain.ts";
import type { EngineName, TaskName } from "../../src/doors/neocog.ts";

const keysOf = <K extends string>(all: Readonly<Record<K, true>>): K[] => Object.keys(all) as K[];

export const engineNames = keysOf<EngineName>({ auto: true, wasm: true, reference: true });

export const explainerNames = keysOf<ExplainerName>({
  saliency: true,
  smoothGrad: true,
  integratedGradients: true,
  gradCam: true,
  guidedBackprop: true,
  occlusion: true,
  featureMaps: true,
  filters: true,
  activationMaximization: true,
});

export const taskNames = keysOf<TaskName>({
  classification: true,
  multilabel: true,
  regression: true,
  segmentation: true,
  "image-to-image": true,
});

export const optimizerNames = ["sgd", "adam", "adamW", "rmsprop"] as const;

export const recipeNames: readonly string[] = [
  "digits",
  "fashion-mnist",
  "fashion-mnist-long",
  "mnist",
  "lenet",
  "lenet-modern",
];

/** What --log can be. */
export const logKinds = ["tensorboard", "tensorboard+weights"] as const;
