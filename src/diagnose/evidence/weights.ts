// Weights as they are looked at: every variable, and the filters (rows of matrices, kernels of convolutions) among them.
import { type NdArray, ndarray } from "../../base/array.ts";
import type { State } from "../../run/session.ts";

/** The weights of one layer as filters: each makes one output of the layer. */
export interface Filters {
  /** Name of the variable. */
  readonly name: string;
  /** [filters, numbers of each] */
  readonly rows: NdArray;
  /** Root of the sum of squares of each. */
  readonly norms: Float64Array;
}

export interface WeightEvidence {
  /** Every variable by its name. */
  readonly state: State;
  readonly filters: readonly Filters[];
  /** The numbers are known to be those of a start, or look as if nothing had been learnt. */
  readonly untrained: string | undefined;
}

/** `told`: why the weights are known to be untrained. */
export function weightEvidence(state: State, told: string | undefined): WeightEvidence {
  const filters = [...state].flatMap(([name, { shape, data }]) => {
    if (shape.length < 2 || shape[0] === 0 || data.length === 0) return [];
    const rows = ndarray([shape[0], data.length / shape[0]], data);
    return [{ name, rows, norms: normsOf(rows) }];
  });
  return { state, filters, untrained: told ?? unmoved(state) };
}

function normsOf({ shape: [count, width], data }: NdArray): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => {
    let sum = 0;
    for (let k = i * width; k < (i + 1) * width; k++) sum += data[k] * data[k];
    return Math.sqrt(sum);
  });
}

/** Batch norms whose statistics are still those of the start have never seen a picture. */
function unmoved(state: State): string | undefined {
  const means = [...state].filter(([name]) => name.endsWith("running_mean"));
  const variances = [...state].filter(([name]) => name.endsWith("running_var"));
  if (means.length === 0 || variances.length === 0) return undefined;
  const still =
    means.every(([, { data }]) => data.every((value) => value === 0)) &&
    variances.every(([, { data }]) => data.every((value) => value === 1));
  return still ? `all ${means.length} batch norms have the mean 0 and the variance 1 of the start` : undefined;
}
