// Pairs of a batch's pictures become one: all of both by a share (mixup), or a rectangle of the other (cutmix). Labels are blended
// by the same share.

import { type NdArray, ndarray } from "../base/array.ts";
import type { Random } from "../base/random.ts";
import type { Blend } from "./augment.ts";
import type { Picture } from "./warp.ts";

/** The pictures of a batch, one behind the other. */
type Pictures = Omit<Picture, "outside" | "map">;

/** Blends every picture with another of the batch, in place, and gives the blended labels: shares of the classes, or the rows. */
export function blend(
  { kind, alpha }: Blend,
  pictures: Pictures,
  labels: NdArray,
  classes: number,
  random: Random,
): NdArray {
  const [count] = labels.shape;
  const drawn = beta(random, alpha);
  const partner = random.permutation(count);
  const share = blenders[kind](pictures, drawn, partner, random);
  const rows = labels.dtype === "int32" ? oneHot(labels, classes) : labels.data;
  const width = rows.length / count;
  const targets = new Float32Array(rows.length);
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < width; c++) {
      targets[i * width + c] += share * rows[i * width + c];
      targets[i * width + c] += (1 - share) * rows[partner[i] * width + c];
    }
  }
  return ndarray([count, width], targets);
}

/** Changes pictures by about a share that they keep of themselves, and gives the exact one. */
type Blender = (pictures: Pictures, share: number, partner: Int32Array, random: Random) => number;

const blenders: { readonly [Kind in Blend["kind"]]: Blender } = {
  mixup({ pixels }, share, partner) {
    const original = pixels.slice();
    const size = pixels.length / partner.length;
    for (let i = 0; i < partner.length; i++) {
      const [own, other] = [i * size, partner[i] * size];
      for (let p = 0; p < size; p++) pixels[own + p] = share * original[own + p] + (1 - share) * original[other + p];
    }
    return share;
  },
  cutmix({ pixels, channels, height, width }, share, partner, random) {
    const half = Math.sqrt(1 - share) / 2;
    const [left, right] = span(random.below(width), Math.floor(half * width), width);
    const [top, bottom] = span(random.below(height), Math.floor(half * height), height);
    const original = pixels.slice();
    const plane = height * width;
    for (let i = 0; i < partner.length; i++) {
      for (let c = 0; c < channels; c++) {
        for (let y = top; y < bottom; y++) {
          const [to, from] = [i, partner[i]].map((place) => (place * channels + c) * plane + y * width);
          pixels.set(original.subarray(from + left, from + right), to + left);
        }
      }
    }
    return 1 - ((right - left) * (bottom - top)) / plane;
  },
};

/** From where to where a side goes whose middle is given, within 0 to `most`. */
const span = (middle: number, half: number, most: number): readonly [number, number] => [
  Math.max(0, middle - half),
  Math.min(most, middle + half),
];

function oneHot({ data }: NdArray, classes: number): Float32Array {
  const rows = new Float32Array(data.length * classes);
  data.forEach((label, i) => {
    rows[i * classes + label] = 1;
  });
  return rows;
}

/** A draw from Beta(alpha, alpha): the share of one of two gamma draws. */
function beta(random: Random, alpha: number): number {
  const [one, other] = [gamma(random, alpha), gamma(random, alpha)];
  return one + other === 0 ? random.below(2) : one / (one + other);
}

/** A draw from Gamma(shape, 1): Marsaglia and Tsang 2000, raised from below 1 by a power of a uniform draw. */
function gamma(random: Random, shape: number): number {
  if (shape < 1) return gamma(random, shape + 1) * (1 - random.uniform()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}
