// An ONNX file as a network that can be built for any batch and picture (nn/source.ts), so that all that takes a model of
// layers takes a file too: classifying, summing up, explaining, comparing engines. Networks of one input are meant; of
// several outputs the first counts unless another is named.
import type { NdArray } from "../../base/array.ts";
import { DataError, NeocogError, unknownName } from "../../base/errors.ts";
import { formatShape, type Shape } from "../../base/shape.ts";
import type { BuiltSource, ModelSource } from "../../nn/source.ts";
import { initialState, variablesOf } from "../../nn/state.ts";
import { buildGraph, type ImportOptions } from "./import.ts";
import type { OnnxModel, ValueInfo } from "./schema.ts";

export interface OnnxOptions {
  /** Which output is meant; the first unless told. */
  readonly output?: string;
  /** Sizes for the names that the file uses. The batch and the picture's sizes come with the shape that is built for. */
  readonly sizes?: ImportOptions["sizes"];
  /** Numbers of inputs that are fixed when the graph is built. */
  readonly values?: ImportOptions["values"];
}

export interface OnnxSource extends ModelSource {
  build(shape: Shape): BuiltSource;
  readonly inputName: string;
  /** The input's sizes as the file has them: a number, or the name of what is open; undefined if the file does not say. */
  readonly inputSizes: readonly (number | string)[] | undefined;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly outputName: string;
  /** Every number that the network learned, by its name in the file, once it has been built for a shape. */
  weights(shape: Shape): Map<string, NdArray>;
  /** Notes in the file, such as "classes". */
  readonly metadata: ReadonlyMap<string, string>;
}

/** What `openModel` gives, as a network. */
export function onnxSource(model: OnnxModel, options: OnnxOptions = {}): OnnxSource {
  const { graph } = model;
  if (!graph) throw new DataError("This is not an ONNX model: it holds no graph.");
  const preset = new Set([...graph.initializers.map(({ name }) => name), ...Object.keys(options.values ?? {})]);
  const inputs = graph.inputs.filter(({ name }) => !preset.has(name));
  const names = inputs.map(({ name }) => name ?? "");
  if (inputs.length !== 1) {
    throw new NeocogError(
      `The ONNX model has ${inputs.length} inputs (${names.join(", ")}); only networks of one input are taken.`,
    );
  }
  const outputs = graph.outputs.map(({ name }) => name ?? "");
  const outputName = options.output ?? outputs[0];
  if (outputName === undefined) throw new DataError("The ONNX graph has no outputs.");
  if (!outputs.includes(outputName)) throw unknownName("output", outputName, outputs);
  const [inputName] = names;
  const inputSizes = sizesOf(inputs[0]);
  const build = (shape: Shape): BuiltSource => {
    const { sizes, values } = options;
    const built = buildGraph(model, { sizes, values, shapes: { [inputName]: shape } });
    const output = built.outputs[outputName];
    return { input: built.inputs[inputName], output, variables: variablesOf([output]), layers: built.layers };
  };
  const first = inputSizes?.[0];
  return {
    build,
    inputName,
    inputSizes,
    inputs: names,
    outputs,
    outputName,
    ...(typeof first === "number" ? { fixedBatch: first } : {}),
    weights: (shape) => initialState(build(shape).variables),
    metadata: new Map(model.metadata.map(({ key, value }) => [key ?? "", value ?? ""])),
  };
}

function sizesOf({ name, type }: ValueInfo): (number | string)[] | undefined {
  const tensor = type?.tensor;
  if (!tensor) throw new DataError(`Input "${name}" is not a tensor.`);
  return tensor.shape?.dims.map(({ value, name: open }, axis) =>
    value === undefined || value === 0 ? open || `axis ${axis}` : value,
  );
}

/**
 * The shape [batch, channels, …sizes] to build for: what the file fixes, filled up with what is given. Throws a sentence that
 * names what is still open.
 */
export function inputShapeOf({ inputName, inputSizes }: OnnxSource, given?: Shape, batch = 1): Shape {
  if (!inputSizes) {
    if (!given) throw new NeocogError(`The file does not say the sizes of its input "${inputName}"; give them.`);
    return [batch, ...given];
  }
  const [first, ...rest] = inputSizes;
  if (given && given.length !== rest.length) {
    throw new NeocogError(
      `The input "${inputName}" has ${rest.length} axes after the batch (${rest.join(" x ")}), not ${given.length} as in ${formatShape(given)}.`,
    );
  }
  const open = rest.filter((size, axis) => typeof size === "string" && given?.[axis] === undefined);
  if (open.length > 0) {
    throw new NeocogError(`The file leaves ${open.join(", ")} of its input "${inputName}" open; give the sizes.`);
  }
  const sizes = rest.map((size, axis) => given?.[axis] ?? (size as number));
  return [typeof first === "number" ? first : batch, ...sizes];
}
