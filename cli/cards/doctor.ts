// The words of `neocog doctor`: what it takes, and its help.
import { card } from "../command.ts";

export const doctorCard = card({
  name: "doctor",
  group: "Under the hood",
  summary: "What this machine offers, and how to turn on what is off",
  arguments: [],
  options: {},
  examples: [
    ["", "one line for everything that makes Neocog fast"],
    ["--json", "the same for a program"],
  ],
});
