// A network that can be built for any batch: the one thing that layers (build.ts) and foreign files (io/onnx) have in common,
// and all that those who look into networks need to know of them.
import { understand } from "../base/arguments.ts";
import { NeocogError } from "../base/errors.ts";
import { like, type Rule } from "../base/rules.ts";
import { formatShape, type Shape, sizeOf } from "../base/shape.ts";
import type { Tensor } from "../graph/graph.ts";
import { logSoftmaxOp, softmaxOp } from "../ops/cards/softmax.ts";
import { reshape } from "../ops/reshape.ts";
import { build } from "./build.ts";
import { isLayer, type Layer } from "./layer.ts";

/** What one layer (or one node of a foreign file) gives. */
export interface SourceLayer {
  /** Dotted path, or the node's name in the file. */
  readonly path: string;
  /** Conv2d, ReLU, …; in a file the operator's name. */
  readonly type: string;
  /** What it gives. */
  readonly output: Tensor;
}

/** A network built for one shape. */
export interface BuiltSource {
  /** What goes in, of the shape that was asked for. */
  readonly input: Tensor;
  /** Further inputs, where the network has some. */
  readonly others?: readonly Tensor[];
  /** What comes out. */
  readonly output: Tensor;
  /** Parameters and running statistics. */
  readonly variables: readonly Tensor[];
  /** In the order of computation, containers before what they hold. */
  readonly layers: readonly SourceLayer[];
}

/** What a network can be built from, whatever it came from. */
export interface ModelSource {
  /** Builds the network in evaluation mode for an input [batch, channels, …sizes]. */
  build(shape: Shape): BuiltSource;
  /** The only batch that the network can be built for, if there is but one. */
  readonly fixedBatch?: number;
}

/** A model of layers, or a network from a file, as an argument. */
export const modelRule: Rule = {
  must: "a model: a layer such as Sequential([…]), or a network from a file",
  accepts: (value) => isLayer(value) || like("", "build").accepts(value),
};

/**
 * A model of layers as something that can be built for any batch; a source stays what it is. Throws for what is
 * neither.
 */
export function sourceOf(model: Layer | ModelSource): ModelSource {
  understand("sourceOf", arguments, { model: modelRule });
  if (!isLayer(model)) {
    if (typeof model?.build !== "function")
      throw new NeocogError("A model is a layer, or something with a build function.");
    return model;
  }
  return {
    build(shape) {
      const { input, output, variables, layers } = build(model, shape);
      return {
        input,
        output,
        variables,
        layers: layers.map(({ path, layer, output: given }) => ({ path, type: layer.type.name, output: given })),
      };
    },
  };
}

/** A classifier's scores [batch, classes]: its output, before a softmax if that comes last. */
export function scoresOf(output: Tensor): Tensor {
  const { node } = output;
  const last = node.op === softmaxOp || node.op === logSoftmaxOp ? node.inputs[0] : output;
  const [batch, classes, ...rest] = last.shape;
  if (last.shape.length < 2 || sizeOf(rest) !== 1) {
    throw new NeocogError(
      `The model gives ${formatShape(output.shape)}, but a classifier must give [batch, classes]; end it with Flatten() and Linear(classes).`,
    );
  }
  return rest.length === 0 ? last : reshape(last, [batch, classes]);
}

/** Refuses a model whose answer is not one row of logits for each picture. */
export function checkLogits({ shape }: Tensor, classes?: number): void {
  if (shape.length !== 2) {
    throw new NeocogError(
      `The model gives ${formatShape(shape)}, but a classifier must give [batch, classes]; end it with Flatten() and Linear(classes).`,
    );
  }
  if (classes !== undefined && shape[1] !== classes) {
    throw new NeocogError(
      `The model gives ${shape[1]} numbers for each picture, but the data has ${classes} classes; its last layer must have ${classes} outputs.`,
    );
  }
}
