// Checkpoints kept and opened: a model with the state of its training, where models are kept (use/folder.ts).
import { files } from "#host";
import { understand } from "../base/arguments.ts";
import { options as byName, type OptionsOf, record as recordRule } from "../base/rules.ts";
import type { FromJsonOptions } from "../nn/read.ts";
import { fileNames } from "../use/contents.ts";
import { readerOf } from "../use/folder.ts";
import { hold } from "../use/output.ts";
import { writeArchive } from "../use/storage/archive.ts";
import { locationRule, type ModelLocation, type ModelTarget, targetRule, zipPathOf } from "../use/storage/locate.ts";
import { checkTask, type TaskChoice, type TaskName, taskRule, usualTask } from "../use/tasks/list.ts";
import { type Checkpoint, checkpointRule } from "./checkpoint.ts";
import { checkpointContents, progressOf, readCheckpoint } from "./contents.ts";

/**
 * Opens a model to train it further: `fit(trained.model, data, { ...optionsOf(checkpoint), resume: checkpoint })`.
 * Locations as for `openModel`. Throws one sentence for what is missing (a model without the state of training among
 * it), damaged, cut short or contradictory.
 */
export async function openCheckpoint<T extends TaskName = "classification">(
  location: ModelLocation,
  options: FromJsonOptions & {
    /** What the model must be learning: a task, or several of which it is one; classification unless told. */
    readonly task?: TaskChoice<T>;
  } = {},
): Promise<Checkpoint<T>> {
  understand("openCheckpoint", arguments, {
    location: locationRule,
    options: byName<OptionsOf<typeof openCheckpoint>>({ blocks: recordRule, task: taskRule }),
  });
  const { task, ...rest } = options;
  const reader = await readerOf(location, Object.values(fileNames));
  const checkpoint = await readCheckpoint(reader, rest);
  checkTask(reader.title, checkpoint.trained.task ?? usualTask, task);
  return checkpoint as unknown as Checkpoint<T>;
}

/**
 * Writes a model with the state of its training into a folder (or zip) by its path, or a directory handle of a page;
 * a model that stands there is replaced, other files are never touched. Throws one sentence where nothing can be
 * written.
 */
export async function saveCheckpoint(target: ModelTarget, checkpoint: Checkpoint<TaskName>): Promise<void> {
  understand("saveCheckpoint", arguments, {
    target: targetRule,
    checkpoint: checkpointRule,
  });
  const zip = zipPathOf(target);
  if (zip !== undefined) return files.writeFileAtomic(zip, await checkpointZip(checkpoint));
  const held = await hold(target, { force: true });
  try {
    await held.write(checkpointContents(checkpoint), progressOf(checkpoint));
  } finally {
    await held.release();
  }
}

/**
 * The bytes of a zip of a model with the state of its training: a page offers them for download, and `openCheckpoint` and
 * `openModel` take them. Equal checkpoints give equal bytes.
 */
export async function checkpointZip(checkpoint: Checkpoint<TaskName>): Promise<Uint8Array> {
  understand("checkpointZip", arguments, { checkpoint: checkpointRule });
  return writeArchive(checkpointContents(checkpoint), progressOf(checkpoint));
}
