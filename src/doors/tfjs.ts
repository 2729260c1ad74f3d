// TensorFlow.js: its model.json with weights, as networks and graphs.
//
//   import { openTfjs, tfjsSource } from "neocog/tfjs";

export {
  type ImportedGraph as ImportedTfjs,
  type ImportOptions as TfjsGraphOptions,
  tfjsGraph,
} from "../io/tfjs/import.ts";
export { openModel as openTfjs, type TfjsModel } from "../io/tfjs/model.ts";
export { type TfjsSourceOptions, tfjsSource } from "../io/tfjs/source.ts";
