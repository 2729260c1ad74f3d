// The words of `neocog bench`: what it takes, and its help.
import { card, choice, whole } from "../command.ts";
import { engineOptions, formOptions } from "./options.ts";

/** Named networks where none is given: one that trains in a moment, one of a usual size. */
export const usualNetworks = ["lenet-modern", "bench", "mobilenetV2", "resnet18"];

export const benchCard = card({
  name: "bench",
  group: "Under the hood",
  summary: "How fast networks run and train on this machine",
  about:
    "Medians over several rounds, after one run to warm up; one thread beside all cores. Other libraries are measured beside Neocog by npm run bench in its repository.",
  arguments: [
    { name: "[model...]", about: `built-in names or model folders; ${usualNetworks.join(", ")} unless told` },
  ],
  options: {
    ...formOptions,
    work: choice("-w, --work <work>", "what to time, both unless told", ["inference", "training", "both"]),
    batch: whole(
      "-b, --batch <n>",
      "pictures at a time; 1 for inference unless told, 32 for training (4 of large pictures)",
    ),
    threads: whole("--threads <n>", "only this number of threads"),
    wide: engineOptions.wide,
    rounds: whole("--rounds <n>", "timed rounds, 7 unless told"),
  },
  examples: [
    ["", "a few well-known networks"],
    ["resnet18 --work inference", "one network, one picture at a time"],
    ["lenet-modern --work training --batch 128 --threads 2", "a training step"],
  ],
});
