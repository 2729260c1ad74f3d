// The rows of all tasks, under the names of the library.
import type { TaskName } from "../../src/doors/neocog.ts";
import { classification } from "./classification.ts";
import { imageToImage } from "./imageToImage.ts";
import { multilabel } from "./multilabel.ts";
import { regression } from "./regression.ts";
import { segmentation } from "./segmentation.ts";
import type { TaskView } from "./view.ts";

/** The row of any task. */
export type AnyView = TaskView<TaskName>;

type Views = { readonly [T in TaskName]: TaskView<T> };

const views: Views = {
  ...{ classification, multilabel, regression, segmentation },
  "image-to-image": imageToImage,
};

/** What the command line knows of a task: of one class a picture unless told. */
export const viewOf = (task: TaskName = "classification"): AnyView => views[task] as AnyView;
