// Gradients of several batches summed before the weights move: one program, run for each batch. The sums are variables; a scalar
// input says which batch is the last of its step, and only then do the weights, their optimizer and their average move.
//
//   sum ← sum + n ∇L    count ← count + n    with the last batch:  w moves by sum / count,  sum ← 0,  count ← 0
//
// n is what the mean of the batch's loss was divided by, so that the step is that of one batch with all the pictures. Layers that
// look at a whole batch (batch norm in training) still see the small ones.
import { filled } from "../base/array.ts";
import type { Update } from "../compile/program.ts";
import { atPath, input, type Tensor, variable } from "../graph/graph.ts";
import { variableOf } from "../nn/state.ts";
import { add, div, maximum, mul, where } from "../ops/arithmetic.ts";

export interface Gathered {
  /** The input that says 1 with the last batch of a step, else 0. */
  readonly last: Tensor;
  /** Mean gradients over the step's batches so far, in the order of the parameters. */
  readonly means: readonly Tensor[];
  /** Updates that happen with the last batch only. */
  once(updates: readonly Update[]): readonly Update[];
  /** The sums, which begin anew after the last batch. */
  readonly sums: readonly Update[];
}

export function gather(parameters: readonly Tensor[], gradients: readonly Tensor[], counted: Tensor): Gathered {
  const last = input("accumulated.last", []);
  const count = variable("accumulated.count", [], () => filled([]), false);
  const total = add(count, counted);
  const held = parameters.map((tensor) => {
    const { name, shape } = variableOf(tensor);
    return variable(`accumulated.${name}`, shape, () => filled(shape), false);
  });
  const sums = held.map((sum, i) => atPath(variableOf(parameters[i]).name, () => add(sum, mul(gradients[i], counted))));
  // Nothing counts where a class weight of 0 stands for all: the sums are zeros too.
  const divisor = maximum(total, 1e-12);
  const until = (value: Tensor): Tensor => where(last, 0, value);
  return {
    last,
    means: sums.map((sum) => div(sum, divisor)),
    once: (updates) => updates.map(({ variable: of, value }) => ({ variable: of, value: where(last, value, of) })),
    sums: [
      ...held.map((sum, i) => ({ variable: sum, value: until(sums[i]) })),
      { variable: count, value: until(total) },
    ],
  };
}
