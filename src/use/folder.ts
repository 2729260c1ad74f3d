// Models kept and opened: in a folder, behind an address, in a zip, in a directory handle of a page. docs/model-folder.md
// tells what the files hold, and in what order they are written.

import { files } from "#host";
import { understand } from "../base/arguments.ts";
import { DataError, NeocogError, type OptionNaming } from "../base/errors.ts";
import { options as byName, flag, type OptionsOf, oneOf, record as recordRule } from "../base/rules.ts";
import type { Layer } from "../nn/layer.ts";
import {
  type ContentsReader,
  fileNames,
  modelContents,
  type OpenOptions,
  readModel,
  type UsableModel,
} from "./contents.ts";
import { hold } from "./output.ts";
import {
  locationRule,
  type ModelLocation,
  type ModelTarget,
  storeOf,
  targetRule,
  zipPathOf,
} from "./storage/locate.ts";
import { readSnapshot } from "./storage/reading.ts";
import type { Store } from "./storage/store.ts";
import { checkTask, type TaskChoice, type TaskName, taskRule, usualTask } from "./tasks/list.ts";
import { type TrainedModel, trainedRule } from "./trained.ts";

/**
 * Opens a model to use it: a folder or zip by its path, in a page by its address, the bytes of a zip, a Blob or File, or a
 * directory handle. Safe beside a running training: it gives one whole epoch. Throws one sentence for what is missing,
 * damaged, cut short, contradictory, or a model of another task.
 */
export async function openModel<T extends TaskName = "classification">(
  location: ModelLocation,
  options: OpenOptions & {
    /** What the model must have learnt: a task, or several of which it is one; classification unless told. */
    readonly task?: TaskChoice<T>;
  } = {},
): Promise<TrainedModel<Layer, T>> {
  understand("openModel", arguments, {
    location: locationRule,
    options: byName<OptionsOf<typeof openModel>>({
      blocks: recordRule,
      weights: oneOf(["last", "best"]),
      task: taskRule,
    }),
  });
  const { weights = "last", task, ...rest } = options;
  const numbers = weights === "best" ? fileNames.best : fileNames.weights;
  const reader = await readerOf(location, [fileNames.model, numbers]);
  const trained = await readModel(reader, { weights, ...rest });
  checkTask(reader.title, trained.task ?? usualTask, task);
  return trained as TrainedModel<Layer, T>;
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
    options: byName<OptionsOf<typeof saveModel>>({ force: flag }),
  });
  const zip = zipPathOf(target);
  if (zip !== undefined) {
    if (!options.force && (await files.kindOf(zip)) !== undefined) {
      throw new NeocogError((name) => `${zip} exists; replace it with ${name("force")}, or give another name.`);
    }
    return files.writeFileAtomic(zip, await modelZip(trained));
  }
  const held = await hold(target, options);
  try {
    await held.write(modelContents(trained));
  } finally {
    await held.release();
  }
}

/**
 * The bytes of a zip of a model: a page offers them for download, and `openModel` takes them. Equal models give equal bytes.
 * With the state of training: `checkpointZip`.
 */
export async function modelZip(trained: UsableModel): Promise<Uint8Array> {
  understand("modelZip", arguments, { trained: trainedRule });
  const { writeArchive } = await import("./storage/archive.ts");
  return writeArchive(modelContents(trained), {});
}

/** What it means that a file is not there. */
const without: Readonly<Record<string, (name: OptionNaming) => string>> = {
  [fileNames.state]: () => "it can be used, but not trained further",
  [fileNames.best]: (name) => `its training had no validation; open it without ${name("weights")}`,
};

/** Whether the weights that did best can be read where others cannot. */
async function isBestWhole(store: Store, names: readonly string[]): Promise<boolean> {
  const least = [fileNames.model, fileNames.best];
  if (names.every((name) => least.some((one) => one === name))) return false;
  return readSnapshot(store, least).then(
    ({ manifest, files: found }) => manifest !== undefined && found.size === least.length,
    () => false,
  );
}

/** A reader of the named files of a model, wherever it lies. */
export async function readerOf(location: ModelLocation, names: readonly string[]): Promise<ContentsReader> {
  const store = await storeOf(location, names);
  const { files: found } = await readSnapshot(store, names).catch(async (error: unknown) => {
    if (error instanceof DataError && (await isBestWhole(store, names))) {
      error.tell({ notes: [`${store.path(fileNames.best)} is whole: the weights that did best can still be opened.`] });
    }
    throw error;
  });
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
    title: store.title,
    name: (name) => store.path(name),
    has: (name) => found.has(name),
    bytes,
    text: (name) => new TextDecoder().decode(bytes(name)),
  };
}
