// Normalisation: y = (x − mean) / sqrt(variance + eps) · weight + bias, with mean and variance over different axes.
//
//   batch     N and the places: one mean a channel (Ioffe & Szegedy 2015, 1502.03167)
//   layer     the last axes (Ba, Kiros & Hinton 2016, 1607.06450)
//   group     the places and a group of channels of one image (Wu & He 2018, 1803.08494)
//   instance  the places of one map (Ulyanov, Vedaldi & Lempitsky 2016, 1607.08022)
//
// With x̂ the normalised value and n the number of values in a mean, the gradient needs two sums and one pass:
//   dx = (dy − Σ dy / n − x̂ Σ(dy x̂) / n) · weight / sqrt(variance + eps)

import { type NdArray, zeros64 } from "../../base/array.ts";
import { ShapeError } from "../../base/errors.ts";
import { broadcastShapes, formatShape, type Shape, sameShape, sizeOf, stridesOf } from "../../base/shape.ts";
import { apply, apply1, type Tensor } from "../../graph/graph.ts";
import type { Op, Spatial } from "../../graph/op.ts";
import { add, constant, type Expression, maximum, multiply, subtract, unary } from "../../kernel/expression.ts";
import { broadcastMap, times } from "./arithmetic.ts";
import { sliced } from "./copy.ts";
import { perChannel } from "./reshape.ts";
import { averaged, reducedShape, summed, sumTo } from "./sum.ts";

export interface NormalizeAttributes {
  /** Over which axes, from the front, ascending. */
  readonly axes: readonly number[];
  readonly eps: number;
}

const inverseRoot = (variance: Expression, eps: number): Expression =>
  unary("reciprocal", unary("sqrt", add(variance, constant(eps))));

const over = (shape: Shape, axes: readonly number[]): Spatial =>
  axes.some((axis) => axis >= 2) ? "everything" : shape.slice(2).map(() => ({ step: 1, low: 0, high: 0 }));

/** Flat place in a kept array (size 1 along `axes`, or along other axes too) of each element of `shape`. */
function placeIn(kept: Shape, shape: Shape): (i: number) => number {
  const strides = stridesOf(shape);
  const steps = stridesOf(kept).map((stride, axis) => (kept[axis] === 1 ? 0 : stride));
  return (i) => shape.reduce((place, n, axis) => place + (Math.floor(i / strides[axis]) % n) * steps[axis], 0);
}

/**
 * Inputs: x, and perhaps a weight and a bias that do not vary along the axes (size 1 there, as many axes as x).
 * Outputs: y, and the mean and the biased variance (size 1 along the axes).
 */
export const normalizeOp: Op<NormalizeAttributes> = {
  name: "normalize",
  ofFloats: true,
  infer([x, weight, bias], { axes }) {
    if (axes.some((axis) => x.shape[axis] === 0)) {
      throw new ShapeError(`normalize over an empty axis of ${formatShape(x.shape)} has no mean.`);
    }
    const kept = reducedShape(x.shape, axes, true);
    for (const affine of [weight, bias]) {
      if (affine && !sameShape(broadcastShapes(affine.shape, kept) ?? [], kept)) {
        throw new ShapeError(
          `normalize: the weight or bias ${formatShape(affine.shape)} does not fit the means, which are ${formatShape(kept)}.`,
        );
      }
    }
    return [
      { shape: x.shape, dtype: x.dtype },
      { shape: kept, dtype: x.dtype },
      { shape: kept, dtype: x.dtype },
    ];
  },
  reference([x, weight, bias], { eps }, types) {
    const [y, means, variances] = types.map(({ shape, dtype }) => zeros64(shape, dtype));
    const cell = placeIn(means.shape, x.shape);
    const n = x.data.length / means.data.length;
    for (let i = 0; i < x.data.length; i++) means.data[cell(i)] += x.data[i] / n;
    for (let i = 0; i < x.data.length; i++) variances.data[cell(i)] += (x.data[i] - means.data[cell(i)]) ** 2 / n;
    const affine = (array: NdArray | undefined, otherwise: number): ((i: number) => number) => {
      if (!array) return () => otherwise;
      const place = placeIn(array.shape, x.shape);
      return (i) => array.data[place(i)];
    };
    const scale = affine(weight, 1);
    const shift = affine(bias, 0);
    for (let i = 0; i < x.data.length; i++) {
      const at = cell(i);
      y.data[i] = ((x.data[i] - means.data[at]) / Math.sqrt(variances.data[at] + eps)) * scale(i) + shift(i);
    }
    return [y, means, variances];
  },
  expand([x, weight, bias], { axes, eps }) {
    // One pass over x gives both sums: deviations are taken from one value k of the same mean's, which is near it, so that
    // nothing cancels:  mean = k + E[x − k],  variance = E[(x − k)²] − E[x − k]².
    const k = sliced(
      x,
      x.shape.map((_, axis) => (axes.includes(axis) ? { stop: 1 } : undefined)),
    );
    const d = averaged(broadcastMap("deviation", [x, k], subtract), axes, true);
    const squares = averaged(
      broadcastMap("squaredDeviation", [x, k], (a, b) => multiply(subtract(a, b), subtract(a, b))),
      axes,
      true,
    );
    const m = broadcastMap("mean", [k, d], add);
    const v = broadcastMap("variance", [squares, d], (s, a) => maximum(subtract(s, multiply(a, a)), constant(0)));
    const scale = scaleOf(v, weight, eps);
    const y = bias
      ? broadcastMap("normalize", [x, m, scale, bias], (a, b, s, t) => add(multiply(subtract(a, b), s), t))
      : broadcastMap("normalize", [x, m, scale], (a, b, s) => multiply(subtract(a, b), s));
    return [y, m, v];
  },
  gradient(node, [dy, dMean, dVariance], { axes, eps }) {
    const [x, weight, bias] = node.inputs;
    const [, m, v] = node.outputs;
    const n = sizeOf(x.shape) / sizeOf(m.shape);
    let dx: Tensor | undefined;
    let dWeight: Tensor | undefined;
    let dBias: Tensor | undefined;
    if (dy) {
      const total = summed(dy, axes, true);
      const product = summed(
        broadcastMap("timesDeviation", [dy, x, m], (g, a, b) => multiply(g, subtract(a, b))),
        axes,
        true,
      );
      // dx = scale (dy − total / n − (x − m) slope), with slope = product / (n (v + eps))
      const slope = broadcastMap("slope", [product, v], (p, s) =>
        multiply(p, unary("reciprocal", multiply(constant(n), add(s, constant(eps))))),
      );
      dx = broadcastMap(
        "gradient of normalize",
        [dy, x, m, scaleOf(v, weight, eps), total, slope],
        (g, a, b, s, t, c) =>
          multiply(s, subtract(subtract(g, multiply(t, constant(1 / n))), multiply(subtract(a, b), c))),
      );
      if (weight) {
        const scaled = broadcastMap("gradient of weight", [product, v], (p, s) => multiply(p, inverseRoot(s, eps)));
        dWeight = sumTo(scaled, weight.shape);
      }
      if (bias) dBias = sumTo(total, bias.shape);
    }
    const more: Tensor[] = [];
    if (dMean) more.push(broadcastMap("gradient of mean", [dMean, x], (g, _a) => multiply(g, constant(1 / n))));
    if (dVariance) {
      more.push(
        broadcastMap("gradient of variance", [dVariance, x, m], (g, a, b) =>
          multiply(multiply(g, constant(2 / n)), subtract(a, b)),
        ),
      );
    }
    for (const extra of more) dx = dx ? broadcastMap("add", [dx, extra], add) : extra;
    return [dx, dWeight, dBias];
  },
  spatial: ([x, weight, bias], { axes }) => [
    over(x.shape, axes),
    ...[weight, bias].filter((t) => t !== undefined).map((): Spatial => "nothing"),
  ],
};

/** weight / sqrt(variance + eps), small: one number a mean. */
function scaleOf(variance: Tensor, weight: Tensor | undefined, eps: number): Tensor {
  return weight
    ? broadcastMap("scale", [variance, weight], (v, w) => multiply(w, inverseRoot(v, eps)))
    : broadcastMap("scale", [variance], (v) => inverseRoot(v, eps));
}

/** Normalises over axes; the affine part, if any, does not vary along them. */
export function normalizeOver(
  x: Tensor,
  axes: readonly number[],
  eps: number,
  weight?: Tensor,
  bias?: Tensor,
): { y: Tensor; mean: Tensor; variance: Tensor } {
  // A bias alone is added after; a weight alone multiplies after: the card takes both or none.
  const [y, m, v] = apply(normalizeOp, weight && bias ? [x, weight, bias] : [x], { axes, eps });
  const single = weight && !bias ? times(y, weight) : bias && !weight ? broadcastMap("add", [y, bias], add) : y;
  return { y: single, mean: m, variance: v };
}

export interface BatchNormInferenceAttributes {
  readonly eps: number;
}

/**
 * Batch normalisation with known statistics: inputs x [N, C, …], and mean, variance, weight, bias of [C].
 * One multiplication and one addition a value, with a scale and a shift a channel, so that it folds into a convolution.
 */
export const batchNormInferenceOp: Op<BatchNormInferenceAttributes> = {
  name: "batchNormInference",
  ofFloats: true,
  infer([x, ...channels]) {
    for (const { shape } of channels) {
      if (shape.length !== 1 || shape[0] !== x.shape[1]) {
        throw new ShapeError(
          `batch normalisation of ${formatShape(x.shape)} needs one number for each of the ${x.shape[1]} channels, not ${formatShape(shape)}.`,
        );
      }
    }
    return [{ shape: x.shape, dtype: x.dtype }];
  },
  reference([x, m, v, weight, bias], { eps }, [type]) {
    const y = zeros64(type.shape, type.dtype);
    const channels = x.shape[1];
    const size = sizeOf(x.shape.slice(2));
    for (let i = 0; i < y.data.length; i++) {
      const c = Math.floor(i / size) % channels;
      y.data[i] = ((x.data[i] - m.data[c]) / Math.sqrt(v.data[c] + eps)) * weight.data[c] + bias.data[c];
    }
    return [y];
  },
  expand([x, m, v, weight, bias], { eps }) {
    const scale = scaleOf(v, weight, eps);
    const shift = broadcastMap("shift", [bias, m, scale], (b, a, s) => subtract(b, multiply(a, s)));
    const columns = [scale, shift].map((t) => perChannel(t, x.shape));
    return [broadcastMap("scaleShift", [x, ...columns], (a, s, t) => add(multiply(a, s), t))];
  },
  spatial: ([x]) => [over(x.shape, []), "nothing", "nothing", "nothing", "nothing"],
};

export function batchNormKnown(
  x: Tensor,
  [m, v, weight, bias]: readonly [Tensor, Tensor, Tensor, Tensor],
  eps: number,
): Tensor {
  return apply1(batchNormInferenceOp, [x, m, v, weight, bias], { eps });
}
