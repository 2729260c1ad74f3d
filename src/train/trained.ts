// A trained model: all that is needed to use a network, as plain data. What `fit` gives, a model folder holds and
// `evaluate`, `predict` and the explainers take.
import type { Shape } from "../base/shape.ts";
import type { Layer } from "../nn/layer.ts";
import type { ModelSource } from "../nn/source.ts";
import type { State } from "../run/session.ts";

/** How a picture becomes the network's input: pixels 0..1, brought to [channels, height, width], minus mean, over std. */
export interface Preprocessing {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** One number a channel, on the scale 0..1. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** What can classify pictures: a trained model, or a network from a file with what belongs to it. */
export interface ClassifierModel {
  readonly model: Layer | ModelSource;
  /** Parameters and running statistics by their names in the state dict. */
  readonly weights: State;
  readonly classes: readonly string[];
  readonly preprocessing: Preprocessing;
}

export interface TrainedModel extends ClassifierModel {
  readonly model: Layer;
}

/** The network's input for a number of pictures: [batch, channels, height, width]. */
export function inputShape({ channels, height, width }: Preprocessing, batch: number): Shape {
  return [batch, channels, height, width];
}
