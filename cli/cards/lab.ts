// The words of `neocog lab`: what it takes, and its help.
import { card, flag } from "../command.ts";
import { engineOptions } from "./options.ts";

export const labCard = card({
  name: "lab",
  group: "Understand",
  summary: "The theory of convolutional networks as claims that run",
  about:
    "An exhibit states a claim, computes it with the engine that trains, and judges it by what was computed. Its parameters are flags: neocog lab kernel-learning --rate 0.01. The exit code is 1 if a claim does not hold.",
  arguments: [{ name: "[exhibit]", about: "which exhibit; without it, the list" }],
  options: {
    all: flag("--all", "run every exhibit"),
    quick: flag("--quick", "with --all: leave out those that train networks for minutes"),
    ...engineOptions,
  },
  furtherFlags: true,
  examples: [
    ["", "list the exhibits"],
    ["kernel-learning", "learn an edge kernel from one picture"],
    ["kernel-learning --rate 0.01", "with another learning rate"],
    ["--all --quick", "check all claims that need no training, in seconds"],
  ],
});
