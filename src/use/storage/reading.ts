// Reading a model while it may be written. The manifest says what each file must hold; a file is at its plain name, or for a
// moment at the name of its generation, before the writer has moved it. Where neither fits, the writer has gone on to another
// generation, and the reader begins again with the new manifest. Readers never write.
import { DataError } from "../../base/errors.ts";
import { type FileRecord, type Manifest, manifestName, readManifest, recordOf, sameRecord } from "./manifest.ts";
import type { Store } from "./store.ts";

/** Where a file of a generation lies until it is moved to its plain name. */
export const pendingName = (name: string, generation: string): string => `.${name}.${generation}.pending`;

/** Files of one generation: all that were asked for and are part of it. */
export interface Snapshot {
  /** Absent in a folder of version 1, and in one that was put together by hand. */
  readonly manifest?: Manifest;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** Writers take longer between generations than this many readings take. */
const patience = 200;

/** Throws a DataError for a file that is not what was written. Files that are not part of the model are left out. */
export async function readSnapshot(store: Store, names: readonly string[]): Promise<Snapshot> {
  for (let attempt = 0; ; attempt++) {
    const before = await store.read(manifestName);
    const manifest = before && (await readManifest(before, store.path(manifestName)));
    const wanted = manifest ? names.filter((name) => Object.hasOwn(manifest.files, name)) : names;
    // All at once: an open file stays what it was while the writer replaces it.
    const read = await Promise.all(wanted.map(async (name) => [name, await readFile(store, name, manifest)] as const));
    const files = new Map(read.flatMap(([name, bytes]) => (bytes ? [[name, bytes] as const] : [])));
    if (manifest && files.size === wanted.length) return { manifest, files };
    const after = await store.read(manifestName);
    const changed = before === undefined ? after !== undefined : !after || !sameBytes(before, after);
    if (changed && attempt < patience) continue;
    if (!manifest) return { files };
    const missing = wanted.find((name) => !files.has(name))!;
    throw await complaint(store, missing, manifest.files[missing]);
  }
}

/** The bytes that the manifest wants; without one whatever is there. */
async function readFile(store: Store, name: string, manifest: Manifest | undefined): Promise<Uint8Array | undefined> {
  if (!manifest) return store.read(name);
  // Moved between the first two readings, it is there at the third.
  for (const place of [name, pendingName(name, manifest.generation), name]) {
    const bytes = await store.read(place);
    if (bytes && (await fits(bytes, manifest.files[name]))) return bytes;
  }
  return undefined;
}

export async function fits(bytes: Uint8Array, record: FileRecord): Promise<boolean> {
  return bytes.length === record.bytes && sameRecord(await recordOf(bytes), record);
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);

async function complaint(store: Store, name: string, record: FileRecord): Promise<DataError> {
  const bytes = await store.read(name);
  const path = store.path(name);
  const mend = "copy the model again, or train again";
  if (!bytes) {
    const why = store.reason(name);
    return new DataError(`${path} is missing${why ? ` (${why})` : ""}, though ${manifestName} names it; ${mend}.`);
  }
  const what =
    bytes.length === record.bytes
      ? "its SHA-256 is not the one in"
      : `it has ${bytes.length} bytes instead of ${record.bytes}, says`;
  return new DataError(
    `${path} is damaged or was changed by hand: ${what} ${manifestName}; ${mend} (without ${manifestName} the files are read unchecked).`,
  );
}
