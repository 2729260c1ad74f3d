// Another picture for each: how near it comes.

import { count, times } from "../../src/base/amounts.ts";
import { AdamW, encodePng } from "../../src/doors/neocog.ts";
import { openItself, openPairsFor, openTestItself, openTestPairsFor } from "./open.ts";
import { type TaskView, titled, usualNext } from "./view.ts";

export const imageToImage: TaskView<"image-to-image"> = {
  metric: { name: "psnr", head: "PSNR", show: (value) => `${value.toFixed(2)} dB` },
  open: (name, given, context) =>
    given.target === "input" ? openItself(name, given, context) : openPairsFor(name, "pictures", given, context),
  openTest: (name, given, model, split, context) =>
    given.target === "input"
      ? openTestItself(name, given, model, split, context)
      : openTestPairsFor(name, "pictures", given, model, split, context),
  plan({ train: { images, labels } }, { target }) {
    const larger = labels.values.shape[2] > images.shape[2];
    return {
      model: target === "input" ? "autoencoder" : larger ? "espcn" : "unet",
      options: { epochs: 30, batch: 16, optimizer: AdamW({ lr: 0.003 }), schedule: { kind: "oneCycle" } },
    };
  },
  augmented: false,
  holds: () => "a picture",
  describe: ({ labels }) => `targets of ${times(labels.values.shape.slice(2))}`,
  /** What doing nothing would reach. */
  introduce({ train: { images, labels } }, { paint }) {
    const { shape, data } = labels.values;
    if (!("data" in images) || shape.some((n, axis) => n !== images.shape[axis])) return [];
    let squares = 0;
    for (let i = 0; i < data.length; i++) squares += ((data[i] - images.data[i]) / 255) ** 2;
    if (squares === 0) return [];
    const psnr = -10 * Math.log10(squares / data.length);
    return [`${paint.faint("targets  ")}the pictures as they are would have a PSNR of ${psnr.toFixed(2)} dB`];
  },
  worth: () => [],
  score: ({ psnr, ssim, images, loss }, { paint }, part) =>
    `${paint.title(`${titled(part, "PSNR")} ${psnr.toFixed(2)} dB`)}, SSIM ${ssim.toFixed(4)} over ${count(images, "picture")}, loss ${loss.toPrecision(4)}`,
  rows: () => [],
  document: (evaluation, part) => ({ [part]: evaluation }),
  next: (ended) => usualNext(ended, " --out made"),
  taken: "{ data, width, height }",
  said: ({ picture: { shape } }) => [
    `  a picture of ${shape.slice(1).toReversed().join(" x ")} pixels; --out writes it`,
  ],
  drawn: ({ picture }) => encodePng(picture),
};
