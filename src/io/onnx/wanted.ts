// What an export is asked for: its options, each of a kind that is checked.
import type { NdArray } from "../../base/array.ts";
import { checkOptions, NeocogError } from "../../base/errors.ts";
import type { Tensor } from "../../graph/graph.ts";

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

const isText = (value: unknown): boolean => typeof value === "string";
const isPlain = (value: unknown): boolean => typeof value === "object" && value !== null && !Array.isArray(value);

/** What each option must be; `preprocessing` may hold any plain data. */
const optionRules: Readonly<Record<keyof ExportOptions, readonly [string, (value: unknown) => boolean]>> = {
  state: ["a Map of arrays by name", (value) => value instanceof Map],
  name: ["a text", isText],
  batch: ['a name for the open axis, such as "batch"', (value) => isText(value) && value !== ""],
  classes: ["a list of texts", (value) => Array.isArray(value) && value.every(isText)],
  preprocessing: ["an object of plain data", isPlain],
  metadata: ["an object of texts", (value) => isPlain(value) && Object.values(value as object).every(isText)],
};

/** Refuses outputs that are no tensors, and options that are not understood. */
export function checkExport(outputs: Readonly<Record<string, Tensor>>, options: ExportOptions): void {
  if (!isPlain(options)) throw new NeocogError("The options of an ONNX export must be an object.");
  checkOptions("ONNX export", options, Object.keys(optionRules));
  for (const [name, [must, accepts]] of Object.entries(optionRules)) {
    const value = options[name as keyof ExportOptions];
    if (value !== undefined && !accepts(value)) throw new NeocogError(`ONNX export: ${name} must be ${must}.`);
  }
  const isTensor = (value: unknown): boolean => isPlain(value) && "node" in (value as object);
  if (!isPlain(outputs) || Object.keys(outputs).length === 0 || !Object.values(outputs).every(isTensor)) {
    throw new NeocogError(
      "ONNX export needs at least one output, as { name: tensor }, such as { logits: built.output }.",
    );
  }
  for (const key of ["classes", "preprocessing"] as const) {
    if (options[key] && options.metadata && key in options.metadata)
      throw new NeocogError(`ONNX export: "${key}" is given twice, as an option and in metadata.`);
  }
}
