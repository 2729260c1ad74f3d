// A network from an ONNX file as a layer, so that all that trains and keeps layers takes it: `fit`, model folders, exports.
//
// The layer holds the file without the numbers that are learned: they are the layer's parameters, under the file's names, and its
// weights as those of any layer. A tensor of the file whose numbers lie "elsewhere" (ONNX's external data) is one of them.
import { DataError } from "../../base/errors.ts";
import { oneOf, required, text } from "../../base/rules.ts";
import { sizeOf } from "../../base/shape.ts";
import { atPath, attributesIf, currentPath, type Tensor, variableOp } from "../../graph/graph.ts";
import { defaultWeight, ones, zeros } from "../../nn/init.ts";
import { type Context, createLayer, type Layer, type LayerType } from "../../nn/layer.ts";
import { batchNorm, movedStatistics } from "../../ops/normalization.ts";
import { graphPart } from "./import.ts";
import { readModel } from "./model.ts";
import type { BatchNorm } from "./row.ts";
import type { OnnxGraph, OnnxModel } from "./schema.ts";
import { dimsOf } from "./tensor.ts";

interface OnnxNetworkData {
  /** The file without its learned numbers, in base64. */
  readonly graph: string;
  /** Whether batch norms read their running statistics while training too ("frozen", unless told), or those of the batch. */
  readonly norms?: "frozen" | "trained";
}

/** Marks a tensor whose numbers are the layer's weights. */
export const elsewhere = "weights";

const isElsewhere = ({ externalData }: OnnxGraph["initializers"][number]): boolean =>
  externalData.some(({ key, value }) => key === "location" && value === elsewhere);

const opened = new WeakMap<Layer, OnnxModel>();

function modelOf(layer: Layer<OnnxNetworkData>): OnnxModel {
  let model = opened.get(layer);
  if (!model) {
    model = readModel(Uint8Array.from(atob(layer.options.graph), (letter) => letter.charCodeAt(0)));
    opened.set(layer, model);
  }
  return model;
}

/** Names of what a batch norm scales with and divides by: they start at one. */
const startsAtOne = ({ nodes }: OnnxGraph): ReadonlySet<string> =>
  new Set(nodes.flatMap(({ opType, inputs }) => (opType === "BatchNormalization" ? [inputs[1], inputs[4]] : [])));

const statisticsOf = ({ nodes }: OnnxGraph): ReadonlySet<string> =>
  new Set(nodes.flatMap(({ opType, inputs }) => (opType === "BatchNormalization" ? inputs.slice(3) : [])));

/** What stands in a table for one node: it gives what the node gave. */
const nodeLayer = (type: string, output: Tensor): Layer =>
  createLayer({ name: type, rules: {}, build: () => output }, {});

export const onnxNetwork: LayerType<OnnxNetworkData> = {
  name: "OnnxNetwork",
  rules: { graph: required(text), norms: oneOf(["frozen", "trained"]) },
  build(x, layer, context) {
    const { graph, ...model } = modelOf(layer);
    if (!graph) throw new DataError("An OnnxNetwork holds no graph.");
    const parameters = parametersOf(graph, context);
    const preset = new Set(graph.initializers.map(({ name }) => name));
    const input = graph.inputs.find(({ name }) => !preset.has(name))?.name ?? "";
    const root = currentPath();
    const built = graphPart(
      { ...model, graph },
      {
        ...{ given: { [input]: x }, parameters },
        ...(layer.options.norms === "trained" ? { norm: (norm: BatchNorm) => trainedNorm(norm, context, root) } : {}),
      },
    );
    for (const { path, type, output } of built.layers)
      context.apply(path, nodeLayer(type, output), output.node.inputs[0] ?? x);
    return Object.values(built.outputs)[0];
  },
};

function parametersOf(graph: OnnxGraph, context: Context): ReadonlyMap<string, Tensor> {
  const [raised, statistics] = [startsAtOne(graph), statisticsOf(graph)];
  return new Map(
    graph.initializers.filter(isElsewhere).map((tensor) => {
      const name = tensor.name ?? "";
      const shape = dimsOf(tensor);
      const start = raised.has(name) ? ones : shape.length > 1 ? defaultWeight : zeros;
      return [name, context.parameter(name, shape, start, !statistics.has(name))] as const;
    }),
  );
}

/** A batch norm by the batch's own statistics, which moves the running ones; undefined where its layer is frozen. */
function trainedNorm(
  { x, weight, bias, runningMean, runningVar, eps, momentum }: BatchNorm,
  context: Context,
  root: string,
) {
  const name = attributesIf(weight.node, variableOp)?.name ?? root;
  if (!atPath(name, () => context.training)) return undefined;
  const { y, mean, variance } = batchNorm(x, { weight, bias, eps });
  const before = { runningMean: context.latest(runningMean), runningVar: context.latest(runningVar) };
  const after = movedStatistics(before, { mean, variance }, sizeOf(x.shape) / x.shape[1], momentum);
  context.update(runningMean, after.runningMean);
  context.update(runningVar, after.runningVar);
  return y;
}
