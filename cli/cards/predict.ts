// The words of `neocog predict`: what it takes, and its help.
import { card, text, whole } from "../command.ts";
import { modelsTaken } from "./formats.ts";
import { classNamesOption, engineOptions, flipsOption, invertOption, resizeOption, sourceOptions } from "./options.ts";

export const predictCard = card({
  name: "predict",
  group: "Train and use",
  summary: "What a trained model takes pictures for",
  arguments: [
    {
      name: "<model>",
      about: `${modelsTaken()} with --weights`,
    },
    { name: "<image...>", about: "pictures: PNG, JPEG, WebP, …" },
  ],
  options: {
    top: whole("-n, --top <n>", "classes to name for each picture, 3 unless told"),
    ...sourceOptions,
    classNames: classNamesOption,
    out: text("-o, --out <folder>", "write what a model makes as PNGs: masks (numbers of classes) or pictures"),
    resize: resizeOption,
    invert: invertOption,
    flips: flipsOption,
    ...engineOptions,
  },
  examples: [
    ["runs/digits seven.png", "the three likeliest classes"],
    ["runs/digits scan.jpg --invert", "a photo of a digit on paper"],
    ["resnet18 dog.jpg --weights resnet18.safetensors", "a network of PyTorch"],
    ["model.onnx dog.jpg --input 3x224x224", "a network from a file"],
    ["runs/cells cell.jpg --out masks", "a mask a picture, of a model for segmentation"],
    ["runs/pets *.jpg --top 1 --json", "many at once, for a program"],
  ],
});
