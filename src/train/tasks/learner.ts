// How a task is learnt, as a card: what its networks must give, what is made small, and what is watched meanwhile. What the
// answers mean and how good they are stands in use/tasks, under the same names.
import type { DType } from "../../base/dtype.ts";
import type { Shape } from "../../base/shape.ts";
import type { Labels } from "../../data/labels.ts";
import type { Tensor } from "../../graph/graph.ts";
import type { NumberScale } from "../../use/tasks/task.ts";
import type { LossDescription } from "../loss.ts";

/** What is known where a network is built for a task. */
export interface Target {
  /** [batch, channels, height, width]. */
  readonly input: Shape;
  /** How many classes, tags or numbers there are, where that is known. */
  readonly names?: number;
  /** Form of the labels of one picture, where that is known. */
  readonly form?: Shape;
}

export interface Learner<L extends Labels = Labels> {
  /** The losses that it can be learnt with, the usual one first. */
  readonly losses: readonly [LossDescription["name"], ...LossDescription["name"][]];
  /** Whether its networks give maps, as large as their pictures or a whole number of times as large. */
  readonly maps?: true;
  /** Form of the labels of a batch, for a network's output; throws where the output is none of this task. */
  target(output: Tensor, target: Target): { readonly shape: Shape; readonly dtype: DType };
  /** What is watched beside the loss: the task's main metric, of sums over the pictures that were trained on. */
  readonly watch: {
    /** Name of the output of the step that holds the sums of a batch, [sums] or a scalar. */
    readonly output: string;
    of(output: Tensor, labels: Tensor, ignoreIndex: number | undefined): Tensor;
    /** The metric of the sums over so many pictures. */
    finish(sums: ArrayLike<number>, pictures: number): number;
  };
  /** The scale on which numbers are learnt; absent where labels have none. */
  scale?(labels: L): NumberScale;
}
