// The words of `neocog doctor`: what it takes, and its help.
import { card, flag, text, whole } from "../command.ts";
import { modelsTaken } from "./formats.ts";
import { engineOptions, readingOptions, sourceOptions } from "./options.ts";

export const doctorCard = card({
  name: "doctor",
  group: "Understand",
  summary: "What is wrong with a model or a run; without one, what this machine offers",
  about:
    "Looks at the weights, at the run's history, and with --data at what pictures do in the network: dead ReLUs, gradients, inputs, classes, labels, copies across parts, over- and underfitting, the learning rate. Every finding has a name, its numbers and what to try next; docs/doctor.md lists them. Ends with code 0 unless --strict is given.",
  arguments: [{ name: "[model]", about: modelsTaken() }],
  options: {
    data: text(
      "--data <data>",
      "the data that it learned from, as train takes it; unless told one of the named sets, where it is the run's",
    ),
    pictures: whole("--pictures <n>", "pictures of each part that are looked at, 1000 unless told"),
    strict: flag("--strict", "end with code 1 if anything severe is found"),
    ...sourceOptions,
    ...engineOptions,
    ...readingOptions,
  },
  examples: [
    ["", "one line for everything that makes Neocog fast"],
    ["runs/digits", "what is wrong with a run, by its weights, its history and its data"],
    ["runs/pets --data photos/", "the same, with the pictures that it learned from"],
    ["pets.onnx --data photos/ --strict", "a network from a file; code 1 if anything severe is found"],
  ],
});
