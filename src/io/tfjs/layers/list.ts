// All layers, by Keras' name; and what to do about layers that have no row.
import { activationTable } from "./activation.ts";
import { convolutionTable } from "./convolution.ts";
import { normalizationTable } from "./normalization.ts";
import { poolingTable } from "./pooling.ts";
import type { LayerRow, LayerTable } from "./row.ts";
import { shapeTable } from "./shape.ts";

const tables: LayerTable = Object.freeze({
  ...convolutionTable,
  ...activationTable,
  ...poolingTable,
  ...normalizationTable,
  ...shapeTable,
});

export const layerNames: readonly string[] = Object.keys(tables);

export function layerRow(name: string): LayerRow | undefined {
  return Object.hasOwn(tables, name) ? tables[name] : undefined;
}

const recurrent = "recurrent layers are outside this library; save the network's convolutional part by itself.";
const code = "it is code of its own; save the model with built-in layers in its place.";

/** The nearest supported way, for layers that files are known to hold. */
export const layerHints: Readonly<Record<string, string>> = {
  LSTM: recurrent,
  GRU: recurrent,
  SimpleRNN: recurrent,
  RNN: recurrent,
  Bidirectional: recurrent,
  ConvLSTM2D: recurrent,
  Lambda: code,
  TensorFlowOpLayer: code,
  TFOpLambda: code,
  SlicingOpLambda: code,
  Embedding: "networks upon words are outside this library.",
};
