// Models kept and opened: in a folder, behind an address, in a zip, in a directory handle of a page. docs/model-folder.md
// tells what the files hold, and in what order they are written.

import { files } from "#host";
import { understand } from "../base/arguments.ts";
import { DataError, NeocogError, type OptionNaming } from "../base/errors.ts";
import { options as byName, either, flag, oneOf, record as recordRule } from "../base/rules.ts";
import type { FromJsonOptions } from "../nn/json.ts";
import { type Checkpoint, checkpointRule } from "../train/checkpoint.ts";
import {
  type ContentsReader,
  checkpointContents,
  fileNames,
  modelContents,
  type OpenOptions,
  progressOf,
  readCheckpoint,
  readModel,
  type UsableModel,
} from "./contents.ts";
import { hold } from "./output.ts";
import { writeArchive } from "./storage/archive.ts";
import {
  locationRule,
  type ModelLocation,
  type ModelTarget,
  storeOf,
  targetRule,
  zipPathOf,
} from "./storage/locate.ts";
import { readSnapshot } from "./storage/reading.ts";
import { type TrainedModel, trainedRule } from "./trained.ts";

/**
 * Opens a model to use it: a folder or zip by its path, in a page by its address, the bytes of a zip, a Blob or File, or a
 * directory handle. Safe beside a running training: it gives one whole epoch. Throws one sentence for what is missing,
 * damaged, cut short or contradictory.
 */
export async function openModel(location: ModelLocation, options: OpenOptions = {}): Promise<TrainedModel> {
  understand("openModel", arguments, {
    location: locationRule,
    options: byName({ blocks: recordRule, weights: oneOf(["last", "best"]) }),
  });
  const { weights = "last" } = options;
  const numbers = weights === "best" ? fileNames.best : fileNames.weights;
  return readModel(await readerOf(location, [fileNames.model, numbers]), options);
}

/**
 * Opens a model to train it further: `fit(trained.model, data, { ...optionsOf(checkpoint), resume: checkpoint })`.
 * Locations as for `openModel`. Throws one sentence for what is missing (a model without the state of training among
 * it), damaged, cut short or contradictory.
 */
export async function openCheckpoint(location: ModelLocation, options: FromJsonOptions = {}): Promise<Checkpoint> {
  understand("openCheckpoint", arguments, {
    location: locationRule,
    options: byName({ blocks: recordRule }),
  });
  return readCheckpoint(await readerOf(location, Object.values(fileNames)), options);
}

/**
 * Writes a model without the state of training: into a folder (or zip) by its path, or a directory handle of a page. A model
 * that stands there is replaced only with `force`; other files there are never touched. For a download: `modelZip`.
 */
export async function saveModel(
  target: ModelTarget,
  trained: UsableModel,
  options: {
    /** Replaces a model that stands there; false unless told. */
    readonly force?: boolean;
  } = {},
): Promise<void> {
  understand("saveModel", arguments, {
    target: targetRule,
    trained: trainedRule,
    options: byName({ force: flag }),
  });
  const zip = zipPathOf(target);
  if (zip !== undefined) return writeZip(zip, trained, options.force ?? false);
  const held = await hold(target, options);
  try {
    await held.write(modelContents(trained));
  } finally {
    await held.release();
  }
}

/**
 * Writes a model with the state of its training into a folder (or zip) by its path, or a directory handle of a page;
 * a model that stands there is replaced, other files are never touched. Throws one sentence where nothing can be
 * written.
 */
export async function saveCheckpoint(target: ModelTarget, checkpoint: Checkpoint): Promise<void> {
  understand("saveCheckpoint", arguments, {
    target: targetRule,
    checkpoint: checkpointRule,
  });
  const zip = zipPathOf(target);
  if (zip !== undefined) return writeZip(zip, checkpoint, true);
  const held = await hold(target, { force: true });
  try {
    await held.write(checkpointContents(checkpoint), progressOf(checkpoint));
  } finally {
    await held.release();
  }
}

/**
 * The bytes of a zip of a model, or of a checkpoint to train further: a page offers them for download, and `openModel` and
 * `openCheckpoint` take them. Equal models give equal bytes.
 */
export async function modelZip(model: UsableModel | Checkpoint): Promise<Uint8Array> {
  understand("modelZip", arguments, { model: either(trainedRule, checkpointRule) });
  return "trained" in model
    ? writeArchive(checkpointContents(model), progressOf(model))
    : writeArchive(modelContents(model), {});
}

async function writeZip(path: string, model: UsableModel | Checkpoint, force: boolean): Promise<void> {
  if (!force && (await files.kindOf(path)) !== undefined) {
    throw new NeocogError((name) => `${path} exists; replace it with ${name("force")}, or give another name.`);
  }
  await files.writeFileAtomic(path, await modelZip(model));
}

/** What it means that a file is not there. */
const without: Readonly<Record<string, (name: OptionNaming) => string>> = {
  [fileNames.state]: () => "it can be used, but not trained further",
  [fileNames.best]: (name) => `its training had no validation; open it without ${name("weights")}`,
};

async function readerOf(location: ModelLocation, names: readonly string[]): Promise<ContentsReader> {
  const store = await storeOf(location, names);
  const { files: found } = await readSnapshot(store, names);
  const bytes = (name: string): Uint8Array => {
    const content = found.get(name);
    if (content) return content;
    const reason = store.reason(name);
    const why = reason === undefined ? "" : ` (${store.path(name)}: ${reason})`;
    throw new DataError(
      (option) => `${store.title} has no ${name}${why}: ${without[name]?.(option) ?? "it is no model"}.`,
    );
  };
  return {
    name: (name) => store.path(name),
    has: (name) => found.has(name),
    bytes,
    text: (name) => new TextDecoder().decode(bytes(name)),
  };
}
