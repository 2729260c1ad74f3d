// Where the imported network meets its user: inputs with their open sizes filled in, outputs, and sentences about what is
// wrong in between. Pictures go in and maps come out channels first, unless the user wants the file's own order.
import type { NdArray } from "../../base/array.ts";
import type { DType } from "../../base/dtype.ts";
import { DataError, NeocogError } from "../../base/errors.ts";
import { formatShape, type Shape } from "../../base/shape.ts";
import { input, type Tensor } from "../../graph/graph.ts";
import { asFirst, asPlain, channelsFirst, checkSize, plain, type Value } from "./value.ts";

/** Options of tfjsGraph: what the file leaves open. */
/** Sizes and the order of axes of a graph that tfjsGraph makes. */
export interface ImportOptions {
  /** Whole shapes of inputs, by their names, in the order in which they are given: [N, C, H, W] unless `channelsLast`. */
  readonly shapes?: Readonly<Record<string, Shape>>;
  /** Size of the first axis where the file leaves it open; 1 unless told. */
  readonly batch?: number;
  /** Inputs and outputs in TensorFlow's order, [N, H, W, C]. */
  readonly channelsLast?: boolean;
}

export type Order = "channels-first" | "as-in-file";

/** The graph of a file. */
export interface ImportedGraph {
  /** What must be given when it runs, by the names in the file. */
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** What it gives, by the names in the file. */
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** For every input and output: whether its axes were turned from the file's [N, …sizes, C] to [N, C, …sizes]. */
  readonly orders: Readonly<Record<string, Order>>;
  /** What each layer or op gave, as it is held, in the order of computation. */
  readonly layers: readonly Made[];
}

/** What a file says of its network before it is built. */
export interface Network {
  readonly inputs: readonly Start[];
  readonly outputs: readonly string[];
  /** Whether tensors of three axes are [N, steps, C], and turned too. */
  readonly sequences: boolean;
  build(weights: ReadonlyMap<string, NdArray>, border: Border): void;
}

/** An input as the file has it: undefined sizes are open, an undefined shape is not told at all. */
export interface Start {
  readonly name: string;
  readonly shape: readonly (number | undefined)[] | undefined;
  readonly dtype: string;
}

/** What one layer or op gave; weights and constants are none. */
export interface Made {
  /** The layer's or the op's name in the file. */
  readonly path: string;
  /** Its class or op: Conv2D, Relu, … */
  readonly type: string;
  /** What it gave. */
  readonly output: Tensor;
}

export interface Border {
  input(name: string, shape: readonly (number | undefined)[] | undefined, dtype: string): Value;
  output(name: string, value: Value): void;
  made(path: string, type: string, value: Value): void;
}

const types: Readonly<Record<string, DType>> = {
  float32: "float32",
  float16: "float32",
  mixed_float16: "float32",
  int32: "int32",
  int64: "int32",
  uint8: "int32",
  bool: "bool",
};

/** Whether tensors of so many axes are turned to channels first. */
export const turns = (rank: number, { sequences }: Pick<Network, "sequences">): boolean =>
  rank > 3 || (rank === 3 && sequences);

export function borderOf(
  options: ImportOptions,
  network: Pick<Network, "sequences">,
): { border: Border; result: () => ImportedGraph } {
  const inputs: Record<string, Tensor> = {};
  const outputs: Record<string, Tensor> = {};
  const orders: Record<string, Order> = {};
  const layers: Made[] = [];
  const turned = (rank: number): boolean => !options.channelsLast && turns(rank, network);
  const border: Border = {
    input(name, open, type) {
      const dtype = Object.hasOwn(types, type) ? types[type] : undefined;
      if (!dtype) throw new DataError(`Input "${name}" is of type ${type}, which is not supported.`);
      if (name === "__proto__") throw new DataError("An input cannot be called __proto__.");
      if (Object.hasOwn(inputs, name)) throw new DataError(`Two inputs are called "${name}".`);
      const given = Object.hasOwn(options.shapes ?? {}, name) ? options.shapes?.[name] : undefined;
      const rank = open?.length ?? given?.length ?? 0;
      const turn = turned(rank);
      const shape = filled(
        name,
        open && turn ? [open[0], open[rank - 1], ...open.slice(1, -1)] : open,
        given,
        options.batch,
      );
      const tensor = input(name, shape, dtype);
      inputs[name] = tensor;
      orders[name] = turn ? "channels-first" : "as-in-file";
      return turn ? channelsFirst(tensor) : plain(tensor);
    },
    output(name, value) {
      if (name === "__proto__") throw new DataError("An output cannot be called __proto__.");
      if (Object.hasOwn(outputs, name)) return;
      const turn = turned(value.shape.length);
      outputs[name] = turn ? asFirst(value) : asPlain(value);
      orders[name] = turn ? "channels-first" : "as-in-file";
    },
    made(path, type, value) {
      if (!value.known) layers.push({ path, type, output: value.held() });
    },
  };
  const result = (): ImportedGraph => {
    for (const name of Object.keys(options.shapes ?? {})) {
      if (!Object.hasOwn(inputs, name))
        throw new NeocogError(`The model has no input "${name}"; its inputs are: ${Object.keys(inputs).join(", ")}.`);
    }
    if (Object.keys(outputs).length === 0) throw new DataError("The model has no outputs.");
    return { inputs, outputs, orders, layers };
  };
  return { border, result };
}

/** An input's shape with nothing open. */
function filled(
  name: string,
  open: readonly (number | undefined)[] | undefined,
  given: Shape | undefined,
  batch = 1,
): Shape {
  const what = `Input "${name}"`;
  if (!open && !given)
    throw new NeocogError(`${what} has no shape in the file`, { mend: `give it as shapes: { "${name}": […] }.` });
  if (open && given && open.length !== given.length)
    throw new NeocogError(`${what} has ${open.length} axes in the file, not ${formatShape(given)}.`);
  const shape = (open ?? given!).map((fixed, axis) => {
    const size = given?.[axis] ?? fixed ?? (axis === 0 ? batch : undefined);
    if (size === undefined)
      throw new NeocogError(`${what} leaves the size of axis ${axis} open`, {
        mend: `give its whole shape as shapes: { "${name}": […] }.`,
      });
    if (open && fixed !== undefined && size !== fixed)
      throw new NeocogError(`${what} is fixed to ${fixed} along axis ${axis} by the file, not ${size}.`);
    if (!Number.isSafeInteger(size) || size < 0)
      throw new DataError(`${what} has the impossible shape ${formatShape(given ?? [])}.`);
    return size;
  });
  checkSize(shape);
  return shape;
}

/** How many kinds an error names, and how many users of each. */
const SHOWN_KINDS = 12;
const SHOWN_USERS = 3;

/**
 * Refuses everything that is not supported in one error; nothing where nothing is missing. `missing` are pairs of a kind (a
 * layer's or an op's type) and the name of one that is of it.
 */
export function refused(
  what: string,
  missing: Iterable<readonly [kind: string, user: string]>,
  mend: (kind: string) => string,
): void {
  const kinds = new Map<string, string[]>();
  for (const [kind, user] of missing) {
    const users = kinds.get(kind);
    if (users) users.push(user);
    else kinds.set(kind, [user]);
  }
  if (kinds.size === 0) return;
  const lines = [...kinds].slice(0, SHOWN_KINDS).map(([name, users]) => {
    const more = users.length - SHOWN_USERS;
    const shown = users.slice(0, SHOWN_USERS).join(", ") + (more > 0 ? `, and ${more} more` : "");
    return `${name} (${shown}): ${mend(name)}`;
  });
  if (kinds.size > lines.length) lines.push(`And ${kinds.size - lines.length} more.`);
  throw new NeocogError(
    `${kinds.size === 1 ? `One ${what} is` : `${kinds.size} ${what}s are`} not supported. ${lines.join(" ")}`,
  );
}
