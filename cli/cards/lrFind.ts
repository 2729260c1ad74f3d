// The words of `neocog lr-find`: what it takes, and its help.
import { card, choice, real, text, whole } from "../command.ts";
import { augmentation } from "./augment.ts";
import { optimizerNames, recipeNames, taskNames } from "./names.ts";
import { dataOptions, engineOptions } from "./options.ts";
import { freeze, rates } from "./parts.ts";

export const lrFindCard = card({
  name: "lr-find",
  group: "Train and use",
  summary: "Find a learning rate: some steps of training at rising rates",
  about:
    "The range test: the rate grows by a constant factor from step to step, and the loss tells where it falls fastest and where it breaks out. Nothing is kept.",
  arguments: [{ name: "<data>", about: "as for train" }],
  options: {
    model: text("-m, --model <name>", "a built-in network; that of the data's recipe unless told"),
    batch: whole("-b, --batch <n>", "pictures a step"),
    optimizer: choice("--optimizer <name>", "how weights move", optimizerNames),
    seed: whole("--seed <n>", "start of all chance; 0 unless told", 0),
    augment: augmentation("--augment <list>"),
    task: choice("--task <name>", "what is learnt, where it is more than one class a picture", taskNames),
    recipe: choice("--recipe <name>", "another recipe than the data's", recipeNames),
    from: text("--from <model>", "start from a model folder, an ONNX file, or weights (.safetensors) of the --model"),
    ...{ freeze, rates },
    least: real("--least <rate>", "the first rate; 1e-6 unless told", 0),
    most: real("--most <rate>", "the last rate; 1 unless told", 0),
    steps: whole("--steps <n>", "steps between them; 100 unless told", 10),
    out: text("-o, --out <file.svg>", "write the curve as a picture"),
    ...engineOptions,
    ...dataOptions,
  },
  examples: [
    ["digits", "the rate for the digits' recipe"],
    ["photos/ --from runs/animals --freeze 'conv1,layer1'", "for fine-tuning"],
  ],
});
