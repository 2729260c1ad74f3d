// A trained model as an ONNX file: with its classes and its preprocessing as notes, which predict, evaluate and explain read
// back. Graph tensors are written as they are (io/onnx/export.ts).
import { understand } from "../base/arguments.ts";
import { either } from "../base/rules.ts";
import { completePreprocessing, inputShape } from "../data/preprocessing.ts";
import type { Tensor } from "../graph/graph.ts";
import { type ExportOptions, exportOnnx as exportTensors } from "../io/onnx/export.ts";
import { exportRules } from "../io/onnx/wanted.ts";
import { sourceOf } from "../nn/source.ts";
import { type ClassifierModel, trainedRule } from "./trained.ts";

/** The bytes of an ONNX file of a trained model: input as the model has it, output "logits", the batch left open. */
export function exportOnnx(trained: ClassifierModel, options?: ExportOptions): Uint8Array;
/** The bytes of an ONNX file that computes `outputs`. */
export function exportOnnx(outputs: Readonly<Record<string, Tensor>>, options?: ExportOptions): Uint8Array;
export function exportOnnx(
  given: ClassifierModel | Readonly<Record<string, Tensor>>,
  options: ExportOptions = {},
): Uint8Array {
  understand("exportOnnx", arguments, { ...exportRules, outputs: either(trainedRule, exportRules.outputs) });
  if (!isClassifier(given)) return exportTensors(given, options);
  const { model, weights, classes } = given;
  const preprocessing = completePreprocessing(given.preprocessing);
  const source = sourceOf(model);
  const { output } = source.build(inputShape(preprocessing, source.fixedBatch ?? 1));
  const open = source.fixedBatch === undefined ? { batch: "batch" } : {};
  return exportTensors({ logits: output }, { ...open, state: weights, classes, preprocessing, ...options });
}

const isClassifier = (given: object): given is ClassifierModel => "weights" in given && given.weights instanceof Map;
