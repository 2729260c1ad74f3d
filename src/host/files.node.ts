// Files in Node. Writing is temporary file, fsync, rename (and fsync of the folder, so that the rename itself lasts);
// what an interrupted process had begun is removed when it ends.

import { constants as bufferLimits } from "node:buffer";
import { constants, type Dirent, rmSync, type Stats } from "node:fs";
import * as fs from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, isAbsolute, join, normalize, resolve, sep } from "node:path";
import { promisify } from "node:util";
import * as zlib from "node:zlib";
import { DataError } from "../base/errors.ts";
import type { Content, Entry, Files, Kind } from "./host.ts";

/** A plain view of a Buffer: a Buffer's own `slice` shares memory, which no caller expects. */
const plain = (buffer: Buffer): Uint8Array => new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);

const gzip = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.gzip);
const longest = bufferLimits.MAX_LENGTH;
const gunzip = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.gunzip);

/** Temporary files and folders of this process that are not renamed yet. */
const unfinished = new Set<string>();
let serial = 0;

/** The system's error codes as the second half of a sentence. */
const reasons: Record<string, string> = {
  ENOENT: "there is no such file or folder",
  EACCES: "permission is denied",
  EPERM: "permission is denied",
  EROFS: "the disk is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file would be larger than allowed here",
  ENOTDIR: "a part of its path is a file, not a folder",
  EISDIR: "it is a folder, not a file",
  EEXIST: "it already exists",
  ENOTEMPTY: "it already exists and is not empty",
  EMFILE: "too many files are open",
  ENAMETOOLONG: "its name is too long",
  ELOOP: "its links lead in a circle",
  EIO: "the disk reports an error",
};

/** One sentence for a failed attempt: what could not be done, and why. */
function sentence(path: string, deed: string, error: unknown): DataError {
  if (error instanceof DataError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const missing = code === "ENOENT" && deed === "written" ? "its folder does not exist" : undefined;
  const reason = missing ?? (code && reasons[code]) ?? message;
  return new DataError(`${path} cannot be ${deed}: ${reason}.`, { cause: error });
}

async function attempt<T>(path: string, deed: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw sentence(path, deed, error);
  }
}

/** A name in the same folder, so that renaming stays on one disk. Registered until `finished`. */
function temporaryBeside(path: string): string {
  if (serial === 0) {
    process.once("exit", () => {
      for (const left of unfinished) rmSync(left, { recursive: true, force: true });
    });
  }
  const target = resolve(path);
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.${++serial}.tmp`);
  unfinished.add(temporary);
  return temporary;
}

async function discard(temporary: string): Promise<void> {
  await fs.rm(temporary, { recursive: true, force: true }).catch(() => undefined);
  unfinished.delete(temporary);
}

async function writeSynced(path: string, content: Content, flag: "wx" | "a"): Promise<void> {
  const handle = await fs.open(path, flag);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a rename last through a power cut. Some systems cannot sync a folder; then the rename alone must do. */
async function syncFolder(path: string): Promise<void> {
  const handle = await fs.open(path, constants.O_RDONLY).catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

async function kindOf(path: string): Promise<Kind | undefined> {
  const found = await fs.stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    throw sentence(path, "read", error);
  });
  return found && kindIn(found);
}

const kindIn = (found: Stats): Kind => (found.isDirectory() ? "folder" : found.isFile() ? "file" : "other");

/** What is neither a file nor a folder. */
function whatIs(found: Stats): string {
  if (found.isFIFO()) return "a pipe";
  if (found.isSocket()) return "a socket";
  return "a device";
}

/** Opened without waiting for a writer, and looked at before anything is read: a pipe or a device may never end. */
async function readRegular(path: string): Promise<Buffer> {
  const handle = await fs.open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const found = await handle.stat();
    if (kindIn(found) === "other") throw new DataError(`${path} cannot be read: it is ${whatIs(found)}, not a file.`);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** Only links are looked at themselves: the folder's list tells the rest. */
async function entryOf(folder: string, listed: Dirent): Promise<Entry> {
  const { name } = listed;
  if (listed.isFile()) return { name, kind: "file" };
  if (listed.isDirectory()) return { name, kind: "folder" };
  try {
    const found = await fs.stat(join(folder, name));
    const kind = kindIn(found);
    const entry: Entry = kind === "other" ? { name, kind, what: whatIs(found) } : { name, kind };
    return listed.isSymbolicLink() ? { ...entry, link: true } : entry;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const link = code === "ENOENT" ? "a link that leads nowhere" : "a link that leads in a circle";
    return { name, kind: "other", what: code === "ENOENT" || code === "ELOOP" ? link : "not to be opened", link: true };
  }
}

/** Where the old folder waits while the new one takes its place. */
const asideOf = (path: string) => join(dirname(resolve(path)), `.${basename(resolve(path))}.previous`);

async function recoverFolder(path: string): Promise<boolean> {
  const aside = asideOf(path);
  if ((await kindOf(aside)) === undefined) return false;
  return attempt(path, "recovered", async () => {
    if ((await kindOf(path)) === undefined) {
      await fs.rename(aside, path);
      return true;
    }
    await fs.rm(aside, { recursive: true, force: true });
    return false;
  });
}

async function writeFolderAtomic(
  path: string,
  contents: Readonly<Record<string, Content>>,
  replace = false,
): Promise<void> {
  await recoverFolder(path);
  const existing = await kindOf(path);
  if (existing && !replace) throw new DataError(`${path} already exists; name another folder or allow to replace it.`);
  if (existing && existing !== "folder") throw new DataError(`${path} cannot be replaced: it is not a folder.`);
  const temporary = temporaryBeside(path);
  try {
    await attempt(path, "written", async () => {
      await fs.mkdir(dirname(temporary), { recursive: true });
      await fs.mkdir(temporary);
      for (const [name, content] of Object.entries(contents)) {
        const inside = normalize(name);
        if (isAbsolute(inside) || inside.split(sep)[0] === "..") {
          throw new DataError(`${path} cannot hold "${name}": the name leads out of the folder.`);
        }
        await fs.mkdir(dirname(join(temporary, inside)), { recursive: true });
        await writeSynced(join(temporary, inside), content, "wx");
      }
      await syncFolder(temporary);
      if (existing) await fs.rename(path, asideOf(path));
      await fs.rename(temporary, path);
      await syncFolder(dirname(resolve(path)));
    });
  } finally {
    await discard(temporary);
    await recoverFolder(path);
  }
}

/** The platform's folder for things that can be fetched again. */
function cacheFolder(): string {
  if (process.env.XDG_CACHE_HOME) return process.env.XDG_CACHE_HOME;
  if (process.platform === "win32") return process.env.LOCALAPPDATA ?? join(homedir(), "AppData", "Local");
  if (process.platform === "darwin") return join(homedir(), "Library", "Caches");
  return join(homedir(), ".cache");
}

export const files: Files = {
  readFile: (path) => attempt(path, "read", async () => plain(await readRegular(path))),
  readText: (path) => attempt(path, "read", async () => (await readRegular(path)).toString("utf8")),
  kindOf,
  realPath: (path) => attempt(path, "read", () => fs.realpath(path)),
  list: (path) =>
    attempt(path, "listed", async () => {
      const listed = await fs.readdir(path, { withFileTypes: true });
      listed.sort((a, b) => (a.name < b.name ? -1 : 1));
      return Promise.all(listed.map((one) => entryOf(path, one)));
    }),
  makeFolder: (path) =>
    attempt(path, "made", async () => {
      await fs.mkdir(path, { recursive: true });
    }),
  writeFileAtomic: async (path, content) => {
    const temporary = temporaryBeside(path);
    try {
      await attempt(path, "written", async () => {
        await writeSynced(temporary, content, "wx");
        await fs.rename(temporary, path);
        await syncFolder(dirname(resolve(path)));
      });
    } finally {
      await discard(temporary);
    }
  },
  appendText: (path, text) => attempt(path, "written", () => writeSynced(path, text, "a")),
  writeFolderAtomic,
  recoverFolder,
  remove: (path) => attempt(path, "removed", () => fs.rm(path, { recursive: true, force: true })),
  join,
  baseName: (path) => basename(resolve(path)),
  dataFolder: () => process.env.NEOCOG_DATA || join(cacheFolder(), "neocog"),
  gzip: async (bytes) => plain(await gzip(bytes, { level: 9 })),
  gunzip: async (bytes, name, limit) => {
    try {
      return plain(await gunzip(bytes, { maxOutputLength: Math.min(Math.max(1, limit ?? longest), longest) }));
    } catch (error) {
      throw (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE"
        ? new DataError(`${name} expands to more than ${limit} bytes, which is not believable for this kind of file.`)
        : new DataError(`${name} is not a whole gzip file: ${(error as Error).message}.`, { cause: error });
    }
  },
};
