// Writing a model, file by file, so that a crash between any two operations leaves the old one or the new one whole:
//
//   1  the files of the new generation are written beside the old ones, under names of the generation, and synced
//   2  the manifest is renamed into place: from here on the new generation is the model, for every reader
//   3  each file is renamed to its plain name, and files that are no longer part of the model are removed
//
// Step 3 is finished by the next writer where it was cut off; readers look in both places. Nothing else is touched.
import { DataError } from "../../base/errors.ts";
import type { Content } from "../../host/host.ts";
import {
  type FileRecord,
  type Manifest,
  manifestName,
  newGeneration,
  type Progress,
  readManifest,
  recordOf,
  sameRecord,
  writeManifest,
} from "./manifest.ts";
import { fits, pendingName } from "./reading.ts";
import type { WritableStore } from "./store.ts";

export type Contents = Readonly<Record<string, Content>>;

/** Makes contents the model of a store that is locked. `former`: files of a model without manifest. */
export async function writeGeneration(
  store: WritableStore,
  contents: Contents,
  progress: Progress,
  former: readonly string[] = [],
): Promise<void> {
  const before = await settle(store);
  try {
    await write(store, contents, progress, before, former);
  } catch (error) {
    // Half-written files would fill a full disk. Where even that fails, the next writer does it.
    await settle(store).catch(() => undefined);
    throw error;
  }
}

async function write(
  store: WritableStore,
  contents: Contents,
  progress: Progress,
  before: Manifest | undefined,
  former: readonly string[],
): Promise<void> {
  const generation = newGeneration();
  const files: Record<string, FileRecord> = {};
  const written: string[] = [];
  for (const [name, content] of Object.entries(contents)) {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    files[name] = await recordOf(bytes);
    if (sameRecord(files[name], before?.files[name]) && (await isThere(store, name, files[name]))) continue;
    await store.write(pendingName(name, generation), bytes);
    written.push(name);
  }
  const manifest = {
    generation,
    ...progress,
    files,
    former: { ...leaving(before, files), ...(await recordsOf(store, former, files)) },
  };
  const pending = pendingName(manifestName, generation);
  await store.write(pending, await writeManifest(manifest));
  await store.sync();
  await store.move(pending, manifestName);
  await store.sync();
  for (const name of written) await store.move(pendingName(name, generation), name);
  await removeFormer(store, manifest);
  await store.sync();
}

/** Writes contents as a new generation would be, and takes them away: whether there is room, and how long it takes. */
export async function rehearse(store: WritableStore, contents: Contents): Promise<void> {
  const generation = newGeneration();
  const names = Object.keys(contents).map((name) => pendingName(name, generation));
  try {
    for (const [i, content] of Object.values(contents).entries()) {
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      await recordOf(bytes);
      await store.write(names[i], bytes);
    }
    for (let times = 0; times < 3; times++) await store.sync();
  } finally {
    for (const name of names) await store.remove(name).catch(() => undefined);
  }
}

/** What is there already is not written again; damaged it would stay so for ever, so it is read. */
async function isThere(store: WritableStore, name: string, record: FileRecord): Promise<boolean> {
  const bytes = await store.read(name);
  return bytes !== undefined && fits(bytes, record);
}

/** Files of the generation before that are not part of the new one. */
function leaving(before: Manifest | undefined, files: Readonly<Record<string, FileRecord>>): Manifest["former"] {
  const known = Object.entries({ ...before?.former, ...before?.files });
  return Object.fromEntries(known.filter(([name]) => !Object.hasOwn(files, name)));
}

async function recordsOf(
  store: WritableStore,
  names: readonly string[],
  files: Readonly<Record<string, FileRecord>>,
): Promise<Manifest["former"]> {
  const found: Record<string, FileRecord> = {};
  for (const name of names) {
    const bytes = Object.hasOwn(files, name) ? undefined : await store.read(name);
    if (bytes) found[name] = await recordOf(bytes);
  }
  return found;
}

/**
 * Finishes what a writer that was cut off had begun, in a store that is locked: moves the files of the manifest's
 * generation to their names and removes those of generations that never came to be. Gives the manifest, unless it is damaged.
 */
export async function settle(store: WritableStore): Promise<Manifest | undefined> {
  const manifest = await findManifest(store);
  for (const { name, kind } of await store.list()) {
    const [, plain, generation] = name.match(/^\.(\w[\w.-]*)\.([0-9a-f]{12})\.pending$/) ?? [];
    if (plain === undefined || kind !== "file") continue;
    const wanted = generation === manifest?.generation && Object.hasOwn(manifest.files, plain);
    if (wanted) await store.move(name, plain);
    else await store.remove(name);
  }
  if (manifest) await removeFormer(store, manifest);
  return manifest;
}

export async function findManifest(store: WritableStore): Promise<Manifest | undefined> {
  const bytes = await store.read(manifestName);
  return (
    bytes &&
    readManifest(bytes, manifestName).catch((error: unknown) => {
      if (error instanceof DataError) return undefined;
      throw error;
    })
  );
}

/** Removes what earlier generations left, where it still is what was written. */
async function removeFormer(store: WritableStore, { former }: Manifest): Promise<void> {
  const there = new Set((await store.list()).flatMap(({ name, kind }) => (kind === "file" ? [name] : [])));
  for (const [name, record] of Object.entries(former)) {
    const bytes = there.has(name) ? await store.read(name) : undefined;
    if (bytes && (await fits(bytes, record))) await store.remove(name);
  }
}
