// The words of `neocog report`: what it takes, and its help.
import { card, choice, text } from "../command.ts";
import { engineOptions, keptOption } from "./options.ts";

export const reportCard = card({
  name: "report",
  group: "Train and use",
  summary: "A page about a trained model, or about several side by side",
  about:
    "Curves, time, the network, every setting; and of pictures what is confused, how sure it is, the worst mistakes, filters, feature maps and Grad-CAM. One file without scripts that asks nothing of the net. train writes one at its end; data that is no longer there is said to be missing.",
  arguments: [{ name: "<folder...>", about: "model folders that train wrote" }],
  options: {
    data: text(
      "--data <data>",
      "pictures to judge by, as they are named for train; unless told those it was trained with",
    ),
    split: choice("--split <part>", "which of them: unless told those that train judged by at its end", [
      "test",
      "validation",
      "train",
      "all",
    ]),
    weights: keptOption,
    out: text(
      "-o, --out <file>",
      "where the page goes: unless told report.html in the folder; of several report.html here",
    ),
    ...engineOptions,
  },
  examples: [
    ["runs/digits", "writes runs/digits/report.html"],
    ["runs/pets --data new-photos/", "judged by other pictures"],
    ["runs/digits runs/pets --out both.html", "two runs side by side"],
  ],
});
