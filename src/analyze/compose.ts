// Composition of linear maps: a stack of convolutions is one convolution, and batch norm in evaluation is part of the
// convolution before it. Plain arithmetic in float64.
//
//   (x ⋆ a) ⋆ b = x ⋆ c      c[k, c, p] = Σ_m Σ_q b[k, m, q] a[m, c, p − q s_a]      side: k_a + (k_b − 1) s_a d_b
//
// a is applied first with stride s_a; the composed stride is s_a s_b. Without padding between, the two are equal
// everywhere; a non-linearity between makes it impossible.
import { understand } from "../base/arguments.ts";
import { type NdArray, ndarray, ndarrayRule } from "../base/array.ts";
import { NeocogError } from "../base/errors.ts";
import { isRecord, like, listOf, type Rule, whole } from "../base/rules.ts";
import { formatShape, sizeOf } from "../base/shape.ts";

/** One convolution: weight [K, C, R, S], bias [K] if any, stride and dilation along both axes. */
export interface LinearConvolution {
  /** [K, C, R, S]. */
  readonly weight: NdArray;
  /** [K]; nothing is added unless told. */
  readonly bias?: NdArray;
  /** Along both axes; 1 unless told. */
  readonly stride?: number;
  /** Along both axes; 1 (no gap) unless told. */
  readonly dilation?: number;
}

const convolutionRule: Rule = {
  must: "a convolution { weight, bias, stride, dilation } whose weight is an array [K, C, R, S]",
  accepts: (value) =>
    isRecord(value) &&
    ndarrayRule.accepts(value.weight) &&
    [value.stride, value.dilation].every((n) => n === undefined || whole(1).accepts(n)),
};

/** The kernel with its zeros written out between the taps. */
function spread(weight: NdArray, dilation: number): NdArray {
  if (dilation === 1) return weight;
  const [k, c, r, s] = weight.shape;
  const [height, width] = [dilation * (r - 1) + 1, dilation * (s - 1) + 1];
  const data = new Float64Array(k * c * height * width);
  for (let map = 0; map < k * c; map++) {
    for (let y = 0; y < r; y++) {
      for (let x = 0; x < s; x++) {
        data[(map * height + y * dilation) * width + x * dilation] = weight.data[(map * r + y) * s + x];
      }
    }
  }
  return ndarray([k, c, height, width], data);
}

/** Two convolutions as one. */
export function composeTwo(first: LinearConvolution, second: LinearConvolution): Required<LinearConvolution> {
  const a = spread(first.weight, first.dilation ?? 1);
  const b = spread(second.weight, second.dilation ?? 1);
  const [middle, channels, ra, sa] = a.shape;
  const [outputs, groupInputs, rb, sb] = b.shape;
  if (middle !== groupInputs) {
    throw new NeocogError(
      `The kernels ${formatShape(a.shape)} and ${formatShape(b.shape)} do not follow each other: the second must take the first one's ${middle} channels.`,
    );
  }
  const step = first.stride ?? 1;
  const [height, width] = [ra + (rb - 1) * step, sa + (sb - 1) * step];
  const data = new Float64Array(outputs * channels * height * width);
  for (let k = 0; k < outputs; k++) {
    for (let m = 0; m < middle; m++) {
      for (let y = 0; y < rb; y++) {
        for (let x = 0; x < sb; x++) {
          const factor = b.data[((k * middle + m) * rb + y) * sb + x];
          if (factor === 0) continue;
          for (let c = 0; c < channels; c++) {
            for (let v = 0; v < ra; v++) {
              for (let u = 0; u < sa; u++) {
                data[((k * channels + c) * height + y * step + v) * width + x * step + u] +=
                  factor * a.data[((m * channels + c) * ra + v) * sa + u];
              }
            }
          }
        }
      }
    }
  }
  const bias = new Float64Array(outputs);
  for (let k = 0; k < outputs; k++) {
    bias[k] = second.bias?.data[k] ?? 0;
    for (let m = 0; m < middle; m++) {
      let sum = 0;
      for (let p = 0; p < rb * sb; p++) sum += b.data[(k * middle + m) * rb * sb + p];
      bias[k] += sum * (first.bias?.data[m] ?? 0);
    }
  }
  return {
    weight: ndarray([outputs, channels, height, width], data),
    bias: ndarray([outputs], bias),
    stride: step * (second.stride ?? 1),
    dilation: 1,
  };
}

/**
 * A linear stack of convolutions, the first applied first, as one: weight [K, C, …] whose side is k₁ + (k₂ − 1) d₂ s₁
 * for two, strides multiplied, in float64. Equal everywhere where nothing is padded between. Throws for an empty
 * stack and kernels that do not follow each other.
 */
export function compose(stack: readonly LinearConvolution[]): Required<LinearConvolution> {
  understand("compose", arguments, {
    stack: listOf(convolutionRule, "a list of convolutions { weight, bias, stride, dilation }"),
  });
  if (stack.length === 0) throw new NeocogError("There is nothing to compose: the stack has no convolution.");
  const [{ weight, bias, stride = 1, dilation = 1 }, ...rest] = stack;
  const start: Required<LinearConvolution> = {
    weight: spread(weight, dilation),
    bias: bias ?? ndarray([weight.shape[0]], new Float64Array(weight.shape[0])),
    stride,
    dilation: 1,
  };
  return rest.reduce<Required<LinearConvolution>>(composeTwo, start);
}

/** Batch norm in evaluation, by PyTorch's names. */
export interface BatchNormState {
  /** Mean of each channel, [K]. */
  readonly runningMean: NdArray;
  /** Variance of each channel, [K]. */
  readonly runningVar: NdArray;
  /** The learned scale, [K]; 1 unless told. */
  readonly weight?: NdArray;
  /** The learned shift, [K]; 0 unless told. */
  readonly bias?: NdArray;
  /** Added to the variance; 1e-5 unless told. */
  readonly eps?: number;
}

/**
 * The convolution [K, C, R, S] that does its own work and a batch norm's in evaluation: w' = w γ / √(var + eps), b' =
 * (b − mean) γ / √(var + eps) + β, in float64. Throws where the channels differ.
 */
export function foldBatchNorm(convolution: LinearConvolution, norm: BatchNormState): LinearConvolution {
  understand("foldBatchNorm", arguments, {
    convolution: convolutionRule,
    norm: like("the state of a batch norm", "runningMean", "runningVar"),
  });
  const { weight } = convolution;
  const outputs = weight.shape[0];
  if (norm.runningMean.data.length !== outputs || norm.runningVar.data.length !== outputs) {
    throw new NeocogError(
      `The batch norm has ${norm.runningMean.data.length} channels, but the convolution ${formatShape(weight.shape)} gives ${outputs}.`,
    );
  }
  const inner = sizeOf(weight.shape) / outputs;
  const data = Float64Array.from(weight.data);
  const bias = new Float64Array(outputs);
  for (let k = 0; k < outputs; k++) {
    const scale = (norm.weight?.data[k] ?? 1) / Math.sqrt(norm.runningVar.data[k] + (norm.eps ?? 1e-5));
    for (let i = 0; i < inner; i++) data[k * inner + i] *= scale;
    bias[k] = ((convolution.bias?.data[k] ?? 0) - norm.runningMean.data[k]) * scale + (norm.bias?.data[k] ?? 0);
  }
  return { ...convolution, weight: ndarray(weight.shape, data), bias: ndarray([outputs], bias) };
}
