// The list of augmentations: small random changes that do not change the class, so that a network sees more than there is.

import { blends, type Cutmix, type Mixup } from "./blends.ts";
import type { Card } from "./card.ts";
import {
  type Autocontrast,
  colours,
  type Equalize,
  type Invert,
  type Jitter,
  type Noise,
  type Posterize,
  type Sharpness,
  type Solarize,
} from "./colours.ts";
import { type Cutout, covers, type Erase } from "./covers.ts";
import {
  type AffineChange,
  type Flip,
  moves,
  type Perspective,
  type ResizedCrop,
  type Rotate,
  type Shear,
  type Shift,
} from "./moves.ts";
import { policies, type RandAugment, type TrivialAugmentWide } from "./policies.ts";

/** A random change of the training images, as plain data. */
export type Augmentation =
  | (Shift | Flip | Rotate | AffineChange | Shear | Perspective | ResizedCrop)
  | (Erase | Cutout)
  | (Jitter | Noise | Autocontrast | Equalize | Posterize | Solarize | Invert | Sharpness)
  | (RandAugment | TrivialAugmentWide)
  | (Mixup | Cutmix);

/** Every augmentation by its kind. */
export const cards: { readonly [Kind in Augmentation["kind"]]: Card<Extract<Augmentation, { kind: Kind }>> } = {
  ...moves,
  ...covers,
  ...colours,
  ...policies,
  ...blends,
};
