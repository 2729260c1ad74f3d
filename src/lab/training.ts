// Training inside an exhibit: `fit`, told as progress, stopped by the same signal.
import { NeocogError } from "../base/errors.ts";
import type { Dataset } from "../data/dataset.ts";
import type { Layer } from "../nn/layer.ts";
import { fit } from "../train/fit.ts";
import type { FitOptions } from "../train/options.ts";
import type { EpochRecord } from "../train/record.ts";
import { evaluate } from "../use/evaluate.ts";
import type { TrainedModel } from "../use/trained.ts";
import type { LabContext } from "./exhibit.ts";

export interface Learnt {
  readonly trained: TrainedModel;
  readonly history: readonly EpochRecord[];
  /** Accuracy on the test data after the last epoch. */
  readonly accuracy: number;
}

/** Which of how many trainings of the exhibit this is. */
export interface Part {
  readonly name: string;
  readonly index: number;
  readonly of: number;
}

export async function learn(
  { engine, progress, signal }: LabContext,
  { name, index, of }: Part,
  model: Layer,
  data: { readonly train: Dataset; readonly test: Dataset },
  options: FitOptions,
): Promise<Learnt> {
  for await (const event of fit(model, data, { evaluateEvery: 0, ...options, engine, ...(signal ? { signal } : {}) })) {
    if (event.kind === "batch") {
      const epoch = event.epoch - 1 + event.batch / event.batches;
      progress(index + epoch / event.epochs, of, name);
    }
    if (event.kind === "finished") {
      const accuracy = event.test?.accuracy ?? (await evaluate(event.trained, data.test, { engine })).accuracy;
      return { trained: event.trained, history: event.history, accuracy };
    }
    if (event.kind === "stopped") signal?.throwIfAborted();
  }
  throw new NeocogError(`The training of ${name} ended without a result.`);
}

export async function accuracyOn({ engine }: LabContext, trained: TrainedModel, test: Dataset): Promise<number> {
  return (await evaluate(trained, test, { engine })).accuracy;
}
