// Augmentations that move pixels: a mask, or a picture to be made, moves with them.

import type { Random } from "../../base/random.ts";
import { flip } from "../flip.ts";
import { corners, perspective } from "../perspective.ts";
import { affineAbout, type Interpolation, type Padding, shift, warp } from "../warp.ts";
import { axis, between, type Card, fill, number, pair, probability, whole, word } from "./card.ts";
import { rectangle } from "./covers.ts";

/** Moves by up to `pixels` both ways: torchvision's RandomCrop of the same size with that padding. */
export interface Shift {
  /** Random shift. */
  readonly kind: "shift";
  /** The most pixels in either direction, 0 to 4096. */
  readonly pixels: number;
  /** What comes in at the edge: zeros (the fill value) unless told, a mirror image, or the edge pixel again. */
  readonly padding?: Padding;
  /** Value of pixels that come in, 0 to 1; 0 unless told. */
  readonly fill?: number;
}
/** Mirrors with a probability (0.5 unless told). */
export interface Flip {
  /** Random mirroring. */
  readonly kind: "flip";
  /** Left and right change sides ("horizontal", unless told), or top and bottom. */
  readonly axis?: "horizontal" | "vertical";
  /** How often, 0 to 1; 0.5 unless told. */
  readonly probability?: number;
  /**
   * Which of a picture's numbers (regression), by their places from 0, change their sign with it, such as positions measured
   * from the middle; none unless told.
   */
  readonly negates?: readonly number[];
}
/** Turns by up to `degrees` both ways. */
export interface Rotate {
  /** Random rotation about the centre. */
  readonly kind: "rotate";
  /** The most degrees in either direction, 0 to 180. */
  readonly degrees: number;
  /** Mixes the four pixels around a place ("bilinear", unless told), or takes the nearest. */
  readonly interpolation?: Interpolation;
  /** Value of pixels that come in, 0 to 1; 0 unless told. */
  readonly fill?: number;
}
/** Turns (degrees), moves (share of the size), enlarges (a range of factors) and shears (degrees), each at random. */
export interface AffineChange {
  /** Random affine map about the centre. */
  readonly kind: "affine";
  /** The most degrees in either direction, 0 to 180; 0 unless told. */
  readonly degrees?: number;
  /** The largest move as a share of the height and of the width, 0 to 1; 0 unless told. */
  readonly translate?: number;
  /** The range of the factor, rising, 0.01 to 100; [1, 1] unless told. */
  readonly scale?: readonly [number, number];
  /** The most degrees of shear in either direction, 0 to 80; 0 unless told. */
  readonly shear?: number;
  /** Mixes the four pixels around a place ("bilinear", unless told), or takes the nearest. */
  readonly interpolation?: Interpolation;
  /** Value of pixels that come in, 0 to 1; 0 unless told. */
  readonly fill?: number;
}
/** Slants by up to `degrees` both ways about the centre. */
export interface Shear {
  /** Random shear. */
  readonly kind: "shear";
  /** The most degrees in either direction, 0 to 80. */
  readonly degrees: number;
  /** Rows slide ("horizontal", unless told), or columns. */
  readonly axis?: "horizontal" | "vertical";
  /** Mixes the four pixels around a place ("bilinear", unless told), or takes the nearest. */
  readonly interpolation?: Interpolation;
  /** Value of pixels that come in, 0 to 1; 0 unless told. */
  readonly fill?: number;
}
/** Moves each corner inwards by up to a share of half the side: torchvision's RandomPerspective. */
export interface Perspective {
  /** Random view from another place. */
  readonly kind: "perspective";
  /** The largest move of a corner as a share of half the side, 0 to 1; 0.5 unless told. */
  readonly distortion?: number;
  /** How often, 0 to 1; 0.5 unless told. */
  readonly probability?: number;
  /** Mixes the four pixels around a place ("bilinear", unless told), or takes the nearest. */
  readonly interpolation?: Interpolation;
  /** Value of pixels that come in, 0 to 1; 0 unless told. */
  readonly fill?: number;
}
/** A random part of the picture, brought to full size (Szegedy et al. 2015): its share of the area, its width by height. */
export interface ResizedCrop {
  /** Random part, brought to full size. */
  readonly kind: "resizedCrop";
  /** The range of its share of the area, rising, 0.001 to 1; [0.08, 1] unless told. */
  readonly area?: readonly [number, number];
  /** The range of its width by its height, rising; [3/4, 4/3] unless told. */
  readonly ratio?: readonly [number, number];
}

export const interpolations: readonly Interpolation[] = ["bilinear", "nearest"];
const interpolation = word(interpolations, "bilinear");

const shiftCard: Card<Shift> = {
  moves: true,
  rules: { pixels: whole(0, 4096), padding: word(["zeros", "reflect", "replicate"], "zeros"), fill },
  apply: (picture, random, { pixels, padding, fill }) => {
    const [dx, dy] = [random.below(2 * pixels + 1) - pixels, random.below(2 * pixels + 1) - pixels];
    return shift(picture, dx, dy, padding, fill);
  },
};

const flipCard: Card<Flip> = {
  rules: { axis, probability, negates: { is: "places" } },
  moves: true,
  anySize: true,
  apply: (picture, random, { axis, probability }) =>
    random.uniform() < probability ? flip(picture, axis) : picture.pixels,
  numbers(row, random, { probability, negates = [] }) {
    if (random.uniform() < probability) for (const place of negates) row[place] = -row[place];
  },
};

const rotateCard: Card<Rotate> = {
  moves: true,
  rules: { degrees: number(0, 180), interpolation, fill },
  apply: (picture, random, { degrees, fill, interpolation }) =>
    warp(picture, affineAbout(picture, { degrees: either(random, degrees) }), fill, interpolation),
};

const affineCard: Card<AffineChange> = {
  moves: true,
  rules: {
    degrees: number(0, 180, 0),
    translate: number(0, 1, 0),
    scale: pair(0.01, 100, [1, 1]),
    shear: number(0, 80, 0),
    interpolation,
    fill,
  },
  apply: (picture, random, { degrees, translate, scale, shear, fill, interpolation }) => {
    const change = {
      degrees: either(random, degrees),
      dx: either(random, translate) * picture.width,
      dy: either(random, translate) * picture.height,
      scale: between(random, ...scale),
      shear: either(random, shear),
    };
    return warp(picture, affineAbout(picture, change), fill, interpolation);
  },
};

const shearCard: Card<Shear> = {
  moves: true,
  rules: { degrees: number(0, 80), axis, interpolation, fill },
  apply: (picture, random, { degrees, axis, fill, interpolation }) => {
    const slant = Math.tan((either(random, degrees) * Math.PI) / 180);
    const [x, y] = [(picture.width - 1) / 2, (picture.height - 1) / 2];
    const lookUp =
      axis === "horizontal" ? ([1, slant, -slant * y, 0, 1, 0] as const) : ([1, 0, 0, slant, 1, -slant * x] as const);
    return warp(picture, lookUp, fill, interpolation);
  },
};

const perspectiveCard: Card<Perspective> = {
  moves: true,
  rules: { distortion: number(0, 1, 0.5), probability, interpolation, fill },
  apply: (picture, random, { distortion, probability, fill, interpolation }) => {
    if (random.uniform() >= probability) return picture.pixels;
    const across = Math.floor(distortion * Math.floor(picture.width / 2));
    const down = Math.floor(distortion * Math.floor(picture.height / 2));
    const moved = corners(picture).map(([x, y]) => {
      const [dx, dy] = [random.below(across + 1), random.below(down + 1)];
      return [x === 0 ? dx : x - dx, y === 0 ? dy : y - dy] as const;
    });
    return perspective(picture, moved, fill, interpolation);
  },
};

const resizedCropCard: Card<ResizedCrop> = {
  moves: true,
  rules: { area: pair(0.001, 1, [0.08, 1]), ratio: pair(0.01, 100, [3 / 4, 4 / 3]) },
  apply: (picture, random, options) => {
    const box = rectangle(picture, random, options) ?? { top: 0, left: 0, ...picture };
    const [sx, sy] = [box.width / picture.width, box.height / picture.height];
    return warp(picture, [sx, 0, box.left + (sx - 1) / 2, 0, sy, box.top + (sy - 1) / 2]);
  },
};

/** Up to `most` in either direction. */
const either = (random: Random, most: number): number => between(random, -most, most);

export const moves = {
  shift: shiftCard,
  flip: flipCard,
  rotate: rotateCard,
  affine: affineCard,
  shear: shearCard,
  perspective: perspectiveCard,
  resizedCrop: resizedCropCard,
};
