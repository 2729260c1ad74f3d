// A trained model: all that is needed to use a network, as plain data. What `fit` gives, a model folder holds and
// `evaluate`, `predict` and the explainers take.
import { like, type Rule } from "../base/rules.ts";
import type { Preprocessing, PreprocessingOptions } from "../data/preprocessing.ts";
import type { Layer } from "../nn/layer.ts";
import type { ModelSource } from "../nn/source.ts";
import type { State } from "../run/session.ts";

/** A trained model as an argument. */
export const trainedRule: Rule = like(
  "a trained model, as openModel() or the last event of fit gives it",
  "model",
  "weights",
  "classes",
  "preprocessing",
);

/** What can classify pictures: a trained model, or a network from a file with what belongs to it. */
export interface ClassifierModel {
  /** The network: layers, or a network from a file. */
  readonly model: Layer | ModelSource;
  /** Parameters and running statistics by their names in the state dict. */
  readonly weights: State;
  /** Names of the classes, in the order of the outputs. */
  readonly classes: readonly string[];
  /** How pictures become its input. */
  readonly preprocessing: PreprocessingOptions;
}

/** A model of layers with its weights, classes and preprocessing; `L` is its type where the compiler knows its shapes. */
export interface TrainedModel<L extends Layer = Layer> extends ClassifierModel {
  /** The network, as layers. */
  readonly model: L;
  /** How pictures become its input, with everything told. */
  readonly preprocessing: Preprocessing;
}
