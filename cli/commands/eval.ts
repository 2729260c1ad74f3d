// `neocog eval runs/digits digits`: how good a trained model is on data, and what it confuses.

import { files } from "#host";
import { sourceOf } from "../../src/doors/graph.ts";
import {
  type ClassSet,
  type Evaluation,
  encodePng,
  evaluate,
  loader,
  ndarray,
  type PartChoice,
  sizeOf,
  subset,
  taskNames,
} from "../../src/doors/neocog.ts";
import { baselineIfUneven } from "../balance.ts";
import { type evalCard, mostMistakes } from "../cards/eval.ts";
import { type Run, UsageError } from "../command.ts";
import { confusionTable } from "../confusion.ts";
import { describeForm, openTestDataFor } from "../data.ts";
import { optionsOf, withEngine } from "../engine.ts";
import { checkBatch, openPictureModel, type PictureModel } from "../model.ts";
import { count } from "../numbers.ts";
import { scoreLine } from "../report.ts";
import { evaluateTask } from "../taskRun.ts";
import { viewOf } from "../tasks.ts";

export const run: Run<typeof evalCard> = async ([folder, name], options, context) => {
  const { input, classes, weights, prepared, classNames } = options;
  // Told at once, before any data is read.
  optionsOf(options);
  const form = { input, classes, weights, prepared, classNames, task: taskNames };
  const opened = await openPictureModel(folder, form, context);
  if (viewOf(opened.task)) {
    if (options.mistakes) throw new UsageError("--mistakes is for classification; there are no mistaken classes here.");
    return withEngine(options, context, (engine) => evaluateTask(opened, name, options, engine, context));
  }
  const trained = opened as PictureModel;
  checkBatch(options.batch, sourceOf(trained.model).fixedBatch, folder);
  const { data, split, skipped } = await openTestDataFor(name, options, trained, options.split, context);
  const batch = options.batch === undefined ? {} : { batch: options.batch };
  const answer = await withEngine(options, context, (engine) => evaluate(trained, data, { engine, ...batch }));
  const written = options.mistakes ? await writeMistakes(options.mistakes, data, answer) : 0;
  return {
    json: { model: folder, data: data.name, split, ...answer, skipped },
    lines: () => [
      `${whatOf(split)} of ${name}: ${describeForm(data)}`,
      scoreLine(answer, context),
      ...baselineIfUneven(data),
      "",
      ...confusionTable(answer, context.width, context.paint),
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

async function writeMistakes(folder: string, data: ClassSet, { mistakes, classes }: Evaluation): Promise<number> {
  const shown = mistakes.slice(0, mostMistakes);
  if (shown.length === 0) return 0;
  const chosen = loader(
    subset<ClassSet>(
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
