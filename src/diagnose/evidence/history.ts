// The course of a training as it is looked at: what its history and its settings hold.
import type { Checkpoint } from "../../train/checkpoint.ts";
import type { OptimizerDescription } from "../../train/optimizers/optimizer.ts";
import { type EpochRecord, mainIn } from "../../train/record.ts";
import { type TaskName, taskOf, usualTask } from "../../use/tasks/list.ts";

/** What is known of a run: an opened checkpoint, or what an epoch's event gave. */
export type RunRecord = Pick<Checkpoint<TaskName>, "history" | "settings" | "best" | "trained">;

export interface HistoryEvidence {
  readonly epochs: readonly EpochRecord<TaskName>[];
  readonly task: TaskName;
  /** Name of the metric by which epochs are compared. */
  readonly metric: string;
  readonly higher: boolean;
  /** Loss over the epochs, as they were trained on. */
  readonly losses: readonly number[];
  /** Loss on the validation pictures, of the epochs that were scored. */
  readonly validationLosses: readonly number[];
  /** The loss of a network that knows nothing: log of the number of classes; undefined where that is not known. */
  readonly chanceLoss: number | undefined;
  readonly classes: number;
  /** The highest and the last learning rate. */
  readonly peakRate: number;
  readonly lastRate: number;
  readonly optimizer: OptimizerDescription | undefined;
  /** Whether pictures, labels or units are changed at random while it trains: the training score is then lower than the network's. */
  readonly harder: boolean;
  /** Whether the loss weighs classes. */
  readonly weighted: boolean;
  /** The best epoch by the validation. */
  readonly best: { readonly epoch: number; readonly value: number } | undefined;
  value(score: object): number;
}

export function historyEvidence({ history, settings, best, trained }: RunRecord): HistoryEvidence {
  const { task = usualTask, classes } = trained;
  const { main } = taskOf({ task });
  const value = (score: object): number => mainIn(task, score);
  const loss = (settings.loss ?? {}) as { name?: string; classWeights?: unknown; positiveWeights?: unknown };
  const usual = loss.name === undefined || loss.name === "crossEntropy";
  const byChance = usual && (task === "classification" || task === "segmentation") && classes.length > 1;
  const rates = history.map(({ learningRate }) => learningRate);
  return {
    ...{ epochs: history, task, metric: main.name, higher: main.better === "higher", value, classes: classes.length },
    losses: history.map(({ train }) => train.loss),
    validationLosses: history.flatMap(({ validation }) => (validation ? [validation.loss] : [])),
    chanceLoss: byChance ? Math.log(classes.length) : undefined,
    ...{ peakRate: rates.reduce((a, b) => Math.max(a, b), peakOf(settings)), lastRate: rates.at(-1) ?? 0 },
    optimizer: settings.optimizer as OptimizerDescription | undefined,
    harder: Array.isArray(settings.augment) && settings.augment.length > 0,
    weighted: loss.classWeights !== undefined || loss.positiveWeights !== undefined,
    best: best && { epoch: best.epoch, value: mainIn(task, best) },
  };
}

/** The highest rate that the settings tell of, 0 where they tell none: an epoch's record holds its last step's alone. */
function peakOf({ optimizer, schedule }: RunRecord["settings"]): number {
  const { kind, maxLr } = (schedule ?? {}) as { kind?: string; maxLr?: number };
  const { lr = 0 } = (optimizer ?? {}) as { lr?: number };
  return kind === "oneCycle" ? (maxLr ?? lr) : 0;
}
