// A network that has learnt nothing yet.
import { diagnosis } from "../diagnosis.ts";

export const untrained = diagnosis({
  name: "untrained",
  about: "the weights are those of a start",
  needs: ["weights"],
  untrained: true,
  threshold: "a built-in network without weights, or batch norms that have seen no picture (mean 0, variance 1)",
  source: "Ioffe & Szegedy 2015: statistics move with the first batch",
  next: "train it, or give it weights with --weights",
  look: ({ weights: { untrained: why } }) =>
    why === undefined ? [] : [{ severity: "warning", said: `The network is untrained: ${why}.`, evidence: { why } }],
});
