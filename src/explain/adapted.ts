// Explaining looks at pictures [batch, channels, height, width] of floats, and takes gradients with respect to them. A network
// whose file wants channels last, or whole numbers, gets such an input put before its own.
import { NeocogError } from "../base/errors.ts";
import type { Shape } from "../base/shape.ts";
import { inputShape, type Preprocessing } from "../data/preprocessing.ts";
import { apply, atPath, input, type Tensor } from "../graph/graph.ts";
import { rewrite } from "../graph/walk.ts";
import type { BuiltSource, ModelSource } from "../nn/source.ts";
import { variablesOf } from "../nn/state.ts";
import { cast } from "../ops/arithmetic.ts";
import { permute } from "../ops/copy.ts";

/** The same network for floats in the order of channels, height, width. */
export function adaptedSource(source: ModelSource, form: Preprocessing): ModelSource {
  if (form.layout === "NCHW" && form.dtype === "float32") return source;
  return {
    ...source,
    build: (shape) => adapted(source.build(inputShape(form, shape[0])), shape, form),
  };
}

function adapted(built: BuiltSource, shape: Shape, { layout }: Preprocessing): BuiltSource {
  const picture = input("picture", shape);
  const ordered = layout === "NHWC" ? permute(picture, [0, 2, 3, 1]) : picture;
  try {
    // Whole numbers have no slope; as floats of the same values the network is what it was.
    return replaceInput(built, picture, ordered);
  } catch (error) {
    if (!(error instanceof NeocogError)) throw error;
    return replaceInput(built, picture, cast(ordered, built.input.dtype));
  }
}

function replaceInput(built: BuiltSource, picture: Tensor, fed: Tensor): BuiltSource {
  const roots = [built.output, ...built.layers.map(({ output }) => output)];
  const replaced = rewrite(roots, (node, inputs) => {
    if (node === built.input.node) return [fed];
    if (inputs.every((tensor, i) => tensor === node.inputs[i])) return node.outputs;
    return atPath(node.path, () => apply(node.op, inputs, node.attributes));
  });
  const now = (tensor: Tensor): Tensor => replaced.get(tensor.node)![tensor.output];
  const output = now(built.output);
  return {
    input: picture,
    output,
    variables: variablesOf([output]),
    layers: built.layers.map((layer) => ({ ...layer, output: now(layer.output) })),
  };
}
