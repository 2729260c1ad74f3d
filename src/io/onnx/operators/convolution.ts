// Convolutions and matrix products.

import { DataError } from "../../../base/errors.ts";
import { formatShape } from "../../../base/shape.ts";
import { cellsAlong, type Slide, type Slides, splitPadding } from "../../../base/window.ts";
import type { Tensor } from "../../../graph/graph.ts";
import { add, mul } from "../../../ops/arithmetic.ts";
import { convolution, inputGradient } from "../../../ops/cards/convolution.ts";
import { perChannel } from "../../../ops/cards/reshape.ts";
import { pad } from "../../../ops/copy.ts";
import { einsum } from "../../../ops/einsum.ts";
import { resolvePadding } from "../../../ops/geometry.ts";
import { matmul } from "../../../ops/matmul.ts";
import { type Attributes, type Inputs, optional, row, type Table, unsupported } from "../row.ts";

export interface Window extends Slides {
  readonly kernel: readonly number[];
}

/**
 * The sliding window of a node, one entry per spatial axis. `auto_pad` SAME gives ceil(n / s) outputs, the odd cell at the
 * end (UPPER) or at the start (LOWER).
 */
export function windowOf(attributes: Attributes, size: readonly number[], kernel: readonly number[]): Window {
  const rank = size.length;
  const list = (name: string, otherwise: number, count = rank): number[] => {
    const found = attributes.ints(name) ?? new Array<number>(count).fill(otherwise);
    if (found.length !== count)
      throw new DataError(`its ${name} ${formatShape(found)} do not fit ${rank} spatial axes.`);
    return found;
  };
  const stride = list("strides", 1);
  const dilation = list("dilations", 1);
  const pads = list("pads", 0, 2 * rank);
  if ([...stride, ...dilation].some((n) => n < 1) || pads.some((n) => n < 0))
    throw new DataError("strides and dilations must be at least 1, and pads at least 0.");
  const auto = attributes.text("auto_pad", "NOTSET");
  if (auto === "NOTSET")
    return { kernel, stride, dilation, padBefore: pads.slice(0, rank), padAfter: pads.slice(rank) };
  const words = { VALID: "valid", SAME_UPPER: "same", SAME_LOWER: "same-lower" } as const;
  if (!Object.hasOwn(words, auto)) throw unsupported(`auto_pad "${auto}"`);
  const { before, after } = resolvePadding(words[auto as keyof typeof words], size, kernel, stride, dilation);
  return { kernel, stride, dilation, padBefore: before, padAfter: after };
}

/** The window's size must be that of the weight, where the node says it. */
function kernelOf(attributes: Attributes, w: Tensor): readonly number[] {
  const kernel = w.shape.slice(2);
  const said = attributes.ints("kernel_shape");
  if (said && formatShape(said) !== formatShape(kernel)) {
    throw new DataError(`its kernel_shape ${formatShape(said)} is not that of the weight ${formatShape(w.shape)}.`);
  }
  return kernel;
}

const unpadded = (stride: number, dilation: number): Slide => ({ stride, dilation, padBefore: 0, padAfter: 0 });

export function conv(inputs: Inputs, attributes: Attributes): Tensor {
  const [x, w] = inputs;
  const rank = x.shape.length - 2;
  if (rank < 1 || w.shape.length !== x.shape.length) {
    throw new DataError(`an input ${formatShape(x.shape)} and a weight ${formatShape(w.shape)} do not fit together.`);
  }
  const { kernel: _, ...window } = windowOf(attributes, x.shape.slice(2), kernelOf(attributes, w));
  const y = convolution(x, w, { ...window, groups: groupsOf(attributes) });
  const bias = optional(inputs, 2);
  return bias ? add(y, perChannel(bias, x.shape)) : y;
}

function groupsOf(attributes: Attributes): number {
  const groups = attributes.int("group", 1);
  if (!Number.isSafeInteger(groups) || groups < 1) throw new DataError(`its group must be at least 1, not ${groups}.`);
  return groups;
}

/**
 * The transposed convolution. Along each axis, full = (n − 1) s + d (k − 1) + 1 + output_padding cells, of which the pads
 * are cropped; a given output_shape or SAME tells how much to crop.
 */
function convTranspose(inputs: Inputs, attributes: Attributes): Tensor {
  const [x, w] = inputs;
  const rank = x.shape.length - 2;
  if (rank < 1 || w.shape.length !== x.shape.length || w.shape[0] !== x.shape[1]) {
    throw new DataError(`an input ${formatShape(x.shape)} and a weight ${formatShape(w.shape)} do not fit together.`);
  }
  const groups = groupsOf(attributes);
  const size = x.shape.slice(2);
  const auto = attributes.text("auto_pad", "NOTSET");
  const same = auto === "SAME_UPPER" || auto === "SAME_LOWER";
  const { kernel, stride, dilation, ...pads } = windowOf(attributes, size, kernelOf(attributes, w));
  const extra = attributes.ints("output_padding") ?? size.map(() => 0);
  const said = attributes.ints("output_shape");
  const wanted = said ? said.slice(-rank) : same ? size.map((n, i) => n * stride[i]) : undefined;
  const full = size.map((n, i) => cellsAlong(n, kernel[i], unpadded(stride[i], dilation[i])) + (extra[i] ?? 0));
  let before = pads.padBefore;
  let sizes = full.map((n, i) => n - pads.padBefore[i] - pads.padAfter[i]);
  if (wanted) {
    if (wanted.length !== rank)
      throw new DataError(`its output_shape ${formatShape(wanted)} does not fit ${rank} spatial axes.`);
    // The odd cell is cropped at the end for SAME_UPPER, at the start otherwise (as the standard's text has it).
    before = full.map((n, i) => splitPadding(n - wanted[i], auto !== "SAME_UPPER")[0]);
    sizes = wanted;
  }
  const y = croppedTranspose(x, w, { stride, dilation, groups }, before, sizes);
  const bias = optional(inputs, 2);
  return bias ? add(y, perChannel(bias, x.shape)) : y;
}

/** Places [before, before + size) of the full transposed convolution, zeros where there is none. */
function croppedTranspose(
  x: Tensor,
  w: Tensor,
  { stride, dilation, groups }: { stride: readonly number[]; dilation: readonly number[]; groups: number },
  before: readonly number[],
  sizes: readonly number[],
): Tensor {
  const axes = sizes.map((size, i) => {
    const full = cellsAlong(x.shape[i + 2], w.shape[i + 2], unpadded(stride[i], dilation[i]));
    const lead = Math.max(0, -before[i]);
    const crop = Math.max(0, before[i]);
    // Up to stride − 1 cells behind the full result belong to the same geometry; more are appended as zeros.
    const kept = Math.min(size - lead, full - crop + stride[i] - 1);
    if (kept < 1)
      throw new DataError(`it leaves ${formatShape(sizes)} places, none of which the input reaches; use less padding.`);
    return { lead, crop, kept, cropAfter: Math.max(0, full - crop - kept), tail: size - lead - kept };
  });
  const y = inputGradient(x, w, {
    stride,
    dilation,
    groups,
    padBefore: axes.map(({ crop }) => crop),
    padAfter: axes.map(({ cropAfter }) => cropAfter),
    shape: [x.shape[0], w.shape[1] * groups, ...axes.map(({ kept }) => kept)],
  });
  return pad(y, [0, 0, ...axes.map(({ lead }) => lead)], [0, 0, ...axes.map(({ tail }) => tail)], "constant");
}

/** alpha A B + beta C, with A and B transposed where asked. */
function gemm(inputs: Inputs, attributes: Attributes): Tensor {
  const [a, b] = inputs;
  const alpha = attributes.float("alpha", 1);
  const beta = attributes.float("beta", 1);
  // Before operator set 7 C was only stretched where this said so; it always may be.
  attributes.int("broadcast", 0);
  if (a.shape.length !== 2 || b.shape.length !== 2)
    throw new DataError(`it multiplies matrices, not ${formatShape(a.shape)} and ${formatShape(b.shape)}.`);
  const product = matmul(a, b, {
    transposeA: attributes.int("transA", 0) !== 0,
    transposeB: attributes.int("transB", 0) !== 0,
  });
  const scaled = alpha === 1 ? product : mul(product, alpha);
  const c = optional(inputs, 2);
  if (!c || beta === 0) return scaled;
  return add(scaled, beta === 1 ? c : mul(c, beta));
}

export const convolutionTable: Table = {
  Conv: row(2, conv),
  ConvTranspose: row(2, convTranspose),
  MatMul: row(2, ([a, b]) => matmul(a, b)),
  Gemm: row(2, gemm),
  Einsum: row(Number.POSITIVE_INFINITY, (inputs, attributes) => einsum(attributes.text("equation", ""), inputs)),
};
