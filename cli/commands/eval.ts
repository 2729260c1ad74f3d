// `neocog eval runs/digits digits`: how good a trained model is on data, and what it confuses.

import { files } from "#host";
import { count } from "../../src/base/amounts.ts";
import { sourceOf } from "../../src/doors/graph.ts";
import {
  type Evaluation,
  encodePng,
  evaluate,
  loader,
  ndarray,
  type PartChoice,
  type PictureSet,
  sizeOf,
  subset,
  type TaskName,
} from "../../src/doors/neocog.ts";
import { type evalCard, mostMistakes } from "../cards/eval.ts";
import { type Run, UsageError } from "../command.ts";
import { describeForm } from "../data.ts";
import { optionsOf, withEngine } from "../engine.ts";
import { checkBatch, openPictureModel } from "../model.ts";
import { viewOf } from "../tasks/list.ts";
import { working } from "../working.ts";

export const run: Run<typeof evalCard> = async ([folder, name], options, context) => {
  const { input, classes, weights, prepared, classNames } = options;
  // Told at once, before any data is read.
  optionsOf(options);
  const form = { input, classes, weights, prepared, classNames };
  const trained = await openPictureModel(folder, form, context);
  const { task = "classification" } = trained;
  if (options.mistakes && task !== "classification")
    throw new UsageError("--mistakes is for classification; there are no mistaken classes here.");
  if (options.target && task !== "image-to-image")
    throw new UsageError(`--target is for image-to-image, not for ${task}.`);
  checkBatch(options.batch, sourceOf(trained.model).fixedBatch, folder);
  const view = viewOf(task);
  const { data, split, skipped } = await view.openTest(name, options, trained, options.split, context);
  const { batch, flips = false } = options;
  const answer = await working(`Asking ${folder}`, context, (progress) =>
    withEngine(options, context, (engine) => {
      const onProgress = (done: number, total: number): void => progress(done / total);
      return evaluate<TaskName>(trained, data, { engine, batch, flips, onProgress });
    }),
  );
  const written = options.mistakes ? await writeMistakes(options.mistakes, data, answer as Evaluation) : 0;
  const rows = () => view.rows(answer, context);
  return {
    json: { model: folder, task, data: data.name, split, ...answer, skipped },
    lines: () => [
      `${whatOf(split)} of ${name}: ${describeForm(data, view.describe)}`,
      view.score(answer, context),
      ...view.worth(data),
      ...rows().flatMap((line, i) => (i === 0 ? ["", line] : [line])),
      ...(written > 0 ? ["", `${count(written, "mistaken picture")} written to ${options.mistakes}.`] : []),
    ],
  };
};

const whatOf = (split: PartChoice): string =>
  ({
    test: "The test pictures",
    validation: "The validation pictures",
    train: "The training pictures",
    all: "All pictures",
  })[split];

async function writeMistakes(folder: string, data: PictureSet, { mistakes, classes }: Evaluation): Promise<number> {
  const shown = mistakes.slice(0, mostMistakes);
  if (shown.length === 0) return 0;
  const chosen = loader(
    subset<PictureSet>(
      data,
      shown.map(({ index }) => index),
    ),
    { batch: shown.length },
  );
  const [, ...form] = data.images.shape;
  const size = sizeOf(form);
  const { images } = await chosen.batch(0, 0);
  if ("close" in chosen) await chosen.close();
  await files.makeFolder(folder);
  for (const [place, { label, predicted }] of shown.entries()) {
    const pixels = images.data.slice(place * size, (place + 1) * size);
    const word = (name: string): string => name.replace(/[^\p{L}\p{N}-]+/gu, "-");
    const name = `${String(place + 1).padStart(3, "0")}-${word(classes[label])}-taken-for-${word(classes[predicted])}.png`;
    await files.writeFileAtomic(files.join(folder, name), await encodePng(ndarray(form, pixels)));
  }
  return shown.length;
}
