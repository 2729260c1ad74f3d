// One class a picture: accuracy, what was confused with what, and what always giving the commonest answer would reach.

import { count, duration, grouped, percent } from "../../src/base/amounts.ts";
import { type EpochRecord, secondsTo } from "../../src/doors/neocog.ts";
import { baselineIfUneven, classCounts, describeClasses } from "../balance.ts";
import { confusionTable } from "../confusion.ts";
import { openDataFor, openTestDataFor } from "../data.ts";
import { likely } from "./likely.ts";
import { share, type TaskView, titled } from "./view.ts";

/** Accuracies whose time is told when they are reached. */
const levels = [0.85, 0.9, 0.91, 0.92, 0.93, 0.95, 0.98, 0.99];

const reached = (history: readonly EpochRecord[]): { level: number; seconds: number }[] =>
  levels.flatMap((level) => {
    const after = secondsTo(level, history);
    return after === undefined ? [] : [{ level, seconds: after }];
  });

export const classification: TaskView<"classification"> = {
  metric: { name: "accuracy", head: "accuracy", show: share },
  open: openDataFor,
  openTest: openTestDataFor,
  wholly: true,
  augmented: true,
  holds: (n) => count(n, "class", "classes"),
  describe: ({ classes }) => count(classes.length, "class", "classes"),
  introduce: describeClasses,
  worth: baselineIfUneven,
  /** Accuracy 98.61 % (354 of 359 pictures), loss 0.0512 */
  score({ accuracy, images, loss }, { paint }, part) {
    const hits = grouped(Math.round(accuracy * images));
    const title = paint.title(`${titled(part, "accuracy")} ${percent(accuracy)}`);
    return `${title} (${hits} of ${count(images, "picture")}), loss ${loss.toFixed(4)}`;
  },
  rows: (evaluation, { width, paint }) => confusionTable(evaluation, width, paint),
  milestones(history, scored) {
    const times = reached(history);
    if (times.length === 0) return [];
    const told = times.map(({ level, seconds }) => `${level}: ${duration(seconds)}`).join(", ");
    return [`Time to a ${scored} accuracy of ${told}.`];
  },
  document: ({ images, accuracy, loss, classes, confusion, perClass }, part, split, history) => ({
    [part]: { images, accuracy, loss },
    ...{ counts: classCounts(split), classes, confusion, perClass },
    secondsTo: reached(history),
  }),
  next: ({ data, out, evalFlags }) => [
    [`eval ${out} ${data}${evalFlags} --mistakes wrong`, "see what it gets wrong"],
    ["digits", "mnist"].includes(data)
      ? [`predict ${out} <picture> --invert`, "ask it about a digit in ink on paper"]
      : [`predict ${out} <picture>`, "ask it about a picture"],
    [`inspect ${out}`, "see what each layer costs"],
    data === "fashion-mnist"
      ? ["train <folder>", "your own pictures, one sub-folder a class"]
      : ["train fashion-mnist", "a harder task: clothes"],
  ],
  ...likely,
};
