// A picture for a picture: given, made and wanted side by side.

import { type NdArray, ndarray } from "../../base/array.ts";
import { picturesAt } from "../../data/images.ts";
import { thumbnail } from "../../data/stream/look.ts";
import { predict } from "../../use/predict.ts";
import { type Html, html } from "../html.ts";
import type { Judged } from "../judged.ts";
import { captioned, picture, pixelsOf } from "../pictures.ts";
import { nameAt } from "./classification.ts";
import type { ReportTask } from "./task.ts";

const mostShots = 8;
const longest = 128;

export const imageToImage: ReportTask<"image-to-image"> = {
  figures: ({ evaluation }) => [
    ["PSNR", `${evaluation.psnr.toFixed(2)} dB`],
    ["SSIM", evaluation.ssim.toFixed(4)],
    ["loss", evaluation.loss.toPrecision(4)],
  ],
  sections: async (judged) => [
    {
      id: "pictures",
      title: "Given, made, wanted",
      about: "From the first picture to the last.",
      body: await triples(judged),
    },
  ],
  perClass: ({ psnr, ssim }) => ({
    what: "over all pictures",
    values: [
      ["PSNR", `${psnr.toFixed(2)} dB`],
      ["SSIM", ssim.toFixed(4)],
    ],
  }),
};

async function triples({ trained, set, engine, signal }: Judged<"image-to-image">): Promise<Html> {
  const { values } = set.labels;
  const images = values.shape[0];
  const places = Array.from({ length: Math.min(images, mostShots) }, (_, i) =>
    Math.floor((i * images) / Math.min(images, mostShots)),
  );
  const given = await Promise.all(places.map((index) => picturesAt(set.images, [index], signal)));
  const made = await predict<"image-to-image">({ ...trained, task: "image-to-image" }, given, {
    engine,
    ...(signal ? { signal } : {}),
  });
  const size = values.data.length / images;
  const figures: Html[] = [];
  for (const [i, index] of places.entries()) {
    const wanted = ndarray(values.shape.slice(1), values.data.subarray(index * size, (index + 1) * size), values.dtype);
    const shown: Html[] = [];
    for (const [what, pixels] of [
      ["given", given[i]],
      ["made", made[i].picture],
      ["wanted", wanted],
    ] as const)
      shown.push(picture(await thumbnail(pixelsOf(pixels), longest), `${what}: ${nameAt(set, index)}`));
    figures.push(
      captioned(
        html`<div class="pair three">${shown}</div>`,
        html`PSNR <b>${psnrOf(made[i].picture, wanted).toFixed(1)} dB</b>`,
      ),
    );
  }
  return html`<div class="shots large">${figures}</div>`;
}

/** Of pictures of 0..1 (or bytes): −10 log₁₀ of the mean squared difference. */
export function psnrOf(made: NdArray, wanted: NdArray): number {
  const unit = ({ data, dtype }: NdArray, i: number): number => (dtype === "uint8" ? data[i] / 255 : data[i]);
  let sum = 0;
  for (let i = 0; i < made.data.length; i++) sum += (unit(made, i) - unit(wanted, i)) ** 2;
  return -10 * Math.log10(sum / made.data.length);
}
