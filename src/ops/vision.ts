// Functions of torchvision.ops: boxes of a map, and convolutions whose taps are moved.
import { understand } from "../base/arguments.ts";
import { ShapeError } from "../base/errors.ts";
import { options as byName, perAxis as each, flag, type OptionsOf, padding, real, whole } from "../base/rules.ts";
import { formatShape } from "../base/shape.ts";
import { apply1, constantTensor, type Tensor, tensor } from "../graph/graph.ts";
import { add, cast } from "./arithmetic.ts";
import { deformConvolutionOp } from "./cards/deform.ts";
import { perChannel } from "./cards/reshape.ts";
import { type RoiAlignAttributes, roiAlignOp } from "./cards/roiAlign.ts";
import { slice } from "./copy.ts";
import { gather } from "./gather.ts";
import { type Padding, type PerAxis, perAxis, resolvePadding } from "./geometry.ts";
import { reshape } from "./reshape.ts";

/** Options of roiAlign. */
export interface RoiAlignOptions {
  /** What the boxes' coordinates are multiplied by: the map's share of the picture; 1 unless told. */
  readonly spatialScale?: number;
  /** Samples a bin along each axis; 0, unless told: as many as the bin has cells, which runs on the host and has no gradient. */
  readonly samplingRatio?: number;
  /** Cells are counted from their centres; false unless told, as in torchvision. */
  readonly aligned?: boolean;
}

/**
 * Boxes of maps, each averaged into bins: x [N, C, H, W] and boxes [R, 5] (which map; x1, y1, x2, y2) to [R, C, …outputSize]
 * (torchvision.ops.roi_align; He et al. 2017). A number that names no map ends the run with a sentence. Throws a ShapeError for
 * other shapes.
 */
export function roiAlign(x: Tensor, boxes: Tensor, outputSize: PerAxis, options: RoiAlignOptions = {}): Tensor {
  understand("roiAlign", arguments, {
    ...{ x: tensor, boxes: tensor, outputSize: each(1, 2) },
    options: byName<OptionsOf<typeof roiAlign>>({ spatialScale: real(), samplingRatio: whole(0), aligned: flag }),
  });
  if (boxes.shape.length !== 2 || boxes.shape[1] !== 5)
    throw new ShapeError(
      `roiAlign needs boxes [R, 5], a map's number before four coordinates, not ${formatShape(boxes.shape)}.`,
    );
  const { spatialScale = 1, samplingRatio = 0, aligned = false } = options;
  const batch = cast(reshape(slice(boxes, [undefined, { stop: 1 }]), [boxes.shape[0]]), "int32");
  const [rows, columns] = perAxis(outputSize, 2, "outputSize");
  return alignedBoxes(x, slice(boxes, [undefined, { start: 1 }]), batch, {
    ...{ outputSize: [rows, columns], spatialScale, samplingRatio, aligned },
  });
}

/** The same with the maps' numbers apart from the boxes [R, 4]; a number that names no map is refused when its gather is run. */
export function alignedBoxes(x: Tensor, boxes: Tensor, batch: Tensor, attributes: RoiAlignAttributes): Tensor {
  const maps = Float64Array.from({ length: x.shape[0] }, (_, n) => n);
  const known = constantTensor({ shape: [maps.length], dtype: "int32", data: maps });
  return apply1(roiAlignOp, [x, boxes, gather(known, batch)], attributes);
}

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
