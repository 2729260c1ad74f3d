// torchvision.ops.deform_conv2d: a convolution whose taps are moved.
import { understand } from "../base/arguments.ts";
import { ShapeError } from "../base/errors.ts";
import { options as byName, perAxis as each, type OptionsOf, padding } from "../base/rules.ts";
import { formatShape } from "../base/shape.ts";
import { apply1, type Tensor, tensor } from "../graph/graph.ts";
import { add } from "./arithmetic.ts";
import { deformConvolutionOp } from "./cards/deform.ts";
import { perChannel } from "./cards/reshape.ts";
import { type Padding, type PerAxis, perAxis, resolvePadding } from "./geometry.ts";

/** Options of deformConv2d. */
export interface DeformConvOptions {
  /** One number for each output channel, [K], which is added. */
  readonly bias?: Tensor;
  /** What each tap is multiplied by, [N, D · R · S, P, Q]; 1 unless told. */
  readonly mask?: Tensor;
  /** Cells from one window to the next: one number, or one an axis; 1 unless told. */
  readonly stride?: PerAxis;
  /** Cells around the input, as conv2d has them; 0 unless told. */
  readonly padding?: Padding;
  /** Cells from one tap of the kernel to the next; 1 (no gap) unless told. */
  readonly dilation?: PerAxis;
}

/**
 * A convolution whose taps are moved: x [N, C, H, W], offset [N, 2 · D · R · S, P, Q] (row and column of each tap in cells, for each
 * of D groups of channels), weight [K, C / groups, R, S] to [N, K, P, Q] (torchvision.ops.deform_conv2d; Dai et al. 2017). Groups
 * follow from the shapes. Throws a ShapeError where these do not fit.
 */
export function deformConv2d(x: Tensor, offset: Tensor, weight: Tensor, options: DeformConvOptions = {}): Tensor {
  understand("deformConv2d", arguments, {
    ...{ x: tensor, offset: tensor, weight: tensor },
    options: byName<OptionsOf<typeof deformConv2d>>({
      ...{ bias: tensor, mask: tensor, stride: each(1, 2), padding: padding(2), dilation: each(1, 2) },
    }),
  });
  if ([x, offset, weight].some(({ shape }) => shape.length !== 4)) {
    const shapes = [x, offset, weight].map(({ shape }) => formatShape(shape));
    throw new ShapeError(`deformConv2d needs x, offset and weight of four axes; it got ${shapes.join(", ")}.`);
  }
  const { bias, mask, padding: cells = 0 } = options;
  const [stride, dilation] = [perAxis(options.stride ?? 1, 2, "stride"), perAxis(options.dilation ?? 1, 2, "dilation")];
  const kernel = weight.shape.slice(2);
  const { before, after } = resolvePadding(cells, x.shape.slice(2), kernel, stride, dilation);
  const y = apply1(deformConvolutionOp, [x, weight, offset, ...(mask ? [mask] : [])], {
    ...{ stride, dilation, padBefore: before, padAfter: after },
    groups: Math.max(1, Math.floor(x.shape[1] / Math.max(1, weight.shape[1]))),
    offsetGroups: Math.max(1, Math.floor(offset.shape[1] / (2 * kernel[0] * kernel[1]))),
  });
  return bias ? add(y, perChannel(bias, y.shape)) : y;
}
