// Another picture for each: mean square, and the peak signal-to-noise ratio.
import type { PictureLabels } from "../../data/labels.ts";
import { square, sub } from "../../ops/arithmetic.ts";
import { mean, sum } from "../../ops/sum.ts";
import { checkPictures, decibels } from "../../use/tasks/imageToImage.ts";
import type { Learner } from "./learner.ts";

export const imageToImage: Learner<PictureLabels> = {
  maps: true,
  losses: ["mse", "l1", "huber", "smoothL1"],
  target: (output, { form }) => ({ shape: checkPictures(output, form).shape, dtype: "float32" }),
  watch: {
    output: "squares",
    of: (output, pictures) => sum(mean(square(sub(output, pictures)), [1, 2, 3])),
    finish: (sums, pictures) => decibels(sums[0] / pictures),
  },
};
