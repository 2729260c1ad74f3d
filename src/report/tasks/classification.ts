// Classes: the confusion matrix, each class by itself, how sure the model is, and the mistakes it was surest of.

import { count, grouped, percent } from "../../base/amounts.ts";
import { picturesAt } from "../../data/images.ts";
import { thumbnail } from "../../data/stream/look.ts";
import type { ClassScore, Evaluation } from "../../use/tasks/classification.ts";
import { type Calibration, calibrationCharts, calibrationOf } from "../calibration.ts";
import { type Html, html, type Part, raw } from "../html.ts";
import type { Judged } from "../judged.ts";
import { barred, table } from "../page.ts";
import { captioned, picture, pixelsOf, side } from "../pictures.ts";
import type { ReportTask } from "./task.ts";

/** A larger matrix cannot be read. */
const mostInMatrix = 24;
const mostMistakes = 24;
const mostClasses = 500;

type Classified = Judged<"classification">;

export const classification: ReportTask<"classification"> = {
  figures: (judged) => [
    ["accuracy", percent(judged.evaluation.accuracy)],
    ["loss", judged.evaluation.loss.toFixed(4)],
    ["mean F1", percent(meanF1(judged.evaluation))],
    ["calibration error", percent(calibrated(judged).error)],
  ],
  async sections(judged) {
    const { evaluation } = judged;
    return [
      {
        id: "confusion",
        title: "What is taken for what",
        about: aboutConfusion(evaluation),
        body: evaluation.classes.length > mostInMatrix ? undefined : matrix(evaluation),
      },
      { id: "classes", title: "Class by class", body: classTable(evaluation) },
      {
        id: "calibration",
        title: "Calibration",
        about: `Where bars end on the dotted line, the model is as often right as it is sure. Expected calibration error ${percent(calibrated(judged).error)}, over 15 bins.`,
        body: calibrationCharts(calibrated(judged)),
      },
      {
        id: "mistakes",
        title: "The worst mistakes",
        about: "Taken for another class, the surest first.",
        body: await mistakes(judged),
      },
    ];
  },
  perClass: ({ perClass }) => ({ what: "F1", values: perClass.map(({ name, f1 }) => [name, percent(f1, 1)]) }),
};

/** Over the classes that have pictures. */
export function meanF1({ perClass }: Evaluation): number {
  const present = perClass.filter(({ images }) => images > 0);
  return present.reduce((sum, { f1 }) => sum + f1, 0) / Math.max(1, present.length);
}

/** By the probability of the class that was answered. */
function calibrated({ answers, set, evaluation }: Classified): Calibration {
  const width = evaluation.classes.length;
  return calibrationOf(
    Array.from(set.labels, (label, i) => {
      const row = answers!.subarray(i * width, (i + 1) * width);
      const predicted = row.indexOf(Math.max(...row));
      return { confidence: row[predicted], right: predicted === label };
    }),
  );
}

function aboutConfusion({ classes, confusion, accuracy, images }: Evaluation): string {
  const pairs = confusion
    .flatMap((row, label) => row.map((times, predicted) => ({ label, predicted, times })))
    .filter(({ label, predicted, times }) => label !== predicted && times > 0)
    .sort((a, b) => b.times - a.times)
    .slice(0, 3)
    .map(({ label, predicted, times }) => `${classes[label]} for ${classes[predicted]} (${grouped(times)})`);
  const right = `${grouped(Math.round(accuracy * images))} of ${count(images, "picture")} right`;
  return pairs.length === 0 ? `${right}; nothing was mistaken.` : `${right}. Mistaken most: ${pairs.join(", ")}.`;
}

/** A row a class, a column for what it was taken for; colour says which share of the row. */
function matrix({ classes, confusion }: Evaluation): Html {
  const rows = confusion.map((row, label) => {
    const all = row.reduce((sum, n) => sum + n, 0);
    const cells = row.map((n, predicted) => {
      if (n === 0) return html`<td>·</td>`;
      const part = n / all;
      const kind = label === predicted ? "hit" : "miss";
      const title = `${classes[label]} taken for ${classes[predicted]}: ${grouped(n)} of ${grouped(all)}`;
      return html`<td class="${kind}${part > 0.6 ? " full" : ""}" style="--s:${Math.round(18 + 82 * part)}%" title="${title}">${grouped(n)}</td>`;
    });
    return html`<tr><th scope="row" title="${classes[label]}">${classes[label]}</th>${cells}</tr>`;
  });
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Confusion matrix"><table class="matrix">
<caption class="hidden">Confusion matrix: a row a class, a column for what its pictures were taken for</caption>
<thead><tr><td class="axis" style="background:none"></td><th class="axis" colspan="${classes.length}" scope="colgroup">taken for</th></tr>
<tr><th scope="col" class="axis">is</th>${classes.map((name) => html`<th scope="col"><span>${name}</span></th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

function classTable({ perClass }: Evaluation): Html {
  const number = true;
  const columns = [{ head: "class" }, ...["pictures", "precision", "recall", "F1"].map((head) => ({ head, number }))];
  const worst = [...perClass].sort((a, b) => a.f1 - b.f1);
  const shown = perClass.length > mostClasses ? worst.slice(0, mostClasses) : perClass;
  const left = perClass.length - shown.length;
  return html`${table("Class by class", columns, shown.map(classRow))}${left > 0 && html`<p class="note">The ${mostClasses} worst; ${count(left, "more class is", "more classes are")} not listed.</p>`}`;
}

function classRow({ name, images, precision, recall, f1 }: ClassScore): readonly Part[] {
  const of = (share: number): string => (images === 0 ? "–" : percent(share, 1));
  return [name, grouped(images), of(precision), of(recall), images === 0 ? "–" : barred(f1, percent(f1, 1))];
}

async function mistakes({ set, evaluation, signal }: Classified): Promise<Part> {
  const { mistakes: all, classes } = evaluation;
  if (all.length === 0) return undefined;
  const worst = all.slice(0, mostMistakes);
  const figures: Html[] = [];
  for (const { index, label, predicted, probability } of worst) {
    const pixels = await picturesAt(set.images, [index], signal);
    const image = picture(
      await thumbnail(pixelsOf(pixels), side),
      `${nameAt(set, index)}: ${classes[label]} taken for ${classes[predicted]}`,
    );
    const caption = html`<b>${classes[predicted]}</b> ${percent(probability, 0)}<br>is ${classes[label]}`;
    figures.push(captioned(image, caption));
  }
  const left = all.length - worst.length;
  return html`<div class="shots">${figures}</div>${left > 0 && html`<p class="note">${raw("<br>")}${count(left, "more mistake", "more mistakes")}; neocog eval --mistakes writes them.</p>`}`;
}

/** The file of a picture, or its place. */
export function nameAt({ origins, images }: Classified["set"] | Judged["set"], index: number): string {
  const file = "store" in images ? images.store.files[images.places[index]] : origins?.[index];
  return file ?? `picture ${index}`;
}
