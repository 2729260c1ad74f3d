// All tasks as they are learnt, under the names of use/tasks.
import type { TaskName, TaskTypes } from "../../use/tasks/list.ts";
import { classification } from "./classification.ts";
import { imageToImage } from "./imageToImage.ts";
import type { Learner } from "./learner.ts";
import { multilabel } from "./multilabel.ts";
import { regression } from "./regression.ts";
import { segmentation } from "./segmentation.ts";

const cards: { readonly [T in TaskName]: Learner<TaskTypes[T]["labels"]> } = {
  ...{ classification, multilabel, regression, segmentation },
  "image-to-image": imageToImage,
};

/** How a task is learnt. */
export const learnerOf = (task: TaskName): Learner => cards[task];
