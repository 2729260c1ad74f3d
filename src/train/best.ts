// Which epoch did best, by the task's main metric.
import type { State } from "../run/session.ts";
import type { TaskName } from "../use/tasks/list.ts";
import type { BestEpoch } from "./checkpoint.ts";
import { asMain, type EpochRecord, isBetter, type MainOf, mainIn } from "./record.ts";

/** The weights that did best in the validation, of two epochs the earlier. */
export function betterOf(
  task: TaskName,
  best: BestEpoch<TaskName> | undefined,
  { epoch, validation }: EpochRecord<TaskName>,
  weights: State,
): BestEpoch<TaskName> | undefined {
  if (!validation) return best;
  const value = mainIn(task, validation);
  if (best && !isBetter(task, value, mainIn(task, best))) return best;
  return { epoch, ...asMain(task, value), weights };
}

/** The best validation so far; of the training where there is none. */
export function bestOf(
  task: TaskName,
  history: readonly EpochRecord<TaskName>[],
): { epoch: number } & MainOf<TaskName> {
  const scored = history.filter(({ validation }) => validation);
  const list = scored.length > 0 ? scored : history;
  const entries = list.map(({ epoch, validation, train }) => ({ epoch, value: mainIn(task, validation ?? train) }));
  const { epoch, value } = entries.reduce((best, one) => (isBetter(task, one.value, best.value) ? one : best));
  return { epoch, ...asMain(task, value) };
}
