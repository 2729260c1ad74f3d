// What a report says of a task, as a row: the figures at the top, and sections of what was judged.

import type { TaskName, TaskTypes } from "../../use/tasks/list.ts";
import type { Part } from "../html.ts";
import type { Judged } from "../judged.ts";
import type { Section } from "../page.ts";

export interface ReportTask<T extends TaskName> {
  /** What is read first. */
  figures(judged: Judged<T>): readonly (readonly [name: string, value: Part])[];
  sections(judged: Judged<T>): Promise<readonly Section[]>;
  /** One number for each class, tag or number, for runs side by side: its name, and by name what it is. */
  perClass(evaluation: TaskTypes[T]["evaluation"]): {
    readonly what: string;
    readonly values: readonly (readonly [name: string, value: string])[];
  };
}
