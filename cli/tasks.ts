// What the command line prints of each task: a row a task, taken by the name that a model or --task says.
import type { NdArray, TaskName, TaskTypes } from "../src/doors/neocog.ts";
import { drawBar } from "./bar.ts";
import type { Context } from "./context.ts";
import { visible } from "./door.ts";
import { count, grouped, percent } from "./numbers.ts";
import { table } from "./table.ts";

/** The main metric as a column of the training's table. */
export interface MetricColumn {
  readonly name: string;
  readonly head: string;
  show(value: number): string;
}

export interface TaskView<E, P> {
  readonly metric: MetricColumn;
  /** How its data lies in a folder; absent where openData reads it. */
  readonly pairs?: "masks" | "pictures";
  /** What the columns of a table are to be read as; absent where its data is no table. */
  readonly table?: "tags" | "numbers";
  /** What data it needs, as the end of a sentence. */
  readonly needs: string;
  /** The network that is trained unless told; the data's recipe says it where this does not. */
  readonly model?: string;
  /** A line of all that counts. */
  score(evaluation: E, context: Context): string;
  /** Class by class, or number by number. */
  rows(evaluation: E, context: Context): string[];
  /** What is said of one picture. */
  said(prediction: P, context: Context): string[];
  /** What --out writes of one picture; absent where there is nothing to be seen. */
  drawn?(prediction: P): NdArray;
}

/** What is printed of a task beside those that have rows and columns of their own (classification). */
type Views = {
  readonly [T in Exclude<TaskName, "classification">]: TaskView<TaskTypes[T]["evaluation"], TaskTypes[T]["prediction"]>;
};

const share = (value: number): string => percent(value, 1);
const plain = (value: number): string => String(Number(value.toPrecision(4)));
const right = (...heads: readonly string[]) => heads.map((head) => ({ head, align: "right" }) as const);

const views: Views = {
  multilabel: {
    metric: { name: "f1", head: "F1", show: share },
    table: "tags",
    needs: "a table (CSV or JSONL) of pictures with several labels each",
    score: ({ f1, exact, images, loss }, { paint }) =>
      `${paint.title(`F1 ${percent(f1)}`)}, every tag right in ${percent(exact)} of ${count(images, "picture")}, loss ${loss.toFixed(4)}`,
    rows: ({ perTag }, { paint }) =>
      table(
        [{ head: "tag" }, ...right("pictures", "recall", "precision", "F1")],
        perTag.map(({ name, images, recall, precision, f1 }) => [
          ...[visible(name), grouped(images), share(recall), share(precision), share(f1)],
        ]),
        paint,
      ),
    said: ({ classes }, context) =>
      bars(
        classes.map(({ name, probability }) => [name, probability]),
        context,
      ),
  },
  regression: {
    metric: { name: "meanAbsoluteError", head: "off by", show: plain },
    table: "numbers",
    needs: "a table (CSV or JSONL) of pictures with numbers",
    score: ({ meanAbsoluteError, images, loss }, { paint }) =>
      `${paint.title(`Off by ${plain(meanAbsoluteError)}`)} in the mean over ${count(images, "picture")}, loss ${loss.toFixed(4)}`,
    rows: ({ perNumber }, { paint }) =>
      table(
        [{ head: "number" }, ...right("mean error", "root mean square", "r²")],
        perNumber.map(({ name, meanAbsoluteError, rootMeanSquareError, r2 }) => [
          ...[
            visible(name),
            plain(meanAbsoluteError),
            plain(rootMeanSquareError),
            r2 === undefined ? "–" : r2.toFixed(3),
          ],
        ]),
        paint,
      ),
    said({ numbers }) {
      const first = Math.max(...Object.keys(numbers).map((name) => visible(name).length));
      return Object.entries(numbers).map(([name, value]) => `  ${visible(name).padEnd(first)}  ${plain(value)}`);
    },
  },
  segmentation: {
    metric: { name: "meanIoU", head: "mean IoU", show: share },
    pairs: "masks",
    needs: "a folder with images and masks",
    model: "unet",
    score: ({ meanIoU, pixelAccuracy, images, loss }, { paint }) =>
      `${paint.title(`Mean IoU ${percent(meanIoU)}`)}, ${percent(pixelAccuracy)} of the pixels of ${count(images, "picture")} right, loss ${loss.toFixed(4)}`,
    rows: ({ perClass }, { paint }) =>
      table(
        [{ head: "class" }, ...right("pixels", "IoU", "recall", "precision")],
        perClass.map(({ name, pixels, iou, recall, precision }) => [
          ...[visible(name), grouped(pixels), iou === undefined ? "–" : share(iou), share(recall), share(precision)],
        ]),
        paint,
      ),
    said: ({ areas }, context) =>
      bars(
        areas.map(({ name, share: part }) => [name, part]),
        context,
      ),
    drawn: ({ mask }) => mask,
  },
  "image-to-image": {
    metric: { name: "psnr", head: "PSNR", show: (value) => `${value.toFixed(2)} dB` },
    pairs: "pictures",
    needs: "a folder with inputs and targets",
    model: "unet",
    score: ({ psnr, ssim, images, loss }, { paint }) =>
      `${paint.title(`PSNR ${psnr.toFixed(2)} dB`)}, SSIM ${ssim.toFixed(4)} over ${count(images, "picture")}, loss ${loss.toPrecision(4)}`,
    rows: () => [],
    said: ({ picture: { shape } }) => [
      `  a picture of ${shape.slice(1).toReversed().join(" x ")} pixels; --out writes it`,
    ],
    drawn: ({ picture }) => picture,
  },
};

function bars(rows: readonly (readonly [name: string, share: number])[], context: Context): string[] {
  const first = Math.max(...rows.map(([name]) => visible(name).length));
  return rows.map(
    ([name, part]) =>
      `  ${visible(name).padEnd(first)}  ${percent(part, 1).padStart(7)}  ${drawBar(part, 20, context)}`,
  );
}

/** What is printed of a task; undefined of the usual one, whose commands print more. */
export const viewOf = (task: TaskName | undefined): TaskView<object, object> | undefined =>
  (views as Partial<Record<TaskName, TaskView<object, object>>>)[task ?? "classification"];
