// The words of `neocog inspect`: what it takes, and its help.
import { card, whole } from "../command.ts";
import { modelsTaken } from "./formats.ts";
import { formOptions } from "./options.ts";

export const inspectCard = card({
  name: "inspect",
  group: "Understand",
  summary: "Look inside a network: what each layer costs and sees",
  about:
    "Nothing is run. A MAC is one multiplication with its addition; two FLOPs. A receptive field is what one unit sees of the input: its size, the step from one unit's field to the next, the padding before the picture that the first unit sees, and the centre of the first unit's field.",
  arguments: [
    {
      name: "[model]",
      about: `${modelsTaken()}; left out, the built-in ones are listed`,
    },
  ],
  options: { ...formOptions, batch: whole("-b, --batch <n>", "pictures at a time, 1 unless told") },
  examples: [
    ["", "every built-in network"],
    ["lenet", "61,706 parameters"],
    ["resnet18 --input 1x96x96 --classes 10", "with gray pictures of 96 x 96"],
    ["model.onnx --input 3x224x224", "a network from a file, node by node"],
    ["vgg16 --json", "the same for a program"],
  ],
});
