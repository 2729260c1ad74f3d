// What a built-in model is: a name, a line about it, and a function from options to a layer.
import type { Layer } from "../layer.ts";
import type { ModelName } from "./names.ts";

/** What a builder is given, every entry filled in. */
export interface ModelOptions {
  /** Number of outputs. */
  readonly classes: number;
  /** Channels of the pictures that the model is meant for. */
  readonly inChannels: number;
  /** Their height and width in pixels. */
  readonly inputSize: number;
  /**
   * Of residual networks (resnet18 …): probability that the last block is left out for a picture in training, less in the blocks
   * before it in equal steps (stochastic depth); 0 unless told.
   */
  readonly stochasticDepth?: number;
}

export interface ModelEntry {
  /** The name that createModel takes. */
  readonly name: ModelName;
  /** One line for lists. */
  readonly about: string;
  /** What is not told: classes, channels and size. */
  readonly defaults: ModelOptions;
  /** It gives maps [batch, classes, height, width] instead of one number a class: so many times as high and wide as the picture. */
  readonly maps?: number;
  /** Its residual blocks can be left out by chance in training. */
  readonly stochasticDepth?: true;
  /** Makes the network. */
  readonly build: (options: ModelOptions) => Layer;
}

/** The usual picture of ImageNet nets: three channels, 1000 classes. */
export const imageNet = (inputSize = 224): ModelOptions => ({ inChannels: 3, classes: 1000, inputSize });

/** The book's: one channel (Fashion-MNIST, enlarged to `inputSize`), ten classes. */
export const book = (inputSize: number): ModelOptions => ({ inChannels: 1, classes: 10, inputSize });
