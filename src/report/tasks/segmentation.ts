// A class for every pixel: how well areas meet, and the worst pictures beside their masks and what was said.

import { percent } from "../../base/amounts.ts";
import { type NdArray, ndarray } from "../../base/array.ts";
import { picturesAt } from "../../data/images.ts";
import { ignoredIn } from "../../data/labels.ts";
import { thumbnail } from "../../data/stream/look.ts";
import { predict } from "../../use/predict.ts";
import { type Html, html, type Part } from "../html.ts";
import type { Judged } from "../judged.ts";
import { barred, table } from "../page.ts";
import { captioned, picture, pixelsOf } from "../pictures.ts";
import { nameAt } from "./classification.ts";
import type { ReportTask } from "./task.ts";

const mostShots = 8;
const longest = 128;

export const segmentation: ReportTask<"segmentation"> = {
  figures: ({ evaluation }) => [
    ["mean IoU", percent(evaluation.meanIoU)],
    ["pixels right", percent(evaluation.pixelAccuracy)],
    ["loss", evaluation.loss.toFixed(4)],
  ],
  async sections(judged) {
    const { perClass } = judged.evaluation;
    const number = true;
    const rows = perClass.map(({ name, iou, precision, recall }): readonly Part[] => [
      ...[name, percent(precision, 1), percent(recall, 1)],
      iou === undefined ? "–" : barred(iou, percent(iou, 1)),
    ]);
    const columns = [{ head: "class" }, ...["precision", "recall", "IoU"].map((head) => ({ head, number }))];
    return [
      {
        id: "classes",
        title: "Class by class",
        about: "IoU: what both have, over what either has.",
        body: table("Class by class", columns, rows),
      },
      {
        id: "mistakes",
        title: "The worst pictures",
        about: "Picture, mask, and what was said; fewest right pixels first.",
        body: await worst(judged),
      },
    ];
  },
  perClass: ({ perClass }) => ({
    what: "IoU",
    values: perClass.map(({ name, iou }) => [name, iou === undefined ? "–" : percent(iou, 1)]),
  }),
};

async function worst({ trained, set, evaluation, engine, signal }: Judged<"segmentation">): Promise<Html> {
  const { values } = set.labels;
  const [, height, width] = values.shape;
  const plane = height * width;
  const ignored = ignoredIn(set.labels);
  const shown = evaluation.worst.slice(0, mostShots);
  const pictures = await Promise.all(shown.map(({ index }) => picturesAt(set.images, [index], signal)));
  const said = await predict<"segmentation">({ ...trained, task: "segmentation" }, pictures, {
    engine,
    ...(signal ? { signal } : {}),
  });
  const figures: Html[] = [];
  for (const [i, { index, pixelAccuracy }] of shown.entries()) {
    const mask = values.data.subarray(index * plane, (index + 1) * plane);
    const images: Html[] = [];
    for (const [what, pixels] of [
      ["picture", pictures[i]],
      ["mask", coloured(mask, height, width, ignored)],
      ["said", coloured(said[i].mask.data, said[i].mask.shape[0], said[i].mask.shape[1], undefined)],
    ] as const)
      images.push(picture(await thumbnail(pixelsOf(pixels), longest), `${what} of ${nameAt(set, index)}`));
    figures.push(
      captioned(html`<div class="pair three">${images}</div>`, html`<b>${percent(pixelAccuracy, 1)}</b> right`),
    );
  }
  const key = evaluation.classes
    .slice(0, 24)
    .map((name, c) => html`<span style="--k:rgb(${colourOf(c).join(" ")})">${name}</span>`);
  return html`<p class="key">${key}</p><div class="shots large">${figures}</div>`;
}

/** Okabe and Ito's eight, the ground first; more classes have them darker. */
const palette = [
  ...[
    [40, 44, 52],
    [230, 159, 0],
    [86, 180, 233],
    [0, 158, 115],
    [240, 228, 66],
    [0, 114, 178],
    [213, 94, 0],
    [204, 121, 167],
  ],
] as const;

function colourOf(label: number): readonly number[] {
  const darker = 0.65 ** Math.floor(label / palette.length);
  return palette[label % palette.length].map((part) => Math.round(part * darker));
}

/** Classes as colours; what is not known is white. */
function coloured(mask: ArrayLike<number>, height: number, width: number, ignored: number | undefined): NdArray {
  const plane = height * width;
  const data = new Uint8Array(3 * plane);
  for (let i = 0; i < plane; i++) {
    const colour = mask[i] === ignored ? [255, 255, 255] : colourOf(mask[i]);
    for (let c = 0; c < 3; c++) data[c * plane + i] = colour[c];
  }
  return ndarray([3, height, width], data, "uint8");
}
