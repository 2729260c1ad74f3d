// What a report says of each task.

import type { TaskName } from "../../use/tasks/list.ts";
import { classification } from "./classification.ts";
import { imageToImage } from "./imageToImage.ts";
import { multilabel } from "./multilabel.ts";
import { regression } from "./regression.ts";
import { segmentation } from "./segmentation.ts";
import type { ReportTask } from "./task.ts";

const rows: { readonly [T in TaskName]: ReportTask<T> } = {
  ...{ classification, multilabel, regression, segmentation },
  "image-to-image": imageToImage,
};

/** A row for whatever task; it is given what was judged by the same. */
export const reportTask = (task: TaskName): ReportTask<TaskName> => rows[task] as unknown as ReportTask<TaskName>;
