// Whether a classifier is as often right as it is sure: answers put into bins by how sure they are.

import { grouped, percent } from "../base/amounts.ts";
import { type Html, html } from "./html.ts";
import { details, table } from "./page.ts";
import { chart, column, diagonal } from "./plot.ts";

/** How sure a model was of its answer, and whether it was right. */
export interface SureAnswer {
  /** Probability of the answer that was given, 0 to 1. */
  readonly confidence: number;
  readonly right: boolean;
}

/** Answers that are about as sure. */
export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly answers: number;
  /** Mean probability of the answers, and the share that is right; 0 where there are none. */
  readonly confidence: number;
  readonly accuracy: number;
}

export interface Calibration {
  readonly bins: readonly Bin[];
  /** Expected calibration error: the mean of |accuracy − confidence| over the answers, by bins (Guo et al. 2017). */
  readonly error: number;
}

const usualBins = 15;

/** Bins of equal width; a confidence on the edge of two counts in the lower one, as in Guo et al. 2017. */
export function calibrationOf(answers: readonly SureAnswer[], count = usualBins): Calibration {
  const sums = Array.from({ length: count }, () => ({ answers: 0, confidence: 0, right: 0 }));
  for (const { confidence, right } of answers) {
    const bin = sums[Math.min(count - 1, Math.max(0, Math.ceil(confidence * count) - 1))];
    bin.answers++;
    bin.confidence += confidence;
    bin.right += Number(right);
  }
  const bins = sums.map(({ answers: n, confidence, right }, i) => ({
    ...{ from: i / count, to: (i + 1) / count, answers: n },
    ...{ confidence: n === 0 ? 0 : confidence / n, accuracy: n === 0 ? 0 : right / n },
  }));
  const all = answers.length || 1;
  const error = bins.reduce(
    (sum, { answers: n, ...bin }) => sum + (n / all) * Math.abs(bin.accuracy - bin.confidence),
    0,
  );
  return { bins, error };
}

const share = (label: string) => ({ label, from: 0, to: 1, write: (value: number) => percent(value, 0) });

export function calibrationCharts({ bins, error }: Calibration): Html {
  const full = bins.filter(({ answers }) => answers > 0);
  const most = Math.max(...bins.map(({ answers }) => answers));
  const reliability = chart({
    title: "How often it is right",
    about: `Accuracy by confidence; the expected calibration error is ${percent(error, 1)}. The numbers are in the table below.`,
    x: share("confidence"),
    y: share("accuracy"),
    marks: (frame) =>
      html`${full.map(({ from, to, accuracy }) => column([from, to], accuracy, "var(--one)", frame))}${diagonal(frame, 0, 1)}`,
  });
  const sure = chart({
    title: "How sure it is",
    about: "Pictures by confidence. The numbers are in the table below.",
    x: share("confidence"),
    y: { label: "pictures", from: 0, to: most * 1.05, whole: true },
    marks: (frame) => bins.map(({ from, to, answers }) => column([from, to], answers, "var(--one)", frame)),
  });
  const rows = full.map(({ from, to, answers, confidence, accuracy }) => [
    `${percent(from, 0)} to ${percent(to, 0)}`,
    ...[grouped(answers), percent(confidence, 1), percent(accuracy, 1)],
  ]);
  const columns = [
    { head: "sure" },
    ...["pictures", "mean confidence", "accuracy"].map((head) => ({ head, number: true })),
  ];
  return html`<div class="grid">${reliability}${sure}</div>${details("The numbers", table("Calibration", columns, rows))}`;
}
