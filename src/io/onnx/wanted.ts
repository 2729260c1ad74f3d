// What an export is asked for: its options, each of a kind that is checked.
import type { NdArray } from "../../base/array.ts";
import { NeocogError } from "../../base/errors.ts";
import {
  options as byName,
  like,
  listOf,
  mapRule,
  type Rule,
  type Rules,
  type RuleTable,
  record,
  recordOf,
  text,
} from "../../base/rules.ts";
import type { Tensor } from "../../graph/graph.ts";

/** Options of exportOnnx. */
export interface ExportOptions {
  /** Numbers of variables by name; those without an entry are written as they start. */
  readonly state?: ReadonlyMap<string, NdArray>;
  /** Name of the graph. */
  readonly name?: string;
  /** Leaves the first axis of inputs and outputs open under this name, such as "batch". */
  readonly batch?: string;
  /** What the outputs stand for, in order. */
  readonly classes?: readonly string[];
  /** How pictures become inputs; any plain data. */
  readonly preprocessing?: object;
  /** Further notes, by key. */
  readonly metadata?: Readonly<Record<string, string>>;
}

const tensor: Rule = like("a tensor of a graph", "node", "dtype");

/** What the arguments of an export must be; `preprocessing` may hold any plain data. */
export const exportRules: RuleTable = {
  outputs: recordOf(tensor, "tensors by name, such as { logits: built.output }"),
  options: byName({
    state: mapRule,
    name: text,
    batch: {
      must: 'a name for the open axis, such as "batch"',
      accepts: (value) => typeof value === "string" && value !== "",
    },
    classes: listOf(text, "a list of texts"),
    preprocessing: record,
    metadata: recordOf(text, "an object of texts"),
  } satisfies Rules<ExportOptions>),
};

/** Refuses an export of nothing, and notes that contradict each other. */
export function checkExport(outputs: Readonly<Record<string, Tensor>>, options: ExportOptions): void {
  if (Object.keys(outputs).length === 0)
    throw new NeocogError("An ONNX export needs at least one output, such as { logits: built.output }.");
  for (const key of ["classes", "preprocessing"] as const) {
    if (options[key] && options.metadata && key in options.metadata)
      throw new NeocogError(`An ONNX export is given "${key}" twice, as an option and in metadata.`);
  }
}
