// ONNX: its files as networks and graphs, and networks as such files.
//
//   import { onnxSource, openOnnx } from "neocog/onnx";

export { fromFloat16, toFloat16 } from "../io/half.ts";
export type { ExportOptions } from "../io/onnx/export.ts";
export {
  type ImportedGraph as ImportedOnnx,
  type ImportOptions as OnnxGraphOptions,
  NeedsValueError,
  onnxGraph,
} from "../io/onnx/import.ts";
export { openModel as openOnnx, type ReadBeside } from "../io/onnx/model.ts";
export type { OnnxModel } from "../io/onnx/schema.ts";
export { type OnnxSourceOptions, onnxSource } from "../io/onnx/source.ts";
export { exportOnnx } from "../use/onnx.ts";
