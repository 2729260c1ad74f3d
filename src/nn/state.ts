// State dicts: the numbers of a model by PyTorch's names and in its order (weight, bias, running_mean, running_var), so
// that a torchvision checkpoint loads unchanged.
import { understand } from "../base/arguments.ts";
import { filled, type NdArray } from "../base/array.ts";
import { NeocogError } from "../base/errors.ts";
import { options as byName, flag, type OptionsOf, type Rule, text } from "../base/rules.ts";
import { formatShape, type Shape, sameShape } from "../base/shape.ts";
import {
  attributesIf,
  type Tensor,
  tensorList,
  tensor as tensorRule,
  type VariableAttributes,
  variableOp,
} from "../graph/graph.ts";
import { walk } from "../graph/walk.ts";

/** The attributes of a variable: name, shape, start, whether it is trained. Throws for a tensor that is none. */
export function variableOf(tensor: Tensor): VariableAttributes {
  understand("variableOf", arguments, { tensor: tensorRule });
  const attributes = attributesIf(tensor.node, variableOp);
  if (!attributes) throw new NeocogError(`A ${tensor.node.op.name} is not a variable.`);
  return attributes;
}

/** Shapes of variables by name, in order. */
export function stateShapes(variables: readonly Tensor[]): Map<string, Shape> {
  understand("stateShapes", arguments, { variables: tensorList });
  return new Map(variables.map((tensor) => [variableOf(tensor).name, tensor.shape]));
}

/** The numbers that variables start from, by name: what the initialisers draw from the seed. */
export function initialState(variables: readonly Tensor[]): Map<string, NdArray> {
  understand("initialState", arguments, { variables: tensorList });
  return new Map(variables.map((tensor) => [variableOf(tensor).name, variableOf(tensor).initial()]));
}

const stateLike: Rule = {
  must: "arrays by name: a Map or a record",
  accepts: (value) =>
    typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value),
};

/** Options of loadState. */
export interface LoadOptions {
  /** Refuse missing and unexpected names (default). Otherwise missing ones keep their start; shapes must fit always. */
  readonly strict?: boolean;
  /** Names the source in messages. */
  readonly source?: string;
}

/** What loadState found. */
export interface LoadedState {
  /** A value for every variable, in order. */
  readonly state: ReadonlyMap<string, NdArray>;
  /** Names that the model has and the source lacks; they keep their start. Empty where strict. */
  readonly missing: readonly string[];
  /** Names that the source has and the model lacks; passed over. Empty where strict. */
  readonly unexpected: readonly string[];
}

const list = (names: readonly string[]): string =>
  names.length <= 8 ? names.join(", ") : `${names.slice(0, 8).join(", ")} and ${names.length - 8} more`;

/**
 * Fits arrays by name from a file to a model's variables, as float32. PyTorch's counters num_batches_tracked are
 * passed over. Throws all that does not fit at once, as PyTorch does: missing and unexpected names (unless strict is
 * false), and other shapes.
 */
export function loadState(
  variables: readonly Tensor[],
  tensors: ReadonlyMap<string, NdArray> | Readonly<Record<string, NdArray>>,
  options: LoadOptions = {},
): LoadedState {
  understand("loadState", arguments, {
    variables: tensorList,
    tensors: stateLike,
    options: byName<OptionsOf<typeof loadState>>({ strict: flag, source: text }),
  });
  const { strict = true, source = "the state" } = options;
  const given: ReadonlyMap<string, NdArray> = tensors instanceof Map ? tensors : new Map(Object.entries(tensors));
  const wanted = stateShapes(variables);
  const missing = [...wanted.keys()].filter((name) => !given.has(name));
  const unexpected = [...given.keys()].filter((name) => !wanted.has(name) && !name.endsWith("num_batches_tracked"));
  const misshapen = [...wanted].flatMap(([name, shape]) => {
    const value = given.get(name);
    return value && !sameShape(value.shape, shape)
      ? [`${name} is ${formatShape(value.shape)}, but the model's is ${formatShape(shape)}`]
      : [];
  });
  const faults = [
    ...(strict && missing.length > 0 ? [`missing: ${list(missing)}`] : []),
    ...(strict && unexpected.length > 0 ? [`unexpected: ${list(unexpected)}`] : []),
    ...(misshapen.length > 0 ? [`of another shape: ${list(misshapen)}`] : []),
  ];
  if (faults.length > 0) {
    throw new NeocogError(
      `The numbers of ${source} do not fit the model; ${faults.join("; ")}. Is it the same architecture with the same classes?`,
    );
  }
  const state = new Map<string, NdArray>();
  for (const tensor of variables) {
    const { name, initial } = variableOf(tensor);
    const value = given.get(name);
    state.set(name, value ? toFloat32(value) : initial());
  }
  return { state, missing, unexpected };
}

/** A copy in float32, whatever the file holds. */
function toFloat32({ shape, data }: NdArray): NdArray {
  const copy = filled(shape);
  copy.data.set(data);
  return copy;
}

/**
 * Every variable that some tensors depend on, in the order of the graph: the variables of a network that was not
 * built of layers.
 */
export function variablesOf(tensors: readonly Tensor[]): Tensor[] {
  understand("variablesOf", arguments, { tensors: tensorList });
  return walk(tensors).flatMap(({ op, outputs }) => (op === variableOp ? outputs : []));
}
