// A trained model as an ONNX file: with its classes and its preprocessing as notes, which predict, evaluate and explain read
// back. Graph tensors are written as they are (io/onnx/export.ts).
import { understand } from "../base/arguments.ts";
import { either } from "../base/rules.ts";
import { completePreprocessing, inputShape } from "../data/preprocessing.ts";
import type { Tensor } from "../graph/graph.ts";
import { type ExportOptions, exportOnnx as exportTensors } from "../io/onnx/export.ts";
import { exportRules } from "../io/onnx/wanted.ts";
import { sourceOf } from "../nn/source.ts";
import { type TaskName, taskOf, usualTask } from "./tasks/list.ts";
import { type ClassifierModel, trainedRule } from "./trained.ts";

/**
 * The bytes of an ONNX file of a trained model: input as the model has it, the batch left open; output "logits", of regression
 * "numbers", of pictures "picture".
 */
export function exportOnnx(trained: ClassifierModel<TaskName>, options?: ExportOptions): Uint8Array;
/** The bytes of an ONNX file that computes `outputs`. */
export function exportOnnx(outputs: Readonly<Record<string, Tensor>>, options?: ExportOptions): Uint8Array;
export function exportOnnx(
  given: ClassifierModel<TaskName> | Readonly<Record<string, Tensor>>,
  options: ExportOptions = {},
): Uint8Array {
  understand("exportOnnx", arguments, { ...exportRules, outputs: either(trainedRule, exportRules.outputs) });
  if (!isClassifier(given)) return exportTensors(given, options);
  const { model, weights, classes, task = usualTask } = given;
  const preprocessing = completePreprocessing(given.preprocessing);
  const source = sourceOf(model);
  const { output } = source.build(inputShape(preprocessing, source.fixedBatch ?? 1));
  const open = source.fixedBatch === undefined ? { batch: "batch" } : {};
  const outputs = taskOf({ task }).exported(output, given);
  const notes = task === usualTask ? {} : { metadata: { task, ...options.metadata } };
  const named = classes.length > 0 ? { classes } : {};
  return exportTensors(outputs, { ...open, state: weights, ...named, preprocessing, ...options, ...notes });
}

const isClassifier = (given: object): given is ClassifierModel<TaskName> =>
  "weights" in given && given.weights instanceof Map;
