// Normalisation layers of Keras, at inference.
import { DataError } from "../../../base/errors.ts";
import { normalizeAxis } from "../../../base/shape.ts";
import type { Tensor } from "../../../graph/graph.ts";
import { add, div, maximum, mul, sqrt, sub } from "../../../ops/arithmetic.ts";
import { normalizeOver } from "../../../ops/cards/normalization.ts";
import { batchNormInference } from "../../../ops/normalization.ts";
import { type Fields, isList, isNumber, wholes } from "../fields.ts";
import {
  aligned,
  asFirst,
  asPlain,
  channelsFirst,
  heldAxis,
  knownValue,
  like,
  plain,
  type Value,
  weightValue,
} from "../value.ts";
import { type LayerRow, type LayerTable, unsupported } from "./row.ts";

/** An axis, or a list of them, from the front and in order. */
function axesOf(config: Fields, rank: number): number[] {
  const raw = config.raw("axis") ?? -1;
  const list = isList(raw) ? wholes(raw, "its axis", -rank) : [raw];
  return list.map((axis) => normalizeAxis(isNumber(axis) ? axis : Number.NaN, rank)).sort((a, b) => a - b);
}

const batchNormalization: LayerRow = ([x], config, context) => {
  const rank = x.shape.length;
  const axes = axesOf(config, rank);
  if (axes.length !== 1 || axes[0] === 0) throw unsupported("batch normalisation over more than the channels");
  const last = axes[0] === rank - 1;
  if (!last && axes[0] !== 1) throw unsupported(`batch normalisation along axis ${axes[0]}`);
  const held = last ? asFirst(x) : asPlain(x);
  const running = (name: string): Tensor => context.weight(name).take({ trainable: false });
  const y = batchNormInference(held, {
    weight: config.flag("scale", true) ? context.weight("gamma").take() : undefined,
    bias: config.flag("center", true) ? context.weight("beta").take() : undefined,
    runningMean: running("moving_mean"),
    runningVar: running("moving_variance"),
    eps: config.number("epsilon", 1e-3),
  });
  return last ? channelsFirst(y) : plain(y);
};

const layerNormalization: LayerRow = ([x], config, context) => {
  const axes = axesOf(config, x.shape.length);
  const value = x.order === "flat" ? plain(asPlain(x)) : x;
  const held = axes.map((axis) => heldAxis(value, axis)).sort((a, b) => a - b);
  let y = like(value, normalizeOver(value.held(), held, config.number("epsilon", 1e-3)).y);
  const affine = (name: string, apply: (a: Tensor, b: Tensor) => Tensor): void => {
    const weight = context.weight(name);
    const shape = x.shape.map((n, axis) => (axes.includes(axis) ? n : 1));
    const { tensors, wrap } = aligned([y, plain(weight.take({ shape }))]);
    y = wrap(apply(tensors[0], tensors[1]));
  };
  if (config.flag("scale", true)) affine("gamma", mul);
  if (config.flag("center", true)) affine("beta", add);
  return y;
};

/** Numbers written in the config: one, or one a channel. */
function numbers(config: Fields, name: string, otherwise: number): Value {
  const raw = config.raw(name) ?? otherwise;
  const list = isList(raw) ? raw.flat(4) : [raw];
  if (!list.every(isNumber)) throw new DataError(`its ${name} should be a number or a list of them.`);
  return knownValue({
    shape: isList(raw) ? [list.length] : [],
    dtype: "float32",
    data: Float32Array.from(list as number[]),
  });
}

function combined(x: Value, y: Value, apply: (a: Tensor, b: Tensor) => Tensor): Value {
  const { tensors, wrap } = aligned([x, y]);
  return wrap(apply(tensors[0], tensors[1]));
}

const rescaling: LayerRow = ([x], config) => {
  const scaled = combined(x, numbers(config, "scale", 1), mul);
  return combined(scaled, numbers(config, "offset", 0), add);
};

/** (x − mean) / max(√variance, 1e-7) along the kept axis. */
const normalization: LayerRow = ([x], config, context) => {
  const axes = axesOf(config, x.shape.length);
  const shape = x.shape.map((n, axis) => (axes.includes(axis) ? n : 1));
  const statistic = (name: string): Value => {
    if (config.has(name)) return numbers(config, name, 0);
    const weight = context.weight(name);
    if (axes.length === 0) return weightValue(weight);
    return plain(weight.take({ shape, trainable: false }));
  };
  if (config.flag("invert", false)) throw unsupported("invert");
  const centred = combined(x, statistic("mean"), sub);
  const variance = statistic("variance");
  return combined(centred, like(variance, maximum(sqrt(variance.held()), 1e-7)), div);
};

export const normalizationTable: LayerTable = {
  BatchNormalization: batchNormalization,
  LayerNormalization: layerNormalization,
  Rescaling: rescaling,
  Normalization: normalization,
};
