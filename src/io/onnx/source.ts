// An ONNX file as a network that can be built for any batch and picture (nn/source.ts), so that all that takes a model of
// layers takes a file too: classifying, summing up, explaining, comparing engines. Pictures go to the first input;
// of several outputs the first counts unless another is named.
import { understand } from "../../base/arguments.ts";
import { DataError, NeocogError, unknownName } from "../../base/errors.ts";
import { options as byName, type OptionsOf, record as recordRule, text } from "../../base/rules.ts";
import type { Shape } from "../../base/shape.ts";
import type { BuiltSource } from "../../nn/source.ts";
import { initialState, variablesOf } from "../../nn/state.ts";
import { builtOnce, type FileSource } from "../source.ts";
import { type ImportedGraph, type ImportOptions, onnxGraph } from "./import.ts";
import { writeModel } from "./model.ts";
import { type OnnxModel, onnxModel, type ValueInfo } from "./schema.ts";

/** Options of onnxSource. */
export interface OnnxSourceOptions {
  /** Which output is meant; the first unless told. */
  readonly output?: string;
  /** Sizes for the names that the file uses. The batch and the picture's sizes come with the shape that is built for. */
  readonly sizes?: ImportOptions["sizes"];
  /** Numbers of inputs that are fixed when the graph is built. */
  readonly values?: ImportOptions["values"];
}

/**
 * What `openOnnx` gives, as a network that can be built for any batch and picture. Of several inputs the
 * first is built for the shape, the others follow by the names of their sizes. Throws for an output that it does not have.
 */
export function onnxSource(model: OnnxModel, options: OnnxSourceOptions = {}): FileSource {
  understand("onnxSource", arguments, {
    model: onnxModel,
    options: byName<OptionsOf<typeof onnxSource>>({ output: text, sizes: recordRule, values: recordRule }),
  });
  const { graph } = model;
  if (!graph) throw new DataError("This is not an ONNX model: it holds no graph.");
  const preset = new Set([...graph.initializers.map(({ name }) => name), ...Object.keys(options.values ?? {})]);
  const inputs = graph.inputs.filter(({ name }) => !preset.has(name));
  const names = inputs.map(({ name }) => name ?? "");
  if (inputs.length === 0) throw new NeocogError("The ONNX model has no inputs; there is nothing to ask it.");
  const outputs = graph.outputs.map(({ name }) => name ?? "");
  const outputName = options.output ?? outputs[0];
  if (outputName === undefined) throw new DataError("The ONNX graph has no outputs.");
  if (!outputs.includes(outputName)) throw unknownName("output", outputName, outputs);
  const [inputName] = names;
  const inputSizes = sizesOf(inputs[0]);
  const imported = builtOnce((shape): ImportedGraph => {
    const { values } = options;
    // What the first input calls its sizes holds for the others too.
    const named = inputSizes?.flatMap((size, axis) => (typeof size === "string" ? [[size, shape[axis]] as const] : []));
    const sizes = { ...Object.fromEntries(named ?? []), ...options.sizes };
    return onnxGraph(model, { sizes, values, shapes: { [inputName]: shape } });
  });
  const build = (shape: Shape): BuiltSource => {
    const built = imported(shape);
    const output = built.outputs[outputName];
    const { [inputName]: input, ...others } = built.inputs;
    return { input, others: Object.values(others), output, variables: variablesOf([output]), layers: built.layers };
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
    traced(shape) {
      const names = new Map(imported(shape).layers.map(({ path, value }) => [path, value]));
      const all = new Set([...outputs, ...names.values()].filter((name) => name !== ""));
      const kept = new Map(graph.outputs.map((info) => [info.name, info]));
      const traced = [...all].map((name) => kept.get(name) ?? { name, type: undefined, docString: undefined });
      const initializers = graph.initializers.map((tensor) => ({
        ...tensor,
        dataLocation: undefined,
        externalData: [],
      }));
      return { bytes: writeModel({ ...model, graph: { ...graph, initializers, outputs: traced } }), names };
    },
    async trainable(inputShape, wanted) {
      const { trainable } = await import("./trainable.ts");
      return trainable(model, { ...wanted, inputShape, output: outputName });
    },
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
