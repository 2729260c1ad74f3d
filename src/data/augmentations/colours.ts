// Augmentations that change the colours of pixels and leave them where they are: masks stay as they are.

import type { Random } from "../../base/random.ts";
import * as colour from "../colour.ts";
import type { Picture } from "../warp.ts";
import { between, type Card, number, probability, whole } from "./card.ts";

/**
 * Brightness, contrast, saturation and hue, each by a random amount and all in a random order: torchvision's ColorJitter. The
 * factor of the first three is 1 plus or minus up to the given share. Gray pictures have neither saturation nor hue.
 */
export interface Jitter {
  /** Random brightness, contrast, saturation and hue. */
  readonly kind: "jitter";
  /** The largest change of brightness as a share, 0 to 1; 0 unless told. */
  readonly brightness?: number;
  /** The largest change of contrast as a share, 0 to 1; 0 unless told. */
  readonly contrast?: number;
  /** The largest change of saturation as a share, 0 to 1; 0 unless told. */
  readonly saturation?: number;
  /** The largest turn of the hue as a share of the circle of colours, 0 to 0.5; 0 unless told. */
  readonly hue?: number;
}
/** Adds normal noise of the given standard deviation. */
export interface Noise {
  /** Normal noise. */
  readonly kind: "noise";
  /** Its standard deviation on the scale of pixels, 0 to 1. */
  readonly deviation: number;
}
/** Stretches each channel to the whole range, from 0 to 1: torchvision's RandomAutocontrast. */
export interface Autocontrast {
  /** Random stretching of each channel. */
  readonly kind: "autocontrast";
  /** How often, 0 to 1; 0.5 unless told. */
  readonly probability?: number;
}
/**
 * Makes all of 256 levels about equally frequent in each channel: torchvision's RandomEqualize. Floats are brought to the nearest
 * level first.
 */
export interface Equalize {
  /** Random equalisation of each channel. */
  readonly kind: "equalize";
  /** How often, 0 to 1; 0.5 unless told. */
  readonly probability?: number;
}
/** Keeps the first `bits` of 8: torchvision's RandomPosterize. Floats are brought to the nearest of 256 levels first. */
export interface Posterize {
  /** Random posterising. */
  readonly kind: "posterize";
  /** How many bits are kept, 0 to 8; 8 keeps all. */
  readonly bits: number;
  /** How often, 0 to 1; 0.5 unless told. */
  readonly probability?: number;
}
/** Inverts pixels of at least `threshold`: torchvision's RandomSolarize. */
export interface Solarize {
  /** Random solarising. */
  readonly kind: "solarize";
  /** The least value that is inverted, on the scale of pixels, 0 to 1. */
  readonly threshold: number;
  /** How often, 0 to 1; 0.5 unless told. */
  readonly probability?: number;
}
/** Makes dark bright: torchvision's RandomInvert. */
export interface Invert {
  /** Random inversion. */
  readonly kind: "invert";
  /** How often, 0 to 1; 0.5 unless told. */
  readonly probability?: number;
}
/** Blurs (below 1) or sharpens (above): torchvision's RandomAdjustSharpness. */
export interface Sharpness {
  /** Random sharpness. */
  readonly kind: "sharpness";
  /** 0 gives a blurred picture, 1 the picture, 2 one that is twice as sharp; 0 to 100. */
  readonly factor: number;
  /** How often, 0 to 1; 0.5 unless told. */
  readonly probability?: number;
}

type Change = (picture: Picture) => Float32Array;

const jitterCard: Card<Jitter> = {
  rules: {
    brightness: number(0, 1, 0),
    contrast: number(0, 1, 0),
    saturation: number(0, 1, 0),
    hue: number(0, 0.5, 0),
  },
  apply: (picture, random, { brightness, contrast, saturation, hue }) => {
    const factor = (most: number): number => between(random, 1 - most, 1 + most);
    const [light, spread, colourful, turn] = [
      factor(brightness),
      factor(contrast),
      factor(saturation),
      between(random, -hue, hue),
    ];
    const changes: (Change | false)[] = [
      brightness > 0 && ((from) => colour.brightness(from, light)),
      contrast > 0 && ((from) => colour.contrast(from, spread)),
      saturation > 0 && ((from) => colour.saturation(from, colourful)),
      hue > 0 && ((from) => colour.hue(from, turn)),
    ];
    let { pixels } = picture;
    for (const place of random.permutation(changes.length)) {
      const change = changes[place];
      if (change) pixels = change({ ...picture, pixels });
    }
    return pixels;
  },
};

const noiseCard: Card<Noise> = {
  rules: { deviation: number(0, 1) },
  apply: ({ pixels }, random, { deviation }) => {
    for (let i = 0; i < pixels.length; i++) pixels[i] = colour.unit(pixels[i] + deviation * random.normal());
    return pixels;
  },
};

/** A change that happens with a probability, of which it has nothing else to draw. */
const sometimes =
  <A extends { readonly probability?: number }>(change: (picture: Picture, options: Required<A>) => Float32Array) =>
  (picture: Picture, random: Random, options: Required<A>): Float32Array =>
    random.uniform() < options.probability! ? change(picture, options) : picture.pixels;

const autocontrastCard: Card<Autocontrast> = { rules: { probability }, apply: sometimes(colour.autocontrast) };
const equalizeCard: Card<Equalize> = { rules: { probability }, apply: sometimes(colour.equalize) };
const posterizeCard: Card<Posterize> = {
  rules: { bits: whole(0, 8), probability },
  apply: sometimes((picture, { bits }) => colour.posterize(picture, bits)),
};
const solarizeCard: Card<Solarize> = {
  rules: { threshold: number(0, 1), probability },
  apply: sometimes((picture, { threshold }) => colour.solarize(picture, threshold)),
};
const invertCard: Card<Invert> = { rules: { probability }, apply: sometimes(colour.invert) };
const sharpnessCard: Card<Sharpness> = {
  rules: { factor: number(0, 100), probability },
  apply: sometimes((picture, { factor }) => colour.sharpness(picture, factor)),
};

export const colours = {
  jitter: jitterCard,
  noise: noiseCard,
  autocontrast: autocontrastCard,
  equalize: equalizeCard,
  posterize: posterizeCard,
  solarize: solarizeCard,
  invert: invertCard,
  sharpness: sharpnessCard,
};
