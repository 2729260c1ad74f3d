// Ways to halve a map that mind shifts.
//
// BlurPool (Zhang 2019, 1904.11486): blur with a binomial kernel ([1, 2, 1] / 4 for 3), then keep every s-th place.
// AdaptivePolyphase (Chaman & Dokmanic 2021, 2011.14214): of the s² ways to keep every s-th place, keep the one with the
// largest norm. A shifted picture has the same polyphase parts in another order, so the same one wins: with circular
// padding the network's answer does not change at all.
import { ndarray } from "../../base/array.ts";
import { NeocogError } from "../../base/errors.ts";
import { formatShape } from "../../base/shape.ts";
import { constantTensor, type Tensor } from "../../graph/graph.ts";
import { add, cast, eq, mul, square } from "../../ops/arithmetic.ts";
import { conv } from "../../ops/convolve.ts";
import { concat, type PaddingMode, pad, slice } from "../../ops/copy.ts";
import { argmax } from "../../ops/reduce.ts";
import { reshape } from "../../ops/reshape.ts";
import { sum } from "../../ops/sum.ts";
import { createLayer, type Layer, type LayerType } from "../layer.ts";
import { oneOf, required, whole } from "../options.ts";
import { checkRank } from "./convolution.ts";

export interface BlurPoolOptions {
  /** Every which place is kept (default 2). */
  readonly stride?: number;
  /** What lies around the picture (default "reflect"). */
  readonly paddingMode?: Exclude<PaddingMode, "constant">;
}

interface BlurPoolData extends BlurPoolOptions {
  readonly kernelSize: number;
}

/** A row of Pascal's triangle, which adds up to 1. */
function binomial(taps: number): number[] {
  let row = [1];
  while (row.length < taps) row = [1, ...row.slice(1).map((value, i) => value + row[i]), 1];
  return row.map((value) => value / 2 ** (taps - 1));
}

const blurPool: LayerType<BlurPoolData> = {
  name: "BlurPool2d",
  rules: {
    kernelSize: required(whole(1)),
    stride: whole(1),
    paddingMode: oneOf(["zeros", "reflect", "replicate", "circular"]),
  },
  build(x, { options: { kernelSize: k, stride = 2, paddingMode = "reflect" } }) {
    checkRank(x, 2);
    const channels = x.shape[1];
    const line = binomial(k);
    const square = line.flatMap((a) => line.map((b) => a * b));
    const weight = ndarray([channels, 1, k, k], Array.from({ length: channels }, () => square).flat());
    const before = Math.floor((k - 1) / 2);
    const after = k - 1 - before;
    const padded = pad(x, [0, 0, before, before], [0, 0, after, after], paddingMode);
    return conv(padded, constantTensor(weight), { stride, groups: channels });
  },
};

/** Blur, then keep every second place: `BlurPool2d(3)`. */
export const BlurPool2d = (kernelSize: number, options: BlurPoolOptions = {}): Layer =>
  createLayer(blurPool, { kernelSize, ...options });

export interface PolyphaseOptions {
  /** Every which place is kept (default 2). */
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

/** Keeps the polyphase part with the largest norm: `AdaptivePolyphase2d()` in the place of a stride of 2. */
export const AdaptivePolyphase2d = (options: PolyphaseOptions = {}): Layer => createLayer(polyphase, options);

export const downsamplingTypes = [blurPool, polyphase] as const;
