// The words of `neocog dump`: what it takes, and its help.
import { card, choice, flag, whole } from "../command.ts";
import { formOptions } from "./options.ts";

export const stages = ["graph", "grad", "kernels", "plan", "choice", "program", "wat"] as const;

export const dumpCard = card({
  name: "dump",
  group: "Under the hood",
  summary: "Any stage of the compiler as text",
  about:
    "graph: the network as nodes. grad: with its loss and the gradients of all parameters. kernels: the loops that it is lowered to, after fusion. plan: the same, with the place of every slot in memory. choice: the strategies of the WASM engine that take each loop, and the time that each is expected to take on one thread. program: the phases that the WASM engine makes of the plan, and the strategy of each. wat: its WebAssembly code.",
  arguments: [{ name: "<model>", about: "a built-in name, or a model folder that train wrote" }],
  options: {
    stage: choice("-s, --stage <stage>", "what to print, graph unless told", stages),
    ...formOptions,
    batch: whole("-b, --batch <n>", "pictures at a time, 1 unless told"),
    training: flag("--training", "loss and gradients too, not only the answer"),
    formulas: flag("--formulas", "kernels: also the expressions and strides of each loop"),
  },
  examples: [
    ["lenet", "the graph"],
    ["lenet --stage kernels --formulas", "every loop with its expression"],
    ["lenet --stage plan --training --batch 32", "the memory of a training step"],
    ["resnet18 --stage choice", "which strategy each convolution takes, and what the others would cost"],
  ],
});
