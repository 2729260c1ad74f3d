// What is explained: a network with its numbers, built for one batch size; and where its layers are.
//
//   input [N, C, H, W] → … → maps of the last convolution → … → scores [N, classes]
import { type NdArray, ndarray, stateRule } from "../base/array.ts";
import { NeocogError, unknownName } from "../base/errors.ts";
import { isRecord, type Rule } from "../base/rules.ts";
import { formatShape, type Shape, sizeOf } from "../base/shape.ts";
import { prepare } from "../data/normalize.ts";
import { isArray, openImage, type Picture } from "../data/picture.ts";
import { completePreprocessing, type PreprocessingOptions } from "../data/preprocessing.ts";
import type { Node, Tensor } from "../graph/graph.ts";
import { walk } from "../graph/walk.ts";
import type { Layer } from "../nn/layer.ts";
import { type BuiltSource, type ModelSource, modelRule, type SourceLayer, sourceOf } from "../nn/source.ts";
import { convolutionOp } from "../ops/cards/convolution.ts";
import type { State } from "../run/session.ts";
import { type TaskName, taskOf } from "../use/tasks/list.ts";
import type { NumberScale } from "../use/tasks/task.ts";
import { adaptedSource } from "./adapted.ts";

/** A network and its numbers; a trained model is one. */
export interface Subject {
  /** The network: layers, or a network from a file. */
  readonly model: Layer | ModelSource;
  /** By name; variables without an entry start from their initialiser. */
  readonly weights: State;
  /** What it has learnt to say; classification unless told. */
  readonly task?: TaskName;
  /** How its outputs become the numbers that are meant, where they are on a scale of their own. */
  readonly scale?: NumberScale;
  /** How pictures become its input. Without, it is shown its input itself, [1, channels, height, width]. */
  readonly preprocessing?: PreprocessingOptions;
}

/** A subject as an argument. */
export const subjectRule: Rule = {
  must: "{ model, weights }, such as a trained model",
  accepts: (value) => isRecord(value) && modelRule.accepts(value.model) && stateRule.accepts(value.weights),
};

/** What the network is shown for a picture: floats [1, channels, height, width], prepared as its preprocessing says. */
export async function shownFor({ preprocessing }: Subject, picture: Picture): Promise<NdArray> {
  if (preprocessing) {
    const form = completePreprocessing(preprocessing);
    const { shape, data } = prepare(await openImage(picture, form), { ...form, layout: "NCHW" });
    return ndarray(shape, Float32Array.from(data));
  }
  if (isArray(picture)) return picture;
  throw new NeocogError(
    "A network without a preprocessing is explained by its input, an array [1, channels, height, width]; add a preprocessing to give it pictures.",
  );
}

/** Pictures [count, channels, height, width] as the network takes them, like those that are explained. */
export const shownImages = ({ preprocessing }: Subject, images: NdArray): NdArray =>
  preprocessing
    ? prepare(images, { ...completePreprocessing(preprocessing), layout: "NCHW", dtype: "float32" })
    : images;

export interface Network extends BuiltSource {
  /** One number a class, tag or number, [batch, names]: of a classifier the output, before a softmax if that comes last. */
  readonly scores: Tensor;
  /** Pictures that it is built for. */
  readonly batch: number;
}

/** Most numbers of input in a batch: pictures of 224 x 224 go by six, small ones all at once. */
const largestBatch = 2 ** 20;

/** Builds a subject for pictures [channels, height, width], as many at a time as do `count` of them well. */
export function buildNetwork({ model, preprocessing, scale, task }: Subject, picture: Shape, count = 1): Network {
  const own = sourceOf(model);
  const source = preprocessing ? adaptedSource(own, completePreprocessing(preprocessing)) : own;
  const rounds = Math.ceil((count * sizeOf(picture)) / largestBatch);
  const wanted = source.fixedBatch ?? Math.ceil(count / Math.max(1, rounds));
  const build = (batch: number): Network => {
    const built = source.build([batch, ...picture]);
    return { ...built, scores: taskOf({ task }).scores(built.output, { classes: [], scale }), batch };
  };
  if (wanted === 1 || source.fixedBatch !== undefined) return build(wanted);
  try {
    return build(wanted);
  } catch (error) {
    if (!(error instanceof NeocogError)) throw error;
    // Files may reshape to a batch of one though they leave the batch open.
    return build(1);
  }
}

/** The layer of a path; an unknown one is refused with the nearest. */
export function findLayer({ layers }: BuiltSource, path: string): SourceLayer {
  const found = layers.find((layer) => layer.path === path);
  if (!found)
    throw unknownName(
      "layer",
      path,
      [...new Set(layers.map((layer) => layer.path))].filter((name) => name !== ""),
    );
  return found;
}

/** The layer of a path, whose output must be maps [batch, channels, height, width]. */
export function findMaps(network: BuiltSource, path: string): SourceLayer {
  const found = findLayer(network, path);
  if (found.output.shape.length !== 4) {
    throw new NeocogError(
      `Layer "${path}" gives ${formatShape(found.output.shape)}, which are no maps [batch, channels, height, width]; name an earlier layer.`,
    );
  }
  return found;
}

/** Convolutions on pictures, in order. */
export function convolutions({ output }: BuiltSource): Node[] {
  return walk([output])
    .filter(({ op, outputs }) => op === convolutionOp && outputs[0].shape.length === 4)
    .sort((a, b) => a.id - b.id);
}

/** The maps of the first convolution, with the normalisation and activation behind it. */
export function firstMaps(network: BuiltSource): SourceLayer {
  const [first, next] = convolutions(network);
  if (!first) throw new NeocogError("The network has no convolution; name a layer that gives maps.");
  return mapsBehind(network, first, next);
}

/** The last maps that are larger than one place, at the size that a convolution gave: where Grad-CAM looks. */
export function lastMaps(network: BuiltSource): SourceLayer {
  const last = convolutions(network).findLast(({ outputs }) => sizeOf(outputs[0].shape.slice(2)) > 1);
  if (!last) {
    throw new NeocogError(
      "The network has no convolution whose maps are larger than one place; name a layer that gives maps.",
    );
  }
  return mapsBehind(network, last);
}

/** The last layer before `end` whose output has the size of the convolution's; where layers share it, the shortest path. */
function mapsBehind({ layers, output }: BuiltSource, convolution: Node, end?: Node): SourceLayer {
  const [, , height, width] = convolution.outputs[0].shape;
  const used = new Set(walk([output]));
  const fitting = layers.filter(
    ({ path, output: { node, shape } }) =>
      path !== "" &&
      used.has(node) &&
      node.id >= convolution.id &&
      (!end || node.id < end.id) &&
      shape.length === 4 &&
      shape[2] === height &&
      shape[3] === width,
  );
  const lastId = Math.max(...fitting.map(({ output: { node } }) => node.id));
  const named = fitting
    .filter(({ output: { node } }) => node.id === lastId)
    .sort((a, b) => a.path.length - b.path.length)[0];
  return named ?? { path: convolution.path, type: "Conv2d", output: convolution.outputs[0] };
}
