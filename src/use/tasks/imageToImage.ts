// Another picture for each picture: without noise, larger, or itself again (an autoencoder).

import { type NdArray, ndarray } from "../../base/array.ts";
import { NeocogError } from "../../base/errors.ts";
import { formatShape, type Shape, sizeOf } from "../../base/shape.ts";
import type { PictureSet } from "../../data/images.ts";
import type { PictureLabels } from "../../data/labels.ts";
import type { Tensor } from "../../graph/graph.ts";
import { ssim } from "./ssim.ts";
import { type BaseScore, brokenAnswer, type Judge, type Known, type Task } from "./task.ts";

/** Loss, and how near the pictures come. */
export interface PictureScore extends BaseScore {
  /** Mean squared error over all numbers of all pictures, whose pixels are 0..1. */
  readonly loss: number;
  /** Peak signal-to-noise ratio in decibels: 10 log10(1 / mean squared error); 100 at most, where nothing is to be seen. */
  readonly psnr: number;
}

/** How near a model comes to the pictures of a data set. */
export interface PictureEvaluation extends PictureScore {
  /** How many images were looked at. */
  readonly images: number;
  /** Structural similarity (Wang et al. 2004), mean over the pictures; 1 where they are equal. */
  readonly ssim: number;
  /** The pictures that came out worst first, at most 100. */
  readonly worst: readonly {
    /** Place of the picture in the data set. */
    readonly index: number;
    /** Its own peak signal-to-noise ratio in decibels. */
    readonly psnr: number;
    /** Its structural similarity. */
    readonly ssim: number;
  }[];
}

/** What a model makes of a picture. */
export interface PicturePrediction {
  /** float32 [channels, height, width] of 0..1, cut off at the ends: what encodePng takes. */
  readonly picture: NdArray;
}

export const imageToImage: Task<PictureLabels, PictureEvaluation, PicturePrediction> = {
  name: "image-to-image",
  about: "another picture for each: without noise, larger, or itself again",
  labels: "pictures",
  main: { name: "psnr", better: "higher", of: ({ psnr }) => psnr },
  named: false,
  head: (output) => checkPictures(output),
  exported: (output) => ({ picture: output }),
  scores() {
    throw new NeocogError(
      "A model that makes pictures has no class, tag or number that could be explained; look at what it makes with predict.",
    );
  },
  matched: (set) => set,
  judge,
  meant: (pixels) => pixels.map((pixel) => (Number.isNaN(pixel) ? pixel : Math.min(1, Math.max(0, pixel)))),
  merged: (one, other) => one.map((pixel, i) => (pixel + other[i]) / 2),
  answer: (pixels, shape) => ({ picture: ndarray(shape, Float32Array.from(pixels)) }),
};

/** Refuses a model whose answer is no picture, or one of another form than the targets [channels, height, width]. */
export function checkPictures(output: Tensor, target?: Shape): Tensor {
  const { shape } = output;
  if (shape.length !== 4) {
    throw new NeocogError(
      `The model gives ${formatShape(shape)}, but for pictures it must give [batch, channels, height, width].`,
    );
  }
  if (target && shape.slice(1).some((n, axis) => n !== target[axis])) {
    throw new NeocogError(
      `The model gives pictures of the form ${formatShape(shape.slice(1))}, but the targets are ${formatShape(target)} [channels, height, width].`,
    );
  }
  return output;
}

/** A mean squared error in decibels, 100 at most. */
export const decibels = (meanSquare: number): number => -10 * Math.log10(Math.max(meanSquare, 1e-10));

const mostWorst = 100;

function judge(set: PictureSet<PictureLabels>, _known: Known, shape: Shape): Judge<PictureEvaluation> {
  const { values } = set.labels;
  const form = values.shape.slice(1);
  if (form.some((n, axis) => n !== shape[axis])) {
    throw new NeocogError(
      `The model gives pictures of the form ${formatShape(shape)}, but the targets of ${set.name} are ${formatShape(form)} [channels, height, width].`,
    );
  }
  const size = sizeOf(shape);
  const scale = values.dtype === "uint8" ? 255 : 1;
  const each: { index: number; square: number; psnr: number; ssim: number }[] = [];
  return {
    add(index, pixels) {
      if (!pixels.every(Number.isFinite)) throw brokenAnswer(set, index);
      const target = Float64Array.from({ length: size }, (_, i) => values.data[index * size + i] / scale);
      // A loss sees pixels as they came; the eye does not see beyond black and white.
      const square = pixels.reduce((sum, pixel, i) => sum + (pixel - target[i]) ** 2, 0) / size;
      each.push({
        index,
        square,
        psnr: decibels(square),
        ssim: ssim(imageToImage.meant(pixels, shape), target, shape),
      });
    },
    result() {
      const mean = (of: (one: (typeof each)[number]) => number): number =>
        each.reduce((sum, one) => sum + of(one), 0) / each.length;
      const loss = mean(({ square }) => square);
      const worst = [...each].sort((a, b) => b.square - a.square || a.index - b.index).slice(0, mostWorst);
      return {
        ...{ images: each.length, loss, psnr: decibels(loss), ssim: mean((one) => one.ssim) },
        worst: worst.map(({ index, psnr, ssim: alike }) => ({ index, psnr, ssim: alike })),
      };
    },
  };
}
