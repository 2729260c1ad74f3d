// Several labels a picture: binary cross-entropy, and F1 over all tags from what was found, claimed and there.
import type { TagLabels } from "../../data/labels.ts";
import { scalar } from "../../graph/graph.ts";
import { cast, ge, mul } from "../../ops/arithmetic.ts";
import { concat } from "../../ops/copy.ts";
import { reshape } from "../../ops/reshape.ts";
import { sum } from "../../ops/sum.ts";
import { checkRows } from "../../use/tasks/multilabel.ts";
import type { Learner } from "./learner.ts";

export const multilabel: Learner<TagLabels> = {
  losses: ["bceWithLogits"],
  target: (output, { names }) => ({ shape: checkRows(output, "tags", names).shape, dtype: "float32" }),
  watch: {
    output: "tags",
    of(logits, tags) {
      const claimed = cast(ge(logits, scalar(0)), "float32");
      // Blended pictures have shares of tags: a half or more is one.
      const there = cast(ge(tags, scalar(0.5)), "float32");
      const sums = [mul(claimed, there), claimed, there].map((each) => reshape(sum(each), [1]));
      return concat(sums, 0);
    },
    finish({ 0: found, 1: claimed, 2: there }) {
      return found === 0 ? 0 : (2 * found) / (claimed + there);
    },
  },
};
