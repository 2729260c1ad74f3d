// A class for every pixel: cross-entropy over the pixels that count, and the mean intersection over union.
import { ndarray } from "../../base/array.ts";
import type { MaskLabels } from "../../data/labels.ts";
import { constantTensor, scalar } from "../../graph/graph.ts";
import { cast, eq, logicalNot, mul } from "../../ops/arithmetic.ts";
import { concat } from "../../ops/copy.ts";
import { argmax } from "../../ops/reduce.ts";
import { unsqueeze } from "../../ops/reshape.ts";
import { sum } from "../../ops/sum.ts";
import { checkMaps } from "../../use/tasks/segmentation.ts";
import type { Learner } from "./learner.ts";

export const segmentation: Learner<MaskLabels> = {
  maps: true,
  losses: ["crossEntropy"],
  target(output, { names, input }) {
    const [batch, , height, width] = checkMaps(output, names, input.slice(2)).shape;
    return { shape: [batch, height, width], dtype: "int32" };
  },
  watch: {
    output: "areas",
    /** Pixels of each class that are both, taken for it, and of it: [3 · classes]. */
    of(logits, masks, ignoreIndex = -1) {
      const [, classes] = logits.shape;
      const numbers = Int32Array.from({ length: classes }, (_, c) => c);
      const each = constantTensor(ndarray([1, classes, 1, 1], numbers, "int32"));
      const column = unsqueeze(masks, 1);
      const counts = cast(logicalNot(eq(column, scalar(ignoreIndex, "int32"))), "float32");
      const taken = mul(cast(eq(argmax(logits, 1, true), each), "float32"), counts);
      const shown = cast(eq(column, each), "float32");
      const areas = [mul(taken, shown), taken, shown].map((area) => sum(area, [0, 2, 3]));
      return concat(areas, 0);
    },
    finish(areas) {
      const classes = areas.length / 3;
      let [total, told] = [0, 0];
      for (let c = 0; c < classes; c++) {
        const both = areas[c];
        const either = areas[classes + c] + areas[2 * classes + c] - both;
        if (either === 0) continue;
        total += both / either;
        told++;
      }
      return total / Math.max(1, told);
    },
  },
};
