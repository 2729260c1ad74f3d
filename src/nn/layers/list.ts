// All layer types, for reading models from files and for listing what there is.
import type { LayerType } from "../layer.ts";
import { activationTypes } from "./activation.ts";
import { adaptiveTypes } from "./adaptive.ts";
import { containerTypes } from "./containers.ts";
import { convolutionTypes } from "./convolution.ts";
import { coordinateTypes } from "./coordinates.ts";
import { dropoutTypes } from "./dropout.ts";
import { linearTypes } from "./linear.ts";
import { normalizationTypes } from "./normalization.ts";
import { partialTypes } from "./partial.ts";
import { polyphaseTypes } from "./polyphase.ts";
import { poolingTypes } from "./pooling.ts";
import { resizeTypes } from "./resize.ts";
import { shapeTypes } from "./shape.ts";
import { softmaxTypes } from "./softmax.ts";

export const layerTypes: readonly LayerType[] = [
  ...containerTypes,
  ...adaptiveTypes,
  ...dropoutTypes,
  ...convolutionTypes,
  ...linearTypes,
  ...normalizationTypes,
  ...poolingTypes,
  ...resizeTypes,
  ...softmaxTypes,
  ...activationTypes,
  ...shapeTypes,
  ...partialTypes,
  ...coordinateTypes,
  ...polyphaseTypes,
];
