// Several labels a picture: F1, and each tag by itself.

import { count, grouped, percent } from "../../src/base/amounts.ts";
import { visible } from "../door.ts";
import { wrap } from "../lines.ts";
import { table } from "../table.ts";
import { likely } from "./likely.ts";
import { openTableFor, openTestTableFor } from "./open.ts";
import { right, share, type TaskView, titled, usualNext } from "./view.ts";

const needs = "a table (CSV or JSONL) of pictures with several labels each";

export const multilabel: TaskView<"multilabel"> = {
  metric: { name: "f1", head: "F1", show: share },
  open: (name, given, context, known) => openTableFor(name, "tags", needs, given, context, known),
  openTest: (name, given, model, split, context) => openTestTableFor(name, "tags", needs, given, model, split, context),
  augmented: false,
  holds: (n) => count(n, "tag"),
  describe: ({ classes }) => count(classes.length, "tag"),
  introduce({ train: { classes, labels } }, { paint, width }) {
    const { data } = labels.values;
    const has = classes.map((_, tag) =>
      Array.from(data).reduce((sum, one, i) => sum + (i % classes.length === tag ? one : 0), 0),
    );
    const told = classes.map((name, tag) => `${name}: ${grouped(has[tag])}`).join(", ");
    return wrap(told, width - 9).map((line, i) => `${paint.faint(i === 0 ? "tags     " : "         ")}${line}`);
  },
  worth: () => [],
  score: ({ f1, exact, images, loss }, { paint }, part) =>
    `${paint.title(`${titled(part, "F1")} ${percent(f1)}`)}, every tag right in ${percent(exact)} of ${count(images, "picture")}, loss ${loss.toFixed(4)}`,
  rows: ({ perTag }, { paint }) =>
    table(
      [{ head: "tag" }, ...right("pictures", "recall", "precision", "F1")],
      perTag.map(({ name, images, recall, precision, f1 }) => [
        ...[visible(name), grouped(images), share(recall), share(precision), share(f1)],
      ]),
      paint,
    ),
  document: (evaluation, part) => ({ [part]: evaluation }),
  next: usualNext,
  ...likely,
};
