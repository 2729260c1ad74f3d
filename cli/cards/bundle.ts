// The words of `neocog bundle`: what it takes, and its help.
import { card, flag, text } from "../command.ts";
import { classNamesOption, sourceOptions } from "./options.ts";

export const bundleCard = card({
  name: "bundle",
  group: "Train and use",
  summary: "A trained model as one ES module for a page, a worker or Node",
  about:
    "The module needs no other file: weights, WebAssembly and the preparation of pictures are in it. Its types stand beside it: digits.d.mts.",
  arguments: [
    { name: "<model>", about: "what predict takes: a model folder, a file, or a built-in name with --weights" },
  ],
  options: {
    out: text("-o, --out <file>", "what to write, .mjs or .js; the model's name with .mjs unless told"),
    half: flag("--half", "weights in 16 bits: half the size, answers that differ in the third digit or so"),
    plain: flag("--plain", "without fused multiply-add: smaller, the same bits on every machine, slower"),
    ...sourceOptions,
    classNames: classNamesOption,
    force: flag("-f, --force", "replace what is there, if anything is"),
  },
  examples: [
    ["runs/digits", "writes digits.mjs and digits.d.mts"],
    ["runs/pets --half --out pets.js", "half as large"],
    ["model.onnx --input 3x224x224", "a network from a file"],
  ],
});
