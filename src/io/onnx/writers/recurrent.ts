// Recurrences as ONNX has them: weights stacked over directions, of which there is one, and gates in ONNX's order.
import { attributesIf } from "../../../graph/graph.ts";
import { namedInputs, recurrentOp } from "../../../ops/cards/recurrent.ts";
import type { Writer } from "../emitter.ts";
import { gatesInOnnx } from "../gates.ts";

export const writeRecurrent: Writer = (node, emitter) => {
  const attributes = attributesIf(node, recurrentOp)!;
  const { cell, reverse, resetAfter } = attributes;
  const { x, weightIh, weightHh, biases, initial, peepholes } = namedInputs(node.inputs, attributes);
  const hidden = weightHh.shape[1];
  const { length } = gatesInOnnx[cell];
  /** Where ONNX's gates stand among ours. */
  const order = gatesInOnnx[cell].map((_, gate) => gatesInOnnx[cell].indexOf(gate));
  const one = (opType: string, inputs: readonly string[], more: Readonly<Record<string, number>> = {}): string =>
    emitter.node(opType, inputs, more)[0];
  const lifted = (name: string): string => one("Unsqueeze", [name, emitter.integers([0])]);
  /** Blocks of `hidden` rows in another order, under one direction. */
  const stacked = (name: string, blocks: readonly number[], row: readonly number[]): string => {
    const cut = one("Reshape", [name, emitter.integers([blocks.length, hidden, ...row])]);
    const chosen = one("Gather", [cut, emitter.integers(blocks)], { axis: 0 });
    return one("Reshape", [chosen, emitter.integers([1, blocks.length * hidden, ...row])]);
  };
  const both = biases && one("Concat", [emitter.nameOf(biases[0]), emitter.nameOf(biases[1])], { axis: 0 });
  const inputs = [
    ...[emitter.nameOf(x), stacked(emitter.nameOf(weightIh), order, weightIh.shape.slice(1))],
    stacked(emitter.nameOf(weightHh), order, [hidden]),
    both === undefined ? "" : stacked(both, [...order, ...order.map((gate) => gate + length)], []),
    "",
    ...[0, 1].map((i) => (initial?.[i] ? lifted(emitter.nameOf(initial[i])) : "")),
    // Ours are i, f, o; ONNX's i, o, f.
    peepholes ? stacked(emitter.nameOf(peepholes), [0, 2, 1], []) : "",
  ];
  const used = inputs.slice(0, inputs.findLastIndex((name) => name !== "") + 1);
  const kind = cell === "lstm" ? "LSTM" : cell === "gru" ? "GRU" : "RNN";
  const outputs = emitter.node(
    kind,
    used,
    {
      ...{ hidden_size: hidden, direction: reverse ? "reverse" : "forward" },
      ...(cell === "gru" ? { linear_before_reset: resetAfter ? 1 : 0 } : {}),
      ...(cell === "relu" ? { activations: { texts: ["Relu"] } } : {}),
    },
    node.outputs.length,
  );
  return outputs.map((name, i) => one("Squeeze", [name, emitter.integers([i === 0 ? 1 : 0])]));
};
