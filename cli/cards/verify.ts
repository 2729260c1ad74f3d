// The words of `neocog verify`: what it takes, and its help.
import { card, flag, real, text, whole } from "../command.ts";
import { modelsTaken } from "./formats.ts";
import { engineOptions, sourceOptions } from "./options.ts";

/** Rows that are shown unless all are wanted. */
export const mostRows = 12;

export const verifyCard = card({
  name: "verify",
  group: "Under the hood",
  summary: "Run a network in two engines and compare every layer",
  about:
    "The reference engine computes by definition in double precision; the other is the one that does the work. If onnxruntime-node is installed it is asked too. A layer's difference is the largest one among its numbers, as a share of its largest number. Ends with code 1 if any layer differs by more than the tolerance, and names the first.",
  arguments: [{ name: "<model>", about: modelsTaken() }],
  options: {
    tolerance: real("--tolerance <share>", "largest difference that is let pass, 0.0001 unless told", 0),
    image: text("--image <file>", "a picture to run on, noise unless told"),
    batch: whole("-b, --batch <n>", "pictures at a time, 1 unless told; of --image so many copies"),
    seed: whole("--seed <n>", "seed of the noise, 0 unless told", 0),
    all: flag("--all", `every layer in the table, not only the ${mostRows} worst`),
    ...sourceOptions,
    ...engineOptions,
  },
  examples: [
    ["model.onnx --input 3x224x224", "a file, with the size that it leaves open"],
    ["runs/digits --all", "what train made, layer by layer"],
    ["resnet18 --input 3x64x64 --tolerance 1e-5", "a built-in network with random weights"],
  ],
});
