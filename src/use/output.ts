// Where a model is written: what stands there is looked at first, and held by a lock while it is written. Only files that
// Neocog wrote are ever replaced or removed; strangers beside them stay.
import { understand } from "../base/arguments.ts";
import { NeocogError } from "../base/errors.ts";
import { fileNames, isBest, isModel, isPictureList, modelContents, type UsableModel } from "./contents.ts";
import { type Contents, findManifest, rehearse, settle, writeGeneration } from "./storage/generations.ts";
import { type ModelTarget, targetOf, targetRule } from "./storage/locate.ts";
import { lock, refuseLocked } from "./storage/lock.ts";
import { manifestName, type Progress, recordOf, sameRecord } from "./storage/manifest.ts";
import { fits } from "./storage/reading.ts";
import type { WritableStore } from "./storage/store.ts";

export interface OutputOptions {
  /** An existing model may be replaced. */
  readonly force?: boolean;
  /** A run that goes on may replace the model that it goes on from. */
  readonly resume?: { readonly trained: UsableModel };
}

/** The files of a folder before there was a manifest. */
const firstNames: readonly string[] = [fileNames.model, fileNames.weights, fileNames.state, fileNames.history];

/**
 * Looks at a place before anything is computed: `free`, or `model` where a model of Neocog stands. Throws one sentence where
 * no model can be written: a file, other things under the names of a model's files, or another program that writes there.
 */
export async function checkOutput(target: ModelTarget): Promise<"free" | "model"> {
  understand("checkOutput", arguments, { target: targetRule });
  const store = targetOf(target);
  const { holds } = await survey(store);
  await refuseLocked(store);
  return holds ? "model" : "free";
}

interface Survey {
  /** Whether a model of Neocog stands there. */
  readonly holds: boolean;
  /** Its files, where it has no manifest that tells them. */
  readonly unlisted: readonly string[];
}

/** Throws where a name of a model's files belongs to something that Neocog did not write. */
async function survey(store: WritableStore): Promise<Survey> {
  const entries = await store.list();
  const names = [manifestName, ...Object.values(fileNames)];
  const there = entries.filter(({ name }) => names.includes(name));
  const plain = there.filter(({ kind }) => kind === "file");
  const ours = await ownNames(store, new Set(plain.map(({ name }) => name)));
  const stranger = there.find(({ name }) => !ours.has(name));
  if (stranger) {
    throw new NeocogError(
      `${store.path(stranger.name)} is nothing that Neocog wrote and is not replaced; give the output another name.`,
    );
  }
  const holds = ours.has(fileNames.model) || ours.has(manifestName);
  return { holds, unlisted: ours.has(manifestName) ? [] : [...ours] };
}

/** The names among those there that Neocog wrote. */
async function ownNames(store: WritableStore, there: ReadonlySet<string>): Promise<ReadonlySet<string>> {
  if (there.has(manifestName)) {
    const manifest = await findManifest(store);
    // Damaged it says nothing any more, but nobody else writes a file of this name.
    if (!manifest) return there;
    const own = new Set([manifestName, ...Object.keys(manifest.files).filter((name) => there.has(name))]);
    for (const [name, record] of Object.entries(manifest.former)) {
      const bytes = there.has(name) ? await store.read(name) : undefined;
      if (bytes && (await fits(bytes, record))) own.add(name);
    }
    return own;
  }
  const description = there.has(fileNames.model) ? await store.read(fileNames.model) : undefined;
  const holds = description !== undefined && isModel(new TextDecoder().decode(description));
  if (!holds) return new Set();
  const [best, list] = await Promise.all(
    [fileNames.best, fileNames.pictures].map((name) => (there.has(name) ? store.read(name) : undefined)),
  );
  return new Set([
    ...firstNames.filter((name) => there.has(name)),
    ...(best && isBest(best) ? [fileNames.best] : []),
    ...(list && isPictureList(list) ? [fileNames.pictures] : []),
  ]);
}

/** A place that is locked and was proved to be writable. */
export interface Held {
  readonly title: string;
  write(contents: Contents, progress?: Progress): Promise<void>;
  /** Writes contents and takes them away again. */
  rehearse(contents: Contents): Promise<void>;
  /** Bytes that can still be written, where that is known. */
  freeSpace(): Promise<number | undefined>;
  release(): Promise<void>;
}

/** Throws one sentence where nothing can or must be written. */
export async function hold(target: ModelTarget, options: OutputOptions): Promise<Held> {
  const store = targetOf(target);
  await refuse(store, options);
  await store.open();
  let free: (() => Promise<void>) | undefined;
  try {
    free = await lock(store);
    await settle(store);
    // Another writer may have ended between the first look and the lock.
    let unlisted = await refuse(store, options);
    return {
      title: store.title,
      async write(contents, progress = {}) {
        // Somebody may have taken the folder away meanwhile.
        await store.open();
        await writeGeneration(store, contents, progress, unlisted);
        unlisted = [];
      },
      rehearse: (contents) => rehearse(store, contents),
      freeSpace: async () => store.freeSpace?.(),
      async release() {
        // A lock that cannot be removed is free all the same once this program has ended.
        await free?.().catch(() => undefined);
        await store.close();
      },
    };
  } catch (error) {
    await free?.();
    await store.close();
    throw error;
  }
}

async function refuse(store: WritableStore, { force = false, resume }: OutputOptions): Promise<readonly string[]> {
  const { holds, unlisted } = await survey(store);
  if (!holds || force) return unlisted;
  if (!resume) {
    throw new NeocogError(
      (name) =>
        `${store.title} holds a model; replace it with ${name("force")}, go on from it with ${name("resume")}, or give another name.`,
    );
  }
  const weights = modelContents(resume.trained)[fileNames.weights] as Uint8Array;
  const now = (await findManifest(store))?.files[fileNames.weights] ?? (await recordThere(store));
  if (!sameRecord(now, await recordOf(weights))) {
    throw new NeocogError(
      (name) =>
        `${store.title} holds another model, or a later epoch, than the run goes on from; open it again, replace it with ${name("force")}, or give another name.`,
    );
  }
  return unlisted;
}

async function recordThere(store: WritableStore) {
  const bytes = await store.read(fileNames.weights);
  return bytes && recordOf(bytes);
}
