// `neocog predict runs/digits 7.png`: what a trained model takes pictures for.

import { files } from "#host";
import { count } from "../../src/base/amounts.ts";
import { type NdArray, predict, type TaskName } from "../../src/doors/neocog.ts";
import type { predictCard } from "../cards/predict.ts";
import { type Run, UsageError } from "../command.ts";
import { withEngine } from "../engine.ts";
import { openPictureModel } from "../model.ts";
import { openPictures } from "../pictures.ts";
import { viewOf } from "../tasks/list.ts";
import { working } from "../working.ts";

export const run: Run<typeof predictCard> = async (
  [name, ...images],
  { top = 3, resize, invert = false, flips = false, out, engine, threads, wide, ...form },
  context,
) => {
  const trained = await openPictureModel(name, form, context);
  const { task = "classification" } = trained;
  const { drawn, said } = viewOf(task);
  if (out !== undefined && !drawn) throw new UsageError(`--out has no effect: ${name} makes no pictures.`);
  const pictures = await openPictures(images, trained, resize, invert);
  const shown = { ...trained, preprocessing: { ...trained.preprocessing, crop: 1 } };
  const found = await working(`Asking ${name}`, context, (progress) =>
    withEngine({ engine, threads, wide }, context, (opened) => {
      const onProgress = (done: number, total: number): void => progress(done / total);
      return predict<TaskName>(shown, pictures, { engine: opened, top, flips, onProgress });
    }),
  );
  if (out !== undefined) {
    const seen = { ...trained.preprocessing, ...(resize ? { resize } : {}) };
    await writeDrawn(out, images, await Promise.all(found.map((one, i) => drawn!(one, images[i], seen))));
  }
  return {
    json: { model: name, task, predictions: images.map((file, i) => ({ file, ...asJson(found[i]) })) },
    lines: () => [
      ...images.flatMap((file, i) => [...(i > 0 ? [""] : []), file, ...said(found[i], context)]),
      ...(out === undefined ? [] : ["", `${count(images.length, "picture")} written to ${out}.`]),
    ],
  };
};

/** Arrays are written as pictures, and told here by their shape alone. */
const asJson = (prediction: object): object =>
  Object.fromEntries(
    Object.entries(prediction).map(([key, value]) => [key, isArray(value) ? { shape: value.shape } : value]),
  );

const isArray = (value: unknown): value is NdArray => typeof value === "object" && value !== null && "dtype" in value;

/** Writes what a model makes of pictures, each under its picture's name. */
async function writeDrawn(folder: string, images: readonly string[], drawn: readonly Uint8Array[]): Promise<void> {
  await files.makeFolder(folder);
  for (const [i, bytes] of drawn.entries()) {
    const name = files.baseName(images[i]).replace(/\.\w+$/, "");
    await files.writeFileAtomic(files.join(folder, `${name}.png`), bytes);
  }
}
