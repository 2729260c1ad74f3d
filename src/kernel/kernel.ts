// The waist: the six loops that every op is lowered to. Plain data, no names of ops. Operand i of a kernel is input i of
// the step that holds it (plan.ts); sizes and strides are in elements.
//
//   map       out[i] = f(a[i], b[i], …)                          element-wise, broadcasting, random numbers
//   reduce    out[k] = g(Σ_r f(a[k,r], …))                       sums, maxima, arg-maxima, means
//   window    out[y] = max or mean of in over a sliding window   pooling and its gradients
//   contract  out[m,n] = g(Σ_k a[m,k] b[k,n])                    matmul, convolution and both its gradients
//   copy      strided boxes into a filled output                 pad, slice, concat, transpose, broadcast, flip
//   index     out[…,i,…] = Σ_t w[i,t] in[…,t,…]; gather          resize, adaptive pooling, embedding, and adjoints
//
// A seventh loop needs two ops that want it.
import type { Shape } from "../base/shape.ts";
import type { Slides, WindowOverMap } from "../base/window.ts";
import type { Expression } from "./expression.ts";

/** Where an operand's element lies for the loop place i: offset + Σ strides[axis] i[axis]. Stride 0 broadcasts. */
export interface Access {
  readonly strides: readonly number[];
  readonly offset: number;
}

export const sameAccess = (a: Access, b: Access): boolean =>
  a.offset === b.offset && a.strides.length === b.strides.length && a.strides.every((s, i) => s === b.strides[i]);

/** One output element per place of `shape`; output j is the value of `outputs[j]`, stored row-major. */
export interface MapKernel {
  readonly kind: "map";
  readonly shape: Shape;
  readonly operands: readonly Access[];
  readonly outputs: readonly Expression[];
}

export type Combine = "sum" | "product" | "maximum" | "minimum" | "argMaximum" | "argMinimum";

/**
 * Runs over `shape`; the places along `axes` are combined (argMaximum and argMinimum give the first place, counted
 * row-major over the reduced axes; a NaN beats every number). `outputs` are expressions whose operand i is accumulator i, followed by the
 * `finishOperands`, which are accessed over the kept axes only (strides of the kept axes in order).
 */
export interface ReduceKernel {
  readonly kind: "reduce";
  readonly shape: Shape;
  readonly axes: readonly number[];
  readonly operands: readonly Access[];
  readonly accumulators: readonly { readonly combine: Combine; readonly value: Expression }[];
  readonly finishOperands: readonly Access[];
  readonly outputs: readonly Expression[];
}

/** Geometry of a convolution with any number of spatial axes; places outside the input count as zero. */
export interface ConvolutionGeometry extends WindowOverMap {
  readonly batch: number;
  readonly groups: number;
  /** All input channels; each group sees inChannels / groups of them. */
  readonly inChannels: number;
  readonly outChannels: number;
}

/** x [N, C, …input], w [K, C/groups, …kernel], y [N, K, …output]: two of them in, the third out. */
export interface ConvolutionForm {
  readonly kind: "convolution";
  /** forward: (x, w) → y. inputGradient: (dy, w) → dx. filterGradient: (x, dy) → dw. */
  readonly role: "forward" | "inputGradient" | "filterGradient";
  readonly geometry: ConvolutionGeometry;
}

/** out[b, i, j] = Σ_k a[b, i, k] b[b, k, j]; transposes and broadcast batches are strides. Output row-major [...batch, m, n]. */
export interface MatmulForm {
  readonly kind: "matmul";
  readonly batch: readonly number[];
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly a: { readonly batchStrides: readonly number[]; readonly row: number; readonly column: number };
  readonly b: { readonly batchStrides: readonly number[]; readonly row: number; readonly column: number };
}

/** Inputs: the two factors, then the epilogue's operands. */
export interface ContractKernel {
  readonly kind: "contract";
  readonly form: ConvolutionForm | MatmulForm;
  readonly epilogue?: Epilogue;
}

/** What is done to each element before it is stored: operand 0 is the element, the others are accessed over `shape`. */
export interface Epilogue {
  readonly shape: Shape;
  readonly operands: readonly Access[];
  readonly expression: Expression;
}

/**
 * Pooling over `planes` independent maps (batch times channels).
 * forward maximum:  x → y, and with `withIndices` also int32 places (row-major within the input plane; first maximum;
 *                   a NaN wins; padding never wins).
 * gradient maximum: dy, indices → dx.     forward average: x → y.     gradient average: dy → dx.
 * Average divides by the window's cells that lie inside input plus padding (`countIncludePad`) or inside the input.
 */
export interface WindowKernel extends Slides {
  readonly kind: "window";
  readonly combine: "maximum" | "average";
  readonly role: "forward" | "gradient";
  readonly withIndices: boolean;
  readonly countIncludePad: boolean;
  readonly planes: number;
  readonly input: readonly number[];
  readonly output: readonly number[];
  readonly window: readonly number[];
}

/** A box of `shape` elements moved from an input to the output. Strides may be 0 (broadcast) or negative (flip). */
export interface CopyPiece {
  readonly operand: number;
  readonly shape: Shape;
  readonly from: Access;
  readonly to: Access;
  /** Add to what is there instead of overwriting: the adjoint of reading a cell twice. */
  readonly accumulate: boolean;
}

/** The output of `shape` is first filled (where `fill` is given), then the pieces are copied in order. */
export interface CopyKernel {
  readonly kind: "copy";
  readonly shape: Shape;
  readonly fill?: number;
  readonly pieces: readonly CopyPiece[];
}

/**
 * table:  a sparse linear map along one axis: out[o, i, r] = Σ over t in [start[i], start[i+1]) of
 *         weight[t] * in[o, source[t], r], with `outer` times `inner` independent lines.
 * gather: out[o, i, r] = in[o, indices[i], r]; input 1 holds int32 indices (negative ones count from the end).
 * scatterAdd: the adjoint: inputs (dy [outer, count, inner], indices) → dx [outer, size, inner], in order of i.
 */
export type IndexKernel = {
  readonly kind: "index";
  readonly outer: number;
  readonly inner: number;
  /** Length of the axis on the side that is indexed (in for table and gather, out for scatterAdd). */
  readonly size: number;
  /** Length of the axis on the other side: the number of rows of the table, or of indices. */
  readonly count: number;
} & (
  | { readonly form: "table"; readonly start: Int32Array; readonly source: Int32Array; readonly weight: Float64Array }
  | { readonly form: "gather" }
  | { readonly form: "scatterAdd" }
);

export type Kernel = MapKernel | ReduceKernel | ContractKernel | WindowKernel | CopyKernel | IndexKernel;
