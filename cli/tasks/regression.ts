// One or more numbers a picture: how far off, in the numbers' own units.

import { count } from "../../src/base/amounts.ts";
import { visible } from "../door.ts";
import { table } from "../table.ts";
import { openTableFor, openTestTableFor } from "./open.ts";
import { plain, right, type TaskView, titled, usualNext } from "./view.ts";

const needs = "a table (CSV or JSONL) of pictures with numbers";

export const regression: TaskView<"regression"> = {
  metric: { name: "meanAbsoluteError", head: "mean error", show: plain },
  open: (name, given, context) => openTableFor(name, "numbers", needs, given, context),
  openTest: (name, given, model, split, context) =>
    openTestTableFor(name, "numbers", needs, given, model, split, context),
  augmented: false,
  holds: (n) => count(n, "number"),
  describe: ({ classes }) => count(classes.length, "number"),
  /** The range of each number, and how far off its mean would be. */
  introduce({ train: { classes, labels } }, { paint }) {
    const { data } = labels.values;
    return classes.map((name, place) => {
      const own = Array.from(data).filter((_, i) => i % classes.length === place);
      const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
      const off = own.reduce((sum, value) => sum + Math.abs(value - mean), 0) / own.length;
      const [least, most] = [own.reduce((a, b) => Math.min(a, b)), own.reduce((a, b) => Math.max(a, b))];
      return `${paint.faint(place === 0 ? "numbers  " : "         ")}${name}: ${plain(least)} to ${plain(most)}; always saying the mean ${plain(mean)} would be off by ${plain(off)}`;
    });
  },
  worth: () => [],
  score: ({ meanAbsoluteError, images, loss }, { paint }, part) =>
    `${paint.title(`${titled(part, "mean error")} ${plain(meanAbsoluteError)}`)} over ${count(images, "picture")}, loss ${loss.toFixed(4)}`,
  rows: ({ perNumber }, { paint }) =>
    table(
      [{ head: "number" }, ...right("mean error", "root mean square", "r²")],
      perNumber.map(({ name, meanAbsoluteError, rootMeanSquareError, r2 }) => [
        ...[visible(name), plain(meanAbsoluteError), plain(rootMeanSquareError)],
        r2 === undefined ? "–" : r2.toFixed(3),
      ]),
      paint,
    ),
  document: (evaluation, part) => ({ [part]: evaluation }),
  next: usualNext,
  strength: { ...{ key: "value", likeliest: false }, of: ({ values }) => [...values], show: plain },
  taken: "numbers",
  said({ numbers }) {
    const first = Math.max(...Object.keys(numbers).map((name) => visible(name).length));
    return Object.entries(numbers).map(([name, value]) => `  ${visible(name).padEnd(first)}  ${plain(value)}`);
  },
};
