// Augmentations of a whole batch: pairs of pictures are blended, and their labels with them (blend.ts).

import { type Card, number } from "./card.ts";

/**
 * Mixup (Zhang et al. 2018): blends pairs of images and their labels, share from Beta(alpha, alpha). One a batch; where cutmix is in
 * the list too, each batch draws one of the two.
 */
export interface Mixup {
  /** Blended pairs. */
  readonly kind: "mixup";
  /** Both parameters of the Beta distribution that shares are drawn from, 0.001 to 1000; small ones blend little, 1 takes every share alike. */
  readonly alpha: number;
}
/**
 * CutMix (Yun et al. 2019): a rectangle of each image is replaced by that of another, and labels are blended by area. Its share is
 * drawn from Beta(alpha, alpha). One a batch; where mixup is in the list too, each batch draws one of the two.
 */
export interface Cutmix {
  /** Rectangles of other pictures. */
  readonly kind: "cutmix";
  /** Both parameters of the Beta distribution that shares are drawn from, 0.001 to 1000; 1 takes every share alike. */
  readonly alpha: number;
}

const mixup: Card<Mixup> = { blends: true, rules: { alpha: number(0.001, 1000) } };
const cutmix: Card<Cutmix> = { blends: true, rules: { alpha: number(0.001, 1000) } };

export const blends = { mixup, cutmix };
