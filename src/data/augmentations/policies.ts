// RandAugment and TrivialAugmentWide: one or more changes of a list of fourteen, chosen by chance for each picture, as strong as
// torchvision makes them. What moves pixels moves masks with them; what changes colours leaves them alone.

import type { Random } from "../../base/random.ts";
import * as colour from "../colour.ts";
import { affineAbout, type Interpolation, type Picture, shift, warp } from "../warp.ts";
import { type Card, fill, whole, word } from "./card.ts";

/** RandAugment (Cubuk et al. 2019): some changes of fourteen, all of one strength. */
export interface RandAugment {
  /** Some changes of fourteen, all of one strength. */
  readonly kind: "randAugment";
  /** How many changes, one after the other, 1 to 14; 2 unless told. */
  readonly numOps?: number;
  /** Their strength, from 0 to the number of strengths less one; 9 unless told. */
  readonly magnitude?: number;
  /** How many strengths there are, 2 to 1000; 31 unless told. */
  readonly numMagnitudeBins?: number;
  /** Takes the nearest pixel ("nearest", unless told), or mixes the four around a place. */
  readonly interpolation?: Interpolation;
  /** Value of pixels that come in, 0 to 1; 0 unless told. */
  readonly fill?: number;
}
/** TrivialAugment (Mueller and Hutter 2021) with the wide ranges: one change of fourteen, of any strength. */
export interface TrivialAugmentWide {
  /** One change of fourteen, of any strength. */
  readonly kind: "trivialAugmentWide";
  /** How many strengths there are, 2 to 1000; 31 unless told. */
  readonly numMagnitudeBins?: number;
  /** Takes the nearest pixel ("nearest", unless told), or mixes the four around a place. */
  readonly interpolation?: Interpolation;
  /** Value of pixels that come in, 0 to 1; 0 unless told. */
  readonly fill?: number;
}

interface Look {
  readonly interpolation: Interpolation;
  readonly fill: number;
}

/** A change of a picture by an amount. */
type Change = (picture: Picture, amount: number, look: Look) => Float32Array;
type Op = { readonly moves?: true; readonly signed?: true; readonly change: Change };

/** Slants about the top left corner, by the tangent of the angle. */
const shearX: Change = (picture, slant, { fill, interpolation }) =>
  warp(picture, [1, slant, slant / 2, 0, 1, 0], fill, interpolation);
const shearY: Change = (picture, slant, { fill, interpolation }) =>
  warp(picture, [1, 0, 0, slant, 1, slant / 2], fill, interpolation);
const rotate: Change = (picture, degrees, { fill, interpolation }) =>
  warp(picture, affineAbout(picture, { degrees }), fill, interpolation);

/** The fourteen, by torchvision's names and in its order. */
export const ops = {
  Identity: { change: ({ pixels }) => pixels },
  ShearX: { moves: true, signed: true, change: shearX },
  ShearY: { moves: true, signed: true, change: shearY },
  TranslateX: {
    ...{ moves: true, signed: true },
    change: (picture, pixels, { fill }) => shift(picture, Math.trunc(pixels), 0, "zeros", fill),
  },
  TranslateY: {
    ...{ moves: true, signed: true },
    change: (picture, pixels, { fill }) => shift(picture, 0, Math.trunc(pixels), "zeros", fill),
  },
  Rotate: { moves: true, signed: true, change: rotate },
  Brightness: { signed: true, change: (picture, by) => colour.brightness(picture, 1 + by) },
  Color: { signed: true, change: (picture, by) => colour.saturation(picture, 1 + by) },
  Contrast: { signed: true, change: (picture, by) => colour.contrast(picture, 1 + by) },
  Sharpness: { signed: true, change: (picture, by) => colour.sharpness(picture, 1 + by) },
  Posterize: { change: colour.posterize },
  Solarize: { change: (picture, threshold) => colour.solarize(picture, threshold / 255) },
  AutoContrast: { change: colour.autocontrast },
  Equalize: { change: colour.equalize },
} as const satisfies Readonly<Record<string, Op>>;

type OpName = keyof typeof ops;
const names = Object.keys(ops) as OpName[];

/** What a change is at its strongest, for a picture of a size. */
type Ranges = (size: Pick<Picture, "height" | "width">) => Readonly<Partial<Record<OpName, number>>>;

const moderate: Ranges = ({ height, width }) => ({
  ...{ ShearX: 0.3, ShearY: 0.3, TranslateX: (150 / 331) * width, TranslateY: (150 / 331) * height, Rotate: 30 },
  ...{ Brightness: 0.9, Color: 0.9, Contrast: 0.9, Sharpness: 0.9, Posterize: 4 },
});
const wide: Ranges = () => ({
  ...{ ShearX: 0.99, ShearY: 0.99, TranslateX: 32, TranslateY: 32, Rotate: 135 },
  ...{ Brightness: 0.99, Color: 0.99, Contrast: 0.99, Sharpness: 0.99, Posterize: 6 },
});

/** How much a change is of a strength, the `bin`-th of `bins`: pixels, degrees, shares, bits that are kept or a threshold of 0..255. */
export function amountOf(
  policy: "randAugment" | "trivialAugmentWide",
  name: OpName,
  bin: number,
  bins: number,
  size: Pick<Picture, "height" | "width">,
): number {
  const most = (policy === "randAugment" ? moderate : wide)(size)[name] ?? 0;
  const share = bin / (bins - 1);
  if (name === "Posterize") return 8 - roundToEven(share * most);
  // Written so that full strength is exact.
  return name === "Solarize" ? 255 - 255 * share : (bin * most) / (bins - 1);
}

function roundToEven(x: number): number {
  const low = Math.floor(x);
  return x - low === 0.5 ? low + (low % 2) : Math.round(x);
}

function oneOf(
  picture: Picture,
  random: Random,
  policy: "randAugment" | "trivialAugmentWide",
  bin: (random: Random) => number,
  bins: number,
  look: Look,
): Float32Array {
  const name = names[random.below(names.length)];
  const op: Op = ops[name];
  const amount = amountOf(policy, name, bin(random), bins, picture);
  const sign = op.signed && random.below(2) === 1 ? -1 : 1;
  return picture.map && !op.moves ? picture.pixels : op.change(picture, sign * amount, look);
}

const interpolation = word(["nearest", "bilinear"], "nearest");
const bins = whole(2, 1000, 31);

const randAugment: Card<RandAugment> = {
  moves: true,
  rules: {
    numOps: whole(1, 14, 2),
    magnitude: whole(0, 999, 9),
    numMagnitudeBins: bins,
    interpolation,
    fill,
  },
  refuses: ({ magnitude, numMagnitudeBins }) =>
    magnitude < numMagnitudeBins
      ? undefined
      : `magnitude must be below numMagnitudeBins, which is ${numMagnitudeBins}, not ${magnitude}`,
  apply(picture, random, { numOps, magnitude, numMagnitudeBins, ...look }) {
    let { pixels } = picture;
    for (let i = 0; i < numOps; i++)
      pixels = oneOf({ ...picture, pixels }, random, "randAugment", () => magnitude, numMagnitudeBins, look);
    return pixels;
  },
};

const trivialAugmentWide: Card<TrivialAugmentWide> = {
  moves: true,
  rules: { numMagnitudeBins: bins, interpolation, fill },
  apply: (picture, random, { numMagnitudeBins, ...look }) =>
    oneOf(picture, random, "trivialAugmentWide", (draw) => draw.below(numMagnitudeBins), numMagnitudeBins, look),
};

export const policies = { randAugment, trivialAugmentWide };
