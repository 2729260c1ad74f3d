// Model folders: written whole or not at all, so that the last complete checkpoint survives whatever happens.
import { files } from "#host";
import { DataError, NeocogError } from "../base/errors.ts";
import type { FromJsonOptions } from "../nn/json.ts";
import type { Checkpoint } from "./checkpoint.ts";
import {
  type Contents,
  type ContentsReader,
  checkpointContents,
  fileNames,
  modelContents,
  readCheckpoint,
  readModel,
  type UsableModel,
} from "./contents.ts";
import type { TrainedModel } from "./trained.ts";

/** Opens a model folder to use it. Throws one sentence for what is missing, cut short or contradictory. */
export async function openModel(folder: string, options: FromJsonOptions = {}): Promise<TrainedModel> {
  return readModel(await folderReader(folder), options);
}

/** Opens a model folder to train it further: `fit(trained.model, data, { …options, resume })`. */
export async function openCheckpoint(folder: string, options: FromJsonOptions = {}): Promise<Checkpoint> {
  return readCheckpoint(await folderReader(folder), options);
}

/** Writes a model folder without the state of training; an existing one only with `force`. */
export async function saveModel(folder: string, trained: UsableModel, options: OutputOptions = {}): Promise<void> {
  await checkOutput(folder, options);
  await write(folder, modelContents(trained));
}

/** Writes (or replaces) the model folder of a run. */
export async function saveCheckpoint(folder: string, checkpoint: Checkpoint): Promise<void> {
  await write(folder, checkpointContents(checkpoint));
}

async function write(folder: string, contents: Contents): Promise<void> {
  await files.writeFolderAtomic(folder, contents, true);
}

async function folderReader(folder: string): Promise<ContentsReader> {
  await files.recoverFolder(folder);
  const kind = await files.kindOf(folder);
  if (kind === undefined) throw new DataError(`There is no model folder ${folder}.`);
  if (kind !== "folder") throw new DataError(`${folder} is a file, not a model folder.`);
  const name = (file: string): string => files.join(folder, file);
  const check = async (file: string): Promise<string> => {
    if ((await files.kindOf(name(file))) !== "file") {
      const mend = file === fileNames.state ? "it can be used, but not trained further" : "it is no model folder";
      throw new DataError(`${folder} has no ${file}: ${mend}.`);
    }
    return name(file);
  };
  return {
    name,
    text: async (file) => files.readText(await check(file)),
    bytes: async (file) => files.readFile(await check(file)),
  };
}

export interface OutputOptions {
  /** An existing model folder may be replaced. */
  readonly force?: boolean;
  /** A run that goes on may replace its own folder. */
  readonly resume?: unknown;
}

/**
 * Refuses an output folder that cannot be written or must not be replaced, before any work is done. Only a model folder or
 * an empty one is ever replaced.
 */
export async function checkOutput(folder: string, { force = false, resume }: OutputOptions): Promise<void> {
  await files.recoverFolder(folder);
  const kind = await files.kindOf(folder);
  if (kind && kind !== "folder") throw new NeocogError(`${folder} is a file; give the output another name.`);
  if (kind === "folder") {
    const names = (await files.list(folder)).map(({ name }) => name);
    if (names.length > 0 && !names.includes(fileNames.model)) {
      throw new NeocogError(`${folder} holds other things than a model and is not replaced; give another name.`);
    }
    if (names.length > 0 && !force && resume === undefined) {
      throw new NeocogError(
        `${folder} exists; replace it with force, go on from it with resume, or give another name.`,
      );
    }
  }
  const trial = `${folder}.trial`;
  await files.writeFolderAtomic(trial, {}, true);
  await files.remove(trial);
}
