// Augmentations that paint over a part of the picture.

import type { Random } from "../../base/random.ts";
import type { Picture } from "../warp.ts";
import { between, type Card, fill, pair, probability, whole } from "./card.ts";

/** Random erasing (Zhong et al. 2017): paints over a random rectangle. */
export interface Erase {
  /** Random erasing. */
  readonly kind: "erase";
  /** How often, 0 to 1; 0.5 unless told. */
  readonly probability?: number;
  /** The range of the rectangle's share of the area, rising, 0 to 1; [0.02, 0.33] unless told. */
  readonly area?: readonly [number, number];
  /** The range of its width by its height, rising; [0.3, 3.3] unless told. */
  readonly ratio?: readonly [number, number];
  /** What it is painted with, 0 to 1; 0 unless told. */
  readonly fill?: number;
}
/** Cutout (DeVries and Taylor 2017): paints over a square of `size` pixels whose centre lies anywhere in the picture. */
export interface Cutout {
  /** A square painted over. */
  readonly kind: "cutout";
  /** Its side in pixels, 1 to 4096; it may hang over the edge. */
  readonly size: number;
  /** What it is painted with, 0 to 1; 0 unless told. */
  readonly fill?: number;
}

const eraseCard: Card<Erase> = {
  rules: { probability, area: pair(0, 1, [0.02, 0.33]), ratio: pair(0.01, 100, [0.3, 3.3]), fill },
  apply: (picture, random, options) => {
    const box = random.uniform() < options.probability ? rectangle(picture, random, options) : undefined;
    if (box) paint(picture, box.top, box.left, box.top + box.height, box.left + box.width, options.fill);
    return picture.pixels;
  },
};

const cutoutCard: Card<Cutout> = {
  rules: { size: whole(1, 4096), fill },
  apply: (picture, random, { size, fill }) => {
    const top = random.below(picture.height) - Math.floor(size / 2);
    const left = random.below(picture.width) - Math.floor(size / 2);
    paint(picture, top, left, top + size, left + size, fill);
    return picture.pixels;
  },
};

function paint(picture: Picture, top: number, left: number, bottom: number, right: number, fill: number): void {
  const { pixels, channels, height, width } = picture;
  for (let c = 0; c < channels; c++) {
    for (let y = Math.max(0, top); y < Math.min(height, bottom); y++) {
      const row = (c * height + y) * width;
      pixels.fill(fill, row + Math.max(0, left), row + Math.min(width, right));
    }
  }
}

interface Box {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** A random rectangle of a share of the area and a ratio width : height (log-uniform); none if ten draws do not fit. */
export function rectangle(
  { height, width }: Picture,
  random: Random,
  { area, ratio }: { readonly area: readonly [number, number]; readonly ratio: readonly [number, number] },
): Box | undefined {
  for (let draw = 0; draw < 10; draw++) {
    const size = between(random, ...area) * height * width;
    const shape = Math.exp(between(random, Math.log(ratio[0]), Math.log(ratio[1])));
    const box = { height: Math.round(Math.sqrt(size / shape)), width: Math.round(Math.sqrt(size * shape)) };
    if (box.height < 1 || box.width < 1 || box.height > height || box.width > width) continue;
    return { ...box, top: random.below(height - box.height + 1), left: random.below(width - box.width + 1) };
  }
  return undefined;
}

export const covers = { erase: eraseCard, cutout: cutoutCard };
