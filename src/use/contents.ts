// What the files of a model folder hold, as plain contents by name: where they are written and read is another's business.
//
//   model.json           architecture, classes, preprocessing; the task where it is not classification
//   weights.safetensors  the weights by their names in the state dict
//   best.safetensors     the weights of the epoch that did best in the validation; metadata: epoch, and what it reached
//   state.safetensors    optimizer state (and raw weights beside averaged ones); metadata: epoch, step, settings
//   history.jsonl        one line an epoch
//   pictures.jsonl       one line a picture that was learnt from, where pictures have names
//
// Beside them stands neocog.json, which tells what each must hold (storage/manifest.ts).
import { DataError } from "../base/errors.ts";
import { completePreprocessing, inputShape, readPreprocessing } from "../data/preprocessing.ts";
import { readSafetensors, writeSafetensors } from "../io/safetensors.ts";
import { build } from "../nn/build.ts";
import { toJSON } from "../nn/json.ts";
import type { Layer, LayerType } from "../nn/layer.ts";
import { type FromJsonOptions, loadJSON } from "../nn/read.ts";
import type { State } from "../run/session.ts";
import { checkWeights } from "./network.ts";
import type { Contents } from "./storage/generations.ts";
import { type TaskName, taskNames, taskOf, usualTask } from "./tasks/list.ts";
import type { NumberScale } from "./tasks/task.ts";
import type { ClassifierModel, TrainedModel } from "./trained.ts";

export const fileNames = {
  model: "model.json",
  weights: "weights.safetensors",
  best: "best.safetensors",
  state: "state.safetensors",
  history: "history.jsonl",
  pictures: "pictures.jsonl",
} as const;

/** Layers of networks that came from files of others. */
const foreign = { OnnxNetwork: async () => (await import("../io/onnx/layer.ts")).onnxNetwork as LayerType };

const format = "neocog-model";
const version = 1;

/** A trained model whose preprocessing may leave defaults out. */
export type UsableModel = Omit<TrainedModel<Layer, TaskName>, "preprocessing"> & Pick<ClassifierModel, "preprocessing">;

/** The files of a model that is only to be used. */
export function modelContents({ model, weights, classes, scale, ...trained }: UsableModel): Contents {
  const preprocessing = completePreprocessing(trained.preprocessing);
  const { task = usualTask } = trained;
  const learnt = { ...(task === usualTask ? {} : { task }), ...(scale ? { scale } : {}) };
  const description = { format, version, ...learnt, classes, preprocessing, architecture: toJSON(model) };
  return {
    [fileNames.model]: `${JSON.stringify(description, null, 2)}\n`,
    [fileNames.weights]: writeSafetensors(weights, { metadata: new Map([["format", "pt"]]) }),
  };
}

/** Whether the text of a model.json is that of a model of Neocog, whatever its version. */
export function isModel(text: string): boolean {
  try {
    return (JSON.parse(text) as { format?: unknown } | null)?.format === format;
  } catch {
    return false;
  }
}

/** Whether a file says itself that it holds the weights of a best epoch. */
export function isBest(bytes: Uint8Array): boolean {
  try {
    const { metadata } = readSafetensors(bytes, fileNames.best);
    return metadata.has("epoch") && taskNames.some((task) => metadata.has(taskOf({ task }).main.name));
  } catch {
    return false;
  }
}

/** Whether a file says itself that it lists pictures, [name, pixels, label] a line. */
export function isPictureList(bytes: Uint8Array): boolean {
  try {
    const [first] = new TextDecoder().decode(bytes).split("\n", 1);
    const entry: unknown = JSON.parse(first);
    return Array.isArray(entry) && entry.length === 3 && entry.every((part) => typeof part === "string");
  } catch {
    return false;
  }
}

export interface OpenOptions extends FromJsonOptions {
  /** Those of the last epoch unless told, or of the epoch that did best in the validation. */
  readonly weights?: "last" | "best";
}

/** Where a file of the folder comes from; missing ones throw. */
export interface ContentsReader {
  /** The place as a whole, for messages. */
  readonly title: string;
  /** Path or name for messages. */
  name(file: string): string;
  has(file: string): boolean;
  text(file: string): string;
  bytes(file: string): Uint8Array;
}

export async function readModel(
  reader: ContentsReader,
  { weights: which = "last", ...options }: OpenOptions,
): Promise<TrainedModel<Layer, TaskName>> {
  const name = reader.name(fileNames.model);
  const description = parseObject(reader.text(fileNames.model), name);
  if (description.format !== format) throw new DataError(`${name} does not describe a model of Neocog.`);
  if (description.version !== version) {
    throw new DataError(
      `${name} has the version ${String(description.version)}, but this Neocog reads version ${version}; update Neocog or train again.`,
    );
  }
  const { task = usualTask, classes } = description;
  if (!taskNames.some((known) => known === task)) {
    throw new DataError(`${name} is a model for ${String(task)}, which this Neocog does not know; update Neocog.`);
  }
  const learnt = { task: task as TaskName };
  const { named } = taskOf(learnt);
  if (!Array.isArray(classes) || (named && classes.length === 0) || !classes.every((one) => typeof one === "string")) {
    throw new DataError(`${name} must have a list of class names under "classes".`);
  }
  const preprocessing = readPreprocessing(description.preprocessing, name);
  const model = await loadJSON(description.architecture, options, name, foreign);
  const scale = description.scale === undefined ? {} : { scale: readScale(description.scale, classes.length, name) };
  const trained = { model, classes, preprocessing, ...(task === usualTask ? {} : learnt), ...scale };
  const { weights } = readWeights(reader, which === "best" ? fileNames.best : fileNames.weights, trained);
  return { ...trained, weights };
}

function readScale(value: unknown, count: number, name: string): NumberScale {
  const { mean, std } = (value ?? {}) as Partial<NumberScale>;
  const right = [mean, std].every(
    (list) => Array.isArray(list) && list.length === count && list.every(Number.isFinite),
  );
  if (right) return { mean: mean!, std: std! };
  throw new DataError(`${name} must have a mean and a deviation for each of ${count} numbers under "scale".`);
}

/** The numbers of one of the files, which must be those of the model, and what the file notes beside them. */
export function readWeights(
  reader: ContentsReader,
  file: string,
  { model, preprocessing }: Pick<TrainedModel, "model" | "preprocessing">,
): { weights: State; metadata: ReadonlyMap<string, string> } {
  const name = reader.name(file);
  const { tensors: weights, metadata } = readSafetensors(reader.bytes(file), name);
  try {
    checkWeights(weights, build(model, inputShape(preprocessing, 1)).variables);
  } catch (error) {
    throw new DataError(`${name} does not fit ${fileNames.model}: ${(error as Error).message}`, { cause: error });
  }
  return { weights, metadata };
}

/** An object from text; `name`: where the text lies, for messages. */
export function parseObject(text: string, name: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new DataError(`${name} is not JSON: it is cut short or broken (${(error as Error).message}).`, {
      cause: error,
    });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new DataError(`${name} must hold a JSON object.`);
  }
  return value as Record<string, unknown>;
}
