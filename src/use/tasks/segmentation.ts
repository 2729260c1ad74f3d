// A class for every pixel of a picture.

import { type NdArray, ndarray } from "../../base/array.ts";
import { NeocogError } from "../../base/errors.ts";
import { formatShape, type Shape } from "../../base/shape.ts";
import type { PictureSet } from "../../data/images.ts";
import { ignoredIn, type MaskLabels } from "../../data/labels.ts";
import type { Tensor } from "../../graph/graph.ts";
import { sum } from "../../ops/sum.ts";
import { mergedLogits } from "../logMean.ts";
import { type BaseScore, brokenAnswer, type Judge, type Known, sameNames, type Task } from "./task.ts";

/** Loss, and how well the areas agree. */
export interface MaskScore extends BaseScore {
  /** Mean cross-entropy over all pixels that count, in nats. */
  readonly loss: number;
  /** Mean of the classes' intersection over union, over those that are shown or claimed somewhere, 0 to 1. */
  readonly meanIoU: number;
}

/** How well the area of one class is found. */
export interface AreaScore {
  /** Name of the class. */
  readonly name: string;
  /** Pixels that show it. */
  readonly pixels: number;
  /** Pixels that show it and are taken for it, over those that do either; undefined where none does. */
  readonly iou?: number;
  /** Share of its pixels that were found; 0 where there are none. */
  readonly recall: number;
  /** Share of right ones among the pixels that were taken for it; 0 where there are none. */
  readonly precision: number;
}

/** How well a model finds the areas of a data set's pictures. */
export interface MaskEvaluation extends MaskScore {
  /** How many images were looked at. */
  readonly images: number;
  /** Names of the classes, in the order of the confusion matrix. */
  readonly classes: readonly string[];
  /** Share of right pixels, of those that count, 0 to 1. */
  readonly pixelAccuracy: number;
  /** confusion[label][predicted] counts pixels. */
  readonly confusion: readonly (readonly number[])[];
  /** Each class by itself. */
  readonly perClass: readonly AreaScore[];
  /** The images with the smallest share of right pixels, the worst first, at most 100. */
  readonly worst: readonly {
    /** Place of the image in the data set. */
    readonly index: number;
    /** Its share of right pixels, 0 to 1. */
    readonly pixelAccuracy: number;
  }[];
}

/** A class with the pixels that are taken for it. */
export interface Area {
  /** Name of the class. */
  readonly name: string;
  /** Its place among the model's classes: what stands in the mask. */
  readonly label: number;
  /** How many pixels. */
  readonly pixels: number;
  /** Their share of the picture, 0 to 1. */
  readonly share: number;
}

/** What a model takes each pixel of a picture for. */
export interface MaskPrediction {
  /** uint8 [height, width] of the model's own size: places among its classes. */
  readonly mask: NdArray;
  /** Classes that are in the picture, the largest first. */
  readonly areas: readonly Area[];
}

export const segmentation: Task<MaskLabels, MaskEvaluation, MaskPrediction> = {
  name: "segmentation",
  about: "a class for every pixel",
  labels: "masks",
  main: { name: "meanIoU", better: "higher", of: ({ meanIoU }) => meanIoU },
  named: true,
  head: (output, { classes }) => checkMaps(output, classes.length),
  exported: (output) => ({ logits: output }),
  /** Over the whole map: a class has its evidence everywhere. */
  scores: (output) => sum(checkMaps(output), [2, 3]),
  matched: (set, known) => sameNames(set, known, "classes"),
  judge,
  meant(logits, [classes, height, width]) {
    const plane = height * width;
    const shares = new Float64Array(logits.length);
    for (let i = 0; i < plane; i++) {
      let top = -Infinity;
      for (let c = 0; c < classes; c++) top = Math.max(top, logits[c * plane + i]);
      let total = 0;
      for (let c = 0; c < classes; c++) {
        shares[c * plane + i] = Math.exp(logits[c * plane + i] - top);
        total += shares[c * plane + i];
      }
      for (let c = 0; c < classes; c++) shares[c * plane + i] /= total;
    }
    return shares;
  },
  merged: (one, other, [, height, width]) => mergedLogits(one, other, height * width),
  answer(shares, shape, { classes }) {
    const labels = likeliest(shares, shape);
    const counts = new Float64Array(classes.length);
    for (const label of labels) counts[label]++;
    const areas = classes.map((name, label) => {
      return { name, label, pixels: counts[label], share: counts[label] / labels.length };
    });
    return {
      mask: ndarray(shape.slice(1), labels, "uint8"),
      areas: areas.filter(({ pixels }) => pixels > 0).sort((a, b) => b.pixels - a.pixels || a.label - b.label),
    };
  },
};

/** Refuses a model whose answer is not one map a class. */
export function checkMaps(output: Tensor, classes?: number, size?: Shape): Tensor {
  const { shape } = output;
  const [, channels, height, width] = shape;
  if (shape.length !== 4) {
    throw new NeocogError(
      `The model gives ${formatShape(shape)}, but for segmentation it must give [batch, classes, height, width], such as createModel("unet") does.`,
    );
  }
  if (classes !== undefined && channels !== classes) {
    throw new NeocogError(
      `The model gives ${channels} numbers for each pixel, but the data has ${classes} classes; its last layer must have ${classes} outputs.`,
    );
  }
  if (size && (size[0] !== height || size[1] !== width)) {
    throw new NeocogError(
      `The model gives masks of ${width} x ${height} pixels for pictures of ${size[1]} x ${size[0]}; give pictures of a size that its layers halve and double evenly, such as a multiple of 32.`,
    );
  }
  return output;
}

/** The first of the largest for each pixel. */
function likeliest(numbers: Float64Array, [classes, height, width]: Shape): Uint8Array {
  const plane = height * width;
  return Uint8Array.from({ length: plane }, (_, i) => {
    let best = 0;
    for (let c = 1; c < classes; c++) if (numbers[c * plane + i] > numbers[best * plane + i]) best = c;
    return best;
  });
}

const mostWorst = 100;

function judge(set: PictureSet<MaskLabels>, known: Known, shape: Shape): Judge<MaskEvaluation> {
  const { values } = set.labels;
  const [images, height, width] = values.shape;
  if (shape[1] !== height || shape[2] !== width) {
    throw new NeocogError(
      `The model gives masks of ${shape[2]} x ${shape[1]} pixels, but ${set.name} has masks of ${width} x ${height}.`,
    );
  }
  const ignored = ignoredIn(set.labels);
  const classes = known.classes.every((name, i) => name === String(i)) ? set.classes : known.classes;
  const plane = height * width;
  const confusion = classes.map(() => new Array<number>(classes.length).fill(0));
  const shares: { index: number; pixelAccuracy: number }[] = [];
  let [loss, counted] = [0, 0];
  return {
    add(index, logits) {
      if (logits.some(Number.isNaN)) throw brokenAnswer(set, index);
      const predicted = likeliest(logits, shape);
      let [right, seen] = [0, 0];
      for (let i = 0; i < plane; i++) {
        const label = values.data[index * plane + i];
        if (label === ignored) continue;
        confusion[label][predicted[i]]++;
        loss += entropyAt(logits, i, label, classes.length, plane);
        seen++;
        if (predicted[i] === label) right++;
      }
      counted += seen;
      if (seen > 0) shares.push({ index, pixelAccuracy: right / seen });
    },
    result() {
      const perClass = classes.map((name, c) => areaScore(name, c, confusion));
      const told = perClass.flatMap(({ iou }) => (iou === undefined ? [] : [iou]));
      const right = confusion.reduce((total, row, c) => total + row[c], 0);
      return {
        ...{ images, classes, loss: loss / Math.max(1, counted) },
        meanIoU: told.reduce((total, one) => total + one, 0) / Math.max(1, told.length),
        pixelAccuracy: right / Math.max(1, counted),
        ...{ confusion, perClass },
        worst: shares.sort((a, b) => a.pixelAccuracy - b.pixelAccuracy || a.index - b.index).slice(0, mostWorst),
      };
    },
  };
}

function entropyAt(logits: Float64Array, place: number, label: number, classes: number, plane: number): number {
  let top = -Infinity;
  for (let c = 0; c < classes; c++) top = Math.max(top, logits[c * plane + place]);
  let total = 0;
  for (let c = 0; c < classes; c++) total += Math.exp(logits[c * plane + place] - top);
  return top + Math.log(total) - logits[label * plane + place];
}

function areaScore(name: string, c: number, confusion: readonly (readonly number[])[]): AreaScore {
  const pixels = confusion[c].reduce((total, n) => total + n, 0);
  const taken = confusion.reduce((total, row) => total + row[c], 0);
  const both = confusion[c][c];
  const either = pixels + taken - both;
  return {
    ...{ name, pixels, ...(either === 0 ? {} : { iou: both / either }) },
    ...{ recall: pixels === 0 ? 0 : both / pixels, precision: taken === 0 ? 0 : both / taken },
  };
}
