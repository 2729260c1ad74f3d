// TensorFlow.js to a Neocog graph, for given input sizes. Weights become variables under their own names, in the order
// that Neocog wants (OIHW); pictures go in as [N, C, H, W] unless the file's own order is asked for. What TensorFlow.js
// computes is what the graph means.
import { understand } from "../../base/arguments.ts";
import { options as byName, flag, type OptionsOf, record as recordRule, whole } from "../../base/rules.ts";
import { borderOf, type ImportedGraph, type ImportOptions, type Network } from "./border.ts";
import { readOps } from "./graph/model.ts";
import { readLayers } from "./layers/model.ts";
import { type TfjsModel, tfjsModelRule as tfjsModel } from "./model.ts";

export type { ImportedGraph, ImportOptions } from "./border.ts";

/** What the file says of the network; everything that is not supported is refused here, all at once. */
export const readNetwork = ({ format, topology, signature }: TfjsModel): Network =>
  format === "layers" ? readLayers(topology) : readOps(topology, signature);

/**
 * The graph of a TensorFlow.js model for given input sizes; inputs and outputs are [N, C, …sizes] unless told by
 * `channelsLast`. Weights become variables by their names. Throws one sentence for all that is not supported, at
 * once, and for shapes that cannot be.
 */
export function tfjsGraph(model: TfjsModel, options: ImportOptions = {}): ImportedGraph {
  understand("tfjsGraph", arguments, {
    model: tfjsModel,
    options: byName<OptionsOf<typeof tfjsGraph>>({ shapes: recordRule, batch: whole(1), channelsLast: flag }),
  });
  return buildNetwork(readNetwork(model), model, options);
}

/** The same for a network that was read before. */
export function buildNetwork(network: Network, { weights }: TfjsModel, options: ImportOptions): ImportedGraph {
  const { border, result } = borderOf(options, network);
  network.build(weights, border);
  return result();
}
