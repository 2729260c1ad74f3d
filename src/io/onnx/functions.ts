// Functions of a model, written out: a node that calls one becomes the function's nodes, their values renamed
// `call/value`, their attributes filled in from the call. Files come from strangers: functions that call themselves, or
// grow without end by calling each other, are refused.
import { DataError, NeocogError } from "../../base/errors.ts";
import { atMost, limits } from "../../base/limits.ts";
import { opsetOf } from "./model.ts";
import type { OnnxAttribute, OnnxFunction, OnnxGraph, OnnxModel, OnnxNode } from "./schema.ts";

const ownDomain = (domain: string | undefined): string => (domain === "ai.onnx" ? "" : (domain ?? ""));

/** The graph of a model without calls of functions. */
export function withoutFunctions(model: OnnxModel, graph: OnnxGraph): OnnxGraph {
  if (model.functions.length === 0) return graph;
  const functions = new Map(model.functions.map((body) => [`${ownDomain(body.domain)}.${body.name}`, body]));
  for (const { name, opsetImport } of functions.values()) {
    const own = opsetImport.find(({ domain }) => ownDomain(domain) === "")?.version;
    if (own !== undefined && own !== opsetOf(model)) {
      throw new NeocogError(
        `The function "${name}" is written for operator set ${own}, the model for ${opsetOf(model)}; convert the model to one set.`,
      );
    }
  }
  let budget: number = limits.onnxNodes.most;
  const expand = (nodes: readonly OnnxNode[], depth: number): OnnxNode[] =>
    nodes.flatMap((node, i) => {
      if (--budget < 0)
        throw new DataError(`The model's functions grow to more nodes than any network: ${atMost(limits.onnxNodes)}.`);
      const body = functions.get(`${ownDomain(node.domain)}.${node.opType}`);
      if (!body) return [node];
      if (depth === limits.functionDepth.most)
        throw new DataError(
          `The function "${body.name}" calls itself, or functions lie too deep in each other: ${atMost(limits.functionDepth)}.`,
        );
      return expand(
        written(body, node, `${node.name || node.outputs.find((name) => name !== "") || `${node.opType}_${i}`}`),
        depth + 1,
      );
    });
  return { ...graph, nodes: expand(graph.nodes, 0) };
}

/** The nodes of a function for one call. */
function written(body: OnnxFunction, call: OnnxNode, label: string): OnnxNode[] {
  if (call.inputs.length > body.inputs.length || call.outputs.length > body.outputs.length) {
    throw new DataError(
      `${call.opType} "${label}": the function has ${body.inputs.length} inputs and ${body.outputs.length} outputs, fewer than the call.`,
    );
  }
  const names = new Map<string, string>([["", ""]]);
  body.inputs.forEach((name, i) => {
    names.set(name, call.inputs[i] ?? "");
  });
  body.outputs.forEach((name, i) => {
    if (call.outputs[i]) names.set(name, call.outputs[i]);
  });
  const given = new Map(
    [...body.attributeDefaults, ...call.attributes].map((attribute) => [attribute.name, attribute]),
  );
  const rename = (name: string): string => names.get(name) ?? `${label}/${name}`;
  return body.nodes.map((node) => renamed(node, rename, given, label));
}

type Given = ReadonlyMap<string | undefined, OnnxAttribute>;

function renamed(node: OnnxNode, rename: (name: string) => string, given: Given, label: string): OnnxNode {
  return {
    ...node,
    name: `${label}/${node.name || node.opType}`,
    inputs: node.inputs.map(rename),
    outputs: node.outputs.map(rename),
    attributes: node.attributes.flatMap((attribute) => {
      if (attribute.reference) {
        const value = given.get(attribute.reference);
        return value ? [{ ...value, name: attribute.name }] : [];
      }
      return attribute.graph
        ? [{ ...attribute, graph: renamedGraph(attribute.graph, rename, given, label) }]
        : [attribute];
    }),
  };
}

function renamedGraph(graph: OnnxGraph, rename: (name: string) => string, given: Given, label: string): OnnxGraph {
  const info = <T extends { name: string | undefined }>(value: T): T => ({ ...value, name: rename(value.name ?? "") });
  return {
    ...graph,
    nodes: graph.nodes.map((node) => renamed(node, rename, given, label)),
    initializers: graph.initializers.map(info),
    inputs: graph.inputs.map(info),
    outputs: graph.outputs.map(info),
  };
}
