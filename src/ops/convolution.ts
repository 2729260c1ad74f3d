// conv1d, conv2d, conv3d and their transposes as a user calls them: PyTorch's words, turned into the geometry of the card.
// Padding modes other than zeros are an explicit pad before a convolution without padding.

import { understand } from "../base/arguments.ts";
import { ShapeError } from "../base/errors.ts";
import {
  options as byName,
  perAxis as each,
  oneOf,
  padding,
  type Rules,
  type RuleTable,
  sides,
  whole,
} from "../base/rules.ts";
import { formatShape } from "../base/shape.ts";
import { cellsAlong, slideAlong } from "../base/window.ts";
import { type Tensor, tensor } from "../graph/graph.ts";
import { add } from "./arithmetic.ts";
import { convolution, inputGradient } from "./cards/convolution.ts";
import type { PaddingMode } from "./cards/copy.ts";
import { perChannel } from "./cards/reshape.ts";
import { pad } from "./copy.ts";
import { type Padding, type PerAxis, perAxis, resolvePadding } from "./geometry.ts";
import { checkSpatial, ofRank } from "./ranked.ts";

/** Options of conv1d, conv2d and conv3d. */
export interface ConvolveOptions {
  /** One number for each output channel, [K], which is added. */
  readonly bias?: Tensor;
  /** Cells from one window to the next: one number, or one an axis; 1 unless told. */
  readonly stride?: PerAxis;
  /** Cells around the input: a number, one entry an axis, "same", "valid", "full", or { total }; 0 unless told. */
  readonly padding?: Padding;
  /** Cells from one tap of the kernel to the next; 1 (no gap) unless told. */
  readonly dilation?: PerAxis;
  /** Groups of channels, each of which sees only its own; must divide the channels of input and output; 1 unless told. */
  readonly groups?: number;
  /** What lies beyond the edge; "zeros" unless told. */
  readonly paddingMode?: Exclude<PaddingMode, "constant">;
}

/** What lies beyond the edge. */
export const edgeModes = oneOf(["zeros", "reflect", "replicate", "circular"]);

/** What the geometry of a convolution may be, for functions and layers alike. */
export const convolveRules = (rank?: number): Rules<Omit<ConvolveOptions, "bias">> => ({
  stride: each(1, rank),
  padding: padding(rank),
  dilation: each(1, rank),
  groups: whole(1),
  paddingMode: edgeModes,
});

const convolveCall = (rank?: number): RuleTable => ({
  x: tensor,
  w: tensor,
  options: byName<ConvolveOptions>({ bias: tensor, ...convolveRules(rank) }),
});

const convolveTorch = "x w bias stride padding dilation groups";

/**
 * Cross-correlation of x [N, C, …sizes] with w [K, C / groups, …kernel], giving [N, K, …outputs]; any number of spatial axes.
 * conv1d, conv2d and conv3d are this function with the number of axes checked.
 */
export function conv(x: Tensor, w: Tensor, options: ConvolveOptions = {}): Tensor {
  understand("conv", arguments, convolveCall(), convolveTorch);
  const rank = x.shape.length - 2;
  if (w.shape.length !== x.shape.length) {
    throw new ShapeError(
      `a convolution of the input ${formatShape(x.shape)} needs a weight with ${x.shape.length} axes, not ${formatShape(w.shape)}.`,
    );
  }
  const stride = perAxis(options.stride ?? 1, rank, "stride");
  const dilation = perAxis(options.dilation ?? 1, rank, "dilation");
  const groups = options.groups ?? 1;
  const mode = options.paddingMode ?? "zeros";
  const pads = resolvePadding(options.padding ?? 0, x.shape.slice(2), w.shape.slice(2), stride, dilation);
  const none = pads.before.map(() => 0);
  const y =
    mode === "zeros"
      ? convolution(x, w, { stride, dilation, groups, padBefore: pads.before, padAfter: pads.after })
      : convolution(pad(x, [0, 0, ...pads.before], [0, 0, ...pads.after], mode), w, {
          stride,
          dilation,
          groups,
          padBefore: none,
          padAfter: none,
        });
  return withBias(y, options.bias);
}

function withBias(y: Tensor, bias: Tensor | undefined): Tensor {
  if (!bias) return y;
  if (bias.shape.length !== 1 || bias.shape[0] !== y.shape[1]) {
    throw new ShapeError(`the bias is ${formatShape(bias.shape)}, but there are ${y.shape[1]} output channels.`);
  }
  return add(y, perChannel(bias, y.shape));
}

/**
 * Cross-correlation along one axis, x [N, C, W] with w [K, C / groups, S] to [N, K, W'] (torch.nn.functional.conv1d),
 * W' = floor((W + p − d (S − 1) − 1) / s) + 1 with p the padding of both sides. Stride, dilation and groups are 1 and
 * the padding 0 unless told. Throws a ShapeError for shapes that do not go together and windows that do not fit.
 */
export function conv1d(x: Tensor, w: Tensor, options: ConvolveOptions = {}): Tensor {
  understand("conv1d", arguments, convolveCall(1), convolveTorch);
  checkSpatial("conv1d", 1, x);
  return conv(x, w, options);
}

/**
 * Cross-correlation over height and width, x [N, C, H, W] with w [K, C / groups, R, S] to [N, K, H', W']
 * (torch.nn.functional.conv2d), H' = floor((H + p − d (R − 1) − 1) / s) + 1 with p the padding of both sides, W'
 * alike. Stride, dilation and groups are 1 and the padding 0 unless told. Throws a ShapeError for shapes that do not
 * go together and windows that do not fit.
 */
export function conv2d(x: Tensor, w: Tensor, options: ConvolveOptions = {}): Tensor {
  understand("conv2d", arguments, convolveCall(2), convolveTorch);
  checkSpatial("conv2d", 2, x);
  return conv(x, w, options);
}

/**
 * Cross-correlation over depth, height and width, x [N, C, D, H, W] with w [K, C / groups, Q, R, S] to [N, K, D', H',
 * W'] (torch.nn.functional.conv3d), sizes and defaults as in conv2d. Throws a ShapeError for shapes that do not go
 * together and windows that do not fit.
 */
export function conv3d(x: Tensor, w: Tensor, options: ConvolveOptions = {}): Tensor {
  understand("conv3d", arguments, convolveCall(3), convolveTorch);
  checkSpatial("conv3d", 3, x);
  return conv(x, w, options);
}

/** Options of convTranspose1d, convTranspose2d and convTranspose3d. */
export interface ConvolveTransposeOptions {
  /** One number for each output channel, [C], which is added. */
  readonly bias?: Tensor;
  /** Cells of the output from one input cell to the next; 1 unless told. */
  readonly stride?: PerAxis;
  /** Cells cropped from either side of the full result: a number, one an axis, or a pair an axis; 0 unless told. */
  readonly padding?: number | readonly (number | readonly [number, number])[];
  /** Extra cells at the end, fewer than the stride or the dilation; 0 unless told. */
  readonly outputPadding?: PerAxis;
  /** Cells from one tap of the kernel to the next; 1 (no gap) unless told. */
  readonly dilation?: PerAxis;
  /** Groups of channels, each of which sees only its own; must divide the channels of input and output; 1 unless told. */
  readonly groups?: number;
}

/** What the geometry of a transposed convolution may be, for functions and layers alike. */
export const convolveTransposeRules = (rank?: number): Rules<Omit<ConvolveTransposeOptions, "bias">> => ({
  stride: each(1, rank),
  padding: sides(rank),
  outputPadding: each(0, rank),
  dilation: each(1, rank),
  groups: whole(1),
});

const transposeCall = (rank?: number): RuleTable => ({
  x: tensor,
  w: tensor,
  options: byName<ConvolveTransposeOptions>({ bias: tensor, ...convolveTransposeRules(rank) }),
});

const transposeTorch = "x w bias stride padding outputPadding groups dilation";

/**
 * Transposed convolution (the adjoint of a convolution) over any number of spatial axes: x [N, K, …sizes] with w [K,
 * C / groups, …kernel] gives [N, C, …outputs], out = (n − 1) s − p + d (k − 1) + 1 + outputPadding along each axis, p
 * the padding of both sides (torch's conv_transpose1d, 2d, 3d). Throws a ShapeError for shapes that do not go
 * together, an output without cells, and an outputPadding not below stride or dilation.
 */
export function convTranspose(x: Tensor, w: Tensor, options: ConvolveTransposeOptions = {}): Tensor {
  understand("convTranspose", arguments, transposeCall(), transposeTorch);
  const rank = x.shape.length - 2;
  if (w.shape.length !== x.shape.length || w.shape[0] !== x.shape[1]) {
    throw new ShapeError(
      `a transposed convolution of the input ${formatShape(x.shape)} needs a weight [${x.shape[1]}, out / groups, …kernel], not ${formatShape(w.shape)}.`,
    );
  }
  const stride = perAxis(options.stride ?? 1, rank, "stride");
  const dilation = perAxis(options.dilation ?? 1, rank, "dilation");
  const outputPadding = perAxis(options.outputPadding ?? 0, rank, "outputPadding");
  const groups = options.groups ?? 1;
  if (x.shape[1] % groups !== 0) {
    throw new ShapeError(
      `groups = ${groups} must divide the ${x.shape[1]} channels of the input ${formatShape(x.shape)}.`,
    );
  }
  const pads = resolvePadding(options.padding ?? 0, x.shape.slice(2), w.shape.slice(2), stride, dilation);
  const slides = { stride, dilation, padBefore: pads.before, padAfter: pads.after };
  const sizes = x.shape.slice(2).map((n, axis) => {
    if (outputPadding[axis] >= Math.max(stride[axis], dilation[axis]) || outputPadding[axis] < 0) {
      throw new ShapeError(
        `outputPadding ${outputPadding[axis]} must be smaller than the stride ${stride[axis]} or the dilation ${dilation[axis]}.`,
      );
    }
    const out = cellsAlong(n, w.shape[axis + 2], slideAlong(slides, axis)) + outputPadding[axis];
    if (out < 1)
      throw new ShapeError(
        `a transposed convolution of ${n} cells along spatial axis ${axis} leaves ${out} cells; use less padding.`,
      );
    return out;
  });
  const y = inputGradient(x, w, {
    ...slides,
    groups,
    // Output padding of a whole step or more (allowed under dilation) would leave room for one more window: crop it.
    padAfter: pads.after.map((after, axis) => after - (outputPadding[axis] >= stride[axis] ? outputPadding[axis] : 0)),
    shape: [x.shape[0], w.shape[1] * groups, ...sizes],
  });
  return withBias(y, options.bias);
}

/**
 * Transposed convolution along one axis, x [N, K, W] with w [K, C / groups, S] to [N, C, W']
 * (torch.nn.functional.conv_transpose1d), W' and errors as in convTranspose2d.
 */
export const convTranspose1d = ofRank("convTranspose1d", 1, convTranspose, transposeCall, transposeTorch);
/**
 * Transposed convolution over height and width, x [N, K, H, W] with w [K, C / groups, R, S] to [N, C, H', W']
 * (torch.nn.functional.conv_transpose2d), H' = (H − 1) s − p + d (R − 1) + 1 + outputPadding, p the padding of both
 * sides. Throws a ShapeError for an input of other than 4 axes, shapes that do not go together, an output without
 * cells, and an outputPadding not below stride or dilation.
 */
export const convTranspose2d = ofRank("convTranspose2d", 2, convTranspose, transposeCall, transposeTorch);
/**
 * Transposed convolution over depth, height and width, x [N, K, D, H, W] with w [K, C / groups, Q, R, S] to [N, C,
 * D', H', W'] (torch.nn.functional.conv_transpose3d), sizes and errors as in convTranspose2d.
 */
export const convTranspose3d = ofRank("convTranspose3d", 3, convTranspose, transposeCall, transposeTorch);
