// One or more numbers a picture. A network gives them on a scale of its own, on which each has mean 0 and deviation 1 over the
// training pictures; the model holds the way back.

import { ndarray } from "../../base/array.ts";
import type { PictureSet } from "../../data/images.ts";
import type { NumberLabels } from "../../data/labels.ts";
import { constantTensor, type Tensor } from "../../graph/graph.ts";
import { add, mul, sub } from "../../ops/arithmetic.ts";
import { checkRows } from "./multilabel.ts";
import {
  type BaseScore,
  brokenAnswer,
  type Judge,
  type Known,
  type NumberScale,
  sameNames,
  type Task,
} from "./task.ts";

/** Loss, and how far the numbers are off. */
export interface NumberScore extends BaseScore {
  /** Mean squared error over images and numbers, on the network's own scale (each number's deviation in training is 1). */
  readonly loss: number;
  /** Mean of |answer − number| over images and numbers, in the numbers' own units. */
  readonly meanAbsoluteError: number;
}

/** How well one number is told. */
export interface OneNumberScore {
  /** Name of the number. */
  readonly name: string;
  /** Mean of |answer − number|. */
  readonly meanAbsoluteError: number;
  /** Square root of the mean of (answer − number)². */
  readonly rootMeanSquareError: number;
  /** 1 − Σ (answer − number)² / Σ (number − mean)²: 1 is right, 0 no better than the mean; undefined where all are equal. */
  readonly r2?: number;
}

/** How well a model tells the numbers of a data set. */
export interface NumberEvaluation extends NumberScore {
  /** How many images were looked at. */
  readonly images: number;
  /** Names of the numbers. */
  readonly classes: readonly string[];
  /** Each number by itself. */
  readonly perNumber: readonly OneNumberScore[];
  /** The images that are farthest off (on the network's scale), the worst first, at most 100. */
  readonly worst: readonly {
    /** Place of the image in the data set. */
    readonly index: number;
    /** What was said, one each. */
    readonly answers: readonly number[];
    /** What is right, one each. */
    readonly numbers: readonly number[];
  }[];
}

/** The numbers that a model tells of a picture. */
export interface NumberPrediction {
  /** By name. */
  readonly numbers: Readonly<Record<string, number>>;
  /** In the model's order. */
  readonly values: readonly number[];
}

export const regression: Task<NumberLabels, NumberEvaluation, NumberPrediction> = {
  name: "regression",
  about: "one or more numbers a picture",
  labels: "numbers",
  main: { name: "meanAbsoluteError", better: "lower", of: ({ meanAbsoluteError }) => meanAbsoluteError },
  named: true,
  head: (output, known) => scaled(checkRows(output, "numbers", known.classes.length), known.scale),
  exported: (output, { scale }) => ({ numbers: scaled(output, scale) }),
  scores: (output, { scale }) => scaled(checkRows(output, "numbers"), scale),
  matched: (set, known) => sameNames(set, known, "numbers"),
  judge,
  meant: (numbers) => numbers,
  answer: (row, _shape, { classes }) => ({
    numbers: Object.fromEntries(classes.map((name, i) => [name, row[i]])),
    values: [...row],
  }),
};

const row = (values: readonly number[]): Tensor =>
  constantTensor(ndarray([1, values.length], Float32Array.from(values)));

/** Numbers on a network's scale [batch, numbers] as those that are meant. */
export const scaled = (output: Tensor, scale: NumberScale | undefined): Tensor =>
  scale ? add(mul(output, row(scale.std)), row(scale.mean)) : output;

/** Numbers that are meant on a network's scale. */
export const unscaled = (numbers: Tensor, scale: NumberScale | undefined): Tensor =>
  scale ? mul(sub(numbers, row(scale.mean)), row(scale.std.map((spread) => 1 / spread))) : numbers;

const mostWorst = 100;

function judge(set: PictureSet<NumberLabels>, known: Known): Judge<NumberEvaluation> {
  const { data } = set.labels.values;
  const images = set.images.shape[0];
  const names = known.classes.every((name, i) => name === String(i)) ? set.classes : known.classes;
  const width = names.length;
  const answers = new Float64Array(images * width);
  return {
    add(index, row) {
      if (!row.every(Number.isFinite)) throw brokenAnswer(set, index);
      answers.set(row, index * width);
    },
    result() {
      const std = known.scale?.std ?? new Array<number>(width).fill(1);
      const of = (values: ArrayLike<number>, tag: number): number[] =>
        Array.from({ length: images }, (_, i) => values[i * width + tag]);
      const errors = Float64Array.from(answers, (answer, i) => answer - data[i]);
      const apart = Float64Array.from(errors, (error, i) => (error / std[i % width]) ** 2);
      const far = (i: number): number => apart.subarray(i * width, (i + 1) * width).reduce((sum, one) => sum + one, 0);
      const order = Array.from({ length: images }, (_, i) => ({ i, far: far(i) })).sort(
        (a, b) => b.far - a.far || a.i - b.i,
      );
      return {
        ...{ images, classes: names, loss: meanOf(apart), meanAbsoluteError: meanOf(errors.map(Math.abs)) },
        perNumber: names.map((name, tag) => numberScore(name, of(errors, tag), of(data, tag))),
        worst: order.slice(0, mostWorst).map(({ i }) => ({
          index: i,
          answers: [...answers.subarray(i * width, (i + 1) * width)],
          numbers: Array.from(data.subarray(i * width, (i + 1) * width)),
        })),
      };
    },
  };
}

const meanOf = (values: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
};

function numberScore(name: string, errors: readonly number[], numbers: readonly number[]): OneNumberScore {
  const mean = meanOf(numbers);
  const spread = meanOf(numbers.map((value) => (value - mean) ** 2));
  const square = meanOf(errors.map((error) => error ** 2));
  return {
    ...{ name, meanAbsoluteError: meanOf(errors.map(Math.abs)), rootMeanSquareError: Math.sqrt(square) },
    ...(spread === 0 ? {} : { r2: 1 - square / spread }),
  };
}
