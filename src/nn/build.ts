// From a model to a graph. Nothing is allocated and nothing runs: a network of 10^9 weights is built in a millisecond.
import { understand } from "../base/arguments.ts";
import { ShapeError } from "../base/errors.ts";
import { options as byName, callback, either, flag, like, type OptionsOf, seed, shape } from "../base/rules.ts";
import { formatShape, type Shape } from "../base/shape.ts";
import { type Tensor, tensor } from "../graph/graph.ts";
import { type BuildOptions, type BuiltModel, construct } from "./construct.ts";
import type { Layer } from "./layer.ts";
import { initRule, layer } from "./rules.ts";
import { smallestInput } from "./smallest.ts";

export type { BuildOptions, BuiltModel, LayerRecord } from "./construct.ts";

/**
 * The graph of a model for an input shape [batch, channels, …sizes], or upon a tensor of a graph, with its variables
 * and a record of every layer. Nothing is allocated and nothing runs. Throws a ShapeError that names the layer where
 * a shape cannot be, and the smallest picture that works where this one is too small.
 */
export function build(model: Layer, x: Shape | Tensor, options: BuildOptions = {}): BuiltModel {
  understand("build", arguments, {
    model: layer,
    x: either(shape(), tensor),
    options: byName<OptionsOf<typeof build>>({
      training: flag,
      evaluating: callback,
      seed,
      init: initRule,
      random: like("scalars { seed, step }", "seed", "step"),
    }),
  });
  try {
    return construct(model, x, options);
  } catch (error) {
    throw error instanceof ShapeError ? withSmallest(error, model, "node" in x ? x.shape : x) : error;
  }
}

/** Tells the smallest picture that works, if a larger one helps. */
function withSmallest(error: ShapeError, model: Layer, given: Shape): ShapeError {
  if (given.length !== 4 || given[1] === 0) return error;
  const size = smallestInput(model, given[1]);
  if (size === undefined || Math.min(given[2], given[3]) >= size) return error;
  const note = `The whole network was given ${formatShape(given)}; the smallest picture that works is ${size} x ${size}.`;
  return error.tell({ notes: [...error.notes, note] });
}
