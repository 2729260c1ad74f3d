// Recurrence along the first axis: each step reads its row of `gates` (what the input gives, already multiplied) and the state of
// the step before. Gates lie side by side in PyTorch's order. Written out, a step is one matrix product and one or two maps.
//
//   s = h W^T + b,  a = gates[t] + s
//   lstm   i, f, g, o = a        c' = sigmoid(f) c + sigmoid(i) tanh(g)      h' = sigmoid(o) tanh(c')
//   gru    r, z, n               h' = (1 − z) n + z h,  n = tanh(gates_n + sigmoid(a_r) s_n), z = sigmoid(a_z)
//   tanh, relu                   h' = tanh(a), max(a, 0)
//
// Hochreiter & Schmidhuber 1997 with the forget gate of Gers et al. 2000; Cho et al. 2014.
import { zeros64 } from "../../base/array.ts";
import { ShapeError } from "../../base/errors.ts";
import { formatShape, type Shape, sameShape } from "../../base/shape.ts";
import { apply, type Tensor } from "../../graph/graph.ts";
import type { Op, TensorType } from "../../graph/op.ts";
import {
  add,
  constant,
  type Expression,
  evaluate,
  maximum,
  multiply,
  operand,
  subtract,
  unary,
} from "../../kernel/expression.ts";
import { plus } from "./arithmetic.ts";
import { joined, sliced } from "./copy.ts";
import { elementwise } from "./map.ts";
import { product } from "./matmul.ts";
import { reshaped } from "./reshape.ts";
import { stretched } from "./sum.ts";

/** What a step computes; "tanh" and "relu" are the plain cells. */
export type Cell = "lstm" | "gru" | "tanh" | "relu";

const gateCounts: Readonly<Record<Cell, number>> = { lstm: 4, gru: 3, tanh: 1, relu: 1 };

export interface RecurrentAttributes {
  readonly cell: Cell;
  /** From the last step to the first. */
  readonly reverse: boolean;
  /** gru: the reset gate weighs the product of the state (PyTorch's way), not the state before the product. */
  readonly resetAfter: boolean;
}

/**
 * Inputs: gates [T, N, G·H], weight [G·H, H], bias [G·H], state [N, H]; of an lstm also its cell [N, H] and perhaps
 * peepholes [3·H] (of i, f and o: what the cell adds to these gates).
 * Outputs: all states [T, N, H], the last state [N, H], of an lstm the last cell [N, H].
 */
export const recurrentOp: Op<RecurrentAttributes> = {
  name: "recurrent",
  ofFloats: true,
  infer(inputs, { cell }) {
    const [gates, weight, bias, state, memory, peepholes] = inputs;
    const hidden = state.shape[1];
    const wide = gateCounts[cell] * hidden;
    const [steps, batch] = gates.shape;
    const expected: (readonly [string, TensorType, Shape])[] = [
      ["gates", gates, [steps, batch, wide]],
      ["the recurrent weight", weight, [wide, hidden]],
      ["the bias", bias, [wide]],
      ["the state", state, [batch, hidden]],
      ...(memory ? [["the cell", memory, [batch, hidden]] as const] : []),
      ...(peepholes ? [["the peepholes", peepholes, [3 * hidden]] as const] : []),
    ];
    const wrong = expected.find(([, { shape }, wanted]) => !sameShape(shape, wanted));
    if (wrong) {
      throw new ShapeError(
        `a recurrence (${cell}) over ${formatShape(gates.shape)} with ${formatShape(state.shape)} as state needs ${wrong[0]} of ${formatShape(wrong[2])}, not ${formatShape(wrong[1].shape)}.`,
      );
    }
    const { dtype } = gates;
    const last = { shape: [batch, hidden], dtype };
    return [{ shape: [steps, batch, hidden], dtype }, last, ...(cell === "lstm" ? [last] : [])];
  },
  reference([gates, weight, bias, state, memory, peepholes], { cell, reverse, resetAfter }, types) {
    const [steps, batch, hidden] = types[0].shape;
    const wide = gateCounts[cell] * hidden;
    const [all, last, lastCell] = types.map(({ shape, dtype }) => zeros64(shape, dtype));
    for (let n = 0; n < batch; n++) {
      const own = (array: { readonly data: ArrayLike<number> }): Float64Array =>
        Float64Array.from({ length: hidden }, (_, j) => array.data[n * hidden + j]);
      let h = own(state);
      let c = memory && own(memory);
      for (let i = 0; i < steps; i++) {
        const t = reverse ? steps - 1 - i : i;
        const given = (k: number): number => gates.data[(t * batch + n) * wide + k];
        const row = (k: number, from: Float64Array): number =>
          from.reduce((sum, value, j) => sum + weight.data[k * hidden + j] * value, 0) + bias.data[k];
        const peep = (gate: number, j: number, from: Float64Array): number =>
          peepholes ? peepholes.data[gate * hidden + j] * from[j] : 0;
        const [old, cells] = [h, c];
        const next = new Float64Array(hidden);
        const nextCell = new Float64Array(hidden);
        const gate = (g: number, j: number): number => given(g * hidden + j) + row(g * hidden + j, old);
        if (cell === "lstm") {
          for (let j = 0; j < hidden; j++) {
            const before = cells ?? next;
            const keep = sigmoid(gate(1, j) + peep(1, j, before)) * before[j];
            nextCell[j] = keep + sigmoid(gate(0, j) + peep(0, j, before)) * Math.tanh(gate(2, j));
            next[j] = sigmoid(gate(3, j) + peep(2, j, nextCell)) * Math.tanh(nextCell[j]);
          }
        } else if (cell === "gru") {
          const reset = Float64Array.from({ length: hidden }, (_, j) => sigmoid(gate(0, j)));
          const before = resetAfter ? old : old.map((value, j) => reset[j] * value);
          for (let j = 0; j < hidden; j++) {
            const z = sigmoid(gate(1, j));
            const from = row(2 * hidden + j, before);
            const fresh = Math.tanh(given(2 * hidden + j) + (resetAfter ? reset[j] * from : from));
            next[j] = (1 - z) * fresh + z * old[j];
          }
        } else {
          for (let j = 0; j < hidden; j++) next[j] = cell === "tanh" ? Math.tanh(gate(0, j)) : Math.max(gate(0, j), 0);
        }
        all.data.set(next, (t * batch + n) * hidden);
        h = next;
        c = nextCell;
      }
      last.data.set(h, n * hidden);
      if (lastCell && c) lastCell.data.set(c, n * hidden);
    }
    return lastCell ? [all, last, lastCell] : [all, last];
  },
  expand(inputs, attributes) {
    const [gates, , , state] = inputs;
    const [steps, batch] = gates.shape;
    const hidden = state.shape[1];
    const states: Tensor[] = [];
    let now: State = { h: state, c: inputs[4] };
    for (let i = 0; i < steps; i++) {
      const t = attributes.reverse ? steps - 1 - i : i;
      const given = reshaped(sliced(gates, [{ start: t, stop: t + 1 }]), [batch, gates.shape[2]]);
      now = stepOf(given, inputs, now, attributes);
      states[t] = reshaped(now.h, [1, batch, hidden]);
    }
    const all = steps === 0 ? sliced(gates, [undefined, undefined, { stop: hidden }]) : joined(states, 0);
    return now.c ? [all, now.h, now.c] : [all, now.h];
  },
  macs: ([gates, weight]) => gates.shape[0] * gates.shape[1] * weight.shape[0] * weight.shape[1],
  spatial: (inputs) => inputs.map(() => "everything"),
};

interface State {
  readonly h: Tensor;
  /** An lstm's cell. */
  readonly c?: Tensor;
}

/** One step, written out: the gates of the input [N, G·H] and the state before. */
function stepOf(given: Tensor, inputs: readonly Tensor[], { h, c }: State, attributes: RecurrentAttributes): State {
  const [, weight, bias, , , peepholes] = inputs;
  const { cell, resetAfter } = attributes;
  const hidden = h.shape[1];
  const part = (x: Tensor, gate: number, count = 1): Tensor =>
    sliced(x, [...x.shape.slice(1).map(() => undefined), { start: gate * hidden, stop: (gate + count) * hidden }]);
  /** h times some rows of the weight, and their bias. */
  const projected = (from: Tensor, gate: number, count: number): Tensor => {
    const y = product(from, sliced(weight, [{ start: gate * hidden, stop: (gate + count) * hidden }]), false, true);
    return plus(y, part(bias, gate, count));
  };
  if (cell === "lstm" && c) {
    const a = plus(projected(h, 0, 4), given);
    const peeps = peepholes ? [0, 1, 2].map((gate) => stretched(part(peepholes, gate), h.shape)) : undefined;
    const gates = [0, 1, 2].map((gate) => part(a, gate));
    const next = elementwise("lstm cell", peeps ? peepingCell : plainCell, [
      ...gates,
      c,
      ...(peeps?.slice(0, 2) ?? []),
    ]);
    const out = elementwise("lstm state", peeps ? peepingState : plainState, [
      ...[part(a, 3), next],
      ...(peeps?.slice(2) ?? []),
    ]);
    return { h: out, c: next };
  }
  if (cell === "gru") {
    if (resetAfter) {
      const s = projected(h, 0, 3);
      const parts = [0, 1, 2].flatMap((gate) => [part(given, gate), part(s, gate)]);
      return { h: elementwise("gru state", gruAfter, [...parts, h]) };
    }
    const a = plus(projected(h, 0, 2), part(given, 0, 2));
    const weighed = elementwise("gru reset", multiply(unary("sigmoid", operand(0)), operand(1)), [part(a, 0), h]);
    return { h: elementwise("gru state", gruBefore, [part(a, 1), part(given, 2), projected(weighed, 2, 1), h]) };
  }
  const squash = cell === "tanh" ? unary("tanh", operand(0)) : maximum(operand(0), constant(0));
  return { h: elementwise(`${cell} state`, squash, [plus(projected(h, 0, 1), given)]) };
}

const [x0, x1, x2, x3, x4, x5, x6] = [0, 1, 2, 3, 4, 5, 6].map(operand);
const squashed = (x: Expression): Expression => unary("sigmoid", x);
const cellOf = (i: Expression, f: Expression): Expression =>
  add(multiply(squashed(f), x3), multiply(squashed(i), unary("tanh", x2)));
/** Operands i, f, g, c, and where the cell peeps its weights for i and f. */
const plainCell = cellOf(x0, x1);
const peepingCell = cellOf(add(x0, multiply(x4, x3)), add(x1, multiply(x5, x3)));
/** Operands o, c', and where the cell peeps its weights for o. */
const plainState = multiply(squashed(x0), unary("tanh", x1));
const peepingState = multiply(squashed(add(x0, multiply(x2, x1))), unary("tanh", x1));
const mixed = (z: Expression, n: Expression, h: Expression): Expression =>
  add(multiply(subtract(constant(1), z), n), multiply(z, h));
/** Operands: r, z and n, of the input and of the state each; h. */
const gruAfter = mixed(squashed(add(x2, x3)), unary("tanh", add(x4, multiply(squashed(add(x0, x1)), x5))), x6);
/** Operands: z, n of the input and of the weighed state, h. */
const gruBefore = mixed(squashed(x0), unary("tanh", add(x1, x2)), x3);

const sigmoid = (x: number): number => evaluate(squashed(x0), () => x);

/** The recurrence over gates [T, N, G·H]: all states, the last, and of an lstm the last cell. */
export const recurred = (inputs: readonly Tensor[], attributes: RecurrentAttributes): readonly Tensor[] =>
  apply(recurrentOp, inputs, attributes);
