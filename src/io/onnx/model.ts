// ONNX files: recognising, reading and writing them, and fetching the numbers that large models keep in files beside.
// https://github.com/onnx/onnx/blob/main/docs/IR.md
import { understand } from "../../base/arguments.ts";
import { DataError } from "../../base/errors.ts";
import { isInsidePath } from "../../base/paths.ts";
import { bytes as bytesRule, callback, optional } from "../../base/rules.ts";
import { modelSchema, type OnnxGraph, type OnnxModel, type OnnxNode, type OnnxTensor } from "./schema.ts";
import { readMessage, writeMessage } from "./wire.ts";

/** Gives the bytes of a file beside the model, by its relative path with "/" between parts. */
export type ReadBeside = (path: string) => Promise<Uint8Array>;

/** Reads a model whose numbers are all inside. Throws a DataError in one sentence for anything that is not one. */
export function readModel(bytes: Uint8Array): OnnxModel {
  const model = readMessage(bytes, modelSchema) as OnnxModel;
  if (model.graph === undefined) throw new DataError("This is not an ONNX model: it holds no graph.");
  if (model.opsetImport.length === 0)
    throw new DataError("The ONNX model does not say which operator set it uses (no opset_import).");
  return model;
}

/**
 * Reads an ONNX model and, where it keeps numbers in files beside it, those too, by their relative paths. Throws a
 * DataError in one sentence for anything that is not one, is cut short, or names a file that is not there.
 */
export async function openModel(bytes: Uint8Array, readBeside?: ReadBeside): Promise<OnnxModel> {
  understand("openOnnx", arguments, { bytes: bytesRule, readBeside: optional(callback) });
  const model = readModel(bytes);
  const files = new Map<string, Uint8Array>();
  for (const tensor of tensorsOf(model)) {
    if (tensor.dataLocation !== 1) continue;
    const { location, offset, length } = externalOf(tensor);
    if (!readBeside)
      throw new DataError(
        `The model keeps the numbers of "${tensor.name}" in the file ${location}; open it from its folder.`,
      );
    let file = files.get(location);
    if (!file) {
      file = await readBeside(location);
      files.set(location, file);
    }
    const end = length === undefined ? file.length : offset + length;
    if (offset > file.length || end > file.length) {
      throw new DataError(
        `Tensor "${tensor.name}" lies at bytes ${offset} to ${end} of ${location}, which has only ${file.length}; the file is cut off.`,
      );
    }
    tensor.rawData = file.subarray(offset, end);
  }
  return model;
}

/** Where a tensor's numbers lie, refused where the path could leave the model's folder. */
function externalOf(tensor: OnnxTensor): { location: string; offset: number; length: number | undefined } {
  const entries = new Map(tensor.externalData.map(({ key, value }) => [key, value ?? ""]));
  const location = entries.get("location") ?? "";
  if (!isInsidePath(location)) {
    throw new DataError(
      `Tensor "${tensor.name}" points to the file "${location.slice(0, 200)}", which does not lie inside the model's folder.`,
    );
  }
  const numberOf = (key: string): number | undefined => {
    const text = entries.get(key);
    if (text === undefined || text === "") return undefined;
    const value = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
    if (!Number.isSafeInteger(value))
      throw new DataError(
        `Tensor "${tensor.name}" has the ${key} "${text.slice(0, 40)}" in ${location}, which is no number of bytes.`,
      );
    return value;
  };
  return {
    location: location
      .split("/")
      .filter((part) => part !== ".")
      .join("/"),
    offset: numberOf("offset") ?? 0,
    length: numberOf("length"),
  };
}

/** Every tensor in the file: initialisers and those in attributes, inner graphs included. */
function* tensorsOf(model: OnnxModel): Generator<OnnxTensor> {
  if (model.graph) yield* tensorsOfGraph(model.graph);
  for (const { nodes } of model.functions) yield* tensorsOfNodes(nodes);
}

function* tensorsOfGraph(graph: OnnxGraph): Generator<OnnxTensor> {
  yield* graph.initializers;
  yield* tensorsOfNodes(graph.nodes);
}

function* tensorsOfNodes(nodes: readonly OnnxNode[]): Generator<OnnxTensor> {
  for (const { attributes } of nodes) {
    for (const { tensor, tensors, graph, graphs } of attributes) {
      if (tensor) yield tensor;
      yield* tensors;
      if (graph) yield* tensorsOfGraph(graph);
      for (const inner of graphs) yield* tensorsOfGraph(inner);
    }
  }
}

/** The bytes of a model. */
export function writeModel(model: OnnxModel): Uint8Array {
  return writeMessage(model, modelSchema);
}

/** The version of an operator set that the model asks for; ONNX's own is "". */
export function opsetOf(model: OnnxModel, domain = ""): number | undefined {
  const found = model.opsetImport.find(
    (set) => (set.domain ?? "") === domain || (domain === "" && set.domain === "ai.onnx"),
  );
  return found?.version;
}
