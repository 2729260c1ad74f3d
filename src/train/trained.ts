// A trained model: all that is needed to use a network, as plain data. What `fit` gives, a model folder holds and
// `evaluate`, `predict` and the explainers take.
import type { Preprocessing, PreprocessingOptions } from "../data/preprocessing.ts";
import type { Layer } from "../nn/layer.ts";
import type { ModelSource } from "../nn/source.ts";
import type { State } from "../run/session.ts";

/** What can classify pictures: a trained model, or a network from a file with what belongs to it. */
export interface ClassifierModel {
  readonly model: Layer | ModelSource;
  /** Parameters and running statistics by their names in the state dict. */
  readonly weights: State;
  readonly classes: readonly string[];
  readonly preprocessing: PreprocessingOptions;
}

export interface TrainedModel extends ClassifierModel {
  readonly model: Layer;
  readonly preprocessing: Preprocessing;
}
