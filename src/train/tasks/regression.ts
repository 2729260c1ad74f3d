// One or more numbers a picture: mean square on a scale on which each has mean 0 and deviation 1, and the mean absolute error.
import { sizeOf } from "../../base/shape.ts";
import type { NumberLabels } from "../../data/labels.ts";
import { abs, sub } from "../../ops/arithmetic.ts";
import { mean, sum } from "../../ops/sum.ts";
import { checkRows } from "../../use/tasks/multilabel.ts";
import type { Learner } from "./learner.ts";

export const regression: Learner<NumberLabels> = {
  losses: ["mse", "l1", "huber", "smoothL1"],
  target: (output, { names }) => ({ shape: checkRows(output, "numbers", names).shape, dtype: "float32" }),
  watch: {
    output: "errors",
    of: (output, numbers) => sum(mean(abs(sub(output, numbers)), 1)),
    finish: (sums, pictures) => sums[0] / pictures,
  },
  scale({ values: { shape, data } }) {
    const [count, width] = shape;
    const means = new Float64Array(width);
    const squares = new Float64Array(width);
    for (let i = 0; i < sizeOf(shape); i++) means[i % width] += data[i] / count;
    for (let i = 0; i < sizeOf(shape); i++) squares[i % width] += (data[i] - means[i % width]) ** 2 / count;
    // A number that is the same everywhere has no deviation: it is learnt as it is, less its mean.
    const std = Array.from(squares, Math.sqrt).map((spread, i) =>
      spread > 1e-9 * (1 + Math.abs(means[i])) ? Math.fround(spread) : 1,
    );
    return { mean: Array.from(means, Math.fround), std };
  },
};
