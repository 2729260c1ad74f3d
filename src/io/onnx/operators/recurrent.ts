// RNN, GRU and LSTM: one or two directions, whose weights ONNX stacks and whose gates it orders in its own way.
import { DataError } from "../../../base/errors.ts";
import { formatShape } from "../../../base/shape.ts";
import type { Tensor } from "../../../graph/graph.ts";
import type { Cell } from "../../../ops/cards/recurrent.ts";
import { concat, permute, slice } from "../../../ops/copy.ts";
import { gru, lstm, type Recurrence, rnn } from "../../../ops/recurrent.ts";
import { reshape } from "../../../ops/reshape.ts";
import { gatesInOnnx } from "../gates.ts";
import {
  type Attributes,
  type Context,
  type Inputs,
  optional,
  type Results,
  row,
  type Table,
  unsupported,
} from "../row.ts";

const usual: Readonly<Record<Cell, readonly string[]>> = {
  lstm: ["sigmoid", "tanh", "tanh"],
  gru: ["sigmoid", "tanh"],
  tanh: ["tanh"],
  relu: ["relu"],
};

/** The part of a stack that belongs to a direction, without its axis. */
function ofDirection(stack: Tensor, direction: number): Tensor {
  const part = slice(stack, [{ start: direction, stop: direction + 1 }]);
  return reshape(part, part.shape.slice(1));
}

/** Blocks along the first axis in PyTorch's order. */
function inOrder(x: Tensor, order: readonly number[]): Tensor {
  if (order.every((gate, i) => gate === i)) return x;
  const hidden = x.shape[0] / order.length;
  return concat(
    order.map((gate) => slice(x, [{ start: gate * hidden, stop: (gate + 1) * hidden }])),
    0,
  );
}

/** The cell of each direction; activations other than the usual ones are refused. */
function cellsOf(kind: "rnn" | "gru" | "lstm", count: number, attributes: Attributes): Cell[] {
  const given = attributes.texts("activations")?.map((word) => word.toLowerCase());
  for (const name of ["activation_alpha", "activation_beta"]) {
    if ((attributes.floats(name)?.length ?? 0) > 0) throw unsupported(`the attribute "${name}"`);
  }
  if (attributes.has("clip") && attributes.float("clip", 0) !== 0) throw unsupported(`the attribute "clip"`);
  if (kind === "lstm" && attributes.int("input_forget", 0) !== 0) throw unsupported("input_forget = 1");
  return Array.from({ length: count }, (_, i): Cell => {
    const each = usual[kind === "rnn" ? "tanh" : kind].length;
    const own = given?.slice(i * each, (i + 1) * each);
    const cell: Cell = kind !== "rnn" ? kind : own?.[0] === "relu" ? "relu" : "tanh";
    if (own && own.join() !== usual[cell].join())
      throw unsupported(`a recurrence with the activations ${own.join(", ")}`);
    return cell;
  });
}

function checkLengths(lengths: Tensor | undefined, steps: number, context: Context): void {
  if (!lengths) return;
  const { data } = context.constant(lengths, "the lengths of its sequences");
  if (data.some((length) => length !== steps))
    throw unsupported(`a recurrence over sequences of different lengths (${[...data].join(", ")} of ${steps} steps)`);
}

const recurrence =
  (kind: "rnn" | "gru" | "lstm") =>
  (inputs: Inputs, attributes: Attributes, context: Context): Results => {
    const [given, w, r] = inputs;
    const batchFirst = attributes.int("layout", 0) === 1;
    const direction = attributes.text("direction", "forward");
    const count = direction === "bidirectional" ? 2 : 1;
    if (given.shape.length !== 3 || w.shape.length !== 3 || r.shape.length !== 3 || w.shape[0] !== count) {
      const shapes = [given, w, r].map(({ shape }) => formatShape(shape));
      throw new DataError(
        `its input ${shapes[0]} and weights ${shapes[1]} and ${shapes[2]} do not fit a ${direction} one.`,
      );
    }
    const cells = cellsOf(kind, count, attributes);
    const [gates, hidden] = r.shape.slice(1);
    attributes.int("hidden_size", hidden);
    const x = batchFirst ? permute(given, [1, 0, 2]) : given;
    checkLengths(optional(inputs, 4), x.shape[0], context);
    const [biases, first, firstCell, peepholes] = [3, 5, 6, 7].map((place) => optional(inputs, place));
    const state = (stack: Tensor | undefined, d: number): Tensor | undefined =>
      stack && ofDirection(batchFirst ? permute(stack, [1, 0, 2]) : stack, d);
    const after = kind === "gru" && attributes.int("linear_before_reset", 0) === 1;

    const runs = cells.map((cell, d): Recurrence & { readonly c?: Tensor } => {
      const order = gatesInOnnx[cell];
      const [weightIh, weightHh] = [inOrder(ofDirection(w, d), order), inOrder(ofDirection(r, d), order)];
      const bias = biases && ofDirection(biases, d);
      const half = (i: number): Tensor | undefined =>
        bias && inOrder(slice(bias, [{ start: i * gates, stop: (i + 1) * gates }]), order);
      const options = {
        ...{ biasIh: half(0), biasHh: half(1), h0: state(first, d) },
        reverse: d === 1 || direction === "reverse",
      };
      if (cell === "gru") return gru(x, weightIh, weightHh, { ...options, resetAfter: after });
      if (cell !== "lstm") return rnn(x, weightIh, weightHh, { ...options, nonlinearity: cell });
      // ONNX's peepholes stand in the order i, o, f.
      const peeps = peepholes && inOrder(ofDirection(peepholes, d), [0, 2, 1]);
      return lstm(x, weightIh, weightHh, { ...options, c0: state(firstCell, d), peepholes: peeps });
    });

    const lifted = (t: Tensor, axis: number): Tensor =>
      reshape(t, [...t.shape.slice(0, axis), 1, ...t.shape.slice(axis)]);
    const stack = (part: (run: Recurrence & { readonly c?: Tensor }) => Tensor): Tensor =>
      concat(
        runs.map((run) => lifted(part(run), batchFirst ? 1 : 0)),
        batchFirst ? 1 : 0,
      );
    const outputs = runs.map(({ output }) =>
      lifted(batchFirst ? permute(output, [1, 0, 2]) : output, batchFirst ? 2 : 1),
    );
    const y = concat(outputs, batchFirst ? 2 : 1);
    return [y, stack(({ h }) => h), ...(kind === "lstm" ? [stack(({ h, c }) => c ?? h)] : [])];
  };

export const recurrentTable: Table = {
  RNN: row(3, recurrence("rnn")),
  GRU: row(3, recurrence("gru")),
  LSTM: row(3, recurrence("lstm")),
};
