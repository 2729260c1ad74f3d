// Recurrent cells over a sequence, as a user calls them: one layer in one direction, with PyTorch's weights.
import { understand } from "../base/arguments.ts";
import { ndarray } from "../base/array.ts";
import { ShapeError } from "../base/errors.ts";
import { options as byName, flag, oneOf, type Rules, type RuleTable } from "../base/rules.ts";
import { formatShape } from "../base/shape.ts";
import { constantTensor, type Tensor, tensor } from "../graph/graph.ts";
import { type Cell, recurred } from "./cards/recurrent.ts";
import { broadcastTo } from "./sum.ts";

/** Options of rnn, gru and lstm. */
export interface RecurrentOptions {
  /** What is added to the products of the input, [gates · hidden]; none unless told. */
  readonly biasIh?: Tensor;
  /** What is added to the products of the state, [gates · hidden]; none unless told. */
  readonly biasHh?: Tensor;
  /** The state before the first step, [N, hidden]; zeros unless told. */
  readonly h0?: Tensor;
  /** From the last step to the first; false unless told. */
  readonly reverse?: boolean;
}

/** Options of rnn. */
export interface RnnOptions extends RecurrentOptions {
  /** What the sum goes through; "tanh" unless told. */
  readonly nonlinearity?: "tanh" | "relu";
}

/** Options of gru. */
export interface GruOptions extends RecurrentOptions {
  /** The reset gate weighs the product of the state (PyTorch) instead of the state (the paper); true unless told. */
  readonly resetAfter?: boolean;
}

/** Options of lstm. */
export interface LstmOptions extends RecurrentOptions {
  /** The cell before the first step, [N, hidden]; zeros unless told. */
  readonly c0?: Tensor;
  /** What the cell adds to the gates i, f and o: weights [3 · hidden]; none unless told. */
  readonly peepholes?: Tensor;
}

/** What a recurrence gives. */
export interface Recurrence {
  /** The states of all steps, [T, N, hidden], each at the place of its step. */
  readonly output: Tensor;
  /** The state after the last step taken, [N, hidden]. */
  readonly h: Tensor;
}

/** What lstm gives. */
export interface LstmRecurrence extends Recurrence {
  /** The cell after the last step taken, [N, hidden]. */
  readonly c: Tensor;
}

const shared: Rules<RecurrentOptions> = { biasIh: tensor, biasHh: tensor, h0: tensor, reverse: flag };
const call = (rules: RuleTable): RuleTable => ({
  x: tensor,
  weightIh: tensor,
  weightHh: tensor,
  options: byName(rules),
});

function run(
  name: string,
  [x, weightIh, weightHh]: readonly [Tensor, Tensor, Tensor],
  { biasIh, biasHh, h0, reverse = false, c0, peepholes }: LstmOptions,
  cell: Cell,
  resetAfter = true,
): readonly Tensor[] {
  if (x.shape.length !== 3)
    throw new ShapeError(`${name} needs an input [steps, batch, features], not ${formatShape(x.shape)}.`);
  if (weightHh.shape.length !== 2)
    throw new ShapeError(`${name} needs weightHh [gates · hidden, hidden], not ${formatShape(weightHh.shape)}.`);
  const [wide, hidden] = weightHh.shape;
  const zeros = (shape: readonly number[]): Tensor =>
    broadcastTo(constantTensor(ndarray([1], new Float32Array(1))), shape);
  const none = zeros([wide]);
  const still = zeros([x.shape[1], hidden]);
  return recurred(
    {
      ...{ x, weightIh, weightHh, peepholes },
      biases: biasIh || biasHh ? [biasIh ?? none, biasHh ?? none] : undefined,
      initial: h0 || c0 ? [h0 ?? still, ...(cell === "lstm" ? [c0 ?? still] : [])] : undefined,
    },
    { cell, reverse, resetAfter },
  );
}

/**
 * A plain recurrent layer in one direction, x [T, N, in] with weightIh [hidden, in] and weightHh [hidden, hidden]: h' =
 * tanh(x wᵢₕᵀ + bᵢₕ + h wₕₕᵀ + bₕₕ), or relu (torch.rnn_tanh, torch.rnn_relu). Throws a ShapeError where sizes do not fit.
 */
export function rnn(x: Tensor, weightIh: Tensor, weightHh: Tensor, options: RnnOptions = {}): Recurrence {
  understand("rnn", arguments, call({ ...shared, nonlinearity: oneOf(["tanh", "relu"]) }));
  const { nonlinearity = "tanh", ...rest } = options;
  const [output, h] = run("rnn", [x, weightIh, weightHh], rest, nonlinearity);
  return { output, h };
}

/**
 * Gated recurrent units in one direction, x [T, N, in] with weightIh [3 · hidden, in] and weightHh [3 · hidden, hidden], the
 * gates in PyTorch's order r, z, n (torch.gru; Cho et al. 2014). Throws a ShapeError where sizes do not fit.
 */
export function gru(x: Tensor, weightIh: Tensor, weightHh: Tensor, options: GruOptions = {}): Recurrence {
  understand("gru", arguments, call({ ...shared, resetAfter: flag }));
  const { resetAfter, ...rest } = options;
  const [output, h] = run("gru", [x, weightIh, weightHh], rest, "gru", resetAfter);
  return { output, h };
}

/**
 * Long short-term memory in one direction, x [T, N, in] with weightIh [4 · hidden, in] and weightHh [4 · hidden, hidden], the
 * gates in PyTorch's order i, f, g, o (torch.lstm; Hochreiter & Schmidhuber 1997). Throws a ShapeError where sizes do not fit.
 */
export function lstm(x: Tensor, weightIh: Tensor, weightHh: Tensor, options: LstmOptions = {}): LstmRecurrence {
  understand("lstm", arguments, call({ ...shared, c0: tensor, peepholes: tensor }));
  const [output, h, c] = run("lstm", [x, weightIh, weightHh], options, "lstm");
  return { output, h, c };
}
