// Two numbers find edges.
import { fromNested, ndarray } from "../../base/array.ts";
import { conv2d } from "../../ops/convolution.ts";
import { permute } from "../../ops/copy.ts";
import { compute, known, plane } from "../compute.ts";
import { exhibit, whole } from "../exhibit.ts";
import { matrices, same } from "../parts.ts";

export const edgeDetection = exhibit({
  id: "edge-detection",
  title: "Two numbers find edges",
  group: "Learning",
  claim:
    "The kernel [1, −1] is 1 where a row falls from light to dark, −1 where it rises, and 0 elsewhere; horizontal edges it does not see.",
  formula: "Y[i, j] = X[i, j] − X[i, j + 1]",
  parameters: {
    height: whole(6, 2, 24, "rows"),
    width: whole(8, 3, 32, "columns"),
    from: whole(2, 1, 30, "first dark column"),
    to: whole(5, 1, 30, "last dark column"),
  },
  tryThis: ["Move the dark stripe: the two edges move with it.", "Its transpose finds horizontal edges."],
  source: "Dive into Deep Learning, 7.2.3",
  async run({ height, width, from: first, to: last }, { engine }) {
    const from = Math.min(first, width - 2);
    const to = Math.max(from, Math.min(last, width - 2));
    const picture = ndarray(
      [1, 1, height, width],
      Array.from({ length: height * width }, (_, i) => (i % width >= from && i % width <= to ? 0 : 1)),
    );
    const kernel = known(fromNested([[[[1, -1]]]]));
    const turned = permute(known(picture), [0, 1, 3, 2]);
    const found = await compute(engine, {
      edges: conv2d(known(picture), kernel),
      missed: conv2d(turned, kernel),
      across: conv2d(turned, permute(kernel, [0, 1, 3, 2])),
    });
    const row = Array.from({ length: width - 1 }, (_, j) => (j === from - 1 ? 1 : j === to ? -1 : 0));
    return {
      parts: [
        matrices({ picture: plane(picture), edges: plane(found.edges) }),
        matrices({ "of the transposed picture": plane(found.missed) }),
      ],
      checks: [
        same(
          "1 at the falling edge, −1 at the rising one",
          found.edges.data,
          Array.from({ length: height }, () => row).flat(),
        ),
        same("the transposed picture: zeros", found.missed.data, new Float64Array(found.missed.data.length)),
        same(
          "the transposed kernel finds them again",
          found.across.data,
          row.flatMap((value) => Array.from({ length: height }, () => value)),
        ),
      ],
    };
  },
});
