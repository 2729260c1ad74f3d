// The list of augmentations: small random changes that do not change the class, so that a network sees more than there
// is. Each is a row: what its options may be, and what it does to one picture with a stream of random numbers.

import type { Random } from "../base/random.ts";
import { affineAbout, type Padding, type Picture, shift, warp } from "./warp.ts";

/** Moves by up to `pixels` both ways: torchvision's RandomCrop of the same size with that padding. */
interface Shift {
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
interface Flip {
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
interface Rotate {
  /** Random rotation about the centre. */
  readonly kind: "rotate";
  /** The most degrees in either direction, 0 to 180. */
  readonly degrees: number;
  /** Value of pixels that come in, 0 to 1; 0 unless told. */
  readonly fill?: number;
}
/** Turns (degrees), moves (share of the size), enlarges (a range of factors) and shears (degrees), each at random. */
interface AffineChange {
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
  /** Value of pixels that come in, 0 to 1; 0 unless told. */
  readonly fill?: number;
}
/** A random part of the picture, brought to full size (Szegedy et al. 2015): its share of the area, its width by height. */
interface ResizedCrop {
  /** Random part, brought to full size. */
  readonly kind: "resizedCrop";
  /** The range of its share of the area, rising, 0.001 to 1; [0.08, 1] unless told. */
  readonly area?: readonly [number, number];
  /** The range of its width by its height, rising; [3/4, 4/3] unless told. */
  readonly ratio?: readonly [number, number];
}
/** Random erasing (Zhong et al. 2017): paints over a random rectangle. */
interface Erase {
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
interface Cutout {
  /** A square painted over. */
  readonly kind: "cutout";
  /** Its side in pixels, 1 to 4096; it may hang over the edge. */
  readonly size: number;
  /** What it is painted with, 0 to 1; 0 unless told. */
  readonly fill?: number;
}
/** Multiplies brightness, and contrast around the picture's mean, by 1 plus or minus up to the given shares. */
interface Jitter {
  /** Random brightness and contrast. */
  readonly kind: "jitter";
  /** The largest change of brightness as a share, 0 to 1; 0 unless told. */
  readonly brightness?: number;
  /** The largest change of contrast as a share, 0 to 1; 0 unless told. */
  readonly contrast?: number;
}
/** Adds normal noise of the given standard deviation. */
interface Noise {
  /** Normal noise. */
  readonly kind: "noise";
  /** Its standard deviation on the scale of pixels, 0 to 1. */
  readonly deviation: number;
}
/** Mixup (Zhang et al. 2018): blends pairs of images and their labels, share from Beta(alpha, alpha). One a batch. */
export interface Mixup {
  /** Blended pairs. */
  readonly kind: "mixup";
  /** Both parameters of the Beta distribution that shares are drawn from, 0.001 to 1000; small ones blend little, 1 takes every share alike. */
  readonly alpha: number;
}

/** A random change of the training images, as plain data. */
export type Augmentation = Shift | Flip | Rotate | AffineChange | ResizedCrop | Erase | Cutout | Jitter | Noise | Mixup;

/** What an option may be: a number, a whole number, a rising pair or one of some words. No `initial`: it must be given. */
export type Rule =
  | { readonly is: "number" | "whole"; readonly least: number; readonly most: number; readonly initial?: number }
  | { readonly is: "pair"; readonly least: number; readonly most: number; readonly initial: readonly [number, number] }
  | { readonly is: "word"; readonly words: readonly string[]; readonly initial: string }
  /** Places in a list, which may be left out. */
  | { readonly is: "places"; readonly initial?: undefined };

export interface Card<A> {
  readonly rules: { readonly [Key in Exclude<keyof A, "kind">]-?: Rule };
  /** The changed pixels of one picture; may change them in place. Absent for what concerns a whole batch. */
  readonly apply?: (picture: Picture, random: Random, options: Required<A>) => Float32Array;
  /** It moves pixels: what is known of each pixel (a mask, another picture) moves with them. */
  readonly moves?: true;
  /** It does so in maps of any size alike: it knows no pixels, only sides. */
  readonly anySize?: true;
  /** What it does to a picture's numbers, with a stream that begins as that of `apply`; may change them in place. */
  readonly numbers?: (row: Float32Array, random: Random, options: Required<A>) => void;
}

const number = (least: number, most: number, initial?: number): Rule => ({ is: "number", least, most, initial });
const fill = number(0, 1, 0);
const probability = (initial: number): Rule => number(0, 1, initial);

/** Every augmentation by its kind. */
export const cards: { readonly [Kind in Augmentation["kind"]]: Card<Extract<Augmentation, { kind: Kind }>> } = {
  shift: {
    moves: true,
    rules: {
      pixels: { is: "whole", least: 0, most: 4096 },
      padding: { is: "word", words: ["zeros", "reflect", "replicate"], initial: "zeros" },
      fill,
    },
    apply: (picture, random, { pixels, padding, fill }) => {
      const [dx, dy] = [random.below(2 * pixels + 1) - pixels, random.below(2 * pixels + 1) - pixels];
      return shift(picture, dx, dy, padding, fill);
    },
  },
  flip: {
    rules: {
      axis: { is: "word", words: ["horizontal", "vertical"], initial: "horizontal" },
      probability: probability(0.5),
      negates: { is: "places" },
    },
    moves: true,
    anySize: true,
    apply: (picture, random, { axis, probability }) =>
      random.uniform() < probability ? flip(picture, axis) : picture.pixels,
    numbers(row, random, { probability, negates = [] }) {
      if (random.uniform() < probability) for (const place of negates) row[place] = -row[place];
    },
  },
  rotate: {
    moves: true,
    rules: { degrees: number(0, 180), fill },
    apply: (picture, random, { degrees, fill }) =>
      warp(picture, affineAbout(picture, { degrees: between(random, -degrees, degrees) }), fill),
  },
  affine: {
    moves: true,
    rules: {
      degrees: number(0, 180, 0),
      translate: number(0, 1, 0),
      scale: { is: "pair", least: 0.01, most: 100, initial: [1, 1] },
      shear: number(0, 80, 0),
      fill,
    },
    apply: (picture, random, { degrees, translate, scale, shear, fill }) => {
      const change = {
        degrees: between(random, -degrees, degrees),
        dx: between(random, -translate, translate) * picture.width,
        dy: between(random, -translate, translate) * picture.height,
        scale: between(random, ...scale),
        shear: between(random, -shear, shear),
      };
      return warp(picture, affineAbout(picture, change), fill);
    },
  },
  resizedCrop: {
    moves: true,
    rules: {
      area: { is: "pair", least: 0.001, most: 1, initial: [0.08, 1] },
      ratio: { is: "pair", least: 0.01, most: 100, initial: [3 / 4, 4 / 3] },
    },
    apply: (picture, random, options) => {
      const box = rectangle(picture, random, options) ?? { top: 0, left: 0, ...picture };
      const [sx, sy] = [box.width / picture.width, box.height / picture.height];
      return warp(picture, [sx, 0, box.left + (sx - 1) / 2, 0, sy, box.top + (sy - 1) / 2]);
    },
  },
  erase: {
    rules: {
      probability: probability(0.5),
      area: { is: "pair", least: 0, most: 1, initial: [0.02, 0.33] },
      ratio: { is: "pair", least: 0.01, most: 100, initial: [0.3, 3.3] },
      fill,
    },
    apply: (picture, random, options) => {
      const box = random.uniform() < options.probability ? rectangle(picture, random, options) : undefined;
      if (box) paint(picture, box.top, box.left, box.top + box.height, box.left + box.width, options.fill);
      return picture.pixels;
    },
  },
  cutout: {
    rules: { size: { is: "whole", least: 1, most: 4096 }, fill },
    apply: (picture, random, { size, fill }) => {
      const top = random.below(picture.height) - Math.floor(size / 2);
      const left = random.below(picture.width) - Math.floor(size / 2);
      paint(picture, top, left, top + size, left + size, fill);
      return picture.pixels;
    },
  },
  jitter: {
    rules: { brightness: number(0, 1, 0), contrast: number(0, 1, 0) },
    apply: ({ pixels }, random, { brightness, contrast }) => {
      const gain = 1 + between(random, -brightness, brightness);
      const spread = 1 + between(random, -contrast, contrast);
      const mean = pixels.reduce((sum, pixel) => sum + pixel, 0) / pixels.length;
      return pixels.map((pixel) => unit(((pixel - mean) * spread + mean) * gain));
    },
  },
  noise: {
    rules: { deviation: number(0, 1) },
    apply: ({ pixels }, random, { deviation }) => pixels.map((pixel) => unit(pixel + deviation * random.normal())),
  },
  mixup: { rules: { alpha: number(0.001, 1000) } },
};

const between = (random: Random, low: number, high: number): number => low + (high - low) * random.uniform();
const unit = (pixel: number): number => Math.min(1, Math.max(0, pixel));

function flip({ pixels, channels, height, width }: Picture, axis: "horizontal" | "vertical"): Float32Array {
  const result = new Float32Array(pixels.length);
  for (let row = 0; row < channels * height; row++) {
    const y = row % height;
    const from = (axis === "vertical" ? row - y + (height - 1 - y) : row) * width;
    for (let x = 0; x < width; x++) {
      result[row * width + x] = pixels[from + (axis === "horizontal" ? width - 1 - x : x)];
    }
  }
  return result;
}

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
function rectangle(
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
