// The table of a network, from its graph alone: what each layer gives, has, costs and sees. Nothing is allocated.
import { understand } from "../base/arguments.ts";
import { like, type Rule, shape as shapeRule } from "../base/rules.ts";
import type { Shape } from "../base/shape.ts";
import { type Node, type Tensor, variableOp } from "../graph/graph.ts";
import { walk } from "../graph/walk.ts";
import { type BuiltModel, build, type LayerRecord } from "../nn/build.ts";
import { isLayer, type Layer } from "../nn/layer.ts";
import { type BuiltSource, type ModelSource, modelRule } from "../nn/source.ts";
import { bytesOfTensor, countVariables, macsOf, nodesOf } from "./cost.ts";
import { denseParametersOf } from "./dense.ts";
import { type ReceptiveAxis, receptiveFields } from "./receptive.ts";

/** One layer of the table. */
export interface SummaryRow {
  /** Dotted path; empty for layers without a name of their own at the top. */
  readonly path: string;
  /** Conv2d, ReLU, …; in a file the operator's name. */
  readonly type: string;
  /** The shape of what it gives, the batch first. */
  readonly output: Shape;
  /** Trained numbers, and numbers kept beside them (running statistics). */
  readonly parameters: number;
  /** Numbers kept beside the trained ones: running statistics. */
  readonly buffers: number;
  /** Parameters that dense layers between the same maps would have (dense.ts); 0 where nothing is multiplied. */
  readonly denseParameters: number;
  /** Multiply-accumulates for the whole batch. */
  readonly macs: number;
  /** Bytes of what the layer gives. */
  readonly activationBytes: number;
  /** What one unit sees of the model's input, along each spatial axis. */
  readonly receptive: readonly ReceptiveAxis[];
}

/** A network as a table, with its sums. */
export interface Summary {
  /** The shape that the network was built for, the batch first. */
  readonly input: Shape;
  /** The shape of its answer, the batch first. */
  readonly output: Shape;
  /** One row a layer, containers before what they hold. */
  readonly rows: readonly SummaryRow[];
  /** Trained numbers. */
  readonly parameters: number;
  /** Numbers kept beside them: running statistics. */
  readonly buffers: number;
  /** Multiply-accumulates for the whole batch. */
  readonly macs: number;
  /** Bytes of parameters and buffers. */
  readonly weightBytes: number;
  /** Bytes of everything that layers give, and of the largest. */
  readonly activationBytes: number;
  /** Bytes of the largest thing that a layer gives. */
  readonly largestActivationBytes: number;
  /**
   * Bytes that a training step with Adam needs at least: parameters, gradients and two moments (four copies), buffers, and
   * the activations kept for the way back.
   */
  readonly trainingBytes: number;
}

const builtRule: Rule = like("a network that is built, as build() gives it", "input", "output", "layers");
const summedRule: Rule = { ...modelRule, must: `${modelRule.must}, or ${builtRule.must}` };

/** Sums up a network that is built: what `build(model, shape)` gave, or `build` of a network from a file. */
export function summary(built: BuiltModel | BuiltSource): Summary;
/**
 * Builds a model of layers, or a network from a file, for evaluation and sums it up: `summary(model, [1, 3, 224, 224])`. One row a
 * layer without layers inside, and one for a container that computes something itself; of a file one row a node that computes
 * something. Throws a ShapeError where a layer has no output, with the smallest picture that works.
 */
export function summary(model: Layer | ModelSource, inputShape: Shape): Summary;
export function summary(model: Layer | ModelSource | BuiltModel | BuiltSource, inputShape?: Shape): Summary {
  const isBuilt = builtRule.accepts(model);
  understand("summary", arguments, isBuilt ? { model: builtRule } : { model: summedRule, inputShape: shapeRule(1) });
  const built = builtOf(model, inputShape);
  return sumUp(built, "updates" in built ? partsOfLayers(built.layers) : partsOfFile(built));
}

function builtOf(model: Layer | ModelSource | BuiltModel | BuiltSource, shape: Shape = []): BuiltModel | BuiltSource {
  if ("output" in model) return model;
  return isLayer(model) ? build(model, shape) : model.build(shape);
}

/** Layers without layers inside, and containers that compute something themselves. */
function partsOfLayers(layers: readonly LayerRecord[]): Part[] {
  const leaf = (place: number): boolean => (layers[place + 1]?.depth ?? 0) <= layers[place].depth;
  return layers
    .map((record, place) => ({ record, place, own: ownNodes(layers, place) }))
    .filter(({ own, place }) => leaf(place) || costs(own))
    .map(({ record: { path, layer, output }, own }) => ({ path, type: layer.type.name, output, own }));
}

/** Nodes of a file that compute something. */
function partsOfFile(built: BuiltSource): Part[] {
  const byPath = new Map<string, Node[]>();
  for (const node of walk([built.output])) {
    if (node.op !== variableOp) byPath.set(node.path, [...(byPath.get(node.path) ?? []), node]);
  }
  return built.layers.flatMap((layer) => {
    const made = byPath.get(layer.path);
    if (!made) return [];
    const read = made.flatMap(({ inputs }) => inputs.map(({ node }) => node)).filter(({ op }) => op === variableOp);
    return [{ ...layer, own: [...made, ...new Set(read)] }];
  });
}

interface Part {
  readonly path: string;
  readonly type: string;
  readonly output: Tensor;
  /** The nodes that it is charged for. */
  readonly own: readonly Node[];
}

function sumUp(built: Pick<BuiltSource, "input" | "output" | "variables">, parts: readonly Part[]): Summary {
  const fields = receptiveFields(
    built.input,
    parts.map(({ output }) => output),
  );
  const counted = new Set<Node>();
  const rows = parts.map(({ path, type, output, own }, i): SummaryRow => {
    // A shared parameter counts once.
    const fresh = own.filter((node) => !counted.has(node));
    for (const node of fresh) counted.add(node);
    return {
      path,
      type,
      output: output.shape,
      ...countVariables(fresh.flatMap(({ outputs }) => outputs)),
      denseParameters: denseParametersOf(own),
      macs: macsOf(fresh),
      activationBytes: bytesOfTensor(output),
      receptive: fields[i] ?? [],
    };
  });
  const { parameters, buffers } = countVariables(built.variables);
  const activations = rows.map((row) => row.activationBytes);
  const activationBytes = activations.reduce((sum, bytes) => sum + bytes, 0);
  return {
    input: built.input.shape,
    output: built.output.shape,
    rows,
    parameters,
    buffers,
    macs: macsOf(walk([built.output])),
    weightBytes: 4 * (parameters + buffers),
    activationBytes,
    largestActivationBytes: Math.max(0, ...activations),
    trainingBytes: 4 * (4 * parameters + buffers) + activationBytes,
  };
}

/** Nodes that a layer made itself, without those of the layers inside it. */
function ownNodes(records: readonly LayerRecord[], place: number): Node[] {
  const own = nodesOf(records[place]);
  // The layers inside follow at once, deeper; those right below cover all that lie deeper still.
  for (let i = place + 1; i < records.length && records[i].depth > records[place].depth; i++) {
    if (records[i].depth === records[place].depth + 1) for (const node of nodesOf(records[i])) own.delete(node);
  }
  return [...own];
}

function costs(nodes: readonly Node[]): boolean {
  const { parameters, buffers } = countVariables(nodes.flatMap(({ outputs }) => outputs));
  return parameters + buffers > 0 || macsOf(nodes) > 0;
}
