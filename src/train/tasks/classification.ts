// One class a picture: cross-entropy, and the share of right answers.
import { checkLogits } from "../../nn/source.ts";
import { cast, eq } from "../../ops/arithmetic.ts";
import { argmax } from "../../ops/reduce.ts";
import { sum } from "../../ops/sum.ts";
import type { Learner } from "./learner.ts";

export const classification: Learner<Int32Array> = {
  losses: ["crossEntropy"],
  target(output, { names }) {
    checkLogits(output, names);
    return { shape: [output.shape[0]], dtype: "int32" };
  },
  watch: {
    output: "correct",
    of: (logits, labels) => sum(cast(eq(argmax(logits, 1), labels), "float32")),
    finish: (sums, pictures) => sums[0] / pictures,
  },
};
