// Recurrence along the first axis: each step reads its row of x and the state of the step before. Gates lie side by side in PyTorch's
// order. Written out, all of x is multiplied at once, and a step is one matrix product and one or two maps.
//
//   p = x U^T + b,  s = h W^T + c,  a = p + s
//   lstm   i, f, g, o = a        c' = sigmoid(f) c + sigmoid(i) tanh(g)      h' = sigmoid(o) tanh(c')
//   gru    r, z, n               h' = (1 − z) n + z h,  n = tanh(p_n + sigmoid(a_r) s_n), z = sigmoid(a_z)
//   tanh, relu                   h' = tanh(a), max(a, 0)
//
// Hochreiter & Schmidhuber 1997 with the forget gate of Gers et al. 2000; Cho et al. 2014.
import { type NdArray, zeros64 } from "../../base/array.ts";
import { ShapeError } from "../../base/errors.ts";
import { formatShape, type Shape, sameShape } from "../../base/shape.ts";
import { apply, constantTensor, type Tensor } from "../../graph/graph.ts";
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
  /** Two biases are among the inputs. */
  readonly biases: boolean;
  /** The first state is among the inputs. */
  readonly initial: boolean;
}

/** The inputs of a recurrence by name. */
export interface RecurrentInputs<T> {
  /** [T, N, in]. */
  readonly x: T;
  /** [G·H, in]. */
  readonly weightIh: T;
  /** [G·H, H]. */
  readonly weightHh: T;
  /** Two times [G·H]. */
  readonly biases?: readonly [T, T];
  /** [N, H], of an lstm with its cell [N, H]; zeros where there is none. */
  readonly initial?: readonly T[];
  /** [3·H]: what an lstm's cell adds to its gates i, f and o. */
  readonly peepholes?: T;
}

/** The named inputs of a node. */
export function namedInputs<T>(
  inputs: readonly T[],
  { cell, biases, initial }: RecurrentAttributes,
): RecurrentInputs<T> {
  const rest = inputs.slice(3);
  return {
    ...{ x: inputs[0], weightIh: inputs[1], weightHh: inputs[2] },
    biases: biases ? (rest.splice(0, 2) as [T, T]) : undefined,
    initial: initial ? rest.splice(0, cell === "lstm" ? 2 : 1) : undefined,
    peepholes: rest.at(0),
  };
}

/** Outputs: all states [T, N, H], the last state [N, H], of an lstm the last cell [N, H]. */
export const recurrentOp: Op<RecurrentAttributes> = {
  name: "recurrent",
  ofFloats: true,
  infer(inputs, attributes) {
    const { cell } = attributes;
    const { x, weightIh, weightHh, biases, initial, peepholes } = namedInputs<TensorType>(inputs, attributes);
    const hidden = weightHh.shape[1];
    const wide = gateCounts[cell] * hidden;
    const [steps, batch, width] = x.shape;
    const expected: (readonly [string, TensorType, Shape])[] = [
      ["weightIh", weightIh, [wide, width]],
      ["weightHh", weightHh, [wide, hidden]],
      ...(biases ?? []).map((bias, i) => [i === 0 ? "biasIh" : "biasHh", bias, [wide]] as const),
      ...(initial ?? []).map((state, i) => [i === 0 ? "h0" : "c0", state, [batch, hidden]] as const),
      ...(peepholes ? [["peepholes", peepholes, [3 * hidden]] as const] : []),
    ];
    const wrong = expected.find(([, { shape }, wanted]) => !sameShape(shape, wanted));
    if (wrong) {
      throw new ShapeError(
        `a recurrence (${cell}) over ${formatShape(x.shape)} with ${hidden} units needs ${wrong[0]} of ${formatShape(wrong[2])}, not ${formatShape(wrong[1].shape)}.`,
      );
    }
    const { dtype } = x;
    const last = { shape: [batch, hidden], dtype };
    return [{ shape: [steps, batch, hidden], dtype }, last, ...(cell === "lstm" ? [last] : [])];
  },
  reference(inputs, attributes, types) {
    const { cell, reverse, resetAfter } = attributes;
    const { x, weightIh, weightHh, biases, initial, peepholes } = namedInputs(inputs, attributes);
    const [steps, batch, hidden] = types[0].shape;
    const width = x.shape[2];
    const [all, last, lastCell] = types.map(({ shape, dtype }) => zeros64(shape, dtype));
    for (let n = 0; n < batch; n++) {
      const own = (array: NdArray | undefined): Float64Array =>
        Float64Array.from({ length: hidden }, (_, j) => array?.data[n * hidden + j] ?? 0);
      let [h, c] = [own(initial?.[0]), own(initial?.[1])];
      for (let i = 0; i < steps; i++) {
        const t = reverse ? steps - 1 - i : i;
        const [old, before] = [h, c];
        /** A gate's share of the input, and of a state. */
        const given = (k: number): number => {
          let sum = biases ? biases[0].data[k] : 0;
          for (let j = 0; j < width; j++) sum += x.data[(t * batch + n) * width + j] * weightIh.data[k * width + j];
          return sum;
        };
        const of = (state: Float64Array, k: number): number => {
          let sum = biases ? biases[1].data[k] : 0;
          for (let j = 0; j < hidden; j++) sum += state[j] * weightHh.data[k * hidden + j];
          return sum;
        };
        const peep = (gate: number, j: number, state: Float64Array): number =>
          peepholes ? peepholes.data[gate * hidden + j] * state[j] : 0;
        const gate = (g: number, j: number): number => given(g * hidden + j) + of(old, g * hidden + j);
        [h, c] = [new Float64Array(hidden), new Float64Array(hidden)];
        if (cell === "lstm") {
          for (let j = 0; j < hidden; j++) {
            const kept = sigmoid(gate(1, j) + peep(1, j, before)) * before[j];
            c[j] = kept + sigmoid(gate(0, j) + peep(0, j, before)) * Math.tanh(gate(2, j));
            h[j] = sigmoid(gate(3, j) + peep(2, j, c)) * Math.tanh(c[j]);
          }
        } else if (cell === "gru") {
          const reset = Float64Array.from({ length: hidden }, (_, j) => sigmoid(gate(0, j)));
          const state = resetAfter ? old : old.map((value, j) => reset[j] * value);
          for (let j = 0; j < hidden; j++) {
            const z = sigmoid(gate(1, j));
            const from = of(state, 2 * hidden + j);
            const fresh = Math.tanh(given(2 * hidden + j) + (resetAfter ? reset[j] * from : from));
            h[j] = (1 - z) * fresh + z * old[j];
          }
        } else {
          for (let j = 0; j < hidden; j++) h[j] = cell === "tanh" ? Math.tanh(gate(0, j)) : Math.max(gate(0, j), 0);
        }
        all.data.set(h, (t * batch + n) * hidden);
      }
      last.data.set(h, n * hidden);
      lastCell?.data.set(c, n * hidden);
    }
    return lastCell ? [all, last, lastCell] : [all, last];
  },
  expand(inputs, attributes) {
    const named = namedInputs(inputs, attributes);
    const { x, weightIh, weightHh, biases, initial } = named;
    const [steps, batch, width] = x.shape;
    const [wide, hidden] = weightHh.shape;
    const zeros = stretched(constantTensor({ shape: [1, 1], dtype: x.dtype, data: new Float64Array(1) }), [
      batch,
      hidden,
    ]);
    const products = product(reshaped(x, [steps * batch, width]), weightIh, false, true);
    const gates = reshaped(biases ? plus(products, biases[0]) : products, [steps, batch, wide]);
    const states: Tensor[] = [];
    let now: State = { h: initial?.[0] ?? zeros, c: attributes.cell === "lstm" ? (initial?.[1] ?? zeros) : undefined };
    for (let i = 0; i < steps; i++) {
      const t = attributes.reverse ? steps - 1 - i : i;
      const given = reshaped(sliced(gates, [{ start: t, stop: t + 1 }]), [batch, wide]);
      now = stepOf(given, named, now, attributes);
      states[t] = reshaped(now.h, [1, batch, hidden]);
    }
    const all = steps === 0 ? sliced(gates, [undefined, undefined, { stop: hidden }]) : joined(states, 0);
    return now.c ? [all, now.h, now.c] : [all, now.h];
  },
  macs: ([x, weightIh, weightHh]) =>
    x.shape[0] * x.shape[1] * weightIh.shape[0] * (weightIh.shape[1] + weightHh.shape[1]),
  spatial: (inputs) => inputs.map(() => "everything"),
};

interface State {
  readonly h: Tensor;
  /** An lstm's cell. */
  readonly c?: Tensor;
}

/** One step, written out: the gates of the input [N, G·H] and the state before. */
function stepOf(
  given: Tensor,
  { weightHh, biases, peepholes }: RecurrentInputs<Tensor>,
  { h, c }: State,
  attributes: RecurrentAttributes,
): State {
  const { cell, resetAfter } = attributes;
  const hidden = h.shape[1];
  const part = (x: Tensor, gate: number, count = 1): Tensor =>
    sliced(x, [...x.shape.slice(1).map(() => undefined), { start: gate * hidden, stop: (gate + count) * hidden }]);
  /** h times some rows of the weight, and their bias. */
  const projected = (from: Tensor, gate: number, count: number): Tensor => {
    const y = product(from, sliced(weightHh, [{ start: gate * hidden, stop: (gate + count) * hidden }]), false, true);
    return biases ? plus(y, part(biases[1], gate, count)) : y;
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

/** The recurrence: all states, the last, and of an lstm the last cell. */
export function recurred(
  { x, weightIh, weightHh, biases, initial, peepholes }: RecurrentInputs<Tensor>,
  attributes: Omit<RecurrentAttributes, "biases" | "initial">,
): readonly Tensor[] {
  return apply(
    recurrentOp,
    [x, weightIh, weightHh, ...(biases ?? []), ...(initial ?? []), ...(peepholes ? [peepholes] : [])],
    { ...attributes, biases: biases !== undefined, initial: initial !== undefined },
  );
}
