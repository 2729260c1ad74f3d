// What a built-in model is: a name, a line about it, and a function from options to a layer.
import type { Layer } from "../layer.ts";
import type { ModelName } from "./names.ts";

/** What a builder is given, every entry filled in. */
export interface ModelOptions {
  /** Number of outputs. */
  readonly classes: number;
  /** Channels and size of the pictures that the model is meant for. */
  readonly inChannels: number;
  readonly inputSize: number;
}

export interface ModelEntry {
  readonly name: ModelName;
  /** One line for lists. */
  readonly about: string;
  readonly defaults: ModelOptions;
  readonly build: (options: ModelOptions) => Layer;
}

/** The usual picture of ImageNet nets: three channels, 1000 classes. */
export const imageNet = (inputSize = 224): ModelOptions => ({ inChannels: 3, classes: 1000, inputSize });

/** The book's: one channel (Fashion-MNIST, enlarged to `inputSize`), ten classes. */
export const book = (inputSize: number): ModelOptions => ({ inChannels: 1, classes: 10, inputSize });
