// The inputs of a file's graph: which there are, and their types once open sizes are filled in.
import type { NdArray } from "../../base/array.ts";
import { DataError, NeocogError } from "../../base/errors.ts";
import { formatShape, type Shape, sameShape, sizeOf } from "../../base/shape.ts";
import type { Tensor } from "../../graph/graph.ts";
import type { BatchNorm } from "./row.ts";
import type { OnnxGraph, ValueInfo } from "./schema.ts";
import { dtypeOf } from "./tensor.ts";

/** Options of onnxGraph: what the file leaves open. */
/** What onnxGraph is told of inputs whose sizes or numbers the file leaves open. */
export interface ImportOptions {
  /** Sizes for the names that the file uses: `{ batch: 8, height: 320 }`. An unnamed or unset first axis counts as 1. */
  readonly sizes?: Readonly<Record<string, number>>;
  /** Whole shapes of inputs, by their names. */
  readonly shapes?: Readonly<Record<string, Shape>>;
  /** Inputs whose numbers are fixed when the graph is built. */
  readonly values?: Readonly<Record<string, NdArray>>;
}

/** What is told of a graph that is part of a larger one. */
export interface PartOptions extends ImportOptions {
  /** Tensors in the place of inputs. */
  readonly given?: Readonly<Record<string, Tensor>>;
  /** Tensors in the place of initializers, whose numbers the file does not have. */
  readonly parameters?: ReadonlyMap<string, Tensor>;
  /** A batch norm that is built in another way than by its running statistics; undefined: as usual. */
  readonly norm?: (norm: BatchNorm) => Tensor | undefined;
  /** Told the name of a weight whose numbers shape the graph. */
  readonly onRead?: (name: string) => void;
}

/** Larger tensors cannot be addressed by any engine. */
const LARGEST = 2 ** 31 - 1;

/** Refuses a shape that no engine can hold. */
export function checkSize(shape: Shape, what: string): void {
  if (sizeOf(shape) > LARGEST || shape.length > 12) {
    throw new NeocogError(
      `${what} would be ${formatShape(shape)}, which is larger than any engine can hold; use smaller inputs.`,
    );
  }
}

/** Refuses shapes and values for inputs that the graph does not have. */
export function checkNames(
  { shapes, values }: ImportOptions,
  graph: OnnxGraph,
  preset: ReadonlySet<string | undefined>,
): void {
  const names = graph.inputs.map(({ name }) => name ?? "").filter((name) => !preset.has(name));
  for (const name of [...Object.keys(shapes ?? {}), ...Object.keys(values ?? {})]) {
    if (!names.includes(name))
      throw new NeocogError(`The model has no input "${name}"; its inputs are: ${names.join(", ")}.`);
  }
}

/** The type of an input, its open sizes filled in. */
export function typeOf(
  info: ValueInfo,
  { sizes, shapes }: ImportOptions,
  given: Shape | undefined,
): { shape: Shape; dtype: NdArray["dtype"]; elementType: number } {
  const what = `Input "${info.name}"`;
  const tensor = info.type?.tensor;
  if (!tensor) throw new DataError(`${what} is not a tensor; sequences, maps and optional values are not supported.`);
  const dtype = dtypeOf(tensor.elementType, what);
  const wanted = given ?? shapes?.[info.name ?? ""];
  const dims = tensor.shape?.dims;
  if (!dims && !wanted)
    throw new NeocogError(`${what} has no shape in the file`, { mend: `give it as shapes: { "${info.name}": […] }.` });
  if (dims && wanted && dims.length !== wanted.length) {
    throw new NeocogError(`${what} has ${dims.length} axes in the file, not ${formatShape(wanted)}.`);
  }
  const open: string[] = [];
  const shape = (dims ?? wanted!.map(() => ({ value: undefined, name: undefined }))).map(({ value, name }, axis) => {
    // A size of 0 is how some exporters say "unknown".
    const fixed = value === 0 ? undefined : value;
    const size = wanted?.[axis] ?? fixed ?? (name ? sizes?.[name] : undefined);
    if (fixed !== undefined && size !== fixed) {
      throw new NeocogError(
        `${what} is fixed to ${fixed} along axis ${axis} by the file, not ${size}; export it with dynamic axes for other sizes.`,
      );
    }
    if (size !== undefined) return size;
    if (axis === 0) return 1;
    open.push(name ? `"${name}"` : `axis ${axis}`);
    return 0;
  });
  if (open.length > 0)
    throw new NeocogError(`${what} leaves ${open.join(", ")} open`, { mend: "give these sizes, or its whole shape." });
  for (const n of shape)
    if (!Number.isSafeInteger(n) || n < 0)
      throw new DataError(`${what} has the impossible shape ${formatShape(shape)}.`);
  checkSize(shape, what);
  if (given && !sameShape(given, shape))
    throw new NeocogError(`${what} must be ${formatShape(shape)}, not ${formatShape(given)}.`);
  return { shape, dtype, elementType: tensor.elementType! };
}
