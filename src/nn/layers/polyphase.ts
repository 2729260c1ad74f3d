// Adaptive polyphase sampling (Chaman & Dokmanic 2021, 2011.14214): of the s² ways to keep every s-th place, keep the one with the
// largest norm. A shifted picture has the same polyphase parts in another order, so the same one wins: with circular
// padding the network's answer does not change at all.
import { NeocogError } from "../../base/errors.ts";
import { whole } from "../../base/rules.ts";
import { formatShape } from "../../base/shape.ts";
import type { Tensor } from "../../graph/graph.ts";
import { add, cast, eq, mul, square } from "../../ops/arithmetic.ts";
import { concat, slice } from "../../ops/copy.ts";
import { argmax } from "../../ops/reduce.ts";
import { reshape } from "../../ops/reshape.ts";
import { sum } from "../../ops/sum.ts";
import { type LayerType, layerOf } from "../layer.ts";
import type { AnyCall } from "../shapes/calls.ts";
import { checkRank } from "./convolution.ts";

/** Options of AdaptivePolyphase2d. */
export interface PolyphaseOptions {
  /** Every which place is kept ; 2 unless told. */
  readonly stride?: number;
}

const polyphase: LayerType<PolyphaseOptions> = {
  name: "AdaptivePolyphase2d",
  rules: { stride: whole(1) },
  build(x, { options: { stride = 2 } }) {
    checkRank(x, 2);
    const [batch, , height, width] = x.shape;
    if (height % stride !== 0 || width % stride !== 0) {
      throw new NeocogError(
        `its polyphase parts must be of one size: ${formatShape(x.shape)} does not divide by the stride ${stride}; pad or crop it before.`,
      );
    }
    const parts: Tensor[] = [];
    for (let y = 0; y < stride; y++) {
      for (let column = 0; column < stride; column++) {
        parts.push(slice(x, [undefined, undefined, { start: y, step: stride }, { start: column, step: stride }]));
      }
    }
    const norms = concat(
      parts.map((part) => reshape(sum(square(part), [1, 2, 3]), [batch, 1])),
      1,
    );
    const winner = argmax(norms, 1);
    return parts.map((part, i) => mul(part, reshape(cast(eq(winner, i), "float32"), [batch, 1, 1, 1]))).reduce(add);
  },
};

/**
 * Of the stride² ways to keep every stride-th place, the one with the largest norm for each image, [N, C, H, W] to
 * [N, C, H / stride, W / stride] (Chaman & Dokmanic 2021, 2011.14214): `AdaptivePolyphase2d()` in the place of a
 * stride of 2. Throws unless the stride divides height and width.
 */
export const AdaptivePolyphase2d = layerOf<AnyCall<[options?: PolyphaseOptions]>>(polyphase);

export const polyphaseTypes = [polyphase] as const;
