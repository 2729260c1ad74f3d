// `neocog eval runs/digits digits`: how good a trained model is on data, and what it confuses.
import { files } from "#host";
import {
  type Dataset,
  type Evaluation,
  encodePng,
  evaluate,
  ndarray,
  sizeOf,
  type TrainedModel,
} from "../../src/index.ts";
import { choice, command, text, whole } from "../command.ts";
import { confusionTable } from "../confusion.ts";
import { openDataFor, readingOptions } from "../data.ts";
import { engineOptions, withEngine } from "../engine.ts";
import { keptOption, openTrained } from "../model.ts";
import { count } from "../numbers.ts";
import { scoreLine } from "../report.ts";

/** Pictures that --mistakes writes at most. */
const mostMistakes = 100;

export const evaluateCommand = command({
  name: "eval",
  group: "Train and use",
  summary: "How good a trained model is, and what it confuses",
  arguments: [
    { name: "<model>", about: "a model folder that train wrote" },
    { name: "<data>", about: "digits, fashion-mnist, mnist, an IDX or CIFAR file, or a folder of pictures" },
  ],
  options: {
    part: choice("--part <part>", "which part of the data, test unless told", ["test", "train"]),
    mistakes: text(
      "--mistakes <folder>",
      `write the pictures that were mistaken, the surest first, at most ${mostMistakes}`,
    ),
    batch: whole("-b, --batch <n>", "pictures at a time, 100 unless told"),
    weights: keptOption,
    ...engineOptions,
    ...readingOptions,
  },
  examples: [
    ["runs/digits digits", "accuracy and confusion matrix on the test pictures"],
    ["runs/pets photos/ --json", "the same for a program"],
    ["runs/digits digits --mistakes wrong", "and look at what it got wrong"],
  ],
  async run([folder, name], options, context) {
    const trained = await openTrained(folder, options.weights);
    const { channels, height, width, resize, crop } = trained.preprocessing;
    const form = { size: [height, width], channels: channels === 1 ? 1 : 3, resize, crop } as const;
    const split = await openDataFor(name, options, form, context);
    const data = split[options.part ?? "test"];
    const batch = options.batch === undefined ? {} : { batch: options.batch };
    const answer = await withEngine(options, context, (engine) => evaluate(trained, data, { engine, ...batch }));
    const written = options.mistakes ? await writeMistakes(options.mistakes, data, answer, trained) : 0;
    return {
      json: { model: folder, data: data.name, ...answer, skipped: split.skipped },
      text: () =>
        [
          scoreLine(answer, context),
          "",
          confusionTable(answer, context.width, context.paint),
          ...(written > 0 ? ["", `${count(written, "mistaken picture")} written to ${options.mistakes}.`] : []),
        ].join("\n"),
    };
  },
});

async function writeMistakes(
  folder: string,
  data: Dataset,
  { mistakes }: Evaluation,
  { classes }: TrainedModel,
): Promise<number> {
  const shown = mistakes.slice(0, mostMistakes);
  const [, ...form] = data.images.shape;
  const size = sizeOf(form);
  await files.makeFolder(folder);
  for (const [place, { index, label, predicted }] of shown.entries()) {
    const pixels = data.images.data.slice(index * size, (index + 1) * size);
    const word = (name: string): string => name.replace(/[^\p{L}\p{N}-]+/gu, "-");
    const name = `${String(place + 1).padStart(3, "0")}-${word(classes[label])}-taken-for-${word(classes[predicted])}.png`;
    await files.writeFileAtomic(files.join(folder, name), await encodePng(ndarray(form, pixels, data.images.dtype)));
  }
  return shown.length;
}
