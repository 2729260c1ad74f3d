// `neocog predict runs/digits 7.png`: what a trained model takes pictures for.

import { type ClassProbability, predict } from "../../src/doors/neocog.ts";
import { drawBar } from "../bar.ts";
import type { predictCard } from "../cards/predict.ts";
import type { Run } from "../command.ts";
import type { Context } from "../context.ts";
import { visible } from "../door.ts";
import { withEngine } from "../engine.ts";
import { openPictureModel } from "../model.ts";
import { percent } from "../numbers.ts";
import { openPictures } from "../pictures.ts";

interface Prediction {
  readonly file: string;
  readonly classes: readonly ClassProbability[];
}

export const run: Run<typeof predictCard> = async (
  [name, ...images],
  { top = 3, resize, invert = false, engine, threads, wide, ...form },
  context,
) => {
  const trained = await openPictureModel(name, form, context);
  const pictures = await openPictures(images, trained, resize, invert);
  const shown = { ...trained, preprocessing: { ...trained.preprocessing, crop: 1 } };
  const found = await withEngine({ engine, threads, wide }, context, (opened) =>
    predict(shown, pictures, { engine: opened, top }),
  );
  const predictions = images.map((file, i) => ({ file, classes: found[i].classes }));
  return {
    json: { model: name, predictions },
    lines: () => predictions.flatMap((one, i) => [...(i > 0 ? [""] : []), ...report(one, context)]),
  };
};

function report({ file, classes }: Prediction, context: Context): string[] {
  const first = Math.max(...classes.map(({ name }) => visible(name).length));
  const lines = classes.map(({ name, probability }, place) => {
    const shown = visible(name).padEnd(first);
    return `  ${place === 0 ? context.paint.title(shown) : shown}  ${percent(probability, 1).padStart(7)}  ${drawBar(probability, 20, context)}`;
  });
  return [file, ...lines];
}
