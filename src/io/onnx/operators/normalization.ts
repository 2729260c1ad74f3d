// Normalisation.

import { DataError } from "../../../base/errors.ts";
import { formatShape, normalizeAxis, sizeOf } from "../../../base/shape.ts";
import { splitPadding } from "../../../base/window.ts";
import type { Tensor } from "../../../graph/graph.ts";
import { add, binary, constant, multiply } from "../../../kernel/expression.ts";
import * as arithmetic from "../../../ops/arithmetic.ts";
import { broadcastMap } from "../../../ops/cards/arithmetic.ts";
import { normalizeOver } from "../../../ops/cards/normalization.ts";
import { averagePoolWith } from "../../../ops/cards/pooling.ts";
import { batchNorm, batchNormInference, groupNorm, instanceNorm, rmsNorm } from "../../../ops/normalization.ts";
import { reshape } from "../../../ops/reshape.ts";
import { sum } from "../../../ops/sum.ts";
import { type Attributes, type Context, type Inputs, optional, row, type Table, unsupported } from "../row.ts";

function batchNormalization(inputs: Inputs, attributes: Attributes, context: Context): readonly Tensor[] {
  const [x, weight, bias, runningMean, runningVar] = inputs;
  const eps = attributes.float("epsilon", 1e-5);
  const momentum = attributes.float("momentum", 0.9);
  if (context.opset < 9 && attributes.int("spatial", 1) === 0) throw unsupported("spatial = 0");
  const training =
    context.opset >= 14 ? attributes.int("training_mode", 0) === 1 : context.opset >= 7 && context.outputCount > 1;
  if (!training) {
    const norm = { x, weight, bias, runningMean, runningVar, eps };
    const { x: _, ...inference } = norm;
    return [context.norm?.({ ...norm, momentum: 1 - momentum }) ?? batchNormInference(x, inference)];
  }
  const { y, mean, variance } = batchNorm(x, { weight, bias, eps });
  // ONNX's momentum is the share of the old value, and its variance is the biased one.
  const moved = (old: Tensor, now: Tensor): Tensor =>
    broadcastMap("moveTowards", [old, now], (a, b) =>
      add(multiply(constant(momentum), a), multiply(constant(1 - momentum), b)),
    );
  return [y, moved(runningMean, mean), moved(runningVar, variance)];
}

/** x / (bias + alpha / size · Σ x²)^beta over `size` neighbouring channels, the odd one of an even size behind. */
function localResponse([x]: Inputs, attributes: Attributes): Tensor {
  const size = attributes.int("size", 0);
  const [alpha, beta, bias] = [
    attributes.float("alpha", 1e-4),
    attributes.float("beta", 0.75),
    attributes.float("bias", 1),
  ];
  if (!Number.isSafeInteger(size) || size < 1 || x.shape.length < 3)
    throw new DataError(`a size of ${size} does not fit an input ${formatShape(x.shape)}.`);
  const plane = reshape(arithmetic.square(x), [x.shape[0], 1, x.shape[1], sizeOf(x.shape.slice(2))]);
  const [before, after] = splitPadding(size - 1);
  const means = averagePoolWith(plane, {
    window: [size, 1],
    stride: [1, 1],
    dilation: [1, 1],
    padBefore: [before, 0],
    padAfter: [after, 0],
    ceilMode: false,
    countIncludePad: true,
  });
  return broadcastMap("localResponseNorm", [x, reshape(means, x.shape)], (value, m) =>
    multiply(value, binary("power", add(constant(bias), multiply(constant(alpha), m)), constant(-beta))),
  );
}

function layerNormalization(inputs: Inputs, attributes: Attributes): Tensor[] {
  const [x, scale] = inputs;
  const first = normalizeAxis(attributes.int("axis", -1), x.shape.length);
  const eps = attributes.float("epsilon", 1e-5);
  attributes.int("stash_type", 1);
  const axes = x.shape.map((_, i) => i).slice(first);
  const { y, mean, variance } = normalizeOver(x, axes, eps);
  const bias = optional(inputs, 2);
  const scaled = arithmetic.mul(y, scale);
  return [bias ? arithmetic.add(scaled, bias) : scaled, mean, arithmetic.rsqrt(arithmetic.add(variance, eps))];
}

/** x / sqrt(mean of x² over the last axes + eps) · scale. */
function rootMeanSquare([x, scale]: Inputs, attributes: Attributes): Tensor {
  const first = normalizeAxis(attributes.int("axis", -1), x.shape.length);
  attributes.int("stash_type", 1);
  return arithmetic.mul(rmsNorm(x, x.shape.slice(first), { eps: attributes.float("epsilon", 1e-5) }), scale);
}

/** Weights are one a group up to operator set 20, one a channel from 21 on. */
function groupNormalization([x, scale, bias]: Inputs, attributes: Attributes, { opset }: Context): Tensor {
  const groups = attributes.int("num_groups", 0);
  const eps = attributes.float("epsilon", 1e-5);
  attributes.int("stash_type", 1);
  if (opset >= 21 || scale.shape[0] === x.shape[1]) return groupNorm(x, groups, { weight: scale, bias, eps });
  const y = groupNorm(x, groups, { eps });
  const grouped = reshape(y, [x.shape[0], groups, sizeOf(x.shape.slice(1)) / groups]);
  const column = (t: Tensor): Tensor => reshape(t, [1, groups, 1]);
  return reshape(arithmetic.add(arithmetic.mul(grouped, column(scale)), column(bias)), x.shape);
}

function meanVariance([x]: Inputs, attributes: Attributes): Tensor {
  const axes = (attributes.ints("axes") ?? [0, 2, 3])
    .map((axis) => normalizeAxis(axis, x.shape.length))
    .sort((a, b) => a - b);
  return normalizeOver(x, axes, 1e-9).y;
}

/** x / ‖x‖ along an axis. */
function lpNormalization([x]: Inputs, attributes: Attributes): Tensor {
  const axis = normalizeAxis(attributes.int("axis", -1), x.shape.length);
  const p = attributes.int("p", 2);
  const length = p === 1 ? arithmetic.abs(x) : arithmetic.square(x);
  const total = sum(length, axis, true);
  return arithmetic.div(x, p === 1 ? total : arithmetic.sqrt(total));
}

export const normalizationTable: Table = {
  BatchNormalization: row(5, batchNormalization),
  InstanceNormalization: row(3, ([x, weight, bias], attributes) =>
    instanceNorm(x, { weight, bias, eps: attributes.float("epsilon", 1e-5) }),
  ),
  LRN: row(1, localResponse),
  LayerNormalization: row(2, layerNormalization),
  RMSNormalization: row(2, rootMeanSquare),
  GroupNormalization: row(3, groupNormalization),
  MeanVarianceNormalization: row(1, meanVariance),
  LpNormalization: row(1, lpNormalization),
};
