// The numbers of a file that a network learned, as variables under the file's own names. Most writers keep them as
// initializers; others as `Constant` nodes, or as small integers that are dequantised when the network runs.
import type { NdArray } from "../../base/array.ts";
import { isFloat } from "../../base/dtype.ts";
import { sizeOf } from "../../base/shape.ts";
import { constantTensor, type Tensor, variable } from "../../graph/graph.ts";
import type { OnnxGraph, OnnxModel } from "./schema.ts";

/** Inputs of operators that hold what a network learned, whatever their size. */
const learned: Readonly<Record<string, readonly number[]>> = {
  Conv: [1, 2],
  ConvTranspose: [1, 2],
  Gemm: [1, 2],
  MatMul: [1],
  PRelu: [1],
  BatchNormalization: [1, 2, 3, 4],
  InstanceNormalization: [1, 2],
  LayerNormalization: [1, 2],
  GroupNormalization: [1, 2],
};

/** What the nodes of one graph say of the tensors that they read. */
export interface Roles {
  /** Running statistics: kept, not trained. */
  readonly statistics: ReadonlySet<string>;
  readonly learned: ReadonlySet<string>;
}

export function rolesOf({ nodes }: OnnxGraph): Roles {
  const statistics = new Set<string>();
  const found = new Set<string>();
  for (const { opType, inputs } of nodes) {
    for (const place of learned[opType ?? ""] ?? []) if (inputs[place]) found.add(inputs[place]);
    if (opType === "BatchNormalization") for (const name of inputs.slice(3)) statistics.add(name);
  }
  return { statistics, learned: found };
}

export class Weights {
  /** Neocog's own files keep what was learned as initializers, and constants of the network as `Constant` nodes. */
  readonly #apart: boolean;
  /** Names that are given, with the number that the next of that name gets. */
  readonly #taken = new Map<string, number>();
  readonly #made = new Map<object, Tensor>();

  constructor({ producerName }: Pick<OnnxModel, "producerName">) {
    this.#apart = producerName === "neocog";
  }

  /** The variable for one part of the file (`part`), the same one each time; its name gets a number where it is taken. */
  of(part: object, wanted: string, value: NdArray, trainable: boolean): Tensor {
    const known = this.#made.get(part);
    if (known) return known;
    let name = wanted;
    for (let n = this.#taken.get(wanted) ?? 2; this.#taken.has(name); n++) {
      name = `${wanted}:${n}`;
      this.#taken.set(wanted, n + 1);
    }
    this.#taken.set(name, 2);
    const made = variable(name, value.shape, () => value, trainable, value.dtype);
    this.#made.set(part, made);
    return made;
  }

  /** The value of a `Constant` node: a weight where it is a list of floats, or one that an operator learns with. */
  constant(node: object, name: string, value: NdArray, { statistics, learned: read }: Roles): Tensor {
    const isWeight = isFloat(value.dtype) && !this.#apart && (sizeOf(value.shape) > 1 || read.has(name));
    return isWeight ? this.of(node, name, value, !statistics.has(name)) : constantTensor(value);
  }
}
