// Convolutions, pooling, matrix products and normalisation of TensorFlow, the fused ones too.
import { DataError } from "../../../base/errors.ts";
import { formatShape } from "../../../base/shape.ts";
import type { Tensor } from "../../../graph/graph.ts";
import { prelu } from "../../../ops/activations.ts";
import { add } from "../../../ops/arithmetic.ts";
import { permute } from "../../../ops/copy.ts";
import { matmul } from "../../../ops/matmul.ts";
import { activation } from "../../../ops/named.ts";
import { batchNormInference, localResponseNorm } from "../../../ops/normalization.ts";
import { reshape } from "../../../ops/reshape.ts";
import * as spatial from "../spatial.ts";
import { aligned, asFirst, asPlain, channelsFirst, like, plain, type Value } from "../value.ts";
import type { Attributes } from "./node.ts";
import { type Inputs, integersOf, isChannelsFirst, type OpRow, type OpTable, row, unsupported } from "./row.ts";

const mapsOf = (x: Value, attributes: Attributes): Tensor => (isChannelsFirst(attributes) ? asPlain(x) : asFirst(x));
const fromMaps = (maps: Tensor, attributes: Attributes): Value =>
  isChannelsFirst(attributes) ? plain(maps) : channelsFirst(maps);

/** The spatial entries of a list that has one entry an axis of the tensor. */
function spatialPart<T>(list: readonly T[], attributes: Attributes): T[] {
  return isChannelsFirst(attributes) ? list.slice(2) : list.slice(1, -1);
}

function windowOf(x: Value, attributes: Attributes): spatial.Window {
  const rank = x.shape.length;
  const part = (name: string): number[] => {
    const list = attributes.ints(name) ?? [];
    const full = list.length > 0 ? list : new Array<number>(rank).fill(1);
    if (full.length !== rank)
      throw new DataError(`its ${name} ${formatShape(full)} do not fit ${formatShape(x.shape)}.`);
    return spatialPart(full, attributes);
  };
  return { stride: part("strides"), dilation: part("dilations"), padding: paddingOf(attributes, rank) };
}

function paddingOf(attributes: Attributes, rank: number): spatial.Padding {
  const word = attributes.text("padding", "VALID");
  if (word === "VALID") return "valid";
  if (word === "SAME") return "same";
  if (word !== "EXPLICIT") throw unsupported(`padding "${word.slice(0, 40)}"`);
  const list = attributes.ints("explicit_paddings") ?? [];
  if (list.length !== 2 * rank || list.some((n) => n < 0))
    throw new DataError(`its explicit_paddings ${formatShape(list)} do not fit ${rank} axes.`);
  const pairs = spatialPart(
    Array.from({ length: rank }, (_, i) => [list[2 * i], list[2 * i + 1]] as const),
    attributes,
  );
  return { before: pairs.map(([a]) => a), after: pairs.map(([, b]) => b) };
}

/** What a fused op does behind its product: "BiasAdd" by input 2, then an activation. */
function fusedTail(y: Value, inputs: Inputs, attributes: Attributes): Value {
  let result = y;
  let next = 2;
  for (const name of attributes.texts("fused_ops")) {
    if (name === "BiasAdd") {
      if (!inputs[next]) throw new DataError("its bias is missing.");
      result = sum(result, inputs[next++], attributes);
    } else if (name === "Prelu") {
      if (!inputs[next]) throw new DataError("its slopes are missing.");
      result = slopes(result, inputs[next++]);
    } else {
      result = activated(result, name, attributes);
    }
  }
  return result;
}

const fusedActivations: Readonly<Record<string, (x: Tensor, attributes: Attributes) => Tensor>> = {
  Relu: (x) => activation("relu", x),
  Relu6: (x) => activation("relu6", x),
  Elu: (x) => activation("elu", x),
  Sigmoid: (x) => activation("sigmoid", x),
  Tanh: (x) => activation("tanh", x),
  Linear: (x) => x,
  LeakyRelu: (x, attributes) => activation("leakyRelu", x, { negativeSlope: attributes.float("leakyrelu_alpha", 0.2) }),
};

function activated(y: Value, name: string, attributes: Attributes): Value {
  const apply = Object.hasOwn(fusedActivations, name) ? fusedActivations[name] : undefined;
  if (!apply) throw unsupported(`the fused operation "${name.slice(0, 40)}"`);
  return like(y, apply(y.held(), attributes));
}

/** A bias is one number a channel, along the axis where the node's channels are. */
function sum(y: Value, bias: Value, attributes: Attributes): Value {
  if (y.shape.length > 2 && isChannelsFirst(attributes)) return plain(spatial.addBias(asPlain(y), asPlain(bias)));
  const { tensors, wrap } = aligned([y, bias]);
  return wrap(add(tensors[0], tensors[1]));
}

function slopes(x: Value, alpha: Value): Value {
  const { tensors, wrap } = aligned([x, alpha]);
  return wrap(prelu(tensors[0], tensors[1]));
}

const conv: OpRow = (inputs, attributes) => {
  const [x, w] = inputs;
  const maps = spatial.convolve(mapsOf(x, attributes), w, windowOf(x, attributes));
  return fusedTail(fromMaps(maps, attributes), inputs, attributes);
};

const depthwise: OpRow = (inputs, attributes) => {
  const [x, w] = inputs;
  const maps = spatial.convolveDepthwise(mapsOf(x, attributes), w, windowOf(x, attributes));
  return fusedTail(fromMaps(maps, attributes), inputs, attributes);
};

/** Inputs: the shape of the result, the kernel [H, W, O, I], the maps. */
const transposed: OpRow = ([shape, w, x], attributes) => {
  const wanted = integersOf(shape, "its output shape");
  if (wanted.length !== x.shape.length)
    throw new DataError(`its output shape ${formatShape(wanted)} does not fit ${formatShape(x.shape)}.`);
  const size = spatialPart(wanted, attributes);
  return fromMaps(spatial.convolveTransposed(mapsOf(x, attributes), w, windowOf(x, attributes), size), attributes);
};

const pool =
  (kind: "max" | "average"): OpRow =>
  ([x], attributes) => {
    const list = attributes.ints("ksize") ?? [];
    if (list.length !== x.shape.length)
      throw new DataError(`its ksize ${formatShape(list)} does not fit ${formatShape(x.shape)}.`);
    const window = spatialPart(list, attributes);
    if (list.filter((n) => n !== 1).length > window.filter((n) => n !== 1).length)
      throw unsupported("pooling over images or channels");
    return fromMaps(spatial.pool(mapsOf(x, attributes), kind, window, windowOf(x, attributes)), attributes);
  };

const matrixProduct: OpRow = (inputs, attributes) => {
  const [a, b] = inputs;
  if (a.shape.length !== 2 || b.shape.length !== 2)
    throw new DataError(`it multiplies matrices, not ${formatShape(a.shape)} and ${formatShape(b.shape)}.`);
  const transposeA = attributes.flag("transpose_a", false);
  const transposeB = attributes.flag("transpose_b", false);
  const y =
    transposeA || transposeB ? plain(matmul(asPlain(a), asPlain(b), { transposeA, transposeB })) : spatial.dense(a, b);
  return fusedTail(y, inputs, attributes);
};

const batchProduct: OpRow = ([a, b], attributes) =>
  plain(
    matmul(asPlain(a), asPlain(b), {
      transposeA: attributes.flag("adj_x", false),
      transposeB: attributes.flag("adj_y", false),
    }),
  );

const batchNorm: OpRow = ([x, scale, offset, mean, variance], attributes) => {
  if (attributes.flag("is_training", false)) throw unsupported("batch normalisation in training");
  const channel = (value: Value, trainable = true): Tensor =>
    value.weight ? value.weight.take({ trainable }) : asPlain(value);
  const y = batchNormInference(mapsOf(x, attributes), {
    weight: channel(scale),
    bias: channel(offset),
    runningMean: channel(mean, false),
    runningVar: channel(variance, false),
    eps: attributes.float("epsilon", 1e-4),
  });
  return fromMaps(y, attributes);
};

/** x / (bias + alpha · Σ x²)^beta over the channels within `depth_radius`. */
const localResponse: OpRow = ([x], attributes) => {
  const size = 2 * attributes.int("depth_radius", 5) + 1;
  const alpha = attributes.float("alpha", 1) * size;
  const beta = attributes.float("beta", 0.5);
  return channelsFirst(localResponseNorm(asFirst(x), size, { alpha, beta, k: attributes.float("bias", 1) }));
};

/** DCR: the channel is (row in block, column in block, new channel). */
const depthToSpace: OpRow = ([x], attributes) => {
  const block = attributes.int("block_size", 2);
  const maps = mapsOf(x, attributes);
  const [n, c, h, w] = maps.shape;
  if (maps.shape.length !== 4 || block < 1 || c % (block * block) !== 0)
    throw new DataError(`blocks of ${block} cells do not fit ${formatShape(x.shape)}.`);
  const y = permute(reshape(maps, [n, block, block, c / block ** 2, h, w]), [0, 3, 4, 1, 5, 2]);
  return fromMaps(reshape(y, [n, c / block ** 2, h * block, w * block]), attributes);
};

export const convolutionTable: OpTable = {
  Conv2D: row(2, conv),
  Conv3D: row(2, conv),
  _FusedConv2D: row(2, conv),
  DepthwiseConv2d: row(2, depthwise),
  DepthwiseConv2dNative: row(2, depthwise),
  FusedDepthwiseConv2dNative: row(2, depthwise),
  Conv2DBackpropInput: row(3, transposed),
  MaxPool: row(1, pool("max")),
  MaxPool3D: row(1, pool("max")),
  AvgPool: row(1, pool("average")),
  AvgPool3D: row(1, pool("average")),
  MatMul: row(2, matrixProduct),
  _FusedMatMul: row(2, matrixProduct),
  BatchMatMul: row(2, batchProduct),
  BatchMatMulV2: row(2, batchProduct),
  BiasAdd: row(2, ([x, bias], attributes) => sum(x, bias, attributes)),
  BiasAddV1: row(2, ([x, bias], attributes) => sum(x, bias, attributes)),
  FusedBatchNorm: row(5, batchNorm),
  FusedBatchNormV2: row(5, batchNorm),
  FusedBatchNormV3: row(5, batchNorm),
  LRN: row(1, localResponse),
  Prelu: row(2, ([x, alpha]) => slopes(x, alpha)),
  DepthToSpace: row(1, depthToSpace),
};
