// Sampling a picture at places that another tensor names, with torch's words.
import { checkOptions } from "../base/errors.ts";
import { apply1, type Tensor } from "../graph/graph.ts";
import { type GridSampleAttributes, gridSampleOp } from "./cards/grid.ts";

/** torch.nn.functional.grid_sample for pictures. */
export function gridSample(x: Tensor, grid: Tensor, attributes: Partial<GridSampleAttributes> = {}): Tensor {
  checkOptions("gridSample", attributes, ["mode", "paddingMode", "alignCorners"]);
  const { mode = "bilinear", paddingMode = "zeros", alignCorners = false } = attributes;
  return apply1(gridSampleOp, [x, grid], { mode, paddingMode, alignCorners });
}
