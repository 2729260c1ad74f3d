// Numbers to run a network on where no picture is given, of the shape and type that its input has.

import { sourceOf, type Tensor } from "../src/doors/graph.ts";
import { type NdArray, ndarray, type Random, sizeOf } from "../src/doors/neocog.ts";
import type { RunnableModel } from "./model.ts";

/** Standard normal numbers, as prepared pictures are about; bytes, small whole numbers, or true and false where it takes those. */
export function noiseFor(
  { model, shape }: Pick<RunnableModel, "model" | "shape">,
  batch: number,
  random: Random,
): NdArray {
  const source = sourceOf(model);
  const whole = shape.length === 0 ? [] : [source.fixedBatch ?? batch, ...shape.slice(1)];
  return drawn(source.build(whole).input, random);
}

/** Numbers for the further inputs of a network that was built for `given`, by their names. */
export function noiseBeside(model: RunnableModel["model"], given: NdArray, random: Random): Record<string, NdArray> {
  const { others = [] } = sourceOf(model).build(given.shape);
  return Object.fromEntries(others.map((other) => [inputName(other), drawn(other, random)]));
}

const inputName = ({ node }: Tensor): string => (node.attributes as { readonly name: string }).name;

function drawn({ shape: whole, dtype }: Tensor, random: Random): NdArray {
  const draw = {
    float32: () => random.normal(),
    float64: () => random.normal(),
    uint8: () => random.below(256),
    int32: () => random.below(8),
    int64: () => random.below(8),
    bool: () => random.below(2),
  }[dtype];
  return ndarray(whole, Array.from({ length: sizeOf(whole) }, draw), dtype);
}
