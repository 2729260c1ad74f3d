// torchvision.ops.roi_align: boxes of maps, each averaged into bins.
import { understand } from "../base/arguments.ts";
import { ShapeError } from "../base/errors.ts";
import { options as byName, perAxis as each, flag, type OptionsOf, real, whole } from "../base/rules.ts";
import { formatShape } from "../base/shape.ts";
import { apply1, constantTensor, type Tensor, tensor } from "../graph/graph.ts";
import { cast } from "./arithmetic.ts";
import { type RoiAlignAttributes, roiAlignOp } from "./cards/roiAlign.ts";
import { slice } from "./copy.ts";
import { gather } from "./gather.ts";
import { type PerAxis, perAxis } from "./geometry.ts";
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
