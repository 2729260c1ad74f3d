// A class for every pixel: intersection over union, class by class.
import { pictures } from "#host";
import { count, grouped, percent } from "../../src/base/amounts.ts";
import { AdamW, encodeMask, fitMask } from "../../src/doors/neocog.ts";
import { visible } from "../door.ts";
import { wrap } from "../lines.ts";
import { table } from "../table.ts";
import { openPairsFor, openTestPairsFor } from "./open.ts";
import { bars, right, share, type TaskView, titled, usualNext } from "./view.ts";

export const segmentation: TaskView<"segmentation"> = {
  metric: { name: "meanIoU", head: "mean IoU", show: share },
  open: (name, given, context, known) => openPairsFor(name, "masks", given, context, known),
  openTest: (name, given, model, split, context) => openTestPairsFor(name, "masks", given, model, split, context),
  plan: () => ({
    model: "unet",
    options: { epochs: 30, batch: 16, optimizer: AdamW({ lr: 0.003 }), schedule: { kind: "oneCycle" } },
  }),
  augmented: false,
  holds: (n) => `${count(n, "class", "classes")} of pixels`,
  describe: ({ classes }) => count(classes.length, "class", "classes"),
  introduce({ train: { classes, labels } }, { paint, width }) {
    const pixels = new Float64Array(256);
    for (const value of labels.values.data) pixels[value]++;
    const known = pixels.subarray(0, classes.length).reduce((sum, n) => sum + n, 0);
    const told = classes.map((name, c) => `${name}: ${percent(pixels[c] / Math.max(1, known), 1)}`).join(", ");
    return wrap(`${told} of the pixels`, width - 9).map(
      (line, i) => `${paint.faint(i === 0 ? "classes  " : "         ")}${line}`,
    );
  },
  worth: () => [],
  score: ({ meanIoU, pixelAccuracy, images, loss }, { paint }, part) =>
    `${paint.title(`${titled(part, "mean IoU")} ${percent(meanIoU)}`)}, ${percent(pixelAccuracy)} of the pixels of ${count(images, "picture")} right, loss ${loss.toFixed(4)}`,
  rows: ({ perClass }, { paint }) =>
    table(
      [{ head: "class" }, ...right("pixels", "IoU", "recall", "precision")],
      perClass.map(({ name, pixels, iou, recall, precision }) => [
        ...[visible(name), grouped(pixels), iou === undefined ? "–" : share(iou), share(recall), share(precision)],
      ]),
      paint,
    ),
  document: (evaluation, part) => ({ [part]: evaluation }),
  next: (ended) => usualNext(ended, " --out masks"),
  strength: {
    ...{ key: "share", likeliest: true },
    of({ areas }, names) {
      const shares = new Array<number>(names.length).fill(0);
      for (const { label, share: part } of areas) shares[label] = part;
      return shares;
    },
    show: share,
  },
  taken: "{ data, width, height }",
  said: ({ areas }, context) =>
    bars(
      areas.map(({ name, share: part }) => [name, part]),
      context,
    ),
  async drawn({ mask }, file, form) {
    const picture = await pictures.readHeader(await pictures.fetch(file), file);
    return encodeMask(fitMask(mask, picture, form));
  },
};
