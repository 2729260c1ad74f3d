// From an ONNX file to a layer that can be trained (layer.ts): what it learned becomes parameters, its batch is left open, what
// no wanted output needs is left out, and its head gets another number of outputs.
import type { NdArray } from "../../base/array.ts";
import { DataError, NeocogError } from "../../base/errors.ts";
import type { Shape } from "../../base/shape.ts";
import { createLayer, type Layer } from "../../nn/layer.ts";
import { variableOf, variablesOf } from "../../nn/state.ts";
import { withoutFunctions } from "./functions.ts";
import { graphPart } from "./import.ts";
import { elsewhere, onnxNetwork } from "./layer.ts";
import { writeModel } from "./model.ts";
import type { OnnxGraph, OnnxModel, OnnxNode, OnnxTensor } from "./schema.ts";
import { dimsOf } from "./tensor.ts";

/** What is to become of a file. */
export interface TrainableOptions {
  /** The output that is trained. */
  readonly output: string;
  /** The shape that the file is understood for, [batch, channels, height, width]. */
  readonly inputShape: Shape;
  /** Outputs of a new head, where it gets one; `from`: of the one in the file. */
  readonly outputs?: { readonly from: number; readonly to: number };
  /** Name of the head's node, of its weight, or what that begins with up to a dot; found where it is clear. */
  readonly head?: string;
  /** Whether batch norms train or stay in their form of inference. */
  readonly norms?: "frozen" | "trained";
}

/** A network from a file that can be trained. */
export interface Trainable {
  readonly layer: Layer;
  /** The numbers of the file that become parameters. */
  readonly weights: ReadonlyMap<string, NdArray>;
  /** Names of the parameters of the head, where it got new outputs, with the numbers that go into each output. */
  readonly fresh: readonly { readonly name: string; readonly shape: Shape; readonly inputs: number }[];
}

/** Operators between the head and the output; the first are left out, for training wants what they take. */
const squashing = ["Softmax", "LogSoftmax", "Sigmoid"];
const passing = [
  ...squashing,
  "Identity",
  "Flatten",
  "Reshape",
  "Squeeze",
  "Cast",
  "Dropout",
  "GlobalAveragePool",
  "Relu",
];
const heads = ["Gemm", "MatMul", "Conv"];

export function trainable(model: OnnxModel, options: TrainableOptions): Trainable {
  if (!model.graph) throw new DataError("This is not an ONNX model: it holds no graph.");
  const { inputShape, output } = options;
  const read = new Set<string>();
  const inputName = firstInput(model.graph);
  const flat = { ...withoutFunctions(model, model.graph) };
  const opened = openBatch(flat, inputName);
  const whole = graphPart(
    { ...model, graph: opened, functions: [] },
    { shapes: { [inputName]: inputShape }, onRead: (name) => read.add(name) },
  );
  const learned = new Map(variablesOf([whole.outputs[output]]).map((tensor) => [variableOf(tensor).name, tensor]));
  const graph = pruned(asInitializers(opened, learned), cutAt(opened, output));
  const weights = new Map<string, NdArray>();
  for (const { name = "" } of graph.initializers) {
    const variable = learned.get(name);
    if (variable?.dtype === "float32" && !read.has(name)) weights.set(name, variableOf(variable).initial());
  }
  const head = options.outputs && headOf(graph, options.outputs.from, weights, options.head);
  const { to } = options.outputs ?? { to: 0 };
  const resized = new Map((head ?? []).map(({ name, axis }) => [name, axis]));
  const initializers = graph.initializers.map((tensor): OnnxTensor => {
    const name = tensor.name ?? "";
    if (!weights.has(name)) return tensor;
    const dims = dimsOf(tensor);
    const axis = resized.get(name);
    return withoutNumbers(tensor, axis === undefined ? dims : dims.with(axis, to));
  });
  const bytes = writeModel({
    ...{ ...model, docString: undefined, metadata: [], functions: [] },
    graph: { ...graph, initializers, valueInfos: [], docString: undefined },
  });
  const { norms } = options;
  const layer = createLayer(onnxNetwork, { graph: base64(bytes), ...(norms ? { norms } : {}) });
  const fresh = (head ?? []).map(({ name, axis, inputs }) => ({
    ...{ name, inputs },
    shape: [...weights.get(name)!.shape].with(axis, to),
  }));
  return { layer, weights, fresh };
}

function firstInput({ inputs, initializers }: OnnxGraph): string {
  const preset = new Set(initializers.map(({ name }) => name));
  return inputs.find(({ name }) => !preset.has(name))?.name ?? "";
}

/** The graph for any batch. */
function openBatch(graph: OnnxGraph, input: string): OnnxGraph {
  const inputs = graph.inputs.map((info) => {
    const tensor = info.type?.tensor;
    if (info.name !== input || !info.type || !tensor?.shape) return info;
    const dims = tensor.shape.dims.with(0, { value: undefined, name: "batch" });
    return { ...info, type: { ...info.type, tensor: { ...tensor, shape: { dims } } } };
  });
  return { ...graph, inputs };
}

/** Weights that a writer keeps in `Constant` nodes, as initializers. */
function asInitializers(graph: OnnxGraph, learned: ReadonlyMap<string, unknown>): OnnxGraph {
  const moved: OnnxTensor[] = [];
  const nodes = graph.nodes.filter(({ opType, outputs, attributes }) => {
    const [name] = outputs;
    const value = attributes.find((attribute) => attribute.name === "value")?.tensor;
    if (opType !== "Constant" || !value || !learned.has(name)) return true;
    moved.push({ ...value, name });
    return false;
  });
  return { ...graph, nodes, initializers: [...graph.initializers, ...moved] };
}

const producerOf = (graph: OnnxGraph, name: string): OnnxNode | undefined =>
  graph.nodes.find(({ outputs }) => outputs.includes(name));

/** The name before the softmax that comes last, if one does. */
function cutAt(graph: OnnxGraph, output: string): string {
  const node = producerOf(graph, output);
  return node && squashing.includes(node.opType ?? "") ? node.inputs[0] : output;
}

/** What an output needs, and no more. */
function pruned(graph: OnnxGraph, output: string): OnnxGraph {
  const needed = new Set([output]);
  const nodes: OnnxNode[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    nodes.unshift(node);
    for (const name of namesIn(node)) needed.add(name);
  }
  const info = graph.outputs.find(({ name }) => name === output) ?? {
    name: output,
    type: undefined,
    docString: undefined,
  };
  return {
    ...graph,
    nodes,
    outputs: [info],
    inputs: graph.inputs.filter(({ name }) => needed.has(name ?? "")),
    initializers: inOrder(
      graph.initializers.filter(({ name }) => needed.has(name ?? "")),
      nodes,
    ),
  };
}

/** Tensors in the order in which nodes read them: the head's come last. */
function inOrder(tensors: readonly OnnxTensor[], nodes: readonly OnnxNode[]): OnnxTensor[] {
  const place = new Map<string, number>();
  for (const name of nodes.flatMap(namesIn)) if (!place.has(name)) place.set(name, place.size);
  const placeOf = ({ name }: OnnxTensor): number => place.get(name ?? "") ?? 0;
  return tensors.toSorted((one, other) => placeOf(one) - placeOf(other));
}

/** All names that a node reads, those of its inner graphs among them. */
function namesIn(node: OnnxNode): string[] {
  const inner = node.attributes.flatMap(({ graph, graphs }) => [...(graph ? [graph] : []), ...graphs]);
  return [
    ...node.inputs,
    ...inner.flatMap(({ nodes, outputs }) => [...nodes.flatMap(namesIn), ...outputs.map(({ name }) => name ?? "")]),
  ];
}

interface HeadWeight {
  readonly name: string;
  /** The axis of the outputs. */
  readonly axis: number;
  readonly inputs: number;
}

/** The weights of the node that says the classes. */
function headOf(
  graph: OnnxGraph,
  outputs: number,
  weights: ReadonlyMap<string, NdArray>,
  told: string | undefined,
): readonly HeadWeight[] {
  const able = graph.nodes.filter(({ opType, inputs }) => heads.includes(opType ?? "") && weights.has(inputs[1]));
  const chosen =
    told === undefined
      ? clearHead(graph)
      : able.find(({ name, inputs }) => [name, inputs[1]].includes(told) || inputs[1].startsWith(`${told}.`));
  const found = chosen && able.includes(chosen) ? weightsOf(graph, chosen, weights) : undefined;
  const [weight] = found ?? [];
  if (found && weights.get(weight.name)!.shape[weight.axis] === outputs) return found;
  const list = able.slice(-4).map(({ inputs }) => `"${inputs[1]}"`);
  throw new NeocogError((name) =>
    told === undefined || found
      ? `It is not clear which node of the file says the ${outputs} classes; name it or its weight with ${name("head")}: the last ones have the weights ${list.join(", ")}.`
      : `${name("head")}: no Gemm, MatMul or Conv is called "${told}" or has a weight of that name; the last ones have the weights ${list.join(", ")}.`,
  );
}

/** The last node before the output, beyond those that only pass on. */
function clearHead(graph: OnnxGraph): OnnxNode | undefined {
  let node = producerOf(graph, graph.outputs[0].name ?? "");
  while (node && (passing.includes(node.opType ?? "") || isBias(graph, node))) {
    const [first, second] = node.inputs;
    const preset = graph.initializers.some(({ name }) => name === first);
    node = producerOf(graph, preset && second ? second : first);
  }
  return node;
}

/** Whether a node adds a row of weights to what a matrix product gives. */
function isBias(graph: OnnxGraph, { opType, inputs }: OnnxNode): boolean {
  return opType === "Add" && inputs.some((name) => producerOf(graph, name)?.opType === "MatMul");
}

function weightsOf(graph: OnnxGraph, node: OnnxNode, weights: ReadonlyMap<string, NdArray>): readonly HeadWeight[] {
  const { shape } = weights.get(node.inputs[1])!;
  const transposed = node.attributes.some(({ name, int }) => name === "transB" && int === 1);
  const axis = node.opType === "Conv" || transposed ? 0 : shape.length - 1;
  const inputs = shape.reduce((product, size, i) => (i === axis ? product : product * size), 1);
  const after = graph.nodes.find((next) => next.opType === "Add" && next.inputs.includes(node.outputs[0]));
  const bias = node.opType === "MatMul" ? after?.inputs.find((name) => weights.has(name)) : node.inputs[2];
  const row = bias ? weights.get(bias) : undefined;
  return [
    { name: node.inputs[1], axis, inputs },
    ...(bias && row ? [{ name: bias, axis: row.shape.length - 1, inputs }] : []),
  ];
}

const withoutNumbers = (tensor: OnnxTensor, dims: readonly number[]): OnnxTensor => ({
  ...tensor,
  ...{ dims: [...dims], floatData: [], int32Data: [], int64Data: [], doubleData: [], uint64Data: [], stringData: [] },
  ...{ rawData: undefined, dataLocation: 1, externalData: [{ key: "location", value: elsewhere }] },
});

function base64(bytes: Uint8Array): string {
  let letters = "";
  for (let i = 0; i < bytes.length; i += 0x8000) letters += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(letters);
}
