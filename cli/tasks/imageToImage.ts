// Another picture for each: how near it comes.
import { AdamW, encodePng } from "../../src/doors/neocog.ts";
import { count, times } from "../numbers.ts";
import { openPairsFor, openTestPairsFor } from "./open.ts";
import { type TaskView, titled, usualNext } from "./view.ts";

export const imageToImage: TaskView<"image-to-image"> = {
  metric: { name: "psnr", head: "PSNR", show: (value) => `${value.toFixed(2)} dB` },
  open: (name, given, context) => openPairsFor(name, "pictures", given, context),
  openTest: (name, given, model, split, context) => openTestPairsFor(name, "pictures", given, model, split, context),
  plan: {
    model: "unet",
    options: { epochs: 30, batch: 16, optimizer: AdamW({ lr: 0.003 }), schedule: { kind: "oneCycle" } },
  },
  augmented: false,
  holds: ({ labels }) => `targets of ${times(labels.values.shape.slice(2))}`,
  introduce: () => [],
  worth: () => [],
  score: ({ psnr, ssim, images, loss }, { paint }, part) =>
    `${paint.title(`${titled(part, "PSNR")} ${psnr.toFixed(2)} dB`)}, SSIM ${ssim.toFixed(4)} over ${count(images, "picture")}, loss ${loss.toPrecision(4)}`,
  rows: () => [],
  document: (evaluation, part) => ({ [part]: evaluation }),
  next: (ended) => usualNext(ended, " --out made"),
  said: ({ picture: { shape } }) => [
    `  a picture of ${shape.slice(1).toReversed().join(" x ")} pixels; --out writes it`,
  ],
  drawn: ({ picture }) => encodePng(picture),
};
