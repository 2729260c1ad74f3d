// Attention as a user calls it: weights by how well queries and keys agree, and the values so weighed (Vaswani et al. 2017).
import { understand } from "../base/arguments.ts";
import { ShapeError } from "../base/errors.ts";
import { options as byName, callback, flag, type OptionsOf, real } from "../base/rules.ts";
import { formatShape } from "../base/shape.ts";
import { type Tensor, tensor } from "../graph/graph.ts";
import { binary, constant, type Expression, operand, select } from "../kernel/expression.ts";
import { add, mul, where } from "./arithmetic.ts";
import { elementwise } from "./cards/map.ts";
import { matmul } from "./matmul.ts";
import { softmax } from "./softmax.ts";

/** Options of scaledDotProductAttention. */
export interface AttentionOptions {
  /** Which places a query sees, [..., L, S] or what broadcasts to it: true for seen (bool), or numbers that are added. */
  readonly mask?: Tensor;
  /** A query sees no key behind its own place; false unless told. */
  readonly isCausal?: boolean;
  /** What scores are multiplied by; 1 / √E unless told. */
  readonly scale?: number;
  /** What is done to the weights before they are used, such as a dropout. */
  readonly weigh?: (weights: Tensor) => Tensor;
}

/**
 * softmax(q kᵀ / √E) v over the last two axes: queries [..., L, E], keys [..., S, E] and values [..., S, V] to [..., L, V]
 * (torch.nn.functional.scaled_dot_product_attention). A query that sees nothing gives NaN, as in PyTorch. Throws a ShapeError where
 * sizes do not fit.
 */
export function scaledDotProductAttention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  options: AttentionOptions = {},
): Tensor {
  understand("scaledDotProductAttention", arguments, {
    ...{ query: tensor, key: tensor, value: tensor },
    options: byName<OptionsOf<typeof scaledDotProductAttention>>({
      ...{ mask: tensor, isCausal: flag, scale: real(), weigh: callback },
    }),
  });
  const shapes = [query, key, value].map(({ shape }) => formatShape(shape)).join(", ");
  const [e, s] = [query.shape.at(-1) ?? 0, key.shape.at(-2)];
  if (query.shape.length < 2 || key.shape.at(-1) !== e || value.shape.at(-2) !== s)
    throw new ShapeError(`scaledDotProductAttention needs [..., L, E], [..., S, E] and [..., S, V]; it got ${shapes}.`);
  const { mask, isCausal = false, scale = 1 / Math.sqrt(e), weigh = (x: Tensor) => x } = options;
  let scores = mul(matmul(query, key, { transposeB: true }), scale);
  if (mask) scores = mask.dtype === "bool" ? where(mask, scores, -Infinity) : add(scores, mask);
  if (isCausal) scores = causal(scores);
  return matmul(weigh(softmax(scores, -1)), value);
}

/** −∞ where the key's place lies behind the query's. */
function causal(scores: Tensor): Tensor {
  const rank = scores.shape.length;
  const [row, column]: Expression[] = [rank - 2, rank - 1].map((axis) => ({ kind: "axisIndex", axis }));
  return elementwise("causal", select(binary("lessEqual", column, row), operand(0), constant(-Infinity)), [scores]);
}
