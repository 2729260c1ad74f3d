// A model judged for a report: what `evaluate` gives, with the answers themselves where they are a row of numbers.

import { sizeOf } from "../base/shape.ts";
import type { StopSignal } from "../base/web.ts";
import type { PictureSet } from "../data/images.ts";
import type { Engine } from "../engines/engine.ts";
import type { Layer } from "../nn/layer.ts";
import { checkLabelKind, score, withNetwork } from "../use/evaluate.ts";
import { type AnyTask, type TaskName, type TaskTypes, taskOf } from "../use/tasks/list.ts";
import type { BaseScore } from "../use/tasks/task.ts";
import type { TrainedModel } from "../use/trained.ts";

export type AnyTrained = TrainedModel<Layer, TaskName>;

/** What everything in a report that needs pictures is made of. */
export interface Judged<T extends TaskName = TaskName> {
  readonly trained: AnyTrained;
  /** The pictures, labels counting in the model's classes. */
  readonly set: PictureSet<TaskTypes[T]["labels"]>;
  readonly evaluation: TaskTypes[T]["evaluation"];
  /** What the numbers of each picture mean, a row a picture; absent where they are maps. */
  readonly answers?: Float64Array;
  readonly engine: Engine;
  readonly signal?: StopSignal;
}

export async function judge(
  trained: AnyTrained,
  set: PictureSet,
  { engine, signal }: { readonly engine: Engine; readonly signal?: StopSignal },
): Promise<Judged> {
  const task: AnyTask = taskOf(trained);
  checkLabelKind(task, set);
  const matched = task.matched(set, trained);
  const images = set.images.shape[0];
  const stop = signal ? { signal } : {};
  let answers: Float64Array | undefined;
  const evaluation = await withNetwork(trained, images, { engine, ...stop }, async (network) => {
    const width = sizeOf(network.shape);
    // A map of numbers for each picture is too much to keep.
    answers = network.shape.length === 1 ? new Float64Array(images * width) : undefined;
    const keeping: AnyTask = {
      ...task,
      judge(...given) {
        const judging = task.judge(...given);
        return {
          add(index, numbers) {
            answers?.set(task.meant(numbers, network.shape), index * width);
            judging.add(index, numbers);
          },
          result: (): BaseScore => judging.result(),
        };
      },
    };
    return score(network, keeping, matched, trained, stop);
  });
  const found = { trained, set: matched, evaluation, engine, ...stop } as unknown as Judged;
  return answers ? { ...found, answers } : found;
}
