// Recurrent layers over sequences [T, N, features], with PyTorch's weights and names: stacked, in one direction or in both.
import { NeocogError } from "../../base/errors.ts";
import { flag, oneOf, type Rules, real, required, whole } from "../../base/rules.ts";
import { formatShape } from "../../base/shape.ts";
import type { Tensor } from "../../graph/graph.ts";
import { concat, permute } from "../../ops/copy.ts";
import { dropout as dropped } from "../../ops/random.ts";
import { gru, lstm, rnn } from "../../ops/recurrent.ts";
import { uniform } from "../init.ts";
import { type LayerType, layerOf } from "../layer.ts";
import type { AnyCall } from "../shapes/calls.ts";

/** Options of LSTM, GRU and RNN. */
export interface RecurrentLayerOptions {
  /** Layers one upon the other; 1 unless told. */
  readonly numLayers?: number;
  /** Two biases a layer, as in PyTorch; true unless told. */
  readonly bias?: boolean;
  /** Input and output are [N, T, features] instead of [T, N, features]; false unless told. */
  readonly batchFirst?: boolean;
  /** Probability with which outputs of all layers but the last are dropped while training; 0 unless told. */
  readonly dropout?: number;
  /** A second run from the end to the start, whose states are joined to those of the first; false unless told. */
  readonly bidirectional?: boolean;
}

/** Options of RNN. */
export interface RnnLayerOptions extends RecurrentLayerOptions {
  /** What each sum goes through; "tanh" unless told. */
  readonly nonlinearity?: "tanh" | "relu";
}

interface RecurrentData extends RnnLayerOptions {
  readonly hiddenSize: number;
}

const rules: Rules<Omit<RecurrentData, "nonlinearity">> = {
  hiddenSize: required(whole(1)),
  numLayers: whole(1),
  bias: flag,
  batchFirst: flag,
  dropout: real(0, 1),
  bidirectional: flag,
};

/** One run over a sequence. */
type Cell = (
  x: Tensor,
  weightIh: Tensor,
  weightHh: Tensor,
  options: { readonly biasIh?: Tensor; readonly biasHh?: Tensor; readonly reverse: boolean },
  data: RecurrentData,
) => Tensor;

function recurrentType(name: string, gates: number, cell: Cell): LayerType<RecurrentData> {
  return {
    name,
    rules: (name === "RNN" ? { ...rules, nonlinearity: oneOf(["tanh", "relu"]) } : rules) as Rules<RecurrentData>,
    torch: `inputSize hiddenSize numLayers ${name === "RNN" ? "nonlinearity " : ""}bias batchFirst dropout bidirectional`,
    build(x, { options }, context) {
      const { hiddenSize, numLayers = 1, bias = true, batchFirst = false, bidirectional = false } = options;
      if (x.shape.length !== 3) {
        const order = batchFirst ? "[batch, steps, features]" : "[steps, batch, features]";
        throw new NeocogError(`${name} needs an input ${order}; it got ${formatShape(x.shape)}.`);
      }
      const init = context.init.weight ?? uniform(-1 / Math.sqrt(hiddenSize), 1 / Math.sqrt(hiddenSize));
      const biasInit = context.init.bias ?? init;
      const wide = gates * hiddenSize;
      let y = batchFirst ? permute(x, [1, 0, 2]) : x;
      for (let layer = 0; layer < numLayers; layer++) {
        const runs = (bidirectional ? [false, true] : [false]).map((reverse) => {
          const end = `_l${layer}${reverse ? "_reverse" : ""}`;
          const weightIh = context.parameter(`weight_ih${end}`, [wide, y.shape[2]], init);
          const weightHh = context.parameter(`weight_hh${end}`, [wide, hiddenSize], init);
          if (!bias) return cell(y, weightIh, weightHh, { reverse }, options);
          const biasIh = context.parameter(`bias_ih${end}`, [wide], biasInit);
          const biasHh = context.parameter(`bias_hh${end}`, [wide], biasInit);
          return cell(y, weightIh, weightHh, { biasIh, biasHh, reverse }, options);
        });
        y = concat(runs, 2);
        const { dropout = 0 } = options;
        if (context.training && dropout > 0 && layer < numLayers - 1) y = dropped(y, dropout, context.random());
      }
      return batchFirst ? permute(y, [1, 0, 2]) : y;
    },
  };
}

const rnnType = recurrentType("RNN", 1, (x, w, r, options, { nonlinearity }) => {
  return rnn(x, w, r, { ...options, nonlinearity }).output;
});
const gruType = recurrentType("GRU", 3, (x, w, r, options) => gru(x, w, r, options).output);
const lstmType = recurrentType("LSTM", 4, (x, w, r, options) => lstm(x, w, r, options).output);

/**
 * A plain recurrent layer over a sequence, [T, N, in] to all its states [T, N, hiddenSize] (twice as wide with
 * `bidirectional`): `RNN(64)`. The state starts at zero; weights start PyTorch's way, uniform within ±1 / √hiddenSize.
 * Throws for an input of other than 3 axes.
 */
export const RNN = layerOf<AnyCall<[hiddenSize: number, options?: RnnLayerOptions]>>(rnnType);
/**
 * Gated recurrent units over a sequence, [T, N, in] to all their states [T, N, hiddenSize] (twice as wide with
 * `bidirectional`; Cho et al. 2014): `GRU(64)`. Otherwise as RNN.
 */
export const GRU = layerOf<AnyCall<[hiddenSize: number, options?: RecurrentLayerOptions]>>(gruType);
/**
 * Long short-term memory over a sequence, [T, N, in] to all its states [T, N, hiddenSize] (twice as wide with
 * `bidirectional`; Hochreiter & Schmidhuber 1997): `LSTM(64, { bidirectional: true })`. Otherwise as RNN.
 */
export const LSTM = layerOf<AnyCall<[hiddenSize: number, options?: RecurrentLayerOptions]>>(lstmType);

export const recurrentTypes = [rnnType, gruType, lstmType] as const;
