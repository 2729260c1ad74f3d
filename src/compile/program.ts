// A program: what is to be computed, as graph. The first of the compiler's stages, and the input of every pass.
import { isRecord, type Rule, recordOf } from "../base/rules.ts";
import { type Tensor, tensor } from "../graph/graph.ts";

/** After a run the variable holds the value. */
export interface Update {
  /** The variable that changes. */
  readonly variable: Tensor;
  /** What it holds after the run, of its shape and type. */
  readonly value: Tensor;
}

/** What is to be computed, or the module that does it. */
export interface Program {
  /** What the caller reads after a run, by name. */
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** What variables hold after a run; empty where nothing is learned. */
  readonly updates: readonly Update[];
}

/** A program as an argument. */
export const programRule: Rule = {
  must: "a program { outputs, updates }: tensors by name, and what variables become",
  accepts: (value) =>
    isRecord(value) &&
    recordOf(tensor, "").accepts(value.outputs) &&
    Array.isArray(value.updates) &&
    value.updates.every(
      (update) => isRecord(update) && tensor.accepts(update.variable) && tensor.accepts(update.value),
    ),
};

/** Every tensor that a program must compute. */
export function rootsOf({ outputs, updates }: Program): Tensor[] {
  return [...Object.values(outputs), ...updates.map(({ value }) => value)];
}

/** Rebuilds a program with other tensors in the place of its roots. */
export function mapRoots({ outputs, updates }: Program, replace: (tensor: Tensor) => Tensor): Program {
  return {
    outputs: Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, replace(tensor)])),
    updates: updates.map(({ variable, value }) => ({ variable, value: replace(value) })),
  };
}
