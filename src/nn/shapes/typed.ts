// A model whose shapes the compiler knows: `typed([1, 28, 28], [Conv2d(16, 3), ReLU(), Flatten(), Linear(10)])`. A layer that cannot
// follow the ones before it is an error at that layer, in words.
import { understand } from "../../base/arguments.ts";
import { listOf, shape as shapeRule } from "../../base/rules.ts";
import { build } from "../build.ts";
import type { Layer } from "../layer.ts";
import { Sequential } from "../layers/containers.ts";
import { layer as layerRule } from "../rules.ts";
import type { Sizes } from "./kinds.ts";
import type { Sentence, Within } from "./mistake.ts";
import type { Output } from "./rules.ts";

declare const batchSize: unique symbol;

/** The number of examples in a batch: any whole number, decided when the model runs. */
export type N = number & {
  /** Marks the type for the compiler; no number has it. */
  readonly [batchSize]?: never;
};

/** A model for inputs [N, …Input] that gives [N, …Output]: layers one after another, as plain data. */
export interface TypedModel<Input extends Sizes = Sizes, Output extends Sizes = Sizes> extends Layer {
  /** The shape of one example, [channels, …sizes]. */
  readonly inputShape: Input;
  /** The shape of the answer for one example. */
  readonly outputShape: Output;
}

/** What `typed` takes in the place of each layer: nothing more than the layer, or the sentence that says why it cannot stand there. */
type Verdicts<L, S extends Sizes, First extends Sizes, Before extends unknown[] = []> = L extends readonly [
  infer Now,
  ...infer Rest,
]
  ? Output<Now, S> extends infer T
    ? T extends Sizes
      ? Verdicts<Rest, T, First, [...Before, unknown]>
      : [...Before, Sentence<Within<T, `${Before["length"]}`, "">, First>, ...Rest]
    : never
  : Before;

type Last<L, S extends Sizes> = L extends readonly [infer Now, ...infer Rest]
  ? Output<Now, S> extends infer T
    ? T extends Sizes
      ? Last<Rest, T>
      : Sizes
    : never
  : S;

/** The output of a model or layer for an input, with the batch: `[N, 64, 56, 56]`. */
export type ShapeAfter<M, S extends Sizes = Sizes> =
  M extends TypedModel<Sizes, infer O>
    ? readonly [N, ...O]
    : Output<M, S> extends infer T
      ? T extends Sizes
        ? readonly [N, ...T]
        : T
      : never;

/**
 * Layers one after another for examples of a shape [channels, …sizes]. Shapes are checked by the compiler as far as they are
 * literal (a layer of your own, or a size that is a variable, leaves the rest to the check at run time, which is the same as
 * ever). Throws a ShapeError that names the layer where a shape cannot be.
 */
export function typed<const S extends Sizes, const L extends readonly Layer[]>(
  inputShape: S,
  layers: L & Verdicts<L, S, S>,
): TypedModel<S, Last<L, S>> {
  understand("typed", arguments, { inputShape: shapeRule(), layers: listOf(layerRule, "a list of layers") });
  const model = Sequential(layers as readonly Layer[]);
  const [, ...outputShape] = build(model, [1, ...inputShape]).output.shape;
  return Object.freeze({ ...model, inputShape, outputShape }) as unknown as TypedModel<S, Last<L, S>>;
}
