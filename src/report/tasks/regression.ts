// Numbers: what is said against what is right, how far off it is, and the pictures that are furthest off.

import { picturesAt } from "../../data/images.ts";
import { thumbnail } from "../../data/stream/look.ts";
import { type Html, html } from "../html.ts";
import type { Judged } from "../judged.ts";
import { table } from "../page.ts";
import { captioned, picture, pixelsOf, side } from "../pictures.ts";
import { type Axis, chart, column, diagonal, dots, span } from "../plot.ts";
import { nameAt } from "./classification.ts";
import type { ReportTask } from "./task.ts";

/** Points of a plot, numbers that have plots, bars of the residuals, and pictures. */
const [mostPoints, mostPlots, usualBars, mostShots] = [1500, 6, 21, 12] as const;

const short = (value: number): string => Number(value.toPrecision(4)).toString();

export const regression: ReportTask<"regression"> = {
  figures: ({ evaluation }) => [
    ["mean absolute error", short(evaluation.meanAbsoluteError)],
    ["loss", evaluation.loss.toFixed(4)],
    ...(evaluation.perNumber.length === 1 ? [["R²", r2(evaluation.perNumber[0].r2)] as const] : []),
  ],
  async sections(judged) {
    const { evaluation } = judged;
    const number = true;
    const columns = [
      { head: "number" },
      ...["mean absolute error", "root mean square error", "R²"].map((head) => ({ head, number })),
    ];
    const rows = evaluation.perNumber.map((one) => [
      one.name,
      short(one.meanAbsoluteError),
      short(one.rootMeanSquareError),
      r2(one.r2),
    ]);
    const plots = evaluation.classes.slice(0, mostPlots).map((name, place) => plotsOf(judged, name, place));
    return [
      { id: "numbers", title: "Number by number", body: table("Number by number", columns, rows) },
      {
        id: "said",
        title: "Said and right",
        about: "On the dotted line what is said is right. Residuals are what is said less what is right.",
        body: html`<div class="grid">${plots}</div>`,
      },
      { id: "mistakes", title: "Furthest off", body: await furthest(judged) },
    ];
  },
  perClass: ({ perNumber }) => ({
    what: "mean absolute error",
    values: perNumber.map(({ name, meanAbsoluteError }) => [name, short(meanAbsoluteError)]),
  }),
};

const r2 = (value: number | undefined): string => (value === undefined ? "–" : value.toFixed(4));

function plotsOf({ answers, set, evaluation }: Judged<"regression">, name: string, place: number): Html[] {
  const { data } = set.labels.values;
  const width = evaluation.classes.length;
  const step = Math.max(1, Math.ceil(evaluation.images / mostPoints));
  const pairs = Array.from({ length: Math.ceil(evaluation.images / step) }, (_, i) => {
    const at = i * step * width + place;
    return [data[at], answers![at]] as const;
  });
  const [from, to] = span(pairs.flat());
  const axis = (label: string): Axis => ({ label, from, to });
  const residuals = Array.from(
    { length: evaluation.images },
    (_, i) => answers![i * width + place] - data[i * width + place],
  );
  const bars = histogram(residuals, usualBars);
  const all = step > 1 ? `, every ${step}th picture` : "";
  return [
    chart({
      title: `${name}: said over right${all}`,
      about: `What is said of ${name} over what is right. The errors are in the table above.`,
      x: axis("right"),
      y: axis("said"),
      marks: (frame) => html`${diagonal(frame, from, to)}${dots(pairs, "var(--one)", frame)}`,
    }),
    chart({
      title: `${name}: residuals`,
      about: `Pictures by what is said of ${name} less what is right. The errors are in the table above.`,
      x: { label: "said − right", from: bars[0].from, to: bars.at(-1)!.to },
      y: { label: "pictures", from: 0, to: 1.05 * Math.max(...bars.map(({ count }) => count)), whole: true },
      marks: (frame) => bars.map((one) => column([one.from, one.to], one.count, "var(--one)", frame)),
    }),
  ];
}

/** Values in bars of equal width, with 0 in the middle of one. */
export function histogram(values: readonly number[], count: number): { from: number; to: number; count: number }[] {
  const most = values.reduce((size, value) => Math.max(size, Math.abs(value)), 0) || 1;
  const step = (2 * most) / count;
  const bars = Array.from({ length: count }, (_, i) => ({
    from: i * step - most,
    to: (i + 1) * step - most,
    count: 0,
  }));
  for (const value of values) bars[Math.min(count - 1, Math.floor((value + most) / step))].count++;
  return bars;
}

async function furthest({ set, evaluation, signal }: Judged<"regression">): Promise<Html> {
  const figures: Html[] = [];
  for (const { index, answers, numbers } of evaluation.worst.slice(0, mostShots)) {
    const image = await thumbnail(pixelsOf(await picturesAt(set.images, [index], signal)), side);
    const said = evaluation.classes
      .slice(0, 3)
      .map((name, i) => html`${name} <b>${short(answers[i])}</b>, is ${short(numbers[i])}<br>`);
    figures.push(captioned(picture(image, nameAt(set, index)), said));
  }
  return html`<div class="shots">${figures}</div>`;
}
