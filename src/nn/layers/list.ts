// All layer types, for reading models from files and for listing what there is.
import type { LayerType } from "../layer.ts";
import { adaptiveTypes } from "./adaptive.ts";
import { attentionTypes } from "./attention.ts";
import { blockTypes } from "./blocks.ts";
import { coordinateTypes } from "./coordinates.ts";
import { partialTypes } from "./partial.ts";
import { polyphaseTypes } from "./polyphase.ts";
import { recurrentTypes } from "./recurrent.ts";
import { resizeTypes } from "./resize.ts";
import { usualTypes } from "./usual.ts";

export const layerTypes: readonly LayerType[] = [
  ...usualTypes,
  ...adaptiveTypes,
  ...resizeTypes,
  ...partialTypes,
  ...blockTypes,
  ...attentionTypes,
  ...coordinateTypes,
  ...polyphaseTypes,
  ...recurrentTypes,
];
