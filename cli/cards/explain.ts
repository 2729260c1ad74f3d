// The words of `neocog explain`: what it takes, and its help.

import { nearest } from "../../src/base/errors.ts";
import type { ExplainerName } from "../../src/doors/explain.ts";
import { card, type OptionCard, text, UsageError, whole } from "../command.ts";
import { modelsTaken } from "./formats.ts";
import { explainerNames } from "./names.ts";
import { classNamesOption, engineOptions, invertOption, resizeOption, sourceOptions } from "./options.ts";

/** smoothGrad → smooth-grad */
export const dashed = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const names = new Map(explainerNames.map((name) => [dashed(name), name]));

const methods: OptionCard<readonly ExplainerName[]> = {
  flags: "-m, --method <names>",
  about: `one or several with commas between, all unless told (${[...names.keys()].join(", ")})`,
  read(value) {
    if (value === "all") return explainerNames;
    return value.split(",").map((word) => {
      const plain = (name: string): string => name.toLowerCase().replaceAll("-", "");
      const found = [...names].find(([name]) => plain(name) === plain(word));
      if (found) return found[1];
      const near = nearest(word, [...names.keys(), "all"]);
      const mend = near ? `did you mean ${near}?` : `there are all, ${[...names.keys()].join(", ")}.`;
      throw new UsageError(`--method knows no "${word}"; ${mend}`);
    });
  },
};

export const explainCard = card({
  name: "explain",
  group: "Understand",
  summary: "Why a network takes a picture for what it takes it for",
  about:
    "Draws what each method finds: over the picture, and by itself. Beside each stands its sanity check: how like the drawing is to that of the same network with its weights shuffled (rank correlation of magnitudes). Near 0 the drawing tells what the network has learned; near 1 it would look like this whatever it had learned.",
  arguments: [
    {
      name: "<model>",
      about: modelsTaken(),
    },
    { name: "<image>", about: "a picture: PNG, JPEG, WebP, …" },
  ],
  options: {
    method: methods,
    class: text(
      "-t, --class <class>",
      "name or number of the class to explain, the likeliest unless told; feature-maps and filters have none",
    ),
    layer: text("-l, --layer <path>", "layer for grad-cam and feature-maps, as inspect names it"),
    steps: whole("--steps <n>", "steps of integrated-gradients and activation-maximization, samples of smooth-grad"),
    seed: whole("--seed <n>", "seed of noise and of shuffled weights, 0 unless told", 0),
    out: text("-o, --out <folder>", "where the pictures go, explained/<image> unless told"),
    ...sourceOptions,
    classNames: classNamesOption,
    resize: resizeOption,
    invert: invertOption,
    ...engineOptions,
  },
  examples: [
    ["runs/digits seven.png", "every method"],
    ["runs/digits seven.png --class 1 --method grad-cam,occlusion", "why it could be a 1"],
    ["resnet18 dog.jpg --weights resnet18.safetensors --method grad-cam --layer layer3", "a network of PyTorch"],
    ["model.onnx dog.jpg --input 3x224x224 --method saliency", "a network from a file"],
  ],
});
