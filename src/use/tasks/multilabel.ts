// Several labels a picture, each there or not by itself.

import { NeocogError } from "../../base/errors.ts";
import { formatShape } from "../../base/shape.ts";
import type { PictureSet } from "../../data/images.ts";
import type { TagLabels } from "../../data/labels.ts";
import type { Tensor } from "../../graph/graph.ts";
import { logMean } from "../logMean.ts";
import { type BaseScore, brokenAnswer, type Judge, type Known, sameNames, type Task } from "./task.ts";

/** Loss, and how well the tags are found. */
export interface TagScore extends BaseScore {
  /** Mean binary cross-entropy over images and tags, in nats. */
  readonly loss: number;
  /** 2 · found / (2 · found + missed + wrongly claimed), over all tags of all images, 0 to 1; 0 where nothing is found. */
  readonly f1: number;
}

/** How well one tag is found. */
export interface OneTagScore {
  /** Name of the tag. */
  readonly name: string;
  /** Images that have it. */
  readonly images: number;
  /** Share of these in which it was found; 0 where there are none. */
  readonly recall: number;
  /** Share of right ones among the images for which it was claimed; 0 where there are none. */
  readonly precision: number;
  /** Harmonic mean of the two; 0 where nothing is found. */
  readonly f1: number;
  /** Mean precision over the ranks of the images that have it, the surest first; undefined where no image has it. */
  readonly averagePrecision?: number;
}

/** How well a model finds the tags of a data set. */
export interface TagEvaluation extends TagScore {
  /** How many images were looked at. */
  readonly images: number;
  /** Names of the tags. */
  readonly classes: readonly string[];
  /** Share of right answers over all tags of all images, 0 to 1: high by itself where most tags are rare. */
  readonly tagAccuracy: number;
  /** Share of images of which every tag is right, 0 to 1. */
  readonly exact: number;
  /** Mean of the tags' average precision, over those that some image has; 0 where none has one. */
  readonly meanAveragePrecision: number;
  /** Each tag by itself. */
  readonly perTag: readonly OneTagScore[];
}

/** A tag with its probability. */
export interface TagProbability {
  /** Name of the tag. */
  readonly name: string;
  /** Its place among the model's tags. */
  readonly label: number;
  /** That the picture has it, 0 to 1, whatever the others are. */
  readonly probability: number;
}

/** What a model finds in a picture. */
export interface TagPrediction {
  /** The tags of a probability of a half or more, the surest first. */
  readonly tags: readonly string[];
  /** The likeliest tags, the surest first. */
  readonly classes: readonly TagProbability[];
}

export const multilabel: Task<TagLabels, TagEvaluation, TagPrediction> = {
  name: "multilabel",
  about: "several labels a picture",
  labels: "tags",
  main: { name: "f1", better: "higher", of: ({ f1 }) => f1 },
  named: true,
  head: (output, { classes }) => checkRows(output, "tags", classes.length),
  exported: (output) => ({ logits: output }),
  scores: (output) => checkRows(output, "tags"),
  matched: (set, known) => sameNames(set, known, "tags"),
  judge,
  meant: (logits) => logits.map((x) => 1 / (1 + Math.exp(-x))),
  // ln of a probability less that of its contrary.
  merged: (one, other) =>
    one.map((x, i) => {
      const yes = logMean(-softplus(-x), -softplus(-other[i]));
      return yes - logMean(-softplus(x), -softplus(other[i]));
    }),
  answer(row, _shape, { classes }, top) {
    const all = classes.map((name, label) => ({ name, label, probability: row[label] }));
    const sorted = all.sort((a, b) => b.probability - a.probability || a.label - b.label);
    return {
      tags: sorted.filter(({ probability }) => probability >= 0.5).map(({ name }) => name),
      classes: sorted.slice(0, top),
    };
  },
};

/** Refuses a model whose answer is not one row of so many numbers for each picture. */
export function checkRows(output: Tensor, what: string, count?: number): Tensor {
  const { shape } = output;
  if (shape.length !== 2) {
    throw new NeocogError(
      `The model gives ${formatShape(shape)}, but for ${what} it must give [batch, ${what}]; end it with Flatten() and Linear(${count ?? what}).`,
    );
  }
  if (count !== undefined && shape[1] !== count) {
    throw new NeocogError(
      `The model gives ${shape[1]} numbers for each picture, but the data has ${count} ${what}; its last layer must have ${count} outputs.`,
    );
  }
  return output;
}

interface Counts {
  found: number;
  missed: number;
  claimed: number;
}

const harmonic = ({ found, missed, claimed }: Counts): number =>
  found === 0 ? 0 : (2 * found) / (2 * found + missed + claimed);

/** ln(1 + e^x) without overflow. */
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

function judge(set: PictureSet<TagLabels>, known: Known): Judge<TagEvaluation> {
  const { data } = set.labels.values;
  const images = set.images.shape[0];
  const names = known.classes.every((name, i) => name === String(i)) ? set.classes : known.classes;
  const width = names.length;
  const logits = new Float64Array(images * width);
  const counts: Counts[] = names.map(() => ({ found: 0, missed: 0, claimed: 0 }));
  let [loss, right, exact] = [0, 0, 0];
  return {
    add(index, row) {
      if (row.some(Number.isNaN)) throw brokenAnswer(set, index);
      logits.set(row, index * width);
      let all = true;
      row.forEach((x, tag) => {
        const has = data[index * width + tag];
        loss += has * softplus(-x) + (1 - has) * softplus(x);
        const claims = x >= 0;
        const hits = claims === (has === 1);
        right += Number(hits);
        all &&= hits;
        if (claims) counts[tag][hits ? "found" : "claimed"]++;
        else if (!hits) counts[tag].missed++;
      });
      exact += Number(all);
    },
    result() {
      const perTag = names.map((name, tag) => tagScore(name, counts[tag], averagePrecision(logits, data, tag, width)));
      const ranked = perTag.flatMap(({ averagePrecision: mean }) => (mean === undefined ? [] : [mean]));
      const sum = (of: keyof Counts): number => counts.reduce((total, one) => total + one[of], 0);
      return {
        ...{ images, classes: names, loss: loss / (images * width) },
        f1: harmonic({ found: sum("found"), missed: sum("missed"), claimed: sum("claimed") }),
        ...{ tagAccuracy: right / (images * width), exact: exact / images },
        meanAveragePrecision: ranked.reduce((total, one) => total + one, 0) / Math.max(1, ranked.length),
        perTag,
      };
    },
  };
}

function tagScore(name: string, counts: Counts, mean: number | undefined): OneTagScore {
  const { found, missed, claimed } = counts;
  const images = found + missed;
  return {
    ...{ name, images, recall: images === 0 ? 0 : found / images },
    ...{ precision: found + claimed === 0 ? 0 : found / (found + claimed), f1: harmonic(counts) },
    ...(mean === undefined ? {} : { averagePrecision: mean }),
  };
}

/** Σ (recall − recall before) · precision over the ranks; images of one probability have one rank. */
function averagePrecision(
  logits: Float64Array,
  has: ArrayLike<number>,
  tag: number,
  width: number,
): number | undefined {
  const places = Array.from({ length: logits.length / width }, (_, i) => i * width + tag);
  const total = places.reduce((sum, at) => sum + has[at], 0);
  if (total === 0) return undefined;
  places.sort((a, b) => logits[b] - logits[a]);
  let [found, mean] = [0, 0];
  for (let i = 0; i < places.length; ) {
    const before = found;
    const value = logits[places[i]];
    for (; i < places.length && logits[places[i]] === value; i++) found += has[places[i]];
    mean += ((found - before) / total) * (found / i);
  }
  return mean;
}
