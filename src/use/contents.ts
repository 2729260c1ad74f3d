// What the files of a model folder hold, as plain contents by name: where they are written and read is another's business.
//
//   model.json           architecture, classes, preprocessing
//   weights.safetensors  the weights by their names in the state dict
//   best.safetensors     the weights of the epoch that did best in the validation; metadata: epoch, accuracy
//   state.safetensors    optimizer state (and raw weights beside averaged ones); metadata: epoch, step, settings
//   history.jsonl        one line an epoch
//
// Beside them stands neocog.json, which tells what each must hold (storage/manifest.ts).
import { DataError } from "../base/errors.ts";
import { completePreprocessing, inputShape, readPreprocessing } from "../data/preprocessing.ts";
import { readSafetensors, writeSafetensors } from "../io/safetensors.ts";
import { buildModel } from "../nn/build.ts";
import { type FromJsonOptions, fromJSON, toJSON } from "../nn/json.ts";
import type { State } from "../run/session.ts";
import type { BestEpoch, Checkpoint, Settings } from "../train/checkpoint.ts";
import type { ClipOptions } from "../train/clip.ts";
import type { OptimizerDescription } from "../train/optimizers/optimizer.ts";
import type { EpochRecord } from "../train/record.ts";
import { checkState, trainingStep } from "../train/step.ts";
import { checkWeights } from "./classifier.ts";
import type { Contents } from "./storage/generations.ts";
import type { Progress } from "./storage/manifest.ts";
import type { ClassifierModel, TrainedModel } from "./trained.ts";

export const fileNames = {
  model: "model.json",
  weights: "weights.safetensors",
  best: "best.safetensors",
  state: "state.safetensors",
  history: "history.jsonl",
} as const;

const format = "neocog-model";
const version = 1;

/** A trained model whose preprocessing may leave defaults out. */
export type UsableModel = Omit<TrainedModel, "preprocessing"> & Pick<ClassifierModel, "preprocessing">;

/** The files of a model that is only to be used. */
export function modelContents({ model, weights, classes, ...trained }: UsableModel): Contents {
  const preprocessing = completePreprocessing(trained.preprocessing);
  const description = { format, version, classes, preprocessing, architecture: toJSON(model) };
  return {
    [fileNames.model]: `${JSON.stringify(description, null, 2)}\n`,
    [fileNames.weights]: writeSafetensors(weights, { metadata: new Map([["format", "pt"]]) }),
  };
}

const metadataOf = (values: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(values).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
  );

/** The files of a model that can also be trained further. */
export function checkpointContents(checkpoint: Checkpoint): Contents {
  const { trained, variables, epoch, step, settings, history, best } = checkpoint;
  const state = [...variables].filter(([name, value]) => trained.weights.get(name) !== value);
  return {
    ...modelContents(trained),
    ...(best ? { [fileNames.best]: writeBest(best) } : {}),
    [fileNames.state]: writeSafetensors(state, { metadata: metadataOf({ epoch, step, settings }) }),
    [fileNames.history]: history.map((record) => `${JSON.stringify(record)}\n`).join(""),
  };
}

const writeBest = ({ epoch, accuracy, weights }: BestEpoch): Uint8Array =>
  writeSafetensors(weights, { metadata: metadataOf({ format: "pt", epoch, accuracy }) });

/** What neocog.json tells of a checkpoint. */
export const progressOf = ({ epoch, best }: Checkpoint): Progress => ({
  epoch,
  ...(best ? { bestEpoch: best.epoch } : {}),
});

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
    return metadata.has("epoch") && metadata.has("accuracy");
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
  /** Path or name for messages. */
  name(file: string): string;
  has(file: string): boolean;
  text(file: string): string;
  bytes(file: string): Uint8Array;
}

export function readModel(reader: ContentsReader, { weights: which = "last", ...options }: OpenOptions): TrainedModel {
  const name = reader.name(fileNames.model);
  const description = parseObject(reader.text(fileNames.model), name);
  if (description.format !== format) throw new DataError(`${name} does not describe a model of Neocog.`);
  if (description.version !== version) {
    throw new DataError(
      `${name} has the version ${String(description.version)}, but this Neocog reads version ${version}; update Neocog or train again.`,
    );
  }
  const { classes } = description;
  if (!Array.isArray(classes) || classes.length === 0 || !classes.every((one) => typeof one === "string")) {
    throw new DataError(`${name} must have a list of class names under "classes".`);
  }
  const preprocessing = readPreprocessing(description.preprocessing, name);
  const model = fromJSON(description.architecture, options, name);
  const trained = { model, classes, preprocessing };
  const { weights } = readWeights(reader, which === "best" ? fileNames.best : fileNames.weights, trained);
  return { ...trained, weights };
}

function readWeights(
  reader: ContentsReader,
  file: string,
  { model, preprocessing }: Omit<TrainedModel, "weights">,
): { weights: State; metadata: ReadonlyMap<string, string> } {
  const name = reader.name(file);
  const { tensors: weights, metadata } = readSafetensors(reader.bytes(file), name);
  try {
    checkWeights(weights, buildModel(model, inputShape(preprocessing, 1)).variables);
  } catch (error) {
    throw new DataError(`${name} does not fit ${fileNames.model}: ${(error as Error).message}`, { cause: error });
  }
  return { weights, metadata };
}

function readBest(reader: ContentsReader, trained: TrainedModel): BestEpoch {
  const { weights, metadata } = readWeights(reader, fileNames.best, trained);
  const [epoch, accuracy] = ["epoch", "accuracy"].map((key) => Number(metadata.get(key) ?? Number.NaN));
  if (!Number.isInteger(epoch) || !(accuracy >= 0 && accuracy <= 1)) {
    throw new DataError(`${reader.name(fileNames.best)} does not say which epoch it is of, and how good it was.`);
  }
  return { epoch, accuracy, weights };
}

export function readCheckpoint(reader: ContentsReader, options: FromJsonOptions): Checkpoint {
  const trained = readModel(reader, options);
  const name = reader.name(fileNames.state);
  const { tensors, metadata } = readSafetensors(reader.bytes(fileNames.state), name);
  const [epoch, step] = ["epoch", "step"].map((key) => Number(metadata.get(key)));
  if (!Number.isInteger(epoch) || !Number.isInteger(step) || epoch < 1 || step < epoch) {
    throw new DataError(`${name} does not say how many epochs and steps were done.`);
  }
  const settings = parseObject(metadata.get("settings") ?? "", `${name} (settings)`);
  const historyName = reader.name(fileNames.history);
  const lines = reader
    .text(fileNames.history)
    .split("\n")
    .filter((line) => line !== "");
  const history = lines.map((line, i) => parseObject(line, `${historyName} line ${i + 1}`) as unknown as EpochRecord);
  if (history.length !== epoch) {
    throw new DataError(`${historyName} tells of ${history.length} epochs, but ${name} of ${epoch}.`);
  }
  const variables = new Map([...trained.weights, ...tensors]);
  checkVariables(variables, trained, settings, name);
  const best = reader.has(fileNames.best) ? { best: readBest(reader, trained) } : {};
  return { trained, variables, epoch, step, settings, history, ...best };
}

/** Whether all is there that a run with these settings changes from step to step. */
function checkVariables(
  variables: State,
  { model, preprocessing }: TrainedModel,
  settings: Settings,
  name: string,
): void {
  const { optimizer, average, clip, batch } = settings;
  try {
    const step = trainingStep(model, {
      inputShape: inputShape(preprocessing, Number(batch)),
      optimizer: optimizer as OptimizerDescription,
      ...(typeof average === "number" ? { average } : {}),
      ...(clip ? { clip: clip as ClipOptions } : {}),
    });
    checkState(step, variables);
  } catch (error) {
    throw new DataError(`${name} cannot be gone on from: ${(error as Error).message}`, { cause: error });
  }
}

function parseObject(text: string, name: string): Record<string, unknown> {
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
