// The layer types that most networks are made of: a page that opens a model loads these, and the others with the first model that
// has one.
import type { LayerType } from "../layer.ts";
import { activationTypes } from "./activation.ts";
import { containerTypes } from "./containers.ts";
import { convolutionTypes } from "./convolution.ts";
import { dropoutTypes } from "./dropout.ts";
import { linearTypes } from "./linear.ts";
import { normalizationTypes } from "./normalization.ts";
import { poolingTypes } from "./pooling.ts";
import { shapeTypes } from "./shape.ts";
import { softmaxTypes } from "./softmax.ts";

export const usualTypes: readonly LayerType[] = [
  ...containerTypes,
  ...dropoutTypes,
  ...convolutionTypes,
  ...linearTypes,
  ...normalizationTypes,
  ...poolingTypes,
  ...softmaxTypes,
  ...activationTypes,
  ...shapeTypes,
];
