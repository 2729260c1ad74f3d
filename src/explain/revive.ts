// A network whose weights were shuffled is not alive by itself: its batch norms still subtract and divide by the statistics of
// the old activations, so that everything behind may be cut off and every drawing flat. Here the running statistics are
// estimated anew, all in one pass, from pictures: each batch norm by the statistics of what reaches it.
import { type NdArray, ndarray } from "../base/array.ts";
import { Random } from "../base/random.ts";
import { sizeOf } from "../base/shape.ts";
import type { Engine } from "../engines/engine.ts";
import { apply, atPath, attributesIf, inputOp, type Tensor, variableOp } from "../graph/graph.ts";
import { rewrite } from "../graph/walk.ts";
import { batchNormInferenceOp } from "../ops/cards/normalization.ts";
import { batchNorm } from "../ops/normalization.ts";
import { openSession, type State } from "../run/session.ts";
import { roll } from "./filter.ts";
import { buildNetwork, type Subject } from "./network.ts";

/** Pictures that statistics are estimated on, as far as they are not given. */
const copies = 16;

/** The weights with running statistics that fit them, estimated on pictures [count, channels, height, width]. */
export async function revived(
  subject: Subject,
  weights: State,
  pictures: NdArray,
  engine: Engine,
): Promise<Map<string, NdArray>> {
  const network = buildNetwork(subject, pictures.shape.slice(1), pictures.shape[0]);
  const found = statisticsOf(network.scores);
  const result = new Map(weights);
  if (Object.keys(found).length === 0) return result;
  const { name: from } = attributesIf(network.input.node, inputOp)!;
  const session = await openSession({ outputs: found, updates: [] }, engine, { state: weights });
  try {
    const { shape } = network.input;
    // One batch; a file that fixes a larger one gets pictures again.
    const batch = Float64Array.from({ length: sizeOf(shape) }, (_, i) => pictures.data[i % pictures.data.length]);
    for (const [name, { data }] of Object.entries(await session.run({ [from]: ndarray(shape, batch) }))) {
      const old = result.get(name);
      if (old) result.set(name, { ...old, data: Float32Array.from(data) });
    }
  } finally {
    session.release();
  }
  return result;
}

/** By the name of its variable: the mean or variance of what reaches a batch norm, when all of them use those of the batch. */
export function statisticsOf(output: Tensor): Record<string, Tensor> {
  const found: Record<string, Tensor> = {};
  rewrite([output], (node, inputs) => {
    const norm = attributesIf(node, batchNormInferenceOp);
    const [mean, variance] = [node.inputs[1], node.inputs[2]].map((t) => t && attributesIf(t.node, variableOp));
    const [x, , , weight, bias] = inputs;
    // A single value a channel has no variance.
    if (norm && mean && variance && sizeOf(x.shape) > x.shape[1]) {
      const own = atPath(node.path, () => batchNorm(x, { weight, bias, eps: norm.eps }));
      found[mean.name] ??= own.mean;
      found[variance.name] ??= own.variance;
      return [own.y];
    }
    if (inputs.every((tensor, i) => tensor === node.inputs[i])) return node.outputs;
    return atPath(node.path, () => apply(node.op, inputs, node.attributes));
  });
  return found;
}

/** A picture [1, channels, height, width] and copies of it, moved and with more and more noise: what data would spread. */
export function perturbed(picture: NdArray, seed: number): NdArray {
  const [, channels, height, width] = picture.shape;
  const random = new Random(seed, "perturbed pictures");
  const size = picture.data.length;
  const pixels = Float64Array.from(picture.data);
  const mean = pixels.reduce((sum, value) => sum + value, 0) / size;
  const deviation = Math.sqrt(pixels.reduce((sum, value) => sum + (value - mean) ** 2, 0) / size) || 1;
  const data = new Float64Array(copies * size);
  for (let copy = 0; copy < copies; copy++) {
    const [down, right] = copy === 0 ? [0, 0] : [random.below(height), random.below(width)];
    const moved = roll(pixels, height, width, down, right);
    const noise = (deviation * copy) / copies;
    for (let i = 0; i < size; i++) data[copy * size + i] = moved[i] + noise * random.normal();
  }
  return ndarray([copies, channels, height, width], data);
}
