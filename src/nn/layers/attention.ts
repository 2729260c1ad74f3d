// Attention, and what a transformer of pictures needs beside it: patches as a sequence after a learned token, learned places, and
// one place taken out. Vaswani et al. 2017, 1706.03762; Dosovitskiy et al. 2020, 2010.11929.
import { NeocogError } from "../../base/errors.ts";
import { axis, flag, integer, real, required, whole } from "../../base/rules.ts";
import { formatShape, normalizeAxis } from "../../base/shape.ts";
import type { Tensor } from "../../graph/graph.ts";
import { add } from "../../ops/arithmetic.ts";
import { scaledDotProductAttention } from "../../ops/attention.ts";
import { concat, permute, slice } from "../../ops/copy.ts";
import { linear } from "../../ops/matmul.ts";
import { dropout as dropped } from "../../ops/random.ts";
import { reshape } from "../../ops/reshape.ts";
import { broadcastTo } from "../../ops/sum.ts";
import { normal, truncNormal, xavierUniform, zeros } from "../init.ts";
import { type LayerType, layerOf } from "../layer.ts";
import type { AnyCall, KeepCall } from "../shapes/calls.ts";
import { Conv2d } from "./convolution.ts";
import { Linear } from "./linear.ts";

/** Options of MultiheadAttention. */
export interface MultiheadAttentionOptions {
  /** Biases of the projections; true unless told. */
  readonly bias?: boolean;
  /** Probability with which weights are dropped while training; 0 unless told. */
  readonly dropout?: number;
  /** Input and output are [N, T, features] instead of [T, N, features]; false unless told, as in PyTorch. */
  readonly batchFirst?: boolean;
}

interface MultiheadAttentionData extends MultiheadAttentionOptions {
  readonly numHeads: number;
}

const attention: LayerType<MultiheadAttentionData> = {
  name: "MultiheadAttention",
  rules: { numHeads: required(whole(1)), bias: flag, dropout: real(0, 1), batchFirst: flag },
  torch: "embedDim numHeads dropout bias addBiasKv addZeroAttn kdim vdim batchFirst",
  build(given, { options: { numHeads, bias = true, dropout = 0, batchFirst = false } }, context) {
    const width = given.shape[2];
    if (given.shape.length !== 3 || width % numHeads !== 0)
      throw new NeocogError(
        `MultiheadAttention needs a sequence ${batchFirst ? "[batch, steps, features]" : "[steps, batch, features]"} whose features ${numHeads} heads divide; it got ${formatShape(given.shape)}.`,
      );
    const x = batchFirst ? given : permute(given, [1, 0, 2]);
    const [batch, steps] = x.shape;
    const init = context.init.weight ?? xavierUniform();
    const weight = context.parameter("in_proj_weight", [3 * width, width], init);
    const all = linear(x, weight);
    const projected = bias ? add(all, context.parameter("in_proj_bias", [3 * width], zeros)) : all;
    const [query, key, value] = [0, 1, 2].map((i) => {
      const part = slice(projected, [undefined, undefined, { start: i * width, stop: (i + 1) * width }]);
      return permute(reshape(part, [batch, steps, numHeads, width / numHeads]), [0, 2, 1, 3]);
    });
    const random = context.training && dropout > 0 ? context.random() : undefined;
    const found = scaledDotProductAttention(query, key, value, {
      weigh: random && ((weights: Tensor) => dropped(weights, dropout, random)),
    });
    const joined = reshape(permute(found, [0, 2, 1, 3]), [batch, steps, width]);
    const y = context.apply("out_proj", Linear(width, { bias, biasInit: zeros }), joined);
    return batchFirst ? y : permute(y, [1, 0, 2]);
  },
};

/**
 * Self-attention of several heads over a sequence, [T, N, features] to the same shape (Vaswani et al. 2017):
 * `MultiheadAttention(8, { batchFirst: true })`. Weights have PyTorch's names (in_proj_weight, out_proj.weight, …); query, key and
 * value are the input. Throws unless the heads divide the features.
 */
export const MultiheadAttention: KeepCall<
  "MultiheadAttention",
  [numHeads: number, options?: MultiheadAttentionOptions]
> = layerOf(attention);

interface PatchTokensData {
  readonly width: number;
  readonly patchSize: number;
}

const patchTokens: LayerType<PatchTokensData> = {
  name: "PatchTokens",
  rules: { width: required(whole(1)), patchSize: required(whole(1)) },
  build(x, { options: { width, patchSize } }, context) {
    if (x.shape.length !== 4 || x.shape[2] % patchSize !== 0 || x.shape[3] % patchSize !== 0)
      throw new NeocogError(
        `PatchTokens needs pictures whose sides ${patchSize} divides; it got ${formatShape(x.shape)}.`,
      );
    const token = context.parameter("class_token", [1, 1, width], zeros);
    const std = 1 / Math.sqrt(x.shape[1] * patchSize ** 2);
    const start = { init: truncNormal(0, std, -2, 2), biasInit: zeros };
    const y = context.apply("conv_proj", Conv2d(width, patchSize, { stride: patchSize, ...start }), x);
    const sequence = permute(reshape(y, [y.shape[0], width, y.shape[2] * y.shape[3]]), [0, 2, 1]);
    return concat([broadcastTo(token, [x.shape[0], 1, width]), sequence], 1);
  },
};

/**
 * A picture as a sequence, [N, C, H, W] to [N, 1 + H·W / patchSize², width]: a learned token ("class_token"), then each square
 * patch by a convolution ("conv_proj"): `PatchTokens(768, 16)`. Throws unless the patch's side divides height and width.
 */
export const PatchTokens = layerOf<AnyCall<[width: number, patchSize: number]>>(patchTokens);

const positionEmbedding: LayerType = {
  name: "PositionEmbedding",
  rules: {},
  build: (x, _layer, context) => add(x, context.parameter("pos_embedding", [1, ...x.shape.slice(1)], normal(0, 0.02))),
};

/** Adds a learned number to each place and feature of [N, T, features], the same shape ("pos_embedding"). */
export const PositionEmbedding: KeepCall<"PositionEmbedding", []> = layerOf(positionEmbedding);

interface SelectData {
  readonly dim: number;
  readonly index: number;
}

const selectType: LayerType<SelectData> = {
  name: "Select",
  rules: { dim: required(axis), index: required(integer) },
  build(x, { options: { dim, index } }) {
    const place = normalizeAxis(dim, x.shape.length, "dim");
    const size = x.shape[place];
    const at = index < 0 ? index + size : index;
    if (at < 0 || at >= size) throw new NeocogError(`axis ${dim} of ${formatShape(x.shape)} has no place ${index}.`);
    const part = slice(
      x,
      x.shape.map((_, i) => (i === place ? { start: at, stop: at + 1 } : undefined)),
    );
    return reshape(part, [...x.shape.slice(0, place), ...x.shape.slice(place + 1)]);
  },
};

/**
 * One place of an axis, which is gone (torch.select): [N, T, features] by `Select(1, 0)` to [N, features], the first of a
 * sequence; a negative index counts from the end. Throws for a place that the axis lacks.
 */
export const Select = layerOf<AnyCall<[dim: number, index: number]>>(selectType);

export const attentionTypes = [attention, patchTokens, positionEmbedding, selectType] as const;
