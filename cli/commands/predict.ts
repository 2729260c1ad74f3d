// `neocog predict runs/digits 7.png`: what a trained model takes pictures for.

import {
  type ClassProbability,
  encodePng,
  type NdArray,
  predict,
  type TaskName,
  taskNames,
} from "../../src/doors/neocog.ts";
import { drawBar } from "../bar.ts";
import type { predictCard } from "../cards/predict.ts";
import { type Run, UsageError } from "../command.ts";
import type { Context } from "../context.ts";
import { visible } from "../door.ts";
import { withEngine } from "../engine.ts";
import { openPictureModel } from "../model.ts";
import { count, percent } from "../numbers.ts";
import { openPictures } from "../pictures.ts";
import { writeDrawn } from "../taskRun.ts";
import { viewOf } from "../tasks.ts";

interface Prediction {
  readonly file: string;
  readonly classes: readonly ClassProbability[];
}

export const run: Run<typeof predictCard> = async (
  [name, ...images],
  { top = 3, resize, invert = false, out, engine, threads, wide, ...form },
  context,
) => {
  const trained = await openPictureModel(name, { ...form, task: taskNames }, context);
  const view = viewOf(trained.task);
  if (out !== undefined && !view?.drawn) throw new UsageError(`--out has no effect: ${name} makes no pictures.`);
  const pictures = await openPictures(images, trained, resize, invert);
  const shown = { ...trained, preprocessing: { ...trained.preprocessing, crop: 1 } };
  const found = await withEngine({ engine, threads, wide }, context, (opened) =>
    predict<TaskName>(shown, pictures, { engine: opened, top }),
  );
  if (view) {
    const drawn = out === undefined ? [] : await Promise.all(found.map((one) => encodePng(view.drawn!(one))));
    if (out !== undefined) await writeDrawn(out, images, drawn);
    return {
      json: { model: name, task: trained.task, predictions: images.map((file, i) => ({ file, ...asJson(found[i]) })) },
      lines: () => [
        ...images.flatMap((file, i) => [...(i > 0 ? [""] : []), file, ...view.said(found[i], context)]),
        ...(out === undefined ? [] : ["", `${count(drawn.length, "picture")} written to ${out}.`]),
      ],
    };
  }
  const predictions = images.map((file, i) => ({
    file,
    classes: (found[i] as { classes: readonly ClassProbability[] }).classes,
  }));
  return {
    json: { model: name, predictions },
    lines: () => predictions.flatMap((one, i) => [...(i > 0 ? [""] : []), ...report(one, context)]),
  };
};

/** Arrays are written as pictures, and told here by their shape alone. */
const asJson = (prediction: object): object =>
  Object.fromEntries(
    Object.entries(prediction).map(([key, value]) => [key, isArray(value) ? { shape: value.shape } : value]),
  );

const isArray = (value: unknown): value is NdArray => typeof value === "object" && value !== null && "dtype" in value;

function report({ file, classes }: Prediction, context: Context): string[] {
  const first = Math.max(...classes.map(({ name }) => visible(name).length));
  const lines = classes.map(({ name, probability }, place) => {
    const shown = visible(name).padEnd(first);
    return `  ${place === 0 ? context.paint.title(shown) : shown}  ${percent(probability, 1).padStart(7)}  ${drawBar(probability, 20, context)}`;
  });
  return [file, ...lines];
}
