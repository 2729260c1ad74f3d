// What the files of a model folder hold, as plain contents by name: where they are written and read is another's business.
//
//   model.json           architecture, classes, preprocessing
//   weights.safetensors  the weights by their names in the state dict
//   state.safetensors    optimizer state (and raw weights beside averaged ones); metadata: epoch, step, settings
//   history.jsonl        one line an epoch
import { DataError } from "../base/errors.ts";
import { completePreprocessing, inputShape, readPreprocessing } from "../data/preprocessing.ts";
import type { Content } from "../host/host.ts";
import { readSafetensors, writeSafetensors } from "../io/safetensors.ts";
import { buildModel } from "../nn/build.ts";
import { type FromJsonOptions, fromJSON, toJSON } from "../nn/json.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { checkWeights } from "./classifier.ts";
import type { EpochRecord } from "./record.ts";
import type { ClassifierModel, TrainedModel } from "./trained.ts";

export const fileNames = {
  model: "model.json",
  weights: "weights.safetensors",
  state: "state.safetensors",
  history: "history.jsonl",
} as const;

export type Contents = Readonly<Record<string, Content>>;

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

/** The files of a model that can also be trained further. */
export function checkpointContents({ trained, variables, epoch, step, settings, history }: Checkpoint): Contents {
  const metadata = new Map(
    Object.entries({ epoch, step, settings }).map(([key, value]) => [key, JSON.stringify(value)]),
  );
  const state = [...variables].filter(([name, value]) => trained.weights.get(name) !== value);
  return {
    ...modelContents(trained),
    [fileNames.state]: writeSafetensors(state, { metadata }),
    [fileNames.history]: history.map((record) => `${JSON.stringify(record)}\n`).join(""),
  };
}

/** Where a file of the folder comes from; missing ones throw. */
export interface ContentsReader {
  /** Path or name for messages. */
  name(file: string): string;
  text(file: string): Promise<string>;
  bytes(file: string): Promise<Uint8Array>;
}

export async function readModel(reader: ContentsReader, options: FromJsonOptions = {}): Promise<TrainedModel> {
  const name = reader.name(fileNames.model);
  const description = parseObject(await reader.text(fileNames.model), name);
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
  const file = reader.name(fileNames.weights);
  const { tensors: weights } = readSafetensors(await reader.bytes(fileNames.weights), file);
  try {
    checkWeights(weights, buildModel(model, inputShape(preprocessing, 1)).variables);
  } catch (error) {
    throw new DataError(`${file} does not fit ${fileNames.model}: ${(error as Error).message}`, { cause: error });
  }
  return { model, weights, classes, preprocessing };
}

export async function readCheckpoint(reader: ContentsReader, options: FromJsonOptions = {}): Promise<Checkpoint> {
  const trained = await readModel(reader, options);
  const name = reader.name(fileNames.state);
  const { tensors, metadata } = readSafetensors(await reader.bytes(fileNames.state), name);
  const [epoch, step] = ["epoch", "step"].map((key) => Number(metadata.get(key)));
  if (!Number.isInteger(epoch) || !Number.isInteger(step) || epoch < 1 || step < epoch) {
    throw new DataError(`${name} does not say how many epochs and steps were done.`);
  }
  const settings = parseObject(metadata.get("settings") ?? "", `${name} (settings)`);
  const historyName = reader.name(fileNames.history);
  const lines = (await reader.text(fileNames.history)).split("\n").filter((line) => line !== "");
  const history = lines.map((line, i) => parseObject(line, `${historyName} line ${i + 1}`) as unknown as EpochRecord);
  if (history.length !== epoch) {
    throw new DataError(`${historyName} tells of ${history.length} epochs, but ${name} of ${epoch}.`);
  }
  return { trained, variables: new Map([...trained.weights, ...tensors]), epoch, step, settings, history };
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
