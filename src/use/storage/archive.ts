// A model in a zip: one file to be sent, offered for download, or opened from a file input. Equal models give equal bytes.
import { type UnzipFileInfo, unzipSync, type Zippable, zipSync } from "fflate";
import { DataError, reasonOf } from "../../base/errors.ts";
import type { Contents } from "./generations.ts";
import { type FileRecord, manifestName, type Progress, recordOf, writeManifest } from "./manifest.ts";
import type { Store } from "./store.ts";

/** Zips have no earlier date. */
const mtime = "1980-01-01T00:00:00";

export async function writeArchive(contents: Contents, progress: Progress): Promise<Uint8Array> {
  const entries: Zippable = {};
  const files: Record<string, FileRecord> = {};
  for (const [name, content] of Object.entries(contents)) {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    files[name] = await recordOf(bytes);
    // Trained numbers hardly get smaller.
    entries[name] = [bytes, { level: name.endsWith(".safetensors") ? 0 : 6, mtime }];
  }
  const generation = (await recordOf(new TextEncoder().encode(JSON.stringify(files)))).sha256.slice(0, 12);
  const manifest = await writeManifest({ generation, ...progress, files, former: {} });
  return zipSync({ [manifestName]: [manifest, { level: 6, mtime }], ...entries });
}

/** The names in a zip; none in a broken one. */
export function namesIn(bytes: Uint8Array): readonly string[] {
  const names: string[] = [];
  try {
    unzipSync(bytes, {
      filter: ({ name }) => {
        names.push(name);
        return false;
      },
    });
  } catch {
    return [];
  }
  return names;
}

/** A zip of a model folder, or of a folder that holds it. `wanted`: the names that are taken out. */
export function archiveStore(bytes: Uint8Array, title: string, wanted: readonly string[]): Store {
  const found = extract(bytes, title, [manifestName, ...wanted]);
  return {
    title,
    path: (name) => `${name} in ${title}`,
    reason: () => undefined,
    read: async (name) => found.get(name),
  };
}

function extract(bytes: Uint8Array, title: string, wanted: readonly string[]): ReadonlyMap<string, Uint8Array> {
  const names: string[] = [];
  unzip(bytes, title, ({ name }) => {
    names.push(name);
    return false;
  });
  // The folder nearest to the top that holds a model.
  const heads = names.flatMap((name) => {
    const match = name.match(/^((?:.*\/)?)(?:neocog|model)\.json$/);
    return match ? [match[1]] : [];
  });
  const head = heads.sort((a, b) => a.split("/").length - b.split("/").length)[0] ?? "";
  const entries = unzip(bytes, title, (file) => {
    if (!file.name.startsWith(head) || !wanted.includes(file.name.slice(head.length))) return false;
    refuseExploding(file, title);
    return true;
  });
  return new Map(Object.entries(entries).map(([name, content]) => [name.slice(head.length), content]));
}

function unzip(bytes: Uint8Array, title: string, filter: (file: UnzipFileInfo) => boolean): Record<string, Uint8Array> {
  try {
    return unzipSync(bytes, { filter });
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError(`${title} is not a whole zip file: ${reasonOf(error)}.`, { cause: error });
  }
}

/** Deflate makes at most 1,032 bytes of one. */
function refuseExploding({ name, size, originalSize }: UnzipFileInfo, title: string): void {
  if (originalSize > 1032 * size + 64) {
    throw new DataError(`${title} claims that ${name} grows from ${size} to ${originalSize} bytes, which no zip can.`);
  }
}
