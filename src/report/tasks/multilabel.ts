// Tags: each by itself.

import { grouped, percent } from "../../base/amounts.ts";
import type { Part } from "../html.ts";
import { barred, table } from "../page.ts";
import type { ReportTask } from "./task.ts";

const mostTags = 500;

export const multilabel: ReportTask<"multilabel"> = {
  figures: ({ evaluation }) => [
    ["F1", percent(evaluation.f1)],
    ["mean average precision", percent(evaluation.meanAveragePrecision)],
    ["all tags right", percent(evaluation.exact)],
    ["loss", evaluation.loss.toFixed(4)],
  ],
  async sections({ evaluation }) {
    const number = true;
    const heads = ["pictures", "precision", "recall", "average precision", "F1"];
    const rows = evaluation.perTag
      .slice(0, mostTags)
      .map((tag): readonly Part[] => [
        ...[tag.name, grouped(tag.images), percent(tag.precision, 1), percent(tag.recall, 1)],
        tag.averagePrecision === undefined ? "–" : percent(tag.averagePrecision, 1),
        barred(tag.f1, percent(tag.f1, 1)),
      ]);
    const columns = [{ head: "tag" }, ...heads.map((head) => ({ head, number }))];
    return [{ id: "tags", title: "Tag by tag", body: table("Tag by tag", columns, rows) }];
  },
  perClass: ({ perTag }) => ({ what: "F1", values: perTag.map(({ name, f1 }) => [name, percent(f1, 1)]) }),
};
