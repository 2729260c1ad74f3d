// conv1d, conv2d, conv3d and their transposes as a user calls them: PyTorch's words, turned into the geometry of
// convolution.ts. Padding modes other than zeros are an explicit pad before a convolution without padding.
import { checkOptions, NeocogError, ShapeError } from "../base/errors.ts";
import { formatShape } from "../base/shape.ts";
import type { Tensor } from "../graph/graph.ts";
import { add } from "./arithmetic.ts";
import { convolution, inputGradient } from "./convolution.ts";
import { type PaddingMode, pad } from "./copy.ts";
import { type Padding, type PerAxis, perAxis, resolvePadding } from "./geometry.ts";
import { reshape } from "./reshape.ts";

export interface ConvolveOptions {
  /** One number a output channel, [K]. */
  readonly bias?: Tensor;
  readonly stride?: PerAxis;
  readonly padding?: Padding;
  readonly dilation?: PerAxis;
  readonly groups?: number;
  readonly paddingMode?: Exclude<PaddingMode, "constant">;
}

const modes = ["zeros", "reflect", "replicate", "circular"];

/**
 * Cross-correlation of x [N, C, …sizes] with w [K, C / groups, …kernel], giving [N, K, …outputs]; any number of spatial axes.
 * conv1d, conv2d and conv3d are this function with the number of axes checked.
 */
export function conv(x: Tensor, w: Tensor, options: ConvolveOptions = {}): Tensor {
  checkOptions("conv", options, ["bias", "stride", "padding", "dilation", "groups", "paddingMode"]);
  const rank = x.shape.length - 2;
  if (w.shape.length !== x.shape.length) {
    throw new ShapeError(
      `a convolution of the input ${formatShape(x.shape)} needs a weight with ${x.shape.length} axes, not ${formatShape(w.shape)}.`,
    );
  }
  const stride = perAxis(options.stride ?? 1, rank, "stride");
  const dilation = perAxis(options.dilation ?? 1, rank, "dilation");
  const groups = options.groups ?? 1;
  if (!Number.isInteger(groups) || groups < 1)
    throw new NeocogError(`groups must be a whole number of at least 1, not ${groups}.`);
  const mode = options.paddingMode ?? "zeros";
  if (!modes.includes(mode)) throw new NeocogError(`Unknown paddingMode "${mode}"; there are: ${modes.join(", ")}.`);
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
  return add(y, reshape(bias, [1, y.shape[1], ...y.shape.slice(2).map(() => 1)]));
}

function ofRank(name: string, rank: number, x: Tensor): void {
  if (x.shape.length !== rank + 2) {
    throw new ShapeError(
      `${name} needs an input of ${rank + 2} axes [batch, channels${", size".repeat(rank)}]; it got ${formatShape(x.shape)}.`,
    );
  }
}

/** torch.nn.functional.conv1d: x [N, C, W], w [K, C / groups, S]. */
export function conv1d(x: Tensor, w: Tensor, options: ConvolveOptions = {}): Tensor {
  ofRank("conv1d", 1, x);
  return conv(x, w, options);
}

/** torch.nn.functional.conv2d: x [N, C, H, W], w [K, C / groups, R, S]. */
export function conv2d(x: Tensor, w: Tensor, options: ConvolveOptions = {}): Tensor {
  ofRank("conv2d", 2, x);
  return conv(x, w, options);
}

/** torch.nn.functional.conv3d: x [N, C, D, H, W], w [K, C / groups, Q, R, S]. */
export function conv3d(x: Tensor, w: Tensor, options: ConvolveOptions = {}): Tensor {
  ofRank("conv3d", 3, x);
  return conv(x, w, options);
}

export interface ConvolveTransposeOptions {
  readonly bias?: Tensor;
  readonly stride?: PerAxis;
  /** Cells cropped from either side of the full result: a number, one an axis, or a pair an axis. */
  readonly padding?: number | readonly (number | readonly [number, number])[];
  /** Extra cells at the end, fewer than the stride or the dilation. */
  readonly outputPadding?: PerAxis;
  readonly dilation?: PerAxis;
  readonly groups?: number;
}

/**
 * Transposed convolution (the adjoint of conv): x [N, K, …sizes], w [K, C / groups, …kernel] gives [N, C, …outputs] with
 * out = (n − 1) s − p + d (k − 1) + 1 + outputPadding along each axis, p the padding of both sides.
 */
export function convTranspose(x: Tensor, w: Tensor, options: ConvolveTransposeOptions = {}): Tensor {
  checkOptions("convTranspose", options, ["bias", "stride", "padding", "outputPadding", "dilation", "groups"]);
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
  const pads = resolvePadding(options.padding ?? 0, x.shape.slice(2), w.shape.slice(2), stride, dilation);
  const sizes = x.shape.slice(2).map((n, axis) => {
    if (outputPadding[axis] >= Math.max(stride[axis], dilation[axis]) || outputPadding[axis] < 0) {
      throw new ShapeError(
        `outputPadding ${outputPadding[axis]} must be smaller than the stride ${stride[axis]} or the dilation ${dilation[axis]}.`,
      );
    }
    const out =
      (n - 1) * stride[axis] -
      pads.before[axis] -
      pads.after[axis] +
      dilation[axis] * (w.shape[axis + 2] - 1) +
      1 +
      outputPadding[axis];
    if (out < 1)
      throw new ShapeError(
        `a transposed convolution of ${n} cells along spatial axis ${axis} leaves ${out} cells; use less padding.`,
      );
    return out;
  });
  const y = inputGradient(x, w, {
    stride,
    dilation,
    groups,
    padBefore: pads.before,
    // Output padding of a whole step or more (allowed under dilation) would leave room for one more window: crop it.
    padAfter: pads.after.map((after, axis) => after - (outputPadding[axis] >= stride[axis] ? outputPadding[axis] : 0)),
    shape: [x.shape[0], w.shape[1] * groups, ...sizes],
  });
  return withBias(y, options.bias);
}

export function convTranspose2d(x: Tensor, w: Tensor, options: ConvolveTransposeOptions = {}): Tensor {
  ofRank("convTranspose2d", 2, x);
  return convTranspose(x, w, options);
}
