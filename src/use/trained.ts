// A trained model: all that is needed to use a network, as plain data. What `fit` gives, a model folder holds and
// `evaluate`, `predict` and the explainers take.
import { like, type Rule } from "../base/rules.ts";
import type { Preprocessing, PreprocessingOptions } from "../data/preprocessing.ts";
import type { Layer } from "../nn/layer.ts";
import type { ModelSource } from "../nn/source.ts";
import type { State } from "../run/session.ts";
import type { TaskName } from "./tasks/list.ts";
import type { NumberScale } from "./tasks/task.ts";

/** A trained model as an argument. */
export const trainedRule: Rule = like(
  "a trained model, as openModel() or the last event of fit gives it",
  "model",
  "weights",
  "classes",
  "preprocessing",
);

/** What answers to pictures: a trained model, or a network from a file with what belongs to it. `T`: what it has learnt. */
export interface ClassifierModel<T extends TaskName = "classification"> {
  /** What it has learnt to say of a picture; classification unless told. */
  readonly task?: T;
  /** The network: layers, or a network from a file. */
  readonly model: Layer | ModelSource;
  /** Parameters and running statistics by their names in the state dict. */
  readonly weights: State;
  /** Names of the classes, tags or numbers, in the order of the outputs; none where it makes pictures. */
  readonly classes: readonly string[];
  /** How its outputs become the numbers that are meant, where they are on a scale of their own (regression). */
  readonly scale?: NumberScale;
  /** How pictures become its input. */
  readonly preprocessing: PreprocessingOptions;
}

/** A model of layers with its weights, classes and preprocessing; `L` is its type where the compiler knows its shapes. */
export interface TrainedModel<L extends Layer = Layer, T extends TaskName = "classification">
  extends ClassifierModel<T> {
  /** The network, as layers. */
  readonly model: L;
  /** How pictures become its input, with everything told. */
  readonly preprocessing: Preprocessing;
}
