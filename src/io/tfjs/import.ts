// TensorFlow.js to a Neocog graph, for given input sizes. Weights become variables under their own names, in the order
// that Neocog wants (OIHW); pictures go in as [N, C, H, W] unless the file's own order is asked for. What TensorFlow.js
// computes is what the graph means.
import { checkOptions } from "../../base/errors.ts";
import { borderOf, type ImportedGraph, type ImportOptions } from "./border.ts";
import { buildOps } from "./graph/model.ts";
import { buildLayers } from "./layers/model.ts";
import type { TfjsModel } from "./model.ts";

export type { ImportedGraph, ImportOptions } from "./border.ts";

/** Builds the graph of a model for given input sizes. */
export function buildGraph(model: TfjsModel, options: ImportOptions = {}): ImportedGraph {
  checkOptions("buildGraph", options, ["shapes", "batch", "channelsLast"]);
  const { border, result } = borderOf(options);
  if (model.format === "layers") buildLayers(model.topology, model.weights, border);
  else buildOps(model.topology, model.signature, model.weights, border);
  return result();
}
