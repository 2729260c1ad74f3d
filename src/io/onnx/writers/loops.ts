// Convolutions, matrix products, pooling, normalisation, softmax and reductions.

import { ndarray } from "../../../base/array.ts";
import { sameShape, sizeOf } from "../../../base/shape.ts";
import { cellsAlong, reachOf, slideAlong } from "../../../base/window.ts";
import { attributesIf, type Node, type Tensor } from "../../../graph/graph.ts";
import { add, operand } from "../../../kernel/expression.ts";
import { sameExpression } from "../../../kernel/walk.ts";
import { adaptiveAveragePoolOp } from "../../../ops/cards/adaptive.ts";
import { convolutionOp, inputGradientOp } from "../../../ops/cards/convolution.ts";
import { mapOp } from "../../../ops/cards/map.ts";
import { matmulOp } from "../../../ops/cards/matmul.ts";
import { batchNormInferenceOp, normalizeOp } from "../../../ops/cards/normalization.ts";
import { averagePoolOp, maxPoolOp, type PoolAttributes } from "../../../ops/cards/pooling.ts";
import { reduceOp } from "../../../ops/cards/reduce.ts";
import { channelShape, reshapeOp } from "../../../ops/cards/reshape.ts";
import { logSoftmaxOp, logSumExpOp, softmaxOp } from "../../../ops/cards/softmax.ts";
import { broadcastOp, sumOp } from "../../../ops/cards/sum.ts";
import { cannotWrite, type Emitter, float, type Writer } from "../emitter.ts";

/** The bias that the only reader of a convolution or matrix product adds to it, and that reader. */
export function biasOf(product: Node, emitter: Emitter): { add: Node; bias: Tensor } | undefined {
  const y = product.outputs[0];
  const [add, ...others] = emitter.readers(y);
  if (!add || others.length > 0 || emitter.isOutput(y) || add.inputs[0] !== y || add.inputs.length !== 2)
    return undefined;
  const map = attributesIf(add, mapOp);
  if (map?.name !== "add" || !sameExpression(map.expression, plainAddition)) return undefined;
  const stretched = add.inputs[1];
  const row = attributesIf(stretched.node, broadcastOp) ? stretched.node.inputs[0] : stretched;
  if (product.op.name === matmulOp.name) {
    const fits = row.shape.length === 1 && y.shape.length === 2 && row.shape[0] === y.shape[1];
    return fits ? { add, bias: row } : undefined;
  }
  // [K] as [1, K, 1, …].
  if (!sameShape(row.shape, channelShape(y.shape[1], y.shape.length)) || !attributesIf(row.node, reshapeOp))
    return undefined;
  const bias = row.node.inputs[0];
  return bias.shape.length === 1 ? { add, bias } : undefined;
}

const plainAddition = add(operand(0), operand(1));

const names = (tensors: readonly Tensor[], emitter: Emitter): string[] => tensors.map((t) => emitter.nameOf(t));

/** The inputs of a product with the bias that is added to it. */
function withBias(node: Node, emitter: Emitter): string[] {
  const found = biasOf(node, emitter);
  return names(found ? [...node.inputs, found.bias] : node.inputs, emitter);
}

const writeConvolution: Writer = (node, emitter) => {
  const { stride, dilation, padBefore, padAfter, groups } = attributesIf(node, convolutionOp)!;
  return emitter.node("Conv", withBias(node, emitter), {
    kernel_shape: node.inputs[1].shape.slice(2),
    strides: stride,
    dilations: dilation,
    pads: [...padBefore, ...padAfter],
    group: groups,
  });
};

const writeTransposed: Writer = (node, emitter) => {
  const attributes = attributesIf(node, inputGradientOp)!;
  const { stride, dilation, padBefore, padAfter, groups, shape } = attributes;
  const [x, w] = node.inputs;
  const kernel = w.shape.slice(2);
  // What the pads do not say, output_padding does: fewer cells than a stride at the end.
  const extra = kernel.map((k, i) => shape[i + 2] - cellsAlong(x.shape[i + 2], k, slideAlong(attributes, i)));
  return emitter.node("ConvTranspose", withBias(node, emitter), {
    kernel_shape: kernel,
    strides: stride,
    dilations: dilation,
    pads: [...padBefore, ...padAfter.map((p, i) => p - Math.min(0, extra[i]))],
    ...(extra.some((n) => n > 0) ? { output_padding: extra.map((n) => Math.max(0, n)) } : {}),
    group: groups,
  });
};

const writeMatmul: Writer = (node, emitter) => {
  const { transposeA, transposeB } = attributesIf(node, matmulOp)!;
  const [a, b] = node.inputs;
  const found = biasOf(node, emitter);
  if (a.shape.length === 2 && b.shape.length === 2 && (found || transposeA || transposeB)) {
    const flags = { ...(transposeA ? { transA: 1 } : {}), ...(transposeB ? { transB: 1 } : {}) };
    return emitter.node("Gemm", withBias(node, emitter), flags);
  }
  const turned = (t: Tensor, turn: boolean): string => {
    const rank = t.shape.length;
    const axes = t.shape.map((_, i) => (i === rank - 2 ? rank - 1 : i === rank - 1 ? rank - 2 : i));
    return turn ? emitter.node("Transpose", [emitter.nameOf(t)], { perm: axes })[0] : emitter.nameOf(t);
  };
  return emitter.node("MatMul", [turned(a, transposeA), turned(b, transposeB)]);
};

/**
 * ceil_mode only where it adds a window. The standard's formula for it would also count a window that begins in the padding
 * behind the input, which is left out: along such an axis the padding that no window reaches is left out too.
 */
function poolAttributes(
  { window, stride, dilation, padBefore, padAfter }: PoolAttributes,
  x: Tensor,
  y: Tensor,
): Record<string, number | readonly number[]> {
  const free = window.map((k, i) => x.shape[i + 2] + padBefore[i] + padAfter[i] - reachOf(k, dilation[i]));
  const hangs = free.map((n, i) => y.shape[i + 2] > Math.floor(n / stride[i]) + 1);
  const ceil = hangs.includes(true);
  return {
    kernel_shape: window,
    strides: stride,
    pads: [...padBefore, ...padAfter.map((n, i) => (ceil && !hangs[i] ? n - (free[i] % stride[i]) : n))],
    ...(ceil ? { ceil_mode: 1 } : {}),
  };
}

const writeMaxPool: Writer = (node, emitter) => {
  const attributes = attributesIf(node, maxPoolOp)!;
  const wantsPlaces = emitter.isWanted(node.outputs[1]);
  const [y, flat] = emitter.node(
    "MaxPool",
    names(node.inputs, emitter),
    { ...poolAttributes(attributes, node.inputs[0], node.outputs[0]), dilations: attributes.dilation },
    wantsPlaces ? 2 : 1,
  );
  if (!wantsPlaces) return [y];
  // ONNX counts places in the whole tensor, Neocog within a map.
  const size = sizeOf(node.inputs[0].shape.slice(2));
  const [place] = emitter.node("Mod", [flat, emitter.constant(ndarray([], [size], "int64"))]);
  return [y, emitter.node("Cast", [place], { to: 6 })[0]];
};

const writeAveragePool: Writer = (node, emitter) => {
  const attributes = attributesIf(node, averagePoolOp)!;
  if (attributes.dilation.some((n) => n !== 1)) throw cannotWrite(node, "An average over a dilated window");
  const counted = { count_include_pad: attributes.countIncludePad ? 1 : 0 };
  const window = poolAttributes(attributes, node.inputs[0], node.outputs[0]);
  return emitter.node("AveragePool", names(node.inputs, emitter), { ...window, ...counted });
};

const writeAdaptiveAverage: Writer = (node, emitter) => {
  const { outputSize } = attributesIf(node, adaptiveAveragePoolOp)!;
  const [x] = node.inputs;
  const windows = outputSize.map((n, i) => x.shape[i + 2] / n);
  if (!windows.every(Number.isInteger)) return writeExpansion(node, emitter);
  return emitter.node("AveragePool", names([x], emitter), { kernel_shape: windows, strides: windows });
};

/** Writes what a node is made of instead of the node, as far as somebody reads it. */
export const writeExpansion: Writer = (node, emitter) => {
  const parts = node.op.expand?.(node.inputs, node.attributes);
  if (!parts) throw cannotWrite(node, `The op "${node.op.name}"`);
  return emitter.parts(parts.map((part, i) => (i === 0 || emitter.isWanted(node.outputs[i]) ? part : undefined)));
};

const writeBatchNorm: Writer = (node, emitter) => {
  const [x, mean, variance, weight, bias] = names(node.inputs, emitter);
  const { eps } = attributesIf(node, batchNormInferenceOp)!;
  return emitter.node("BatchNormalization", [x, weight, bias, mean, variance], { epsilon: float(eps) });
};

/** Statistics over an open batch by their definition: the sums of the expansion are those of one batch. */
function normalizedOverBatch(
  [x, weight, bias]: readonly Tensor[],
  axes: readonly number[],
  eps: number,
  emitter: Emitter,
): string {
  const one = (opType: string, inputs: readonly string[], attributes = {}): string =>
    emitter.node(opType, inputs, attributes)[0];
  const over = { axes, keepdims: 1 };
  const number = (value: number): string =>
    emitter.constant({ shape: [], dtype: x.dtype, data: Float64Array.of(value) });
  const name = emitter.nameOf(x);
  const deviation = one("Sub", [name, one("ReduceMean", [name], over)]);
  const variance = one("ReduceMean", [one("Mul", [deviation, deviation])], over);
  let y = one("Div", [deviation, one("Sqrt", [one("Add", [variance, number(eps)])])]);
  if (weight) y = one("Mul", [y, emitter.nameOf(weight)]);
  return bias ? one("Add", [y, emitter.nameOf(bias)]) : y;
}

/** Over the places of each map: InstanceNormalization. Over the last axes: LayerNormalization. Else: what it is made of. */
const writeNormalize: Writer = (node, emitter) => {
  const { axes, eps } = attributesIf(node, normalizeOp)!;
  const [x, weight, bias] = node.inputs;
  const rank = x.shape.length;
  const statistics = node.outputs.slice(1).some((t) => emitter.isWanted(t));
  const last = axes.every((axis, i) => axis === rank - axes.length + i);
  if (emitter.openBatch && axes.includes(0)) {
    if (statistics) throw cannotWrite(node, "The statistics of a normalisation over an open batch");
    return [normalizedOverBatch(node.inputs, axes, eps, emitter)];
  }
  const list = (t: Tensor | undefined, value: number): string =>
    t
      ? emitter.node("Reshape", [emitter.nameOf(t), emitter.integers([x.shape[1]])])[0]
      : emitter.constant(ndarray([x.shape[1]], new Float32Array(x.shape[1]).fill(value)));
  if (
    !statistics &&
    rank > 2 &&
    last &&
    axes[0] === 2 &&
    [weight, bias].every((t) => !t || sizeOf(t.shape) === x.shape[1])
  ) {
    return emitter.node("InstanceNormalization", [emitter.nameOf(x), list(weight, 1), list(bias, 0)], {
      epsilon: float(eps),
    });
  }
  if (!statistics && last && !weight) {
    const shape = x.shape.slice(axes[0]);
    const ones = emitter.constant(ndarray(shape, new Float32Array(sizeOf(shape)).fill(1)));
    return emitter.node("LayerNormalization", [emitter.nameOf(x), ones], { axis: axes[0], epsilon: float(eps) });
  }
  return writeExpansion(node, emitter);
};

const writeSum: Writer = (node, emitter) => {
  const { axes, keepDims, mean } = attributesIf(node, sumOp)!;
  const [x] = node.inputs;
  const keepdims = keepDims ? 1 : 0;
  const places = x.shape.length > 2 && keepDims && axes.length === x.shape.length - 2 && axes[0] === 2;
  if (mean && places) return emitter.node("GlobalAveragePool", [emitter.nameOf(x)]);
  if (mean) return emitter.node("ReduceMean", [emitter.nameOf(x)], { axes, keepdims });
  return emitter.node("ReduceSum", [emitter.nameOf(x), emitter.integers(axes)], { keepdims });
};

const reductions = { product: "ReduceProd", maximum: "ReduceMax", minimum: "ReduceMin" } as const;

const writeReduce: Writer = (node, emitter) => {
  const { combine, axes, keepDims } = attributesIf(node, reduceOp)!;
  const [x] = node.inputs;
  if (combine === "product" || combine === "maximum" || combine === "minimum") {
    return emitter.node(reductions[combine], [emitter.nameOf(x)], { axes, keepdims: keepDims ? 1 : 0 });
  }
  const opType = combine === "argMaximum" ? "ArgMax" : "ArgMin";
  const joined = axes.every((axis, i) => axis === axes[0] + i);
  if (!joined || (emitter.openBatch && axes[0] === 0))
    throw cannotWrite(node, "The place of an extreme value over axes that do not stand together");
  // Several axes become one before, and the result takes its shape after.
  const merged = [
    ...x.shape.slice(0, axes[0]),
    sizeOf(axes.map((axis) => x.shape[axis])),
    ...x.shape.slice(axes[0] + axes.length),
  ];
  const flat =
    axes.length === 1
      ? emitter.nameOf(x)
      : emitter.node("Reshape", [emitter.nameOf(x), emitter.shape(merged, x, "inferred")])[0];
  const [place] = emitter.node(opType, [flat], { axis: axes[0], keepdims: keepDims && axes.length === 1 ? 1 : 0 });
  const [whole] = emitter.node("Cast", [place], { to: 6 });
  if (axes.length === 1 || !keepDims) return [whole];
  return emitter.node("Reshape", [whole, emitter.shape(node.outputs[0].shape, x, "inferred")]);
};

export const loopWriters: Readonly<Record<string, Writer>> = {
  [convolutionOp.name]: writeConvolution,
  [inputGradientOp.name]: writeTransposed,
  [matmulOp.name]: writeMatmul,
  [maxPoolOp.name]: writeMaxPool,
  [averagePoolOp.name]: writeAveragePool,
  [adaptiveAveragePoolOp.name]: writeAdaptiveAverage,
  [batchNormInferenceOp.name]: writeBatchNorm,
  [normalizeOp.name]: writeNormalize,
  [sumOp.name]: writeSum,
  [reduceOp.name]: writeReduce,
  [softmaxOp.name]: (node, emitter) =>
    emitter.node("Softmax", names(node.inputs, emitter), { axis: attributesIf(node, softmaxOp)!.axis }),
  [logSoftmaxOp.name]: (node, emitter) =>
    emitter.node("LogSoftmax", names(node.inputs, emitter), { axis: attributesIf(node, logSoftmaxOp)!.axis }),
  [logSumExpOp.name]: (node, emitter) => {
    const { axes, keepDims } = attributesIf(node, logSumExpOp)!;
    return emitter.node("ReduceLogSumExp", names(node.inputs, emitter), { axes, keepdims: keepDims ? 1 : 0 });
  },
};
