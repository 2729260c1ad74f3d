// The words of `neocog eval`: what it takes, and its help.
import { card, choice, text, whole } from "../command.ts";
import { modelsTaken } from "./formats.ts";
import { classNamesOption, engineOptions, flipsOption, readingOptions, sourceOptions } from "./options.ts";

/** Pictures that --mistakes writes at most. */
export const mostMistakes = 100;

export const evalCard = card({
  name: "eval",
  group: "Train and use",
  summary: "How good a trained model is, and what it confuses",
  arguments: [
    {
      name: "<model>",
      about: `${modelsTaken()} with --weights`,
    },
    {
      name: "<data>",
      about: "digits, fashion-mnist, mnist, an IDX or CIFAR file, a table of paths and labels, or a folder of pictures",
    },
  ],
  options: {
    split: choice(
      "--split <part>",
      "which pictures: unless told those for testing, and all where the data has no split of its own",
      ["test", "validation", "train", "all"],
    ),
    mistakes: text(
      "--mistakes <folder>",
      `write the pictures that were mistaken, the surest first, at most ${mostMistakes}`,
    ),
    batch: whole(
      "-b, --batch <n>",
      "pictures at a time, 100 unless told: the answer is the same, more at a time need more memory",
    ),
    target: choice("--target <what>", "input: of image-to-image, the picture itself is to be made again", ["input"]),
    ...sourceOptions,
    classNames: classNamesOption,
    flips: flipsOption,
    ...engineOptions,
    ...readingOptions,
  },
  examples: [
    ["runs/digits digits", "accuracy and confusion matrix on the test pictures"],
    ["runs/pets new-photos/", "every picture of a folder, its sub-folders named as the classes"],
    ["runs/pets photos/ --split test", "only those that train held back"],
    ["pets.onnx photos/", "a network from a file; the folder may lack some of its classes"],
    ["runs/digits digits --mistakes wrong", "and look at what it got wrong"],
  ],
});
